"""What users define, what devices send to it, and what Home Assistant kept for us."""

import json
from typing import Any

from custom_components.iot_clouds.mappings.documents import parse as parse_definition
from custom_components.iot_clouds.mappings.dumping import dump
from custom_components.iot_clouds.mappings.paths import resolve
from custom_components.iot_clouds.mappings.payloads import parse
from custom_components.iot_clouds.mappings.proposals import propose
from custom_components.iot_clouds.mappings.sheets import read, write
from custom_components.iot_clouds.mappings.states import Formula, state
from custom_components.iot_clouds.mappings.templates import fill, fill_text
from custom_components.iot_clouds.model import Kind, Point, plain, read_json
from custom_components.iot_clouds.remembering import _unpacked
from tests.mappings.strategies import WORDS

from .hunt import Decoder
from .soundness import check, storable

_FIELDS: Any = {"value": 1.5, "whole": 2, "brightness": 50}
_DEVICES = {"d1": "Greenhouse", "d2": "Barn", "d3": "Barn"}
_KINDS = (Kind.MEASURE, Kind.FLAG, Kind.TEXT, Kind.PLACE)


def payload(data: bytes) -> None:
    """A payload, what is proposed for it, and states at its paths."""
    text = data.decode("utf-8", "surrogateescape")
    for raw in (text, _decoded(text)):
        found = parse(raw)
        storable(plain(found.tree))
        proposed = propose(raw, "roomTemp_1")
        assert len(proposed) <= 100
        for each in proposed:
            check([each.shown])
            assert state(found, each.formula) == each.shown
        for kind in _KINDS:
            storable_state(found, Formula(kind=kind, device_class="timestamp"))
            storable_state(found, Formula(kind=kind, scale=1e300, offset=1e308))


def storable_state(found: Any, formula: Formula) -> None:
    """A state that is a number, a text or none of both must be one that can be kept."""
    value = state(found, formula)
    if isinstance(value, str | float):
        storable(value, 128 * 1024)


def _decoded(text: str) -> object:
    try:
        return read_json(text)
    except ValueError:
        return text.split("\n")


def path(data: bytes) -> None:
    """A pointer into some documents."""
    text = data.decode("utf-8", "surrogateescape")
    trees: tuple[Any, ...] = ({"a": [1, {"b": 2}], "": {"~/": 3}}, [0, 1], "x", None)
    for tree in trees:
        resolve(tree, text)


def sheet(data: bytes) -> None:
    """A sheet of definitions; what is read is written the same."""
    rows = read(data.decode("utf-8", "surrogatepass"), _DEVICES)
    for row in rows:
        storable(dict(row.document))
        storable(row.name)
    found = [parse_definition("1", row.name, row.document) for row in rows]
    again = read(write(found, _DEVICES) or "[]", _DEVICES)
    assert [row.document for row in again] == [row.document for row in rows]


def document(data: bytes) -> None:
    """A definition as it is kept, with its commands filled in."""
    try:
        found = json.loads(data.decode("utf-8", "replace"))
    except RecursionError:
        return
    definition = parse_definition("1", "a", found)
    storable(dump(definition))
    for order in definition.commands.values():
        act: Any = order.act
        for name in ("options", "value"):
            if hasattr(act, name):
                storable(fill(getattr(act, name), _FIELDS))
        for name in ("argument", "data"):
            if hasattr(act, name):
                fill_text(getattr(act, name), _FIELDS)


def remembered(data: bytes) -> None:
    """What Home Assistant kept of a control that nothing reports."""
    try:
        stored = json.loads(data.decode("utf-8", "replace"))
    except RecursionError:
        return
    for kind in Kind:
        if reading := _unpacked(Point(key="a", kind=kind), stored):
            check(reading)


_DOCUMENTS: list[dict[str, Any]] = [
    {
        "device": "d1",
        "platform": "sensor",
        "state": {"source": {"point": "p"}, "path": "/a/0", "scale": 0.1, "offset": 2},
        "classes": {"device_class": "temperature", "unit": "°C"},
    },
    {
        "device": "d1",
        "platform": "switch",
        "state": {"source": {"event": "a"}, "map": {"on": True, "off": False}},
        "commands": {
            "on": {"send": {"type": "x", "options": {"a": "{value}", "b": [1, {}]}}},
            "off": {
                "call": {"function": "f", "argument": "0"},
                "success": {"at_least": 1},
            },
        },
        "confirm": 5,
    },
    {
        "device": "d1",
        "platform": "number",
        "limits": {"min": 0, "max": 10, "step": 0.5},
        "commands": {"set": {"set": {"point": "p", "value": {"a": "{whole}"}}}},
    },
    {
        "device": "d1",
        "platform": "select",
        "options": ["a", "b"],
        "commands": {"set": {"publish": {"name": "n", "data": '{"v": "{value}"}'}}},
    },
    {
        "device": "d1",
        "platform": "cover",
        "commands": {
            verb: {"call": {"function": verb, "argument": ""}}
            for verb in ("open", "close", "stop")
        },
    },
]
_SHEETS = (
    json.dumps([{"name": "A", **each} for each in _DOCUMENTS]).encode(),
    b"- name: Warm\n  device: Greenhouse\n  platform: sensor\n  state:\n"
    b"    source: {event: a}\n    path: /t\n  classes:\n    device_class: temperature\n"
    b"    unit: \xc2\xb0C\n",
    b"name: Push\ndevice: d1\nplatform: button\ncommands:\n  press:\n    set:\n"
    b"      point: p\n      value: [1, 2.5, on, ~, 2026-01-01, 1:30]\n",
)

DECODERS = (
    Decoder(
        name="users.payload",
        run=payload,
        seeds=(
            b'{"temp": 21.5, "hum": 40, "gps": {"lat": 45, "lon": 7}, "t": "{\\"a\\":1}"}',
            b"t=21.5;h=40;state=on",
            b"21.5,40,ok",
            b"21.5 \xc2\xb0C",
            b"a: 1, b: on, c: 3h",
            b"2026-07-28T16:53:05Z",
            b"aa:bb:cc:dd:ee:ff",
            b"1:2:3",
            b"{a:1,b:nan}",
            b"[1, nan, ok]",
            WORDS.encode(),
        ),
    ),
    Decoder(name="users.path", run=path, seeds=(b"/a/1/b", b"//~0~1", b"", b"/0")),
    Decoder(name="users.sheet", run=sheet, seeds=_SHEETS),
    Decoder(
        name="users.document",
        run=document,
        seeds=tuple(json.dumps(each).encode() for each in _DOCUMENTS),
    ),
    Decoder(
        name="users.remembered",
        run=remembered,
        seeds=(
            b'{"value": true, "at": "2026-11-20T09:00:00+00:00"}',
            b'{"value": 5.5, "at": "2026-11-20T09:00:00+00:00"}',
            b'{"value": {"on": true, "brightness": 5.0}, "at": "2026-11-20T09:00:00Z"}',
            b'{"value": {"position": 5.0, "motion": "opening"}, "at": "2026-11-20"}',
            b'{"value": {"locked": true}, "at": "2026-11-20T09:00:00+00:00"}',
        ),
    ),
)
