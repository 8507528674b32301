"""Who has to look again when a point or a device has changed: by address, not by search."""

from collections.abc import Callable, Iterable
from functools import partial

from homeassistant.core import CALLBACK_TYPE, callback

from .model import Ref


class Watchers:
    """Callbacks by point, and by device."""

    def __init__(self) -> None:
        """Nobody watches."""
        self._devices: dict[str, dict[str, list[CALLBACK_TYPE]]] = {}

    @callback
    def add(self, ref: Ref, update_callback: CALLBACK_TYPE) -> Callable[[], None]:
        """Watch a point; returns how to stop."""
        keys = self._devices.setdefault(ref.device_id, {})
        keys.setdefault(ref.key, []).append(update_callback)
        return partial(self._remove, ref, update_callback)

    def has(self, ref: Ref) -> bool:
        """Whether anybody watches this point."""
        return ref.key in self._devices.get(ref.device_id, ())

    @callback
    def wake(self, refs: Iterable[Ref]) -> None:
        """Tell those who watch these points."""
        for device_id, key in refs:
            if keys := self._devices.get(device_id):
                for update_callback in keys.get(key, ()):
                    update_callback()

    @callback
    def wake_device(self, device_id: str) -> None:
        """Tell everybody who watches a point of this device."""
        for callbacks in list(self._devices.get(device_id, {}).values()):
            for update_callback in list(callbacks):
                update_callback()

    @callback
    def _remove(self, ref: Ref, update_callback: CALLBACK_TYPE) -> None:
        keys = self._devices[ref.device_id]
        keys[ref.key].remove(update_callback)
        if not keys[ref.key]:
            del keys[ref.key]
        if not keys:
            del self._devices[ref.device_id]
