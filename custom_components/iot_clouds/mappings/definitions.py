"""What a user defines: an entity on a device, its state and its commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import Json, Verb
from .shapes import SHAPES, Shape

PREFIX = "mapping/"
"""Begins the key of every point that a definition makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSource:
    """The value of another point of the device, by its key."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """The data of events with this name that the device publishes."""

    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a state comes from.

    `path` is a JSON Pointer to its place in what the source says. With `map`, its keys
    are what may stand there, as text, and what is not among them makes the state
    unknown. A number is multiplied by `scale`, then `offset` is added.
    """

    source: PointSource | EventSource
    path: str = ""
    map: Mapping[str, Json] | None = None
    scale: float | None = None
    offset: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Send a command with options to the device."""

    type: str
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """Call a function of the device."""

    function: str
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """Publish an event in the account's name."""

    name: str
    data: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Write a value to a point of the device, by its key."""

    point: str
    value: Json


type Act = Sending | Calling | Publishing | Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """What a command must return; anything that is no number says nothing."""

    at_least: float

    def holds(self, returned: Json) -> bool:
        """Whether this is what a command returns that succeeded."""
        if isinstance(returned, bool) or not isinstance(returned, int | float):
            return True
        return returned >= self.at_least


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command, and how to tell that it failed although it was carried out."""

    act: Act
    success: Success | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """What a state means, in Home Assistant's own words."""

    device_class: str | None = None
    unit: str | None = None
    state_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a number may be set to."""

    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One entity that a user defined on a device.

    `id` never changes while the entity is the same; `name` is the user's. `level` tells
    a position, a brightness or a speed in percent. Within `confirm` seconds the sources
    must show what a command was to bring about.
    """

    id: str
    name: str
    device: str
    platform: str
    state: State | None = None
    level: State | None = None
    classes: Classes = Classes()
    limits: Limits = Limits()
    options: tuple[str, ...] = ()
    commands: Mapping[Verb, Order] = field(default_factory=dict)
    confirm: float | None = None

    @property
    def key(self) -> str:
        """Key of its point."""
        return f"{PREFIX}{self.id}"

    @property
    def shape(self) -> Shape:
        """What its platform needs."""
        return SHAPES[self.platform]

    @property
    def sources(self) -> tuple[PointSource | EventSource, ...]:
        """Where its state and its level come from."""
        found = (self.state, self.level)
        return tuple(each.source for each in found if each is not None)
