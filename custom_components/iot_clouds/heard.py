"""Keeps what devices published lately, so that a user can see it before using it."""

from collections import OrderedDict
from typing import Final

from homeassistant.core import callback

from .model import Event, Json

MOST_NAMES: Final = 200
"""Names that are kept for an account, counted for each device."""
MOST_PAYLOADS: Final = 3
"""Payloads that are kept for a name."""
LONGEST: Final = 4096
"""Characters of a payload that is kept, about; of a longer one only its name is."""
MOST_PARTS: Final = 256


class Heard:
    """The last payloads by device and name; nothing of it outlives the account.

    Taking an event costs the same however many there were.
    """

    def __init__(self) -> None:
        """Have heard nothing."""
        self._kept: OrderedDict[tuple[str, str], tuple[Json, ...]] = OrderedDict()

    @callback
    def async_hear(self, event: Event) -> None:
        """Keep an event, and forget what was heard longest ago."""
        at = event.device_id, event.name
        kept = self._kept.pop(at, ())
        if not event.truncated and is_small(event.data):
            kept = (*kept[1 - MOST_PAYLOADS :], event.data)
        self._kept[at] = kept
        if len(self._kept) > MOST_NAMES:
            self._kept.popitem(last=False)

    def names(self, device_id: str) -> list[str]:
        """Names of what a device published, the latest first."""
        return [name for device, name in reversed(self._kept) if device == device_id]

    def payloads(self, device_id: str, name: str) -> list[Json]:
        """What it published under a name, the newest last."""
        return list(self._kept.get((device_id, name), ()))


def is_small(data: Json) -> bool:
    """Whether this is worth its memory; looks at a bounded number of parts."""
    if isinstance(data, str):
        return len(data) <= LONGEST
    waiting: list[Json] = [data]
    parts, characters = 0, 0
    while waiting:
        match waiting.pop():
            case str() as text:
                characters += len(text)
            case list() as items:
                parts += len(items)
                waiting += items[:MOST_PARTS]
            case dict() as table:
                parts += len(table)
                if parts <= MOST_PARTS:
                    characters += sum(map(len, table))
                    waiting += table.values()
        if parts > MOST_PARTS or characters > LONGEST:
            return False
    return True
