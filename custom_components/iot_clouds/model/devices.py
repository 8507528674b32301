"""Devices, their points, and what is known of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from .moving import Verb
from .values import Json, Value


class Ref(NamedTuple):
    """Address of one point: readings, listeners and commands use it.

    A named tuple, because it is hashed for every value that a cloud pushes.
    """

    device_id: str
    key: str


class Kind(StrEnum):
    """What a point is to a person; it selects the platform that shows it."""

    MEASURE = "measure"
    """A number, or a moment, that is only observed."""
    LEVEL = "level"
    """A number that may be written."""
    TEXT = "text"
    """A string that is only observed."""
    ENTRY = "entry"
    """A string that may be written."""
    FLAG = "flag"
    """A boolean that is only observed."""
    TOGGLE = "toggle"
    """A boolean that may be written."""
    PLACE = "place"
    """A position on the earth (`Place`)."""
    LIGHT = "light"
    """A lamp that may be written (`Light`)."""
    PLAYER = "player"
    """A television or the like that may be written (`Player`)."""
    MOMENT = "moment"
    """A point in time that may be written."""
    SCHEDULE = "schedule"
    """Whether now is one of its times (`Schedule`)."""
    CHOICE = "choice"
    """One of the point's options, that may be written."""
    COVER = "cover"
    """A door, a gate, a blind: something that opens and closes (`Opening`)."""
    VALVE = "valve"
    """What lets water or gas through (`Opening`)."""
    LOCK = "lock"
    """What is locked and unlocked (`Latch`)."""
    FAN = "fan"
    """A fan that is switched, and may have a speed (`Fan`)."""
    ACTION = "action"
    """Something that can be set off (`Press`); it has no reading."""
    MESSAGE = "message"
    """What a device publishes (`Event`); it has no reading."""
    FIRMWARE = "firmware"
    """What a device runs and what it could run (`Firmware`)."""


class Category(StrEnum):
    """Why a point is not among the main ones of its device."""

    DIAGNOSTIC = "diagnostic"
    CONFIG = "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who the credentials belong to; `id` is unique within the vendor."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing on a device that can be read, written or both.

    `key` is namespaced by what it is at the vendor ("variable/temp") and never changes
    while the vendor's own identity of it stays. Exactly one of `name` (typed by the user
    in the cloud) and `label` (a translation key of ours) is set. Unit, device class and
    state class are Home Assistant's own strings.
    """

    key: str
    kind: Kind
    name: str | None = None
    label: str | None = None
    of: str | None = None
    """Name, typed by the user, that the text of a label takes as its {name}."""
    native: Kind | None = None
    """Kind of the cloud's own values, where the user has them shown as another."""
    writable: bool = False
    assumed: bool = False
    """Nothing ever reports what it is: its state is what the last command implies."""
    billed: bool = False
    """Read by the cloud's `Reader`, at a cost, and not by the listing."""
    unit: str | None = None
    device_class: str | None = None
    state_class: str | None = None
    digits: int | None = None
    """Digits after the point that are worth showing, where class and unit do not tell."""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    options: tuple[str, ...] = ()
    """Sources of a player, or what a choice is made from."""
    verbs: tuple[Verb, ...] = ()
    """What a cover, a valve, a lock or a fan can be told (`Act`)."""
    dims: bool = False
    """Whether a light has a brightness."""
    colours: bool = False
    """Whether a light has a hue and a saturation."""
    period: float | None = None
    """Seconds between two readings, where the device promised to send regularly."""
    timezone: str | None = None
    """IANA name, for numbers that may be seconds of wall time."""
    category: Category | None = None
    enabled: bool = True
    """Whether a user sees it without asking for it."""
    subentry_id: str | None = None
    """Id of what the user defined that makes this point; None for what is listed."""
    lost: bool = False
    """Nobody can say what it is: what its readings are made from is not listed any more,
    or could not be read for so long that they are not current."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A board, a thing or a project as the user knows it.

    `online` is None where the cloud cannot tell. A device that `sleeps` by design keeps
    its measurements while it is offline. One that is `commanded_offline` is sent
    commands all the same.
    """

    id: str
    name: str
    online: bool | None = None
    sleeps: bool = False
    commanded_offline: bool = False
    model: str | None = None
    model_id: str | None = None
    serial: str | None = field(default=None, repr=False)
    mac: str | None = field(default=None, repr=False)
    sw_version: str | None = None
    hw_version: str | None = None
    url: str | None = None
    """Its page in the vendor's console."""
    area: str | None = None
    """Name of the place that it is at, where the user told the cloud one."""
    parent_id: str | None = None
    is_account: bool = False
    """Stands for the account itself and not for a board; it has points of its own."""
    points: Mapping[str, Point] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    """Names that a `Call` may use; empty where the cloud does not list them."""

    def ref(self, key: str) -> Ref:
        """Address of one of this device's points."""
        return Ref(self.id, key)


AHEAD = timedelta(days=1)
"""What is so much later than now was told by a clock that went wrong: neither clocks that
are only set a little differently nor time zones make as much of a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value and the time it was true at (aware, UTC).

    Sources without times of their own use the moment their request started.
    `assumed` marks what a successful command implies; the next reading that the cloud
    reports confirms or corrects it.
    """

    value: Value
    at: datetime
    assumed: bool = False
    attributes: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened on a device; `id` recognises a second delivery.

    `truncated` says that the data was too large to be handed on, and is left out.
    """

    device_id: str
    name: str
    data: Json
    at: datetime
    id: str
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the user can and should put right, for as long as it is reported.

    `key` is a translation key under issues; `placeholders` are safe to show. `details`
    are placeholders that only the repair shows, because they change from listing to
    listing. `option` is the key of the account's choice that puts it right. One that
    `explains_feeds` says why push sources are down, so that nothing else needs to.
    """

    key: str
    placeholders: tuple[tuple[str, str], ...] = ()
    severe: bool = False
    details: tuple[tuple[str, str], ...] = ()
    option: str | None = None
    explains_feeds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything one listing tells.

    `complete` is False when the cloud said that the list has holes: devices that are
    absent from it may then still exist. `events` are what happened since the listing
    before, each told once, in the order in which it happened. `poll_in` is how long the
    next listing may wait, where the cloud knows better than its vendor's usual times.
    """

    devices: Mapping[str, Device]
    readings: Mapping[Ref, Reading] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    complete: bool = True
    notices: tuple[Notice, ...] = ()
    poll_in: timedelta | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What a feed or a reader delivers between two listings."""

    readings: Mapping[Ref, Reading] = field(default_factory=dict)
    online: Mapping[str, bool] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    relist: bool = False
    """The account's devices or points changed: a new listing is needed soon."""
    sent: datetime | None = None
    """When this was sent, in the words of the cloud; None where it gives no time."""
