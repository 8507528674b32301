"""The files of the integration pass what hassfest checks, and broken ones do not."""

from copy import deepcopy
import json
import re

from packaging.requirements import Requirement
import pytest

from homeassistant.components.sensor import DOMAIN as SENSOR

from .files import PACKAGE, ROOT, load
from .hassfest import (
    CORE,
    dependency_problems,
    icon_problems,
    imported_components,
    manifest_problems,
    service_problems,
)
from .translations import differences, flat, placeholders, translation_problems

MANIFEST = load(PACKAGE / "manifest.json")
ENGLISH = load(PACKAGE / "translations" / "en.json")
LANGUAGES = sorted((PACKAGE / "translations").glob("*.json"))


def change(content, path, value):
    """A copy with one thing changed, or taken away by None."""
    content = deepcopy(content)
    *parents, last = path.split("/")
    inner = content
    for key in parents:
        inner = inner[key]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return content


def test_the_manifest_is_one_that_home_assistant_takes():
    assert manifest_problems(MANIFEST) == []
    assert MANIFEST["domain"] == PACKAGE.name == "iot_clouds"
    assert MANIFEST["config_flow"] is True
    assert (PACKAGE / "config_flow.py").is_file()
    assert MANIFEST["integration_type"] == "hub"
    assert MANIFEST["iot_class"] == "cloud_push"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", None),
        ("version", "one"),
        ("iot_class", None),
        ("iot_class", "cloud"),
        ("codeowners", ["nobody"]),
        ("documentation", "http://github.com/iot-clouds/iot-clouds"),
        ("documentation", "https://www.home-assistant.io/integrations/iot_clouds"),
        ("requirements", ["cbor2>=6"]),
        ("requirements", ["cbor2"]),
        ("requirements", ["cbor2==6.2.1", "cbor2==6.2.1"]),
        ("homeassistant", "2026.10.0"),
        ("quality_scale", "platinum"),
        ("Domain", "iot_clouds"),
        ("a_new_key", 1),
    ],
)
def test_a_manifest_with_a_fault_is_told(path, value):
    assert manifest_problems(change(MANIFEST, path, value))


def test_a_manifest_out_of_order_is_told():
    turned = {key: MANIFEST[key] for key in reversed(MANIFEST)}
    assert any("order" in each for each in manifest_problems(turned))


def test_requirements_are_those_of_the_tests_and_within_what_home_assistant_allows():
    tested = (ROOT / "requirements_test.txt").read_text().splitlines()
    allowed = (CORE.parent / "package_constraints.txt").read_text()
    for requirement in MANIFEST["requirements"]:
        assert requirement in tested
        name, _, version = requirement.partition("==")
        for line in re.findall(rf"(?im)^{re.escape(name)}[=<>!~].*$", allowed):
            assert Requirement(line.partition("#")[0]).specifier.contains(version)


def test_every_part_of_home_assistant_that_the_code_uses_is_a_dependency():
    assert dependency_problems(MANIFEST, PACKAGE) == []
    assert ("sensor", SENSOR) in set(imported_components(PACKAGE))


def test_an_import_without_a_dependency_is_told(tmp_path):
    (tmp_path / "fixes").mkdir()
    importing = "from homeassistant.components.repairs import RepairsFlow\n"
    (tmp_path / "fixes" / "base.py").write_text(importing)
    (tmp_path / "light.py").write_text(importing)
    told = ["fixes imports repairs", "light imports repairs"]
    assert sorted(dependency_problems(MANIFEST, tmp_path)) == told

    (tmp_path / "repairs.py").write_text(importing)
    assert dependency_problems(MANIFEST, tmp_path) == ["light imports repairs"]


def test_every_dependency_exists_and_is_used():
    used = {name for _, name in imported_components(PACKAGE)}
    for kind in ("dependencies", "after_dependencies"):
        for name in MANIFEST[kind]:
            assert (CORE / name / "manifest.json").is_file()
            assert name in used


def test_a_dependency_that_the_manifest_does_not_name_is_told(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.py").write_text(
        "from homeassistant.components.recorder import get_instance\n"
    )
    (tmp_path / "two.py").write_text("from homeassistant.components import mqtt\n")
    (tmp_path / "diagnostics.py").write_text(
        "from homeassistant.components.diagnostics import REDACTED\n"
    )
    assert dependency_problems(MANIFEST, tmp_path) == ["two imports mqtt"]
    assert dependency_problems({}, tmp_path) == [
        "deep imports recorder",
        "two imports mqtt",
    ]


def test_no_folder_of_the_integration_reads_like_a_platform():
    platforms = {each.parent.name for each in CORE.glob("*/__init__.py")}
    folders = {each.name for each in PACKAGE.iterdir() if each.is_dir()}
    assert folders & platforms == set()


def test_every_file_parses_and_no_key_comes_twice():
    paths = [*PACKAGE.rglob("*.json"), *PACKAGE.rglob("*.yaml")]
    assert {"manifest.json", "icons.json", "en.json", "services.yaml"} <= {
        path.name for path in paths
    }
    for path in paths:
        assert load(path)


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_translations_have_the_shape_that_home_assistant_takes(path):
    assert translation_problems(load(path)) == []


def test_there_is_only_one_source_of_english_texts():
    assert not (PACKAGE / "strings.json").exists()
    assert "en" in [path.stem for path in LANGUAGES]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a_new_key", "Text"),
        ("title", ""),
        ("title", " IoT Clouds"),
        ("title", "<b>IoT Clouds</b>"),
        ("title", "[%key:common::config_flow::data::api_key%]"),
        ("config/step", None),
        ("config/step/user/titel", "Cloud"),
        ("config/error/cannot_connect", "No answer of '{host}'"),
        ("config/error/cannot_connect", "No answer of {host"),
        ("config/error/Cannot_connect", "No answer"),
        ("config/error/cannot__connect", "No answer"),
        ("config/abort/already_configured", 5),
        ("config_subentries/mapping/entry_type", None),
        ("services/refresh/description", None),
        ("exceptions/offline", "Only text"),
        ("issues/x", {"title": "Notice"}),
        ("selector/x", {"option": {"a": "A"}}),
    ],
)
def test_translations_with_a_fault_are_told(path, value):
    assert translation_problems(change(ENGLISH, path, value))


def test_a_language_that_lacks_a_key_or_changes_a_placeholder_is_told():
    path, text = next(
        (path, text) for path, text in flat(ENGLISH) if placeholders(text)
    )
    inner = path.replace(".", "/")
    assert differences(ENGLISH, change(ENGLISH, inner, None)) == [f"{path} is missing"]
    assert differences(ENGLISH, change(ENGLISH, inner, text.replace("{", "{x_"))) == [
        f"{path} has other placeholders"
    ]


SERVICES = load(PACKAGE / "services.yaml")


def test_actions_have_selectors_that_exist_and_all_their_texts():
    assert service_problems(SERVICES, ENGLISH) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("set_value/fields/value/selector", {"objekt": None}),
        ("set_value/fields/value/selector", {"number": {"minimum": 1}}),
        ("set_value/fields/value/requried", True),
        ("set_value/fields/valeu", {"selector": {"text": None}}),
        ("set_value/name", "Set value"),
        ("a_new_action", {"fields": {}}),
        ("refresh/target", {"entities": {}}),
        (
            "get_history/fields/aggregation/selector/select/translation_key",
            "not_there",
        ),
    ],
)
def test_actions_with_a_fault_are_told(path, value):
    assert service_problems(change(SERVICES, path, value), ENGLISH)


def test_icons_have_the_shape_that_home_assistant_takes():
    icons = load(PACKAGE / "icons.json")
    assert icon_problems(icons) == []
    assert {*icons["services"]} == {*SERVICES}
    for platform, keys in icons.get("entity", {}).items():
        for key, icon in keys.items():
            named = ENGLISH["entity"][platform][key]
            states = {*named.get("state", {}), *_ordinary(platform)}
            assert {*icon.get("state", {})} <= states, f"{platform}.{key}"


def _ordinary(platform):
    """States that a platform has without the help of the integration."""
    component = json.loads((CORE / platform / "icons.json").read_text())
    known = {"on", "off", "unavailable", "unknown"}
    for each in component.get("entity_component", {}).values():
        known |= {*each.get("state", {})}
    return known


@pytest.mark.parametrize(
    "icons",
    [
        {"entities": {}},
        {"entity": {"sensors": {"a": {"default": "mdi:eye"}}}},
        {"entity": {"sensor": {"a": {"default": "hass:eye"}}}},
        {"entity": {"sensor": {"a": {"default": "mdi:Eye"}}}},
        {"entity": {"sensor": {"a": {"range": {"20": "mdi:a", "10": "mdi:b"}}}}},
        {"entity": {"sensor": {"a": {"states": {"on": "mdi:eye"}}}}},
        {"services": {"refresh": "mdi:cloud-refresh"}},
    ],
)
def test_icons_with_a_fault_are_told(icons):
    assert icon_problems(icons)


@pytest.mark.parametrize("domain", ["hue", "home_connect", "husqvarna_automower"])
def test_these_checks_take_what_home_assistant_has_itself(domain):
    texts = load(CORE / domain / "translations" / "en.json")
    for unused in ("device_automation", "application_credentials", "common"):
        texts.pop(unused, None)
    assert translation_problems(texts) == []
    assert icon_problems(load(CORE / domain / "icons.json")) == []
    assert service_problems(load(CORE / domain / "services.yaml"), texts) == []
