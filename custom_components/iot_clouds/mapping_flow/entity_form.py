"""The form in which the user says what an entity shows, and how."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import probatio

from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    ObjectSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..mappings import BadDefinition, Shape
from ..mappings.states import MOMENTS
from ..model import Json, Kind, Point
from ..rules import (
    CLASSES,
    STATE_CLASSES,
    UNITS,
    problems,
    state_classes_of,
    units_of,
    usual,
)
from ..variable_form import select
from .draft import Draft
from .selecting import choice, custom, number
from .sources import NOTHING, choice_of, chosen

CONF_PATH: Final = "path"
CONF_MAP: Final = "map"
CONF_INVERTED: Final = "inverted"
CONF_SCALE: Final = "scale"
CONF_OFFSET: Final = "offset"
CONF_CONFIRM: Final = "confirm"
CONF_OPTIONS: Final = "options"
CONF_LEVEL_SOURCE: Final = "level_source"
CONF_OPTIONAL: Final = "optional"
CONF_WAY: Final = "way"

_CLASSES: Final = ("device_class", "unit", "state_class")
_LIMITS: Final = ("min", "max", "step")
_SCALING: Final = (CONF_SCALE, CONF_OFFSET)
_BOOLEANS = frozenset({Kind.FLAG, Kind.TOGGLE})
_NUMBERS = frozenset({Kind.MEASURE, Kind.LEVEL})
_INVERTED: Final[dict[str, Json]] = {"true": False, "false": True}

_WRONG: Final = {
    CONF_PATH: "not_a_path",
    CONF_MAP: "not_a_map",
    CONF_OPTIONS: "not_options",
    "min": "not_limits",
    "max": "not_limits",
    "step": "not_limits",
}
"""What is said where a field is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the fields of an entity let the user choose from.

    `paths` and `sources` have what is shown by what is chosen, `ways` are the kinds of
    commands; there is a source of the state if `has_source`.
    """

    paths: Mapping[str, str]
    sources: Mapping[str, str]
    ways: Collection[str]
    has_source: bool


def schema(shape: Shape, choices: Choices) -> probatio.Schema:
    """The fields of an entity of this shape."""
    fields: dict[probatio.Marker, Any] = {
        probatio.Required(CONF_NAME): TextSelector(),
    }
    if choices.has_source:
        fields |= _state_fields(shape, choices.paths)
    optional = probatio.Optional
    fields |= _class_fields(shape)
    if shape.options:
        marker = optional if shape.observes else probatio.Required
        fields[marker(CONF_OPTIONS)] = SelectSelector(
            SelectSelectorConfig(options=[], multiple=True, custom_value=True)
        )
    if shape.limits:
        fields |= {optional(each): number() for each in _LIMITS}
    if shape.level:
        fields[probatio.Required(CONF_LEVEL_SOURCE, default=NOTHING)] = choice(
            {NOTHING: NOTHING, **choices.sources}, "mapping_source"
        )
    if shape.verbs and shape.reads and (choices.has_source or shape.level):
        fields[optional(CONF_CONFIRM)] = number("s", 1)
    if shape.optional:
        fields[optional(CONF_OPTIONAL)] = SelectSelector(
            SelectSelectorConfig(
                options=[verb.value for verb in shape.optional],
                multiple=True,
                mode=SelectSelectorMode.LIST,
                translation_key="mapping_verb",
            )
        )
    if len(choices.ways) > 1 and shape.verbs:
        fields[probatio.Required(CONF_WAY)] = select(choices.ways, "mapping_way")
    return probatio.Schema(fields)


def level_schema(paths: Mapping[str, str]) -> probatio.Schema:
    """The fields of a second state, in percent."""
    return probatio.Schema({**_path_field(paths), **_scaling_fields()})


def enter(draft: Draft, entered: Mapping[str, Any]) -> dict[str, str]:
    """Have the draft say what was entered; returns what is wrong by field."""
    errors: dict[str, str] = {}
    draft.name = entered[CONF_NAME].strip()
    if not draft.name:
        errors[CONF_NAME] = "empty"
    if draft.source is not None:
        state: dict[str, Json] = {"source": dict(draft.source), **formula(entered)}
        meaning = unquoted(entered.get(CONF_MAP)) or None
        if entered.get(CONF_INVERTED):
            if meaning:
                errors[CONF_INVERTED] = "map_or_inverted"
            meaning = dict(_INVERTED)
        if meaning is not None:
            state[CONF_MAP] = meaning
        draft.put("state", state)
    if draft.shape.level:
        level = chosen(entered[CONF_LEVEL_SOURCE])
        before = draft.part("level")
        draft.put("level", {**before, "source": dict(level)} if level else None)
    draft.put(CONF_CONFIRM, entered.get(CONF_CONFIRM))
    classes = {key: entered[key].strip() for key in _CLASSES if entered.get(key)}
    if "unit" in classes:
        classes["unit"] = usual(classes["unit"])
    draft.put("classes", {key: value for key, value in classes.items() if value})
    draft.put("limits", {key: entered[key] for key in _LIMITS if key in entered})
    draft.put(CONF_OPTIONS, [each for each in entered.get(CONF_OPTIONS, ()) if each])
    return errors or _faults(draft)


def enter_level(draft: Draft, entered: Mapping[str, Any]) -> dict[str, str]:
    """Have the draft say what was entered of its second state."""
    before = draft.part("level")
    kept: dict[str, Json] = {
        key: before[key] for key in ("source", CONF_MAP) if key in before
    }
    draft.put("level", {**kept, **formula(entered)})
    return _faults(draft)


def filled(draft: Draft) -> dict[str, Any]:
    """What a draft says, as the form shows it."""
    state = draft.part("state")
    shown: dict[str, Any] = {
        **{key: state[key] for key in (CONF_PATH, *_SCALING) if key in state},
        **draft.part("classes"),
        **draft.part("limits"),
    }
    if draft.name:
        shown[CONF_NAME] = draft.name
    if CONF_MAP in state:
        if draft.shape.reads in _BOOLEANS and state[CONF_MAP] == _INVERTED:
            shown[CONF_INVERTED] = True
        else:
            shown[CONF_MAP] = state[CONF_MAP]
    for key in (CONF_CONFIRM, CONF_OPTIONS):
        if key in draft.document:
            shown[key] = draft.document[key]
    if draft.shape.level and draft.level_source:
        shown[CONF_LEVEL_SOURCE] = choice_of(draft.level_source)
    commands = draft.part("commands")
    if present := [verb.value for verb in draft.shape.optional if verb in commands]:
        shown[CONF_OPTIONAL] = present
    return shown


def words(draft: Draft) -> dict[str, str]:
    """Placeholders of the errors: what a device class goes with."""
    given = draft.part("classes").get("device_class")
    device_class = given if isinstance(given, str) else None
    if device_class not in CLASSES.get(draft.shape.kind, ()):
        device_class = None
    units = units_of(draft.shape.kind, device_class) or ()
    allowed: Collection[str] = ()
    if draft.shape.kind is Kind.MEASURE:
        allowed = state_classes_of(device_class)
    return {
        "units": ", ".join(sorted(each or "-" for each in units)),
        "state_classes": ", ".join(sorted(allowed)),
    }


def formula(entered: Mapping[str, Any]) -> dict[str, Json]:
    """Path, scale and offset as a document says them."""
    found: dict[str, Json] = {}
    if path := entered.get(CONF_PATH, ""):
        found[CONF_PATH] = path
    for key in _SCALING:
        if entered.get(key) is not None:
            found[key] = entered[key]
    return found


def unquoted(entered: Any) -> Any:
    """What was entered as an object, with fields whose quotes were forgotten.

    In YAML a {value} without quotes is an object with a key and nothing else.
    """
    match entered:
        case dict() if len(entered) == 1 and [*entered.values()] == [None]:
            (key,) = entered
            return f"{{{key}}}"
        case dict():
            return {key: unquoted(value) for key, value in entered.items()}
        case list():
            return [unquoted(each) for each in entered]
    return entered


def _faults(draft: Draft) -> dict[str, str]:
    """What is wrong with a draft, by the field of the form."""
    if found := draft.fault():
        return fault(found)
    classes = draft.part("classes")
    if draft.shape.kind not in CLASSES or not classes:
        return {}
    if classes.get("device_class") in MOMENTS:
        return {
            key: "not_of_a_moment" for key in ("unit", "state_class") if key in classes
        }
    given: dict[str, Any] = {key: classes.get(key) for key in _CLASSES}
    return problems(Point(key="", kind=draft.shape.kind, name=draft.name, **given))


def fault(err: BadDefinition) -> dict[str, str]:
    """What is wrong with a document, by the field of the form."""
    field = err.field.rpartition(".")[2]
    if field == CONF_CONFIRM and err.reason == "unknown":
        return {field: "needs_source"}
    return {field: _WRONG.get(field, "not_valid")}


def _class_fields(shape: Shape) -> dict[Any, Any]:
    """The fields of what a state means."""
    optional = probatio.Optional
    fields: dict[Any, Any] = {}
    kind = shape.kind
    if classes := CLASSES.get(kind):
        if kind is Kind.MEASURE:
            classes |= MOMENTS
        options = sorted(classes)
        fields[optional("device_class")] = select(options, "device_class", sort=True)
    if shape.classes:
        fields[optional("unit")] = custom(sorted(UNITS[kind]))
    if kind is Kind.MEASURE:
        fields[optional("state_class")] = select(sorted(STATE_CLASSES), "state_class")
    return fields


def _state_fields(shape: Shape, paths: Mapping[str, str]) -> dict[Any, Any]:
    optional = probatio.Optional
    fields = {**_path_field(paths), optional(CONF_MAP): ObjectSelector()}
    if shape.reads in _BOOLEANS:
        fields[optional(CONF_INVERTED, default=False)] = BooleanSelector()
    if shape.reads in _NUMBERS:
        fields |= _scaling_fields()
    return fields


def _path_field(paths: Mapping[str, str]) -> dict[Any, Any]:
    return {probatio.Optional(CONF_PATH): custom(paths)}


def _scaling_fields() -> dict[Any, Any]:
    return {probatio.Optional(key): number() for key in _SCALING}
