"""What is true of every blueprint: it can be imported, found, and filled in."""

from pathlib import Path
import re
from typing import Any
from urllib.parse import unquote

import pytest

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.util.yaml import load_yaml_dict

from .conftest import FOLDER

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "blueprints.md").read_text(encoding="utf-8")
FILES = sorted(FOLDER.glob("*.yaml"))
ADDRESS = (
    "https://github.com/iot-clouds/iot-clouds/blob/main/"
    "blueprints/automation/iot_clouds/"
)

each = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def _load(path: Path) -> dict[str, Any]:
    meta: dict[str, Any] = load_yaml_dict(str(path))["blueprint"]
    return meta


def test_there_are_five():
    assert [path.stem for path in FILES] == [
        "board_offline",
        "budget_used",
        "command_confirmed",
        "tracker_leaves_zone",
        "value_stuck",
    ]


@each
def test_home_assistant_takes_it(path):
    blueprint = Blueprint(
        load_yaml_dict(str(path)),
        path=path.name,
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )
    assert blueprint.validate() is None


@each
def test_it_says_where_it_comes_from_and_what_it_needs(path):
    meta = _load(path)
    assert meta["source_url"] == ADDRESS + path.name
    assert meta["homeassistant"] == {"min_version": "2026.10.0"}
    assert meta["name"].startswith("IoT Clouds: ")
    assert len(meta["description"]) > 100


@each
def test_every_blank_has_a_name_and_something_to_choose_from(path):
    for blank in _load(path)["input"].values():
        assert blank["name"]
        assert len(blank["selector"]) == 1


@each
def test_it_offers_entities_of_this_integration(path):
    filters = [
        each
        for blank in _load(path)["input"].values()
        for each in (blank["selector"].get("entity") or {}).get("filter", [])
    ]
    own = [each for each in filters if each.get("integration") == "iot_clouds"]
    other = [each for each in filters if each not in own]
    assert len(own) == 1
    assert other in ([], [{"domain": "zone"}])


def test_the_page_has_a_link_to_import_each():
    links = re.findall(
        r"https://my\.home-assistant\.io/redirect/blueprint_import/"
        r"\?blueprint_url=([^)\s]+)\)",
        PAGE,
    )
    assert [unquote(link) for link in links] == [ADDRESS + path.name for path in FILES]
    assert all("/" not in link for link in links)
    for path in FILES:
        assert f"](../blueprints/automation/iot_clouds/{path.name})" in PAGE
