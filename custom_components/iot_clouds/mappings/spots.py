"""Walks through a payload and says of each value where it is and what is said of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..model import Json
from .flags import STATES
from .names import ending, set_of, spoken, tokens
from .paths import Steps, pointer
from .payloads import Form, Payload
from .places import coordinates, is_place, place
from .units import unit_of
from .vocabulary import LABELS, NEUTRAL, Sense, quantities, sense
from .words import number

type Trail = tuple[str | int, ...]
"""Keys, and indexes of lists, from the root to a value."""

_POSITIONS = set_of(
    "location loc position pos gps coordinates coords latlon latlng posizione standort"
    " ubicacion place"
)
_UNIT_KEYS = ("unit", "units", "uom")
_LETTERS: Mapping[str, str] = {"t": "temperature", "h": "humidity", "p": "pressure"}
_SIGNS = frozenset({"t", "h"})
"""Keys that together say what single letters mean."""
_NO_SUBJECT = NEUTRAL | STATES
_VAGUE = NEUTRAL | LABELS | STATES | set_of("charge used free source name strength")
"""Words that people understand only with the name around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A value in a payload.

    `root` is the name of the whole payload; `called` is what that name calls a field.
    `unit` is written beside the value. `letters` are the single letters among the keys
    of the object that it is in.
    """

    trail: Trail
    value: Json
    root: str
    called: str | None = None
    unit: str | None = None
    letters: frozenset[str] = frozenset()
    is_place: bool = False

    @property
    def path(self) -> Steps:
        """The way to it."""
        return tuple(map(str, self.trail))

    @property
    def is_nameless(self) -> bool:
        """Whether it has a number and no name."""
        return (
            self.called is None and bool(self.trail) and isinstance(self.trail[-1], int)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The keys that lead to it, the innermost first, then the name of the payload."""
        if self.called is not None:
            return (self.called,)
        keys = [step for step in self.trail if isinstance(step, str)]
        return (*reversed(keys), self.root)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that describe it, those of the outer names first.

        A name that says nothing by itself ("value") needs the one around it.
        """
        return self._described(NEUTRAL)

    @property
    def flag_words(self) -> tuple[str, ...]:
        """The same for a boolean: "state" and the like need the name around it too."""
        return self._described(_NO_SUBJECT)

    @property
    def is_subject(self) -> bool:
        """Whether it is called as the whole payload is."""
        if len(self.names) < 2:
            return False
        own = {*tokens(self.names[0])} - NEUTRAL
        return bool(own) and own <= {*tokens(self.root)}

    @property
    def sense(self) -> tuple[Sense, bool]:
        """What the names say of a number, and whether its own name says it.

        A name that is not understood takes its sense from the object around it.
        """
        if letter := self._letter:
            return Sense(quantity=letter), True
        own = True
        for index, name in enumerate(self.names):
            said = sense(tokens(name))
            if said.quantity or said.label:
                return said, own
            if not said.neutral:
                if not own or index + 2 >= len(self.names):
                    return said, own
                own = False
        return Sense(), own

    @property
    def suffix(self) -> str | None:
        """The unit that its name ends with."""
        return ending(self.names[0])

    def spoken(self, levels: int = 1) -> str:
        """Its name for people; of so many keys that say something."""
        if self.called or self._letter:
            return spoken(self.called or self._letter or "")
        said: list[str] = []
        told = 0
        for step in reversed(self.trail):
            if told >= levels:
                break
            said.insert(0, str(step + 1) if isinstance(step, int) else spoken(step))
            told += isinstance(step, str) and not _VAGUE.issuperset(tokens(step))
        if not any(isinstance(step, str) for step in self.trail):
            said.insert(0, spoken(self.root))
        return _joined(said) or spoken(self.root) or "Value"

    @property
    def _letter(self) -> str | None:
        """The quantity that a single letter stands for."""
        return _LETTERS.get(self.names[0]) if self.letters >= _SIGNS else None

    def _described(self, vague: frozenset[str]) -> tuple[str, ...]:
        found: tuple[str, ...] = ()
        for name in self.names:
            words = tokens(name)
            found = (*words, *found)
            if not vague.issuperset(words):
                break
        return found


def spots(payload: Payload, name: str) -> Iterator[Spot]:
    """Every position and every value of a payload, in the order of the document."""
    if payload.form is Form.FIELDS and isinstance(payload.tree, list):
        yield from _fields(payload, payload.tree, name)
        if payload.written and number(payload.written) is not None:
            # Two whole numbers may be one with a decimal comma.
            yield Spot(trail=(), value=payload.written, root=name)
    else:
        yield from _walk(payload, Spot(trail=(), value=payload.tree, root=name))


def _walk(payload: Payload, spot: Spot) -> Iterator[Spot]:
    match spot.value:
        case dict() as content:
            yield from _object(payload, spot, content)
        case list() as values if _is_pair(values, spot.names[0]):
            yield replace(spot, is_place=True)
        case list() as values:
            for index, value in enumerate(values):
                trail = (*spot.trail, index)
                yield from _walk(
                    payload, Spot(trail=trail, value=value, root=spot.root)
                )
        case _:
            unit = payload.units.get(pointer(spot.path)) if payload.units else None
            yield replace(spot, unit=unit) if unit else spot


def _object(payload: Payload, spot: Spot, content: dict[str, Json]) -> Iterator[Spot]:
    used: set[str] = set()
    if is_place(content):
        used = {*(coordinates(content) or ("type", "coordinates"))}
        yield replace(spot, is_place=True)
    letters = frozenset(key for key in content if len(key) == 1)
    for key, value in content.items():
        if key not in used:
            inner = Spot(
                trail=(*spot.trail, key),
                value=value,
                root=spot.root,
                unit=_unit_beside(content, key),
                letters=letters,
            )
            yield from _walk(payload, inner)


def _fields(payload: Payload, values: list[Json], name: str) -> Iterator[Spot]:
    """Separated fields; a name with a quantity for each number names them in turn."""
    if _is_pair(values, name):
        yield Spot(trail=(), value=values, root=name, is_place=True)
        return
    told = quantities(tokens(name))
    if len(told) < 2 or len(told) != sum(map(_is_number, values)):
        told = []
    calling = iter(told)
    for index, value in enumerate(values):
        yield Spot(
            trail=(index,),
            value=value,
            root=name,
            called=next(calling, None) if _is_number(value) else None,
            unit=payload.units.get(f"/{index}"),
        )


def _is_pair(values: list[Json], name: str) -> bool:
    """Whether a list is a position: its name says so, and it begins with two numbers."""
    if not 2 <= len(values) <= 4 or not all(map(_is_number, values)):
        return False
    return not _POSITIONS.isdisjoint(tokens(name)) and place(values) is not None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unit_beside(content: dict[str, Json], key: str) -> str | None:
    """The unit that another key tells ("value" and "unit", "level" and "level_units")."""
    beside = [f"{key}_{name}" for name in _UNIT_KEYS]
    beside += [f"{key}{name.capitalize()}" for name in _UNIT_KEYS]
    if key in NEUTRAL:
        beside += _UNIT_KEYS
    for name in beside:
        if isinstance(text := content.get(name), str):
            return unit_of(text.strip())
    return None


def _joined(said: Sequence[str]) -> str:
    """Names one behind the other, with one capital; abbreviations keep theirs."""
    later = [
        word if word[1:2].isupper() else word[:1].lower() + word[1:]
        for word in said[1:]
    ]
    return " ".join([*said[:1], *later]).strip()
