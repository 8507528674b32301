"""Every text that the code can show exists, with the placeholders that the code fills."""

import ast
import json
from pathlib import Path
import re
from typing import Any

import pytest
import yaml

from custom_components.iot_clouds.cloud import Field, Form
from custom_components.iot_clouds.config_flow import ADVANCED
from custom_components.iot_clouds.errors import command_error
from custom_components.iot_clouds.mapping_flow import (
    command_form,
    entity_form,
    flow,
    sources,
)
from custom_components.iot_clouds.mappings import SHAPES
from custom_components.iot_clouds.mappings.states import MOMENTS
from custom_components.iot_clouds.model import (
    COMMON,
    LEFT_OUT,
    Choice,
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Verb,
)
from custom_components.iot_clouds.recast import OTHERS
from custom_components.iot_clouds.rules import CLASSES, STATE_CLASSES
from custom_components.iot_clouds.services import ACTIONS
from custom_components.iot_clouds.vendors import VENDORS

PACKAGE = Path(__file__).parents[2] / "custom_components" / "iot_clouds"
TEXTS: dict[str, Any] = json.loads(
    (PACKAGE / "translations" / "en.json").read_text(encoding="utf-8")
)
CHOICES = [*COMMON, *(each for vendor in VENDORS.values() for each in vendor.choices)]
ICONS: dict[str, Any] = json.loads((PACKAGE / "icons.json").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = yaml.safe_load(
    (PACKAGE / "services.yaml").read_text(encoding="utf-8")
)
FORMS = [(vendor, form) for vendor in VENDORS.values() for form in vendor.forms]


def _walk(node: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(node, str):
        return [(path, node)]
    return [
        item for key, value in node.items() for item in _walk(value, f"{path}/{key}")
    ]


def _calls(*names: str) -> list[tuple[str, ast.Call]]:
    """Calls of these functions or classes anywhere in the integration."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                function = node.func
                name = getattr(function, "id", getattr(function, "attr", ""))
                if name in names:
                    found.append((f"{path.name}:{node.lineno}", node))
    return found


def _literal(call: ast.Call, argument: str) -> str | None:
    for keyword in call.keywords:
        if keyword.arg == argument and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return None


def test_texts_have_the_shape_that_home_assistant_takes():
    for path, text in _walk(TEXTS):
        for key in path.strip("/").split("/"):
            assert re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", key), path
        assert text == text.strip() != "", path
        assert "<" not in text, path
        assert "[%key" not in text, path
        assert "'{" not in text, path


@pytest.mark.parametrize(
    ("vendor", "form"), FORMS, ids=lambda each: getattr(each, "key", "")
)
def test_every_form_has_a_title_and_every_field_a_name_and_a_description(vendor, form):
    steps = TEXTS["config"]["step"]
    assert vendor.key in steps["user"]["menu_options"]
    if len(vendor.forms) > 1:
        assert form.key in steps[vendor.key]["menu_options"]
    _check_fields(steps[form.key], form)


def _check_fields(step: dict[str, Any], form: Form) -> None:
    assert step["title"]

    def keys(fields: list[Field]) -> list[str]:
        return sorted(field.key for field in fields)

    plain = keys([field for field in form.fields if not field.advanced])
    assert sorted(step["data"]) == sorted(step["data_description"]) == plain
    if advanced := keys([field for field in form.fields if field.advanced]):
        inner = step["sections"][ADVANCED]
        assert inner["name"]
        assert sorted(inner["data"]) == sorted(inner["data_description"]) == advanced


def test_every_refusal_that_a_vendor_can_name_has_words():
    for place, call in _calls("CloudRejected"):
        if key := _literal(call, "key"):
            assert key in TEXTS["exceptions"] or key in TEXTS["config"]["error"], (
                f"{place}: {key}"
            )


@pytest.mark.parametrize(
    "error",
    [
        CloudAuthError("x"),
        CloudBusy("x", retry_after=5),
        CloudUnreachable("x"),
        CloudMissing("x"),
        CloudRejected("x"),
        DeviceOffline("x"),
        CloudError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_error_has_words_whose_placeholders_are_filled(error):
    translated = command_error(error)
    message = TEXTS["exceptions"][translated.translation_key]["message"]
    assert set(re.findall(r"{(\w+)}", message)) == set(
        translated.translation_placeholders or {}
    )


def test_every_error_raised_by_key_has_words():
    for place, call in _calls("HomeAssistantError", "ServiceValidationError", "wrong"):
        key = _literal(call, "translation_key") or (
            call.args[0].value
            if call.args and isinstance(call.args[0], ast.Constant)
            else None
        )
        if key:
            assert key in TEXTS["exceptions"], f"{place}: {key}"


def test_every_placeholder_of_a_wrong_input_is_filled():
    for place, call in _calls("wrong"):
        assert isinstance(call.args[0], ast.Constant)
        message = TEXTS["exceptions"][str(call.args[0].value)]["message"]
        filled = {keyword.arg for keyword in call.keywords}
        assert set(re.findall(r"{(\w+)}", message)) == filled, place


def test_every_label_of_a_point_has_a_name():
    names = {key for platform in TEXTS["entity"].values() for key in platform}
    labels = {
        label for _, call in _calls("Point") if (label := _literal(call, "label"))
    }
    assert labels
    assert labels <= names


def test_every_action_is_described_with_its_fields_and_an_icon():
    assert sorted(ACTIONS) == sorted(SERVICES) == sorted(TEXTS["services"])
    assert sorted(ACTIONS) == sorted(ICONS["services"])
    for name, action in ACTIONS.items():
        fields = sorted(str(key) for key in action.schema)
        assert sorted(SERVICES[name]["fields"]) == fields
        assert sorted(TEXTS["services"][name]["fields"]) == fields
        for field in fields:
            assert TEXTS["services"][name]["fields"][field]["name"]
            assert TEXTS["services"][name]["fields"][field]["description"]
            assert SERVICES[name]["fields"][field]["selector"]


def test_errors_and_aborts_of_the_flow_have_words():
    source = (PACKAGE / "config_flow.py").read_text(encoding="utf-8")
    for key in re.findall(r'errors\["base"\] = "(\w+)"|return "(\w+_url)"', source):
        assert next(filter(None, key)) in TEXTS["config"]["error"]
    for reason in re.findall(r'reason="(\w+)"', source):
        assert reason in TEXTS["config"]["abort"]


def test_every_options_form_names_and_describes_its_fields():
    steps = TEXTS["options"]["step"]
    choices = {each.key for each in CHOICES}
    fields = {
        "account": choices,
        "devices": {LEFT_OUT},
        "variables": {"entity"},
        "variable": {"shown_as", "device_class", "state_class", "unit", "as_moment"},
        "hidden": {"hidden"},
        "webhook": {"enabled"},
    }
    assert {*steps} == {"init", *fields}
    for name, expected in fields.items():
        assert steps[name]["title"]
        assert expected <= {*steps[name]["data"]}
        assert sorted(steps[name]["data"]) == sorted(steps[name]["data_description"])
    menu = {*steps["init"]["menu_options"]}
    assert menu == {*steps["init"]["menu_option_descriptions"]}
    assert menu == {"account", "devices", "variables", "hidden", "webhook"}


def test_everything_to_choose_from_in_the_options_has_a_name():
    names = {key: {*each["options"]} for key, each in TEXTS["selector"].items()}
    assert names["device_class"] == {"none", *MOMENTS}.union(*CLASSES.values())
    assert names["state_class"] == {"none", *STATE_CLASSES}
    assert names["unit"] == {"none"}
    kinds = {kind for others in OTHERS.values() for kind in others}
    assert names["shown_as"] == {"listed", "hidden", *kinds}
    for choice in CHOICES:
        if isinstance(choice, Choice):
            assert names[choice.key] == {*choice.values}


def test_errors_and_aborts_of_the_options_have_words_whose_placeholders_are_filled():
    errors = TEXTS["options"]["error"]
    rules = (PACKAGE / "rules.py").read_text(encoding="utf-8")
    flow = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((PACKAGE / "options_flow").glob("*.py"))
    )
    form = (PACKAGE / "variable_form.py").read_text(encoding="utf-8")
    shown = re.findall(r'(?:\] = |: )"(\w+_(?:allowed|state_class))"', rules)
    shown += re.findall(r'"(no_variable|not_of_a_moment)"', flow + form)
    assert sorted({*shown}) == sorted(errors)
    assert {*re.findall(r'(?:reason=|AbortFlow\()"(\w+)"', flow)} == {
        *TEXTS["options"]["abort"]
    }
    filled = {*re.findall(r'^            "(\w+)": ', flow, re.MULTILINE)}
    described = TEXTS["options"]["step"]["variable"]["description"]
    for text in (described, *errors.values()):
        assert {*re.findall(r"{(\w+)}", text)} <= filled


MAPPING = TEXTS["config_subentries"]["mapping"]
MENUS = {
    "user": {"device", "copy", "import", "export"},
    "make": {*SHAPES},
    "check": {"save", "entity"},
}
SHOWN = {
    "source": {"device"},
    "proposals": {"device", "payload"},
    "make": {"device"},
    "entity": {"device", "payload"},
    "level": {"device", "payload"},
    "command": {"device", "verb", "fields"},
    "check": {"device", "name", "states", "commands"},
    "targets": {"device", "name"},
}
"""Placeholders that each step of the flow fills."""


def _mapping_fields() -> dict[str, set[str]]:
    """The fields of each form of the flow for custom entities."""
    choices = entity_form.Choices(
        paths={}, sources={}, ways=["a", "b"], has_source=True
    )
    entity = [entity_form.schema(shape, choices) for shape in SHAPES.values()]
    command = [
        command_form.schema(kind, ways=["a", "b"], functions=(), writable={})
        for kind in command_form.KINDS
    ]
    return {
        "device": {"device"},
        "source": {"source", "event"},
        "proposals": {"proposals", "name"},
        "entity": {str(field) for each in entity for field in each.schema},
        "level": {str(field) for field in entity_form.level_schema({}).schema},
        "command": {str(field) for each in command for field in each.schema},
        "copy": {"mapping"},
        "targets": {"devices"},
        "import": {"sheet"},
        "export": {"sheet"},
    }


def test_the_flow_for_custom_entities_has_all_its_texts():
    assert MAPPING["entry_type"]
    assert {*MAPPING["initiate_flow"]} == {"user", "reconfigure"}
    steps, fields = MAPPING["step"], _mapping_fields()
    assert {*steps} == {*MENUS, *fields}
    for name, step in steps.items():
        assert step["title"]
        said = f"{step['title']} {step.get('description', '')}"
        assert {*re.findall(r"{(\w+)}", said)} <= SHOWN.get(name, set()), name
        if name in fields:
            assert {*step["data"]} == {*step["data_description"]} == fields[name]
        else:
            menu = {*step["menu_options"]}
            assert menu == {*step["menu_option_descriptions"]} == MENUS[name]


def test_everything_to_choose_from_for_custom_entities_has_a_name():
    names = {key: {*each["options"]} for key, each in TEXTS["selector"].items()}
    assert names["mapping_source"] == {sources.NOTHING}
    assert names["mapping_proposal"] == {flow.OTHER}
    assert names["mapping_way"] == {*command_form.KINDS}
    assert names["mapping_verb"] == {*Verb}


def test_errors_and_aborts_of_the_flow_for_custom_entities_have_words():
    folder = PACKAGE / "mapping_flow"
    source = "".join(
        path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))
    )
    aborts = re.findall(r'(?:reason=|AbortFlow\(|_done\()"(\w+)"', source)
    assert {*aborts} == {*MAPPING["abort"]}
    words = {*re.findall(r'"(\w+)"', source)}
    rules = (PACKAGE / "rules.py").read_text(encoding="utf-8")
    words |= {*re.findall(r'"(\w+_(?:unknown|allowed|state_class))"', rules)}
    reasons = {
        "syntax",
        "device",
        "too_large",
        "missing",
        "unknown",
        "invalid",
        "field",
    }
    words |= {f"sheet_{reason}" for reason in reasons}
    assert {*MAPPING["error"]} <= words
    for name, text in MAPPING["error"].items():
        filled = {"line", "field"} if name.startswith("sheet_") else set()
        filled |= (
            {"units", "state_classes"} if "_class" in name or "unit" in name else set()
        )
        assert {*re.findall(r"{(\w+)}", text)} <= filled, name


def test_every_line_of_the_system_page_has_a_name():
    source = (PACKAGE / "system_health.py").read_text(encoding="utf-8")
    told = set(re.findall(r'^        "(\w+)": ', source, re.MULTILINE))
    assert told
    told |= {f"reach_{vendor.key}" for vendor in VENDORS.values()}
    assert told == {*TEXTS["system_health"]["info"]}
