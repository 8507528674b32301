"""What entities share that write to their point."""

from typing import override

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.restore_state import (
    ExtraStoredData,
    RestoredExtraData,
    RestoreEntity,
)

from .const import DOMAIN
from .coordinator import CloudConfigEntry
from .entity import PointEntity
from .model import Act, Device, Point, SetPoint, Update, Value, Verb, Writable
from .recast import written
from .restored import packed, unpacked


class ControlEntity(PointEntity, RestoreEntity):
    """Shows a point and commands it; what nothing reports is kept across restarts."""

    _is_control = True

    def __init__(self, entry: CloudConfigEntry, device: Device, point: Point) -> None:
        """Write nothing yet."""
        super().__init__(entry, device, point)
        self._under_way: list[Writable] = []

    @override
    async def async_added_to_hass(self) -> None:
        """Go on with what was assumed before the restart, where nothing reports it."""
        if self.point.assumed and self.reading is None:
            stored = await self.async_get_last_extra_data()
            if stored and (reading := unpacked(self.point, stored.as_dict())):
                self.coordinator.async_apply(Update(readings={self.ref: reading}))
        await super().async_added_to_hass()

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData | None:
        """What is assumed; None where a cloud reports it."""
        if not self.point.assumed or (reading := self.reading) is None:
            return None
        return RestoredExtraData(packed(reading))

    @property
    def intended(self) -> Value | Writable:
        """What the point will be once every write under way has been carried out.

        A value of several parts is written as a whole. A second part that is changed
        before the first one arrived must not take the first one back.
        """
        return self._under_way[-1] if self._under_way else self.current

    async def _write(self, value: Writable) -> None:
        """Write a value once.

        Raises:
            HomeAssistantError: translated; what was shown before stays.
        """
        self._under_way.append(value)
        native = self.point.native
        sent = written(value, native) if native else value
        try:
            await self.coordinator.async_execute(SetPoint(ref=self.ref, value=sent))
        finally:
            self._under_way.remove(value)

    async def _act(self, verb: Verb, value: float | None = None) -> None:
        """Tell the point one of its verbs once.

        Raises:
            HomeAssistantError: translated; what was shown before stays.
            ServiceValidationError: the point does not have this verb.
        """
        if verb not in self.point.verbs:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="no_such_verb",
                translation_placeholders={"entity": self.entity_id},
            )
        await self.coordinator.async_execute(Act(ref=self.ref, verb=verb, value=value))
