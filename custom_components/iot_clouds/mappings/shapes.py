"""What can be made: one shape for each platform, with the commands that it takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..model import Kind, Value


class Verb(StrEnum):
    """What an entity can be told to do."""

    PRESS = "press"
    ON = "on"
    OFF = "off"


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One platform: the kind of point behind it, its verbs, and its states.

    `state` turns what a source says into a state, with None for what it cannot be; it is
    absent where there is none. A shape with verbs needs a command for each. `targets`
    says which verb brings about a value that is written.
    """

    kind: Kind
    verbs: tuple[Verb, ...] = ()
    state: Callable[[object], Value] | None = None
    targets: Mapping[bool, Verb] | None = None

    def verb_for(self, value: object) -> Verb | None:
        """The verb that brings this value about; None for a value that is none."""
        if self.targets is None or not isinstance(value, bool):
            return None
        return self.targets[value]


SHAPES: Mapping[str, Shape] = {
    "button": Shape(kind=Kind.ACTION, verbs=(Verb.PRESS,)),
    "switch": Shape(
        kind=Kind.TOGGLE,
        verbs=(Verb.ON, Verb.OFF),
        state=_boolean,
        targets={True: Verb.ON, False: Verb.OFF},
    ),
}
"""By platform, as a definition names it."""
