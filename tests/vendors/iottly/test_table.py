"""The documentation's tables of messages, run through what takes messages apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
from pathlib import Path
import re
from typing import Any

import pytest

from custom_components.iot_clouds.model import Kind, Place, Point, Value
from custom_components.iot_clouds.vendors.iottly.leaves import Leaves
from custom_components.iot_clouds.vendors.iottly.messages import parse_message

from .store import DEVICE, START

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs" / "iottly.md"
TEXTS = ROOT / "custom_components" / "iot_clouds" / "translations" / "en.json"

WORDS = {
    Kind.MEASURE: "sensor",
    Kind.TEXT: "sensor",
    Kind.FLAG: "binary sensor",
    Kind.PLACE: "device tracker",
}

# The outermost keys of what users are known to send (reference 6.1).
KNOWN = [
    ["temperature"],
    ["sensor_data_reading"],
    ["ALARM"],
    ["new_threshold_value"],
    ["button_pressed"],
    ["looptest"],
    ["CSQ", "last_reading"],
    ["processes"],
    ["ifconfig"],
    ["PID"],
    ["kill"],
    ["download_file"],
    ["error"],
    ["ECHO"],
    [
        *("auto", "manual", "desired_temp", "room_temperature", "relay_state"),
        *("program", "time_elapsed"),
    ],
]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Messages in their order, and how the documentation words what they become."""

    payloads: tuple[Any, ...]
    entities: tuple[str, ...]


def _rows() -> Iterator[Row]:
    for line in DOCS.read_text().splitlines():
        if not re.match(r"\| `[\[{\"]", line):
            continue
        _, messages, entities, _ = line.split("|")
        yield Row(
            payloads=tuple(map(json.loads, re.findall(r"`([^`]*)`", messages))),
            entities=tuple(entities.strip().split("<br>")),
        )


ROWS = list(_rows())


def _said(value: Value) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "on" if value else "off"
        case Place():
            return f"{value.latitude}, {value.longitude}"
        case datetime():
            return value.isoformat()
    return str(value)


def _named(point: Point) -> str:
    if point.name:
        return point.name
    if point.kind is Kind.PLACE:
        return "(named like the device)"
    texts = json.loads(TEXTS.read_text())
    name = texts["entity"]["sensor"][point.label]["name"]
    assert isinstance(name, str)
    return name


def _worded(point: Point, value: Value) -> str:
    shown = f"{WORDS[point.kind]} *{_named(point)}*"
    return f"{shown}{'' if point.enabled else ' (disabled)'} = `{_said(value)}`"


def test_the_tables_hold_everything_that_users_are_known_to_send() -> None:
    roots = [list(row.payloads[0]) for row in ROWS if isinstance(row.payloads[0], dict)]
    assert roots[: len(KNOWN)] == KNOWN
    assert len(ROWS) == 35


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.payloads)[:60])
def test_messages_become_what_the_documentation_says(row: Row) -> None:
    leaves = Leaves()
    for second, payload in enumerate(row.payloads):
        at = (START + timedelta(seconds=second)).isoformat()
        message = parse_message(
            {"timestamp": at, "type": "userdefined", "payload": payload}, DEVICE
        )
        assert message
        leaves.apply(message, "")
    readings = leaves.readings()
    shown = [
        _worded(point, readings[key].value) for key, point in leaves.points.items()
    ]
    assert tuple(shown or ["none"]) == row.entities
