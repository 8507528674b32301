"""What all entities share: they show one point of one device."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import override

from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import CloudConfigEntry, CloudCoordinator
from .devices import unique_id
from .model import (
    KEEP_STALE,
    WHEN_OFFLINE,
    Device,
    Kind,
    Offline,
    Point,
    Reading,
    Ref,
    Value,
)
from .recast import seen
from .silence import Silence


class PointEntity(CoordinatorEntity[CloudCoordinator]):
    """Shows a point, and writes its state only when what it shows has changed."""

    _attr_has_entity_name = True
    _is_control = False
    """A control cannot be used while its device is away, however it sleeps."""

    def __init__(self, entry: CloudConfigEntry, device: Device, point: Point) -> None:
        """Stand for the point."""
        self.ref = Ref(device.id, point.key)
        super().__init__(entry.runtime_data.coordinator, self.ref)
        self.point = point
        self._reads = entry.runtime_data.reads if point.billed else None
        self._shown: object = None
        self._keep_stale = bool(entry.options.get(KEEP_STALE.key))
        self._when_offline = entry.options.get(WHEN_OFFLINE.key)
        self._silence: Silence | None = None
        self._attr_unique_id = unique_id(device.id, point.key)
        self._belong(entry, device)
        if point.category:
            self._attr_entity_category = EntityCategory(point.category)
        self._attr_entity_registry_enabled_default = point.enabled
        self._describe()

    def _belong(self, entry: CloudConfigEntry, device: Device) -> None:
        """Say which device the entity is on.

        With information about a device, Home Assistant would take the device itself, and
        all its other entities, for a part of the subentry, and remove them with it.
        """
        identifier = (DOMAIN, device.id)
        if self.point.subentry_id is None:
            self._attr_device_info = DeviceInfo(identifiers={identifier})
            return
        self.device_entry = dr.async_get(
            self.coordinator.hass
        ).async_get_device_by_identifier(identifier, entry.entry_id)

    def _describe(self) -> None:
        """Take what the point says about itself: now, and whenever it changes."""
        point = self.point
        self._attr_assumed_state = point.assumed
        if point.label:
            self._attr_translation_key = point.label
            if point.of:
                self._attr_translation_placeholders = {"name": point.of}
        else:
            self._attr_name = point.name

    @property
    def device(self) -> Device | None:
        """The device as it was listed last; None if it is gone."""
        return self.coordinator.data.get(self.ref.device_id)

    @property
    def reading(self) -> Reading | None:
        """The newest reading; None before the first."""
        return self.coordinator.readings.get(self.ref)

    @property
    def current(self) -> Value:
        """The value to show; None if it is unknown."""
        reading = self.reading
        if reading is None or self.point.native is None:
            return reading.value if reading else None
        return seen(reading.value, self.point.kind)

    @property
    def zone(self) -> tzinfo | None:
        """The time zone that the point names; None if it names none that is known."""
        return self.coordinator.zones.get(self.point.timezone or "")

    @property
    @override
    def available(self) -> bool:
        """Whether the value can be trusted, or the control can be used."""
        device = self.device
        if device is None or self.point.lost or not self.coordinator.reachable:
            return False
        if device.online is False:
            return self._stays(device)
        return self._silence is None or not self._silence.silent

    def _stays(self, device: Device) -> bool:
        """Whether the entity is of use while its device is offline."""
        if self._when_offline == Offline.KEEP and self.point.kind is not Kind.ACTION:
            return True
        if self._is_control:
            return device.commanded_offline
        return device.sleeps and self._when_offline != Offline.UNAVAILABLE

    @override
    async def async_added_to_hass(self) -> None:
        """Listen, remembering what is shown from the start."""
        await super().async_added_to_hass()
        self._watch()
        self.async_on_remove(self._unwatch)
        self._shown = self._showing()

    @callback
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Go on as before: nothing here is kept by entity id.

        From 2026.11 on, Home Assistant would otherwise remove the entity and add it
        anew when a user renames it. It looks for this name in each class that has an
        `async_added_to_hass`, so such subclasses repeat it.
        """

    @override
    async def async_update(self) -> None:
        """Read the point because the user asked for it."""
        if self._reads and self.enabled:
            await self._reads.async_read(self.ref)
        else:
            await super().async_update()

    @override
    @callback
    def _handle_coordinator_update(self) -> None:
        device = self.device
        if device is None and self.point.subentry_id is not None:
            # It outlives its device in the registry, and returns together with it.
            self.hass.async_create_task(self.async_remove())
            return
        if device:
            self._follow_point(device)
        showing = self._showing()
        if showing != self._shown:
            self._shown = showing
            self.async_write_ha_state()

    @callback
    def _follow_point(self, device: Device) -> None:
        """Take over what the cloud changed about the point: its name, its limits."""
        listed = device.points.get(self.ref.key)
        if listed is None or listed is self.point or listed.kind is not self.point.kind:
            return
        before, self.point = self.point, listed
        if listed == before:
            return
        self._describe()
        self._shown = None
        if listed.period != before.period:
            self._unwatch()
            self._watch()

    @callback
    def _watch(self) -> None:
        """Notice when the device does not send as often as it promised."""
        period = self.point.period
        if period and period > 0 and not self._keep_stale:
            self._silence = Silence(
                self.hass,
                self.coordinator,
                self.ref,
                period,
                self._handle_coordinator_update,
            )

    @callback
    def _unwatch(self) -> None:
        if self._silence:
            self._silence.stop()
            self._silence = None

    def _showing(self) -> object:
        """Everything that the state depends on."""
        reading = self.reading
        return self.available, self.current, reading.attributes if reading else None


type EntityFactory = Callable[[CloudConfigEntry, Device, Point], PointEntity]


@callback
def add_points(
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    factories: Mapping[Kind, EntityFactory],
) -> None:
    """Add an entity for every point of these kinds, now and when new ones are listed."""
    coordinator, room = entry.runtime_data.coordinator, entry.runtime_data.room
    known: set[tuple[Ref, Kind]] = set()
    seen: Mapping[str, Device] = {}

    @callback
    def add_new() -> None:
        if coordinator.data is not seen:
            look()

    @callback
    def look() -> None:
        nonlocal seen
        seen, waiting = coordinator.data, room.async_consider()
        listed = {
            (device.ref(point.key), point.kind): (device, point)
            for device in seen.values()
            for point in device.points.values()
            if point.kind in factories
        }
        known.intersection_update(listed)
        fresh = [each for each in listed.keys() - known if each[0] not in waiting]
        known.update(fresh)
        makers: dict[str | None, list[PointEntity]] = {}
        for ref, kind in sorted(fresh):
            device, point = listed[ref, kind]
            entity = factories[kind](entry, device, point)
            makers.setdefault(point.subentry_id, []).append(entity)
        for subentry_id, entities in makers.items():
            async_add_entities(entities, config_subentry_id=subentry_id)

    add_new()
    room.async_follow(look)
    entry.async_on_unload(coordinator.async_add_listener(add_new))
