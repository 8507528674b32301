"""Hands what devices publish to whoever listens, once there can be listeners."""

from collections.abc import Callable, Iterable
from functools import partial

from homeassistant.core import CALLBACK_TYPE, callback

from .model import Event

type Listener = Callable[[Event], None]


class Published:
    """Listeners by device.

    Events of the first listing come before there are entities, and wait for them.
    """

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._listeners: dict[str, list[Listener]] = {}
        self._everywhere: list[Listener] = []
        self._waiting: list[Event] | None = []
        self.told = 0
        """How many events were handed over."""

    @callback
    def async_listen(self, device_id: str, listener: Listener) -> CALLBACK_TYPE:
        """Hear what a device publishes; returns how to stop."""
        listeners = self._listeners.setdefault(device_id, [])
        listeners.append(listener)
        return partial(listeners.remove, listener)

    @callback
    def async_listen_everywhere(self, listener: Listener) -> CALLBACK_TYPE:
        """Hear what all devices publish; returns how to stop."""
        self._everywhere.append(listener)
        return partial(self._everywhere.remove, listener)

    @callback
    def async_tell(self, events: Iterable[Event]) -> None:
        """Hand events over, or keep them until the entities are there."""
        if self._waiting is not None:
            self._waiting += events
            return
        for event in events:
            self.told += 1
            listeners = self._listeners.get(event.device_id, ())
            for listener in (*self._everywhere, *listeners):
                listener(event)

    @callback
    def async_open(self) -> None:
        """The entities are there: what waited is told now."""
        waiting, self._waiting = self._waiting, None
        self.async_tell(waiting or ())
