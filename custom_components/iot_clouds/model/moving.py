"""What moves or can be told several things: its values, and what can be asked of it."""

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """One thing that an entity can be told: what is no `SetPoint` or `Press` is an `Act`."""

    PRESS = "press"
    SET = "set"
    ON = "on"
    OFF = "off"
    SET_BRIGHTNESS = "set_brightness"
    """Light it so much; the value is percent."""
    OPEN = "open"
    CLOSE = "close"
    STOP = "stop"
    SET_POSITION = "set_position"
    """Open so far; the value is percent, 0 is closed."""
    LOCK = "lock"
    UNLOCK = "unlock"
    UNLATCH = "unlatch"
    """Pull the latch, so that the door can be pushed open."""
    SET_SPEED = "set_speed"
    """Run this fast; the value is percent, 0 is standing still."""


class Motion(StrEnum):
    """Where something is moving to right now."""

    OPENING = "opening"
    CLOSING = "closing"


class Bolting(StrEnum):
    """What a lock is doing right now."""

    LOCKING = "locking"
    UNLOCKING = "unlocking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A door, a blind or a valve: `position` is percent open, None where it is unknown.

    A source may tell the position, or whether it is `closed`, or both; what is told
    outright (`closed`) counts more than a position that was measured.
    """

    position: float | None = None
    closed: bool | None = None
    motion: Motion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latch:
    """A lock; `locked` is None where it is unknown."""

    locked: bool | None = None
    motion: Bolting | None = None
    jammed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """A fan: `speed` is percent, None where it is unknown or there is none."""

    on: bool
    speed: float | None = None
