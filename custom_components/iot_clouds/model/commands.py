"""What can be asked of a cloud."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .devices import Ref
from .moving import Verb
from .values import Json, Writable


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPoint:
    """Write a value to a writable point.

    A control writes the point's own kind of value, an action whatever the user gave.
    """

    ref: Ref
    value: Writable


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Call a function of a device; the result is what it returned."""

    device_id: str
    function: str
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Publish an event in the account's name."""

    name: str
    data: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send a command with options to a device.

    With `wait`, in seconds, the result holds what the device said within that time; with
    `wait_for` only what it said under that name. `anyway` sends also to a device that is
    not connected.
    """

    device_id: str
    type: str
    options: Mapping[str, Json] = field(default_factory=dict)
    wait: float | None = None
    wait_for: str | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Set an action point off."""

    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Tell a point one of its verbs; `value` is percent, for the verbs that need one."""

    ref: Ref
    verb: Verb
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """Bring a device to the latest firmware that its firmware point names."""

    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """Give a device a new name at its cloud."""

    device_id: str
    name: str


type Command = Act | Rename | SetPoint | Call | Publish | Send | Press | Install


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """What was between `start` and `end` (aware); at most `limit` samples.

    `key` names a point, or nothing where a device has one history as a whole. With a
    `period` in seconds the samples are aggregated ("avg", "min", "max", "sum", "count",
    or what else the cloud knows); without one they are raw.
    """

    device_id: str
    key: str | None = None
    start: datetime
    end: datetime
    period: int | None = None
    aggregation: str | None = None
    limit: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One value of the past; `at` is aware."""

    at: datetime
    value: Json
