"""What Home Assistant's own linter would ask of the code, as far as the syntax tells.

Its rules are not published as a package; the names in the comments are its own.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from custom_components.iot_clouds.const import PLATFORMS
from custom_components.iot_clouds.vendors import VENDORS

PACKAGE = Path(__file__).parents[2] / "custom_components" / "iot_clouds"
SOURCES = sorted(
    path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts
)
CORE = [path for path in SOURCES if not path.is_relative_to(PACKAGE / "vendors")]


def _nodes[T: ast.AST](path: Path, kind: type[T]) -> Iterator[T]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, kind):
            yield node


def _name(node: ast.expr) -> str:
    """The last part of what is called or based on."""
    if isinstance(node, ast.Subscript):
        node = node.value
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, _name(node.func)


def unlimited(source: str) -> bool:
    """Whether a platform says nothing about parallel updates."""
    return not any(
        isinstance(node, ast.Assign) and _name(node.targets[0]) == "PARALLEL_UPDATES"
        for node in ast.parse(source).body
    )


def forgetful(source: str) -> list[str]:
    """Methods that take the place of an entity's and do not call it."""
    wanted = {
        "async_added_to_hass",
        "async_will_remove_from_hass",
    }
    return [
        f"{node.name}:{node.lineno}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name in wanted
        and f"super().{node.name}()" not in ast.unparse(node)
    ]


RAISED = {
    "HomeAssistantError",
    "ServiceValidationError",
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "UpdateFailed",
}


def untranslated(source: str) -> list[str]:
    """Errors for users that are made without the key of a text, or with a text."""
    return [
        f"{name}:{call.lineno}"
        for call, name in _calls(ast.parse(source))
        if name in RAISED
        and (
            call.args
            or not {"translation_domain", "translation_key"}
            <= {keyword.arg for keyword in call.keywords}
        )
    ]


# missing-parallel-updates
@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_says_how_many_updates_may_run_at_once(platform):
    assert not unlimited((PACKAGE / f"{platform}.py").read_text(encoding="utf-8"))


# missing-super-call
def test_what_an_entity_does_of_its_own_it_does_too():
    assert {path.name: forgetful(path.read_text()) for path in CORE} == {
        path.name: [] for path in CORE
    }


# exception-not-translated
def test_every_error_for_users_is_made_with_the_key_of_a_text():
    assert {path.name: untranslated(path.read_text()) for path in CORE} == {
        path.name: [] for path in CORE
    }


def test_these_checks_find_what_they_look_for():
    assert unlimited("async def async_setup_entry():\n    PARALLEL_UPDATES = 0")
    assert not unlimited("PARALLEL_UPDATES = 0")
    assert forgetful("class A:\n    def async_added_to_hass(self):\n        go()")
    assert not forgetful(
        "class A:\n"
        "    async def async_added_to_hass(self):\n"
        "        await super().async_added_to_hass()"
    )
    assert untranslated("raise HomeAssistantError('no')")
    assert untranslated("raise HomeAssistantError(translation_key='no')")
    assert not untranslated(
        "raise HomeAssistantError(translation_domain=D, translation_key='no')"
    )


# service-registered-in-setup-entry
def test_actions_are_registered_once_for_all_accounts():
    registering = {
        (path.name, function.name)
        for path in CORE
        for kind in (ast.FunctionDef, ast.AsyncFunctionDef)
        for function in _nodes(path, kind)
        for call, name in _calls(function)
        if name in {"async_register", "async_register_admin_service"}
        and "services" in ast.unparse(call.func)
    }
    assert registering == {("services.py", "async_setup_services")}
    callers = {
        function.name
        for function in _nodes(PACKAGE / "__init__.py", ast.AsyncFunctionDef)
        if any(name == "async_setup_services" for _, name in _calls(function))
    }
    assert callers == {"async_setup"}


# config-flow-name-field, config-flow-polling-field
def test_no_form_asks_for_a_name_of_the_account_or_for_an_interval():
    fields = {
        field.key
        for vendor in VENDORS.values()
        for form in vendor.forms
        for field in form.fields
    } | {choice.key for vendor in VENDORS.values() for choice in vendor.choices}
    assert fields
    assert not [
        field
        for field in fields
        if field == "name" or re.search("interval|poll|scan", field)
    ]


# use-runtime-data
def test_nothing_is_kept_outside_of_the_entry():
    used = [
        f"{path.name}:{node.lineno}"
        for path in CORE
        for node in _nodes(path, ast.Subscript)
        if ast.unparse(node.value).endswith("hass.data")
    ]
    assert used == []


def test_no_entity_sets_its_id_or_its_icon():
    # Ids are the user's, icons stand in icons.json.
    wrong = [
        f"{path.name}:{node.lineno}"
        for path in CORE
        for node in _nodes(path, ast.Assign)
        for target in node.targets
        if ast.unparse(target)
        in {"self.entity_id", "_attr_icon", "self._attr_icon", "self._attr_entity_id"}
    ]
    assert wrong == []
    assert all("def icon(" not in path.read_text() for path in CORE)


# enforce-class-module
def test_the_common_parts_are_where_everybody_looks_for_them():
    def classes(file: str) -> dict[str, list[str]]:
        return {
            node.name: [_name(base) for base in node.bases]
            for node in _nodes(PACKAGE / file, ast.ClassDef)
        }

    assert "DataUpdateCoordinator" in classes("coordinator.py")["CloudCoordinator"]
    assert "CoordinatorEntity" in classes("entity.py")["PointEntity"]
    platform_bases = {
        "".join(part.capitalize() for part in platform.split("_")) + "Entity": platform
        for platform in PLATFORMS
    } | {"DateTimeEntity": "datetime", "TrackerEntity": "device_tracker"}
    for path in CORE:
        for node in _nodes(path, ast.ClassDef):
            for base in map(_name, node.bases):
                if expected := platform_bases.get(base):
                    assert path.name == f"{expected}.py", node.name


def test_requests_go_out_through_the_session_that_home_assistant_lends():
    made = [
        f"{path.name}:{call.lineno}"
        for path in SOURCES
        for call, name in _calls(ast.parse(path.read_text(encoding="utf-8")))
        if name in {"ClientSession", "urlopen"}
        or ast.unparse(call.func) == "time.sleep"
    ]
    assert made == []
    imported = {
        alias.name.split(".")[0]
        for path in SOURCES
        for node in _nodes(path, ast.Import)
        for alias in node.names
    } | {
        (node.module or "").split(".")[0]
        for path in SOURCES
        for node in _nodes(path, ast.ImportFrom)
        if not node.level
    }
    # Each of them would block the event loop, or bring a session of its own.
    assert not imported & {"requests", "urllib3", "httpx"}
