"""Works out what a user may want to make of a payload, best first."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..model import Json, Kind, Value
from .candidates import Candidate, candidates
from .paths import Missing, at, pointer
from .payloads import Payload, parse
from .spots import Spot, spots
from .states import Formula, state

MOST = 100
"""Proposals for one payload."""
_EARLIER = 20
"""Earlier payloads that are looked at."""
_LONGEST_NAME = 64
_LEVELS = (2, 3, 40)
"""Names around a value that tell it apart from another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An entity that can be made of a part of a payload.

    `kind` is measure (a number or, with the class timestamp, a moment), flag, text or
    place. Unit and classes are Home Assistant's own, and go together as it wants them.
    `guessed_unit` says that nothing but experience tells the unit. `shown` is what the
    entity shows for this payload.
    """

    path: str
    kind: Kind
    name: str
    device_class: str | None = None
    unit: str | None = None
    state_class: str | None = None
    map: Mapping[str, Json] | None = None
    scale: float | None = None
    guessed_unit: bool = False
    shown: Value

    @property
    def platform(self) -> str:
        """The platform of Home Assistant that shows it."""
        platforms = {Kind.FLAG: "binary_sensor", Kind.PLACE: "device_tracker"}
        return platforms.get(self.kind, "sensor")

    @property
    def formula(self) -> Formula:
        """How its state is read out of a payload."""
        return Formula(
            path=self.path,
            kind=self.kind,
            device_class=self.device_class,
            map=self.map,
            scale=self.scale,
        )


def propose(
    raw: object, name: str, *, history: Sequence[object] = ()
) -> list[Proposal]:
    """What can be made of a payload of a variable or event with this name, best first.

    `history` has earlier payloads of it, the newest last.
    """
    payload = parse(raw)
    earlier = [parse(each).tree for each in history[-_EARLIER:]]
    found = [
        (candidate, spot)
        for spot in spots(payload, name)
        for candidate in candidates(spot, _before(earlier, spot))
    ]
    found.sort(key=lambda each: -each[0].score)
    proposed: list[tuple[Proposal, Spot]] = []
    for candidate, spot in found:
        if len(proposed) == MOST:
            break
        if (proposal := _proposal(payload, spot, candidate)) is not None:
            proposed.append((proposal, spot))
    return _told_apart(proposed)


def _before(earlier: Iterable[Json], spot: Spot) -> list[Json]:
    """What stood at a spot in earlier payloads."""
    found = [at(tree, spot.path) for tree in earlier]
    return [
        each for each in found if not isinstance(each, Missing) and each is not None
    ]


def _proposal(payload: Payload, spot: Spot, candidate: Candidate) -> Proposal | None:
    """The proposal with its state; None where there would be no state now."""
    proposal = Proposal(
        path=pointer(spot.path),
        kind=candidate.kind,
        name=spot.spoken()[:_LONGEST_NAME],
        device_class=candidate.device_class,
        unit=candidate.unit,
        state_class=candidate.state_class,
        map=candidate.map,
        scale=candidate.scale,
        guessed_unit=candidate.guessed_unit,
        shown=None,
    )
    shown = state(payload, proposal.formula)
    return None if shown is None else replace(proposal, shown=shown)


def _told_apart(proposed: Sequence[tuple[Proposal, Spot]]) -> list[Proposal]:
    """The proposals with longer names where two paths would have the same."""
    names = {spot.path: spot for _, spot in proposed}
    called = {path: spot.spoken() for path, spot in names.items()}
    for levels in _LEVELS:
        often = Counter(called.values())
        for path, spot in names.items():
            if often[called[path]] > 1:
                called[path] = spot.spoken(levels)
    return [
        replace(proposal, name=called[spot.path][:_LONGEST_NAME])
        for proposal, spot in proposed
    ]
