"""The words every cloud is translated into; nothing here knows a vendor or Home Assistant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None


class Ref(NamedTuple):
    """Address of one point: readings, listeners and commands use it.

    A named tuple, because it is hashed for every value that a cloud pushes.
    """

    device_id: str
    key: str


class Kind(StrEnum):
    """What a point is to a person; it selects the platform that shows it."""

    MEASURE = "measure"
    """A number."""
    TEXT = "text"
    """A string."""
    FLAG = "flag"
    """A boolean that is only observed."""
    TOGGLE = "toggle"
    """A boolean that may be written."""
    PLACE = "place"
    """A position on the earth."""


class Category(StrEnum):
    """Why a point is not among the main ones of its device."""

    DIAGNOSTIC = "diagnostic"
    CONFIG = "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position: degrees (WGS84), accuracy in metres."""

    latitude: float
    longitude: float
    accuracy: float = 0.0


type Value = bool | int | float | str | datetime | Place | None


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
    writable: bool = False
    billed: bool = False
    """Read by the cloud's `Reader`, at a cost, and not by the listing."""
    unit: str | None = None
    device_class: str | None = None
    state_class: str | None = None
    category: Category | None = None
    enabled: bool = True
    """Whether a user sees it without asking for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A board, a thing or a project as the user knows it.

    `online` is None where the cloud cannot tell. A device that `sleeps` by design keeps
    its measurements while it is offline.
    """

    id: str
    name: str
    online: bool | None = None
    sleeps: bool = False
    model: str | None = None
    model_id: str | None = None
    serial: str | None = None
    mac: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    url: str | None = None
    parent_id: str | None = None
    points: Mapping[str, Point] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    """Names that a `Call` may use; empty where the cloud does not list them."""

    def ref(self, key: str) -> Ref:
        """Address of one of this device's points."""
        return Ref(self.id, key)


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
    """Something that happened on a device; `id` recognises a second delivery."""

    device_id: str
    name: str
    data: Json
    at: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything one listing tells.

    `complete` is False when the cloud said that the list has holes: devices that are
    absent from it may then still exist.
    """

    devices: Mapping[str, Device]
    readings: Mapping[Ref, Reading] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What a feed or a reader delivers between two listings."""

    readings: Mapping[Ref, Reading] = field(default_factory=dict)
    online: Mapping[str, bool] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    relist: bool = False
    """The account's devices or points changed: a new listing is needed soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPoint:
    """Write a value to a writable point."""

    ref: Ref
    value: Json


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
    """Send a command with options to a device."""

    device_id: str
    type: str
    options: Mapping[str, Json] = field(default_factory=dict)


type Command = SetPoint | Call | Publish | Send


class CloudError(Exception):
    """Something went wrong at the cloud; the text is safe to log.

    There is one subclass for each reaction. Texts carry no tokens, addresses, locations,
    URLs or response bodies.
    """


class CloudAuthError(CloudError):
    """The credentials are refused: ask the user for new ones."""


class CloudUnreachable(CloudError):
    """Network, time limit, server fault or an answer that makes no sense: try later."""


class CloudBusy(CloudError):
    """The cloud limits the rate: wait `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        """Remember how long to wait, in seconds."""
        super().__init__(message)
        self.retry_after = retry_after


class CloudRejected(CloudError):
    """The cloud understood and said no.

    `reason` is the cloud's own words and may be shown to the user. `key`, where known,
    is a translation key that says it in the user's language; `field` names the input (a
    form field or an option) that is wrong.
    """

    def __init__(
        self, reason: str, *, key: str | None = None, field: str | None = None
    ) -> None:
        """Remember the cloud's words and the input that they are about."""
        super().__init__(reason)
        self.reason = reason
        self.key = key
        self.field = field


class CloudMissing(CloudError):
    """The addressed device, point or function does not exist (any more)."""


class DeviceOffline(CloudError):
    """The device did not answer; the cloud itself is fine."""
