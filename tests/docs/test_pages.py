"""The documentation is complete, in the structure that users know, and its links lead somewhere."""

from collections.abc import Iterator, Mapping
import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from custom_components.iot_clouds.mappings.shapes import FIELDS
from custom_components.iot_clouds.vendors import VENDORS

from .pages import LINK, PAGES, ROOT, anchors, headings, prose, section

DOCS = ROOT / "docs"
INTEGRATION = ROOT / "custom_components" / "iot_clouds"
TEXTS: dict[str, Any] = json.loads((INTEGRATION / "translations/en.json").read_text())
ACTIONS: dict[str, Any] = yaml.safe_load((INTEGRATION / "services.yaml").read_text())
IMAGES = sorted((DOCS / "images").iterdir())

VENDOR_HEADINGS = [
    "What it is",
    "Use cases",
    "Set up",
    "Options",
    "Supported devices",
    "Supported functions",
    "How data is updated and what it costs",
    "Actions",
    "Examples",
    "Known limitations",
    "Troubleshooting",
    "Remove",
]
"""What the quality scale wants to be told of an integration, one page for each cloud."""

each_vendor = pytest.mark.parametrize("vendor", VENDORS)


def _named(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_every_link_of_a_page_leads_somewhere(page):
    for link in LINK.findall(prose(page)):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target), link


def test_every_page_is_linked_from_the_front():
    front = LINK.findall(prose(ROOT / "README.md"))
    missing = {_named(page) for page in DOCS.glob("*.md")} - set(front)
    assert missing == set()


def test_every_picture_is_shown_and_small():
    shown = " ".join(prose(page) for page in PAGES)
    assert [each.name for each in IMAGES if f"images/{each.name})" not in shown] == []
    assert [each.name for each in IMAGES if each.stat().st_size > 200_000] == []


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_every_picture_says_what_it_shows(page):
    assert re.findall(r"!\[\]\([^)]*\)", prose(page)) == []


@each_vendor
def test_a_clouds_page_has_every_part(vendor):
    page = DOCS / f"{vendor}.md"
    assert headings(page, 2) == VENDOR_HEADINGS
    for heading in VENDOR_HEADINGS:
        assert len(section(page, heading).split()) >= 20, heading


@each_vendor
def test_the_set_up_of_a_cloud_describes_every_field(vendor):
    told = section(DOCS / f"{vendor}.md", "Set up")
    steps = [form.key for form in VENDORS[vendor].forms]
    if vendor == "particle":
        steps.append("challenge")
    for step in steps:
        for label in _labels(TEXTS["config"]["step"][step]):
            assert label in _cells(told), label


@each_vendor
def test_the_options_of_a_cloud_are_described(vendor):
    told = _cells(section(DOCS / f"{vendor}.md", "Options"))
    labels = TEXTS["options"]["step"]["account"]["data"]
    for choice in VENDORS[vendor].choices:
        assert labels[choice.key] in told, choice.key


def test_the_options_of_every_account_are_described():
    ours = {choice.key for vendor in VENDORS.values() for choice in vendor.choices}
    told = _cells(prose(DOCS / "options.md"))
    for step in ("account", "variable"):
        for key, label in TEXTS["options"]["step"][step]["data"].items():
            if key not in ours:
                assert label in told, label
    words = prose(DOCS / "options.md").casefold()
    for name, step in TEXTS["options"]["step"].items():
        if name not in {"account", "variable", "webhook"}:
            for label in _labels(step):
                assert f"*{label.casefold()}*" in words, label


def test_every_step_of_the_options_has_its_place():
    menu = TEXTS["options"]["step"]["init"]["menu_options"]
    pages = [DOCS / "options.md", *(DOCS / f"{vendor}.md" for vendor in VENDORS)]
    told = {*headings(pages[0], 2)}
    for page in pages:
        told |= _cells(section(page, "Options")) if page != pages[0] else set()
    assert set(menu.values()) <= told


def test_the_webhook_is_described_where_it_is_offered():
    told = section(DOCS / "iottly.md", "Options")
    for label in _labels(TEXTS["options"]["step"]["webhook"]):
        assert f"*{label}*" in told


def test_the_forms_for_entities_of_ones_own_are_described():
    told = _cells(section(DOCS / "mappings.md", "What it is made of"))
    steps = TEXTS["config_subentries"]["mapping"]["step"]
    for step in ("device", "source", "proposals", "entity", "level", "command"):
        for label in _labels(steps[step]):
            assert label in told, label


def test_every_name_that_can_stand_in_braces_is_described():
    told = section(DOCS / "mappings.md", "What it is made of")
    for name in frozenset().union(*FIELDS.values()):
        assert f"`{{{name}}}`" in told


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_described_with_every_field(action):
    texts = TEXTS["services"][action]
    told = section(DOCS / "actions.md", texts["name"])
    assert f"`iot_clouds.{action}`" in told
    assert "```yaml" in told
    assert "```json" in told
    for key, field in ACTIONS[action]["fields"].items():
        needed = ", needed" if field.get("required") else ""
        assert f"| {texts['fields'][key]['name']} | `{key}`{needed} |" in told


def test_no_action_is_described_that_does_not_exist():
    names = [texts["name"] for texts in TEXTS["services"].values()]
    assert sorted(headings(DOCS / "actions.md", 2)) == sorted(names)
    for page in (ROOT / "README.md", *DOCS.glob("*.md")):
        for action in re.findall(r"`iot_clouds\.(\w+)`", prose(page)):
            assert action in ACTIONS, f"{page.name}: {action}"


def test_everything_that_goes_wrong_is_explained():
    told = {
        line.split("|")[1].strip()
        for line in prose(DOCS / "troubleshooting.md").splitlines()
        if line.startswith("| ")
    }
    missing = {text for text in map(_opening, _troubles()) if text not in told}
    assert missing == set()


def _troubles() -> Iterator[str]:
    """Every text that tells of something wrong, or of how something ended."""
    repairs = TEXTS["issues"].values()
    fixes = [each["fix_flow"] for each in repairs if "fix_flow" in each]
    flows = (TEXTS["config"], TEXTS["options"], *TEXTS["config_subentries"].values())
    for flow in (*flows, *fixes):
        yield from flow.get("error", {}).values()
        yield from flow.get("abort", {}).values()
    yield from (each["title"] for each in repairs)
    yield from (each["message"] for each in TEXTS["exceptions"].values())


def _opening(text: str) -> str:
    """The first sentence, as the documentation quotes it."""
    return re.split(r"(?<=\.) ", re.sub(r"\{\w+\}", "…", text))[0]


def _labels(step: Mapping[str, Any]) -> list[str]:
    """The labels of a form's fields, sections included."""
    found = [*step.get("data", {}).values()]
    for part in step.get("sections", {}).values():
        found += [f"{label} *({part['name']})*" for label in part["data"].values()]
    return found


def _cells(text: str) -> set[str]:
    """The first cells of tables; several labels may share one."""
    firsts = [
        line.split("|")[1].strip()
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    found = set(firsts)
    for first in firsts:
        names, mark, section_ = first.partition(" *(")
        found |= {f"{name}{mark}{section_}" for name in names.split(", ")}
    return found
