"""What can be made of a source: proposals as documents, and as the user reads them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from homeassistant.const import MAX_LENGTH_STATE_STATE

from ..mappings import Shape
from ..mappings.proposals import Proposal
from ..model import Fan, Json, Kind, Latch, Light, Opening, Place, Value
from ..rules import CLASSES

_PLATFORMS: Final = {
    Kind.MEASURE: "sensor",
    Kind.TEXT: "text_sensor",
    Kind.FLAG: "binary_sensor",
    Kind.PLACE: "device_tracker",
}
_READ_AS: Final = {Kind.LEVEL: Kind.MEASURE, Kind.TOGGLE: Kind.FLAG}
_CLASSES: Final = ("device_class", "unit", "state_class")


def document_of(proposal: Proposal, source: Json) -> dict[str, Json]:
    """The document of what is proposed, but for the device."""
    classes: dict[str, Json] = {
        field: value
        for field in _CLASSES
        if (value := getattr(proposal, field)) is not None
    }
    return {
        "platform": _PLATFORMS[proposal.kind],
        "state": _state_of(proposal, source),
        **({"classes": classes} if classes else {}),
    }


def fitting(proposals: Iterable[Proposal], shape: Shape) -> Proposal | None:
    """The best proposal that can be the state of this shape."""
    if shape.reads is None:
        return None
    kinds = {_READ_AS.get(shape.reads, shape.reads)}
    if shape.words:
        kinds.add(Kind.FLAG)
    return next((each for each in proposals if each.kind in kinds), None)


def begun(proposal: Proposal, shape: Shape, source: Json) -> dict[str, Json]:
    """What a proposal gives to a document of another shape."""
    state = _state_of(proposal, source)
    if shape.words:
        state.pop("map", None)
    classes: dict[str, Json] = {}
    if shape.classes:
        classes = {
            field: value
            for field in ("device_class", "unit")
            if (value := getattr(proposal, field)) is not None
        }
        if classes.get("device_class") not in CLASSES[shape.kind]:
            classes.pop("device_class", None)
    return {"state": state, **({"classes": classes} if classes else {})}


def label_of(proposal: Proposal) -> str:
    """A proposal in words: its name and what it would show."""
    shown = spoken(proposal.shown)
    if proposal.unit:
        shown = f"{shown} {proposal.unit}{'?' if proposal.guessed_unit else ''}"
    return f"{proposal.name}: {shown}"


def spoken(value: Value) -> str:
    """A state as Home Assistant has it."""
    match value:
        case bool() | Light() | Fan():
            on = value if isinstance(value, bool) else value.on
            return "on" if on else "off"
        case Opening(position=position, closed=closed, motion=motion):
            if closed is None and position is not None:
                closed = position == 0
            word = {True: "closed", False: "open", None: "unknown"}[closed]
            return motion.value if motion else word
        case Latch(locked=locked, motion=motion, jammed=jammed):
            word = {True: "locked", False: "unlocked", None: "unknown"}[locked]
            return "jammed" if jammed else motion.value if motion else word
        case Place():
            return f"{value.latitude}, {value.longitude}"
        case datetime():
            return value.isoformat(timespec="seconds")
        case float() if value.is_integer():
            return str(int(value))
        case None:
            return "unknown"
    return str(value)[:MAX_LENGTH_STATE_STATE]


def _state_of(proposal: Proposal, source: Json) -> dict[str, Json]:
    state: dict[str, Json] = {"source": source}
    if proposal.path:
        state["path"] = proposal.path
    if proposal.map is not None:
        state["map"] = dict(proposal.map)
    if proposal.scale is not None:
        state["scale"] = proposal.scale
    return state
