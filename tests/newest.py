"""Lets the test package of an older Home Assistant test a newer one.

`scripts/test --newest` loads it ahead of that package, which looks in former places for

- what resets the levels of loggers (moved in 2026.11),
- the states of before a restart (2026.11 keeps them by id or by place in the registry),
- what a registered entity consists of (2026.11 adds a name for older readers).

Each bridge is built only where Home Assistant is the newer one.
"""

from importlib import import_module
from typing import Any

from homeassistant.components import logger
from homeassistant.components.logger import helpers
from homeassistant.helpers import entity_registry as er, restore_state

_STATES: Any = restore_state


def _last_states(data: Any) -> dict[str, Any]:
    """All states of before the restart, by entity id."""
    kept = (data.last_states_by_entity_id, data.last_states_by_entity_registry_id)
    return {stored.state.entity_id: stored for each in kept for stored in each.values()}


def _set_last_states(data: Any, states: dict[str, Any]) -> None:
    """Put each where an entity will look for it, also if it is registered later."""
    registry = er.async_get(data.hass)
    for entity_id, stored in states.items():
        if known := registry.async_get(entity_id):
            data.last_states_by_entity_registry_id[known.id] = stored
        else:
            data.last_states_by_entity_id[entity_id] = stored
    data.hass.bus.async_listen(
        er.EVENT_ENTITY_REGISTRY_UPDATED,
        data._async_entity_registry_entry_created,
        event_filter=_STATES._entity_registry_entry_created_filter,
    )


def _snapshots_without_the_new_name() -> None:
    """Leave out of a snapshot what the older Home Assistant does not have."""
    package: Any = import_module("pytest_homeassistant_custom_component.syrupy")
    serializer = package.HomeAssistantSnapshotSerializer
    serialize = serializer._serializable_entity_registry_entry

    def without(entry: er.RegistryEntry) -> Any:
        serialized = serialize(entry)
        serialized.pop("compat_name", None)
        return serialized

    serializer._serializable_entity_registry_entry = staticmethod(without)


if not hasattr(logger, "_clear_logger_overwrites"):
    logger._clear_logger_overwrites = helpers._clear_logger_overwrites
if hasattr(_STATES, "_entity_registry_entry_created_filter"):
    _STATES.RestoreStateData.last_states = property(_last_states, _set_last_states)
if "compat_name" in {each.name for each in er.RegistryEntry.__attrs_attrs__}:
    _snapshots_without_the_new_name()
