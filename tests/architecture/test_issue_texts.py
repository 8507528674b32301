"""Every repair issue has its texts, with the placeholders that are filled."""

import ast
from dataclasses import dataclass, field
import inspect
import json
from pathlib import Path
import re
from typing import Any

import pytest

from custom_components.iot_clouds.issues import LEARN_MORE
from custom_components.iot_clouds.repairs import FIXES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "custom_components" / "iot_clouds"
TEXTS: dict[str, Any] = json.loads(
    (PACKAGE / "translations" / "en.json").read_text(encoding="utf-8")
)["issues"]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an issue fills in, asks and says; `steps` are menus and forms together."""

    title: frozenset[str] = frozenset({"account"})
    filled: frozenset[str] = frozenset({"account"})
    menu: frozenset[str] = frozenset()
    forms: dict[str, set[str]] = field(default_factory=dict)
    errors: frozenset[str] = frozenset()
    aborts: frozenset[str] = frozenset()


_BUDGET = Expected(
    filled=frozenset({"account", "limit", "used", "forecast"}),
    menu=frozenset({"change", "keep"}),
    forms={"change": {"amount"}},
    aborts=frozenset({"not_loaded", "gone", "kept", "remains"}),
)
_LOST = {
    "title": frozenset({"name"}),
    "filled": frozenset({"name", "device", "lost"}),
    "aborts": frozenset({"not_loaded", "gone", "nothing_left"}),
}
EXPECTED = {
    "budget_80": _BUDGET,
    "budget_100": _BUDGET,
    "feed_down": Expected(
        filled=frozenset({"account", "address", "minutes"}),
        forms={"confirm": set()},
        errors=frozenset({"still_down"}),
        aborts=frozenset({"not_loaded", "gone"}),
    ),
    "function_gone": Expected(**_LOST, forms={"function": {"function"}}),
    "installation_outdated": Expected(
        forms={"confirm": set()},
        aborts=frozenset({"not_loaded", "gone", "remains"}),
    ),
    "local_cloud_outdated": Expected(
        forms={"confirm": set()},
        errors=frozenset({"still_down"}),
        aborts=frozenset({"not_loaded", "gone"}),
    ),
    "source_gone": Expected(**_LOST, forms={"source": {"source"}}),
    "token_expires": Expected(
        filled=frozenset({"account", "days"}),
        forms={"confirm": set()},
        aborts=frozenset({"not_loaded", "gone", "sign_in"}),
    ),
    "too_many_entities": Expected(filled=frozenset({"account", "limit", "waiting"})),
    "webhook_payload_only": Expected(),
    "webhook_silent": Expected(
        menu=frozenset({"turn_off", "keep"}),
        aborts=frozenset({"not_loaded", "gone", "kept", "remains"}),
    ),
}


def _placeholders(*texts: str) -> set[str]:
    return {name for text in texts for name in re.findall(r"{(\w+)}", text)}


def _reported() -> set[str]:
    """Keys of the notices that vendors report."""
    found = set()
    for path in sorted((PACKAGE / "vendors").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in {"Notice", "_of_budget"}:
                    given = [*node.args, *(each.value for each in node.keywords)]
                    first = given[0]
                    if isinstance(first, ast.Constant):
                        found.add(str(first.value))
    return found


def test_every_issue_is_known_here_and_every_repair_belongs_to_one():
    assert {*TEXTS} == {*EXPECTED}
    assert {*FIXES} <= {*TEXTS}
    reported = _reported()
    assert {"budget_80", "budget_100", "token_expires", "webhook_silent"} <= reported
    assert reported <= {*TEXTS}


@pytest.mark.parametrize("key", [*EXPECTED])
def test_an_issue_has_a_title_and_either_a_description_or_a_repair(key):
    text, expected = TEXTS[key], EXPECTED[key]
    assert _placeholders(text["title"]) == expected.title
    assert ("fix_flow" in text) is (key in FIXES)
    assert ("description" in text) is (key not in FIXES)
    if "description" in text:
        assert _placeholders(text["description"]) <= expected.filled


@pytest.mark.parametrize("key", [*FIXES])
def test_every_step_of_a_repair_has_its_texts_with_placeholders_that_are_filled(key):
    flow, expected = TEXTS[key]["fix_flow"], EXPECTED[key]
    steps = flow["step"]
    assert {*steps} == {*expected.forms, *({"init"} if expected.menu else ())}
    for name, step in steps.items():
        assert step["title"]
        assert step["description"]
        assert _placeholders(step["title"], step["description"]) <= expected.filled
        if name == "init":
            menu = {*step["menu_options"]}
            assert menu == {*step["menu_option_descriptions"]} == expected.menu
        else:
            fields = {*step.get("data", ())}
            assert fields == {*step.get("data_description", ())}
            assert fields == expected.forms[name]
    assert {*flow.get("error", ())} == expected.errors
    assert {*flow["abort"]} == expected.aborts
    assert _placeholders(*flow["abort"].values()) == set()


@pytest.mark.parametrize("key", [*FIXES])
def test_every_repair_has_the_steps_that_its_texts_name(key):
    methods = {
        name.removeprefix("async_step_")
        for name, _ in inspect.getmembers(FIXES[key], inspect.isfunction)
        if name.startswith("async_step_")
    }
    expected = EXPECTED[key]
    assert methods - {"ignore"} == {"init", *expected.menu, *expected.forms}


def test_every_issue_can_be_read_about():
    manifest = json.loads((PACKAGE / "manifest.json").read_text(encoding="utf-8"))
    address, _, heading = LEARN_MORE.partition("#")
    base, _, page = address.partition("/blob/main/")
    assert base == manifest["documentation"]
    text = (ROOT / page).read_text(encoding="utf-8")
    assert f"\n## {heading.capitalize()}\n" in text
    for key, issue in TEXTS.items():
        said = re.sub(r"{\w+}", "…", issue["title"])
        assert f"| {said} |" in text, key
