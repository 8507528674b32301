"""What a point can hold."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .moving import Fan, Latch, Opening

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position: degrees (WGS84), accuracy in metres."""

    latitude: float
    longitude: float
    accuracy: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """A lamp: brightness and saturation in percent, hue in degrees.

    Parts that the lamp does not have are None.
    """

    on: bool
    brightness: float | None = None
    hue: float | None = None
    saturation: float | None = None


class Playback(StrEnum):
    """What a player was told last."""

    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"
    NEXT = "next"
    PREVIOUS = "previous"
    FAST_FORWARD = "fast_forward"
    REWIND = "rewind"
    START_OVER = "start_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """A television: volume in percent; `source` is one of the point's options."""

    on: bool
    volume: float | None = None
    muted: bool | None = None
    playback: Playback | None = None
    source: str | None = None
    channel: int | None = None


class Repeat(StrEnum):
    """On which days a schedule's times recur."""

    ONCE = "once"
    EVERY = "every"
    """Each `every` seconds."""
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Recurring times, in the wall time of `timezone` (an IANA name).

    `start` and `end` are naive wall times; no `end` means never. `duration` and `every`
    are seconds. `weekdays` counts Monday as 0; `day` and `month` count from 1.
    """

    start: datetime
    end: datetime | None = None
    duration: int = 0
    repeat: Repeat = Repeat.ONCE
    every: int | None = None
    weekdays: frozenset[int] = frozenset()
    day: int | None = None
    month: int | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """Versions as the vendor writes them; `progress` in percent while installing."""

    installed: str | None
    latest: str | None
    title: str | None = None
    notes: str | None = None
    url: str | None = None
    installable: bool = False
    installing: bool = False
    progress: float | None = None


type Value = (
    bool
    | int
    | float
    | str
    | datetime
    | Place
    | Light
    | Player
    | Schedule
    | Firmware
    | Opening
    | Latch
    | Fan
    | None
)
type Writable = Json | Light | Player | datetime
