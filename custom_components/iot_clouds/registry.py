"""Makes registered entities follow when a point becomes something else."""

from homeassistant.components.sensor import DOMAIN as SENSOR
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .model import Point


@callback
def async_show_as(
    hass: HomeAssistant, entity: er.RegistryEntry, before: Point, after: Point
) -> None:
    """Prepare an entity for what its point will be when the account is loaded again.

    Another kind has another platform, where it gets an entity of its own. For a sensor
    whose native unit changes, Home Assistant would go on to show the former unit and
    convert to it, as if the value were another; only a unit that the user chose for
    display is converted to.
    """
    if before.kind is not after.kind:
        async_drop(hass, entity)
        return
    registry = er.async_get(hass)
    current = registry.async_get(entity.id)
    if current and before.unit != after.unit and current.domain == SENSOR:
        name = current.entity_id
        registry.async_update_entity_options(name, f"{SENSOR}.private", None)
        registry.async_update_entity(name, unit_of_measurement=after.unit)


@callback
def async_drop(hass: HomeAssistant, entity: er.RegistryEntry) -> None:
    """Remove an entity, whatever it is called by now, if it is still there."""
    registry = er.async_get(hass)
    if current := registry.async_get(entity.id):
        registry.async_remove(current.entity_id)
