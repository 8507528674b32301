"""Who has to look again when a point or a device has changed: by address, not by search."""

from collections.abc import Callable, Iterable
from functools import partial

from homeassistant.core import CALLBACK_TYPE, callback

from .model import Ref


class Watchers:
    """Callbacks by point, and by device."""

    def __init__(self) -> None:
        """Nobody watches."""
        self._points: dict[Ref, list[CALLBACK_TYPE]] = {}
        self._devices: dict[str, list[CALLBACK_TYPE]] = {}

    @callback
    def add(self, ref: Ref, update_callback: CALLBACK_TYPE) -> Callable[[], None]:
        """Watch a point; returns how to stop."""
        self._points.setdefault(ref, []).append(update_callback)
        self._devices.setdefault(ref.device_id, []).append(update_callback)
        return partial(self._remove, ref, update_callback)

    def has(self, ref: Ref) -> bool:
        """Whether anybody watches this point."""
        return ref in self._points

    @callback
    def wake(self, refs: Iterable[Ref]) -> None:
        """Tell those who watch these points."""
        for ref in refs:
            for update_callback in self._points.get(ref, ()):
                update_callback()

    @callback
    def wake_device(self, device_id: str) -> None:
        """Tell everybody who watches a point of this device."""
        for update_callback in list(self._devices.get(device_id, ())):
            update_callback()

    @callback
    def _remove(self, ref: Ref, update_callback: CALLBACK_TYPE) -> None:
        self._points[ref].remove(update_callback)
        if not self._points[ref]:
            del self._points[ref]
        self._devices[ref.device_id].remove(update_callback)
        if not self._devices[ref.device_id]:
            del self._devices[ref.device_id]
