"""The YAML examples of the documentation: what each is, and how Home Assistant takes it."""

from collections.abc import Iterator
from enum import Enum, auto
import re
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script, async_validate_actions_config
from homeassistant.util.yaml import parse_yaml
from tests.e2e.conftest import House

from .pages import PAGES, Block, blocks

PLACEHOLDER = re.compile(
    r"(device_id|config_entry_id): ([0-9A-Z]+|[0-9a-f]+) # (\S+)$", re.MULTILINE
)
ENTITY = re.compile(r"\b([a-z_]+\.[a-z0-9_]+)\b")


class Kind(Enum):
    """What an example is."""

    AUTOMATION = auto()
    ACTIONS = auto()
    SCRIPT = auto()
    TEMPLATE = auto()
    LOGGER = auto()
    SHEET = auto()


KEYS = {
    "triggers": Kind.AUTOMATION,
    "actions": Kind.ACTIONS,
    "script": Kind.SCRIPT,
    "template": Kind.TEMPLATE,
    "logger": Kind.LOGGER,
}
"""What an example is by the first of these keys that it has."""


def examples() -> list[Block]:
    """Every YAML block of every page."""
    return [
        block
        for page in PAGES
        for block in blocks(page)
        if block.language in {"yaml", "yml"}
    ]


def kind_of(document: Any) -> Kind:
    """What a document is; one that is nothing known is a mistake of the page.

    Raises:
        ValueError: nothing says how to try it.
    """
    if isinstance(document, list) and all("platform" in row for row in document):
        return Kind.SHEET
    if isinstance(document, dict):
        for key, kind in KEYS.items():
            if key in document:
                return kind
    raise ValueError("nobody knows what this example is, so nothing tries it")


def of(*kinds: Kind) -> list[Block]:
    """The examples of these kinds."""
    return [each for each in examples() if kind_of(parse_yaml(each.text)) in kinds]


def in_place(text: str, home: House) -> Any:
    """The document, with the ids of this house in place of those on the page."""

    def put(found: re.Match[str]) -> str:
        key, _, name = found.groups()
        if key == "device_id":
            return f"{key}: {home.device_id(name)}"
        return f"{key}: {home.entries[name.lower()].entry_id}"

    return parse_yaml(PLACEHOLDER.sub(put, text))


def strings(document: Any) -> Iterator[tuple[str, str]]:
    """Every text in a document, with the key that it stands under."""
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        key, value = stack.pop()
        if isinstance(value, dict):
            stack += [(str(name), each) for name, each in value.items()]
        elif isinstance(value, list):
            stack += [(key, each) for each in value]
        elif isinstance(value, str):
            yield key, value


def entities(document: Any) -> set[str]:
    """The entities that an example speaks of, in templates as well."""
    domains = "binary_sensor|device_tracker|event|light|number|sensor|switch|zone"
    pattern = re.compile(rf"\b(?:{domains})\.[a-z0-9_]+")
    return {
        found
        for key, text in strings(document)
        if key not in {"action", "trigger"}
        for found in pattern.findall(text)
    }


async def run(hass: HomeAssistant, actions: Any) -> dict[str, Any]:
    """Carry out actions as an automation does; returns the variables they leave."""
    checked = await async_validate_actions_config(hass, cv.SCRIPT_SCHEMA(actions))
    script = Script(hass, checked, "An example", "automation")
    result = await script.async_run(context=Context())
    assert result is not None
    return dict(result.variables)
