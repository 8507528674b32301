"""Keeps an account below the number of entities that Home Assistant lets it have."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN, LOGGER
from .coordinator import CloudCoordinator
from .devices import CONNECTIVITY, PLATFORM_OF, unique_id
from .issues import Issues
from .model import Device, Point, Ref

type Look = Callable[[], None]

LIMIT: Final = 10_000
"""Enabled entities of one config entry: Home Assistant adds no more than that."""

DELAY: Final = 1.0
"""Seconds after a change in the entity registry: there are often many at once."""

ISSUE: Final = "too_many_entities"


class Room:
    """Decides which points get an entity; those that do not fit wait.

    Home Assistant itself would drop them as they come, and never try again.
    """

    def __init__(self, hass: HomeAssistant, coordinator: CloudCoordinator) -> None:
        """Let nobody wait yet."""
        self._hass = hass
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._considered: Mapping[str, Device] | None = None
        self._waiting: frozenset[Ref] = frozenset()
        self._issues = Issues(hass, self._entry)
        self._looks: list[Look] = []
        self._cancel: CALLBACK_TYPE | None = None
        self._entry.async_on_unload(self._stop_waiting)
        self._entry.async_on_unload(
            hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._changed)
        )

    @callback
    def async_follow(self, look: Look) -> None:
        """Call `look` when there is room for what had to wait."""
        self._looks.append(look)

    @callback
    def async_consider(self) -> frozenset[Ref]:
        """Points that must not have an entity yet; decided once for each listing."""
        if self._coordinator.data is not self._considered:
            self._considered = self._coordinator.data
            self._waiting = frozenset(self._too_many(self._considered))
            self._tell()
        return self._waiting

    def _too_many(self, devices: Mapping[str, Device]) -> list[Ref]:
        """Points for which there is no room.

        What the user defined comes first, then whether devices are connected. What is
        registered already, or disabled at first, takes no room.
        """
        registry = er.async_get(self._hass)
        registered = er.async_entries_for_config_entry(registry, self._entry.entry_id)
        room = LIMIT - sum(not each.disabled for each in registered)
        if sum(len(device.points) + 1 for device in devices.values()) <= room:
            return []
        new = [
            (point.subentry_id is None, point is not CONNECTIVITY, ref)
            for ref, point in _shown(devices)
            if point.enabled
            and not registry.async_get_entity_id(
                PLATFORM_OF[point.kind], DOMAIN, unique_id(*ref)
            )
        ]
        return [ref for *_, ref in sorted(new)[max(0, room) :]]

    @callback
    def _tell(self) -> None:
        """Say how many wait: in the log once, and in a repair issue for as long."""
        issue_id = f"{ISSUE}_{self._entry.entry_id}"
        if not self._waiting:
            self._issues.keep_only(set())
            return
        if issue_id not in self._issues.shown:
            LOGGER.warning(
                "%s has more than %d entities: leave out or disable what is not needed",
                self._entry.title,
                LIMIT,
            )
        numbers = {"limit": str(LIMIT), "waiting": str(len(self._waiting))}
        self._issues.show(issue_id, ISSUE, numbers)

    @callback
    def _changed(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Look again, in a moment, when an entity was removed or disabled."""
        data = event.data
        gone = data["action"] == "remove" or (
            data["action"] == "update" and "disabled_by" in data["changes"]
        )
        if gone and self._waiting and self._cancel is None:
            self._cancel = async_call_later(self._hass, DELAY, self._look)

    @callback
    def _look(self, now: datetime) -> None:
        self._cancel = self._considered = None
        for look in self._looks:
            look()

    @callback
    def _stop_waiting(self) -> None:
        if self._cancel:
            self._cancel()


def _shown(devices: Mapping[str, Device]) -> Iterator[tuple[Ref, Point]]:
    """Everything that gets an entity."""
    for device in devices.values():
        for point in device.points.values():
            yield device.ref(point.key), point
        if device.online is not None:
            yield device.ref(CONNECTIVITY.key), CONNECTIVITY
