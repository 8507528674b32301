"""What entities share that command their point."""

from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .coordinator import CloudConfigEntry
from .entity import PointEntity
from .errors import command_error
from .model import Act, Device, DeviceOffline, Point, SetPoint, Value, Verb, Writable
from .recast import written


class ControlEntity(PointEntity):
    """Shows a point and commands it."""

    _is_control = True

    def __init__(self, entry: CloudConfigEntry, device: Device, point: Point) -> None:
        """Write nothing yet."""
        super().__init__(entry, device, point)
        self._under_way: list[Writable] = []

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
        self._check_connection()
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
        self._check_connection()
        act = Act(ref=self.ref, verb=verb, value=value)
        await self.coordinator.async_execute(act)

    def _check_connection(self) -> None:
        """Refuse what would not arrive, also where the last value stays in sight.

        Raises:
            HomeAssistantError: the device is offline.
        """
        device = self.device
        if device and device.online is False and not device.commanded_offline:
            raise command_error(DeviceOffline("The device is not connected"))
