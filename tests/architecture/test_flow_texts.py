"""Every text of a flow names a field that it describes, or something that a test ran into."""

import ast
from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TEXTS: Mapping[str, Any] = json.loads(
    (ROOT / "custom_components/iot_clouds/translations/en.json").read_text(
        encoding="utf-8"
    )
)
FLOWS: dict[str, Mapping[str, Any]] = {
    "config": TEXTS["config"],
    "options": TEXTS["options"],
    **TEXTS["config_subentries"],
    **{key: each.get("fix_flow", {}) for key, each in TEXTS["issues"].items()},
}
WHERE = ("tests/components", "tests/e2e")
"""Where flows are gone through: what only lists texts proves nothing."""

KEYS = {
    f"{flow} {kind} {key}": key
    for flow, texts in FLOWS.items()
    for kind in ("error", "abort")
    for key in texts.get(kind, {})
} | {f"issue {key}": key for key in TEXTS["issues"]}


def _strings(node: ast.AST) -> Iterator[str]:
    """The texts in some code; of one that is put together only its beginning."""
    for each in ast.walk(node):
        if isinstance(each, ast.JoinedStr) and each.values:
            yield from _strings(each.values[0])
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value.removesuffix("_")


def _expectations(tree: ast.Module) -> Iterator[ast.AST]:
    """What is asserted, what tests are parametrized with, and what either is made of."""
    for node in ast.walk(tree):
        match node:
            case ast.Assert() | ast.Assign():
                yield node
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from node.decorator_list
    for node in tree.body:
        if isinstance(node, ast.AnnAssign | ast.FunctionDef):
            yield node


@pytest.fixture(scope="module")
def expected() -> set[str]:
    """Every text that some test of a flow expects."""
    return {
        text
        for folder in WHERE
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in _expectations(ast.parse(path.read_text(encoding="utf-8")))
        for text in _strings(node)
    }


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_what_can_go_wrong_in_a_flow_is_provoked_by_a_test(expected, key):
    assert key in expected


def test_a_text_that_no_test_expects_is_noticed(expected):
    assert "never_heard_of" not in expected
    assert "sign_in_again" in expected


def _forms() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for flow, texts in FLOWS.items():
        for name, step in texts.get("step", {}).items():
            yield f"{flow} {name}", step
            for section, inner in step.get("sections", {}).items():
                assert inner["name"], f"{flow} {name} {section}"
                yield f"{flow} {name} {section}", inner


@pytest.mark.parametrize(("place", "step"), _forms(), ids=lambda each: str(each)[:40])
def test_every_field_and_every_item_of_a_menu_is_described(place, step):
    assert {*step.get("data", {})} == {*step.get("data_description", {})}
    described = step.get("menu_option_descriptions")
    assert described is None or {*described} == {*step["menu_options"]}
    for kind in ("data", "data_description", "menu_options"):
        assert all(text.strip() for text in step.get(kind, {}).values())
