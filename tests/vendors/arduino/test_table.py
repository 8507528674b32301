"""Every property type against one table of literals, which the documentation shows too."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
import json
from pathlib import Path
import re
import ssl
from typing import Any

import pytest

from custom_components.iot_clouds.model import Ref, SetPoint, Snapshot
from custom_components.iot_clouds.vendors.arduino.cloud import ArduinoCloud
from custom_components.iot_clouds.vendors.arduino.property_types import TYPES

from .fake import FakeArduino, Request, prop, thing
from .table import NUMBERS, OTHERS, PARTS, VALUES

DOCS = Path(__file__).parents[3] / "docs" / "arduino.md"

WORDS = {
    "measure": "sensor",
    "text": "sensor",
    "level": "number",
    "entry": "text",
    "flag": "binary sensor",
    "toggle": "switch",
    "place": "device tracker",
    "light": "light",
    "player": "media player",
    "schedule": "binary sensor",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one type becomes with one permission."""

    type: str
    values: str
    writable: bool
    kind: str
    device_class: str | None
    unit: str | None
    state_class: str | None

    @property
    def id(self) -> str:
        """A thing's id that says which row it is for."""
        return f"{self.type}-{'rw' if self.writable else 'ro'}"

    @property
    def cell(self) -> str:
        """How the documentation words it."""
        shown = WORDS[self.kind]
        if self.device_class:
            shown += f" ({self.device_class})"
        for _, label, kind, _, _, enabled in PARTS.get(
            (self.values, self.writable), []
        ):
            shown += f", {WORDS[kind]} “{label}”" + ("" if enabled else " (disabled)")
        return shown


def _rows() -> list[Row]:
    rows = []
    for name, values, device_class, unit, state_class in NUMBERS:
        same: Any = {"type": name, "values": values, "device_class": device_class}
        rows += [
            Row(
                **same,
                writable=False,
                kind="measure",
                unit=unit,
                state_class=state_class,
            ),
            Row(**same, writable=True, kind="level", unit=unit, state_class=None),
        ]
    for name, values, kind, device_class, other, other_class, unit in OTHERS:
        same = {"type": name, "values": values, "unit": unit, "state_class": None}
        rows += [
            Row(**same, writable=False, kind=kind, device_class=device_class),
            Row(**same, writable=True, kind=other, device_class=other_class),
        ]
    return rows


ROWS = _rows()


def _thing(row: Row) -> dict[str, Any]:
    permission = "READ_WRITE" if row.writable else "READ_ONLY"
    listed = VALUES[row.values, row.writable][0]
    variable = prop(1, "x", row.type, permission=permission, last_value=listed)
    return thing(variable, id=row.id)


KEY = "property/33333333-3333-4333-8333-000000000001"


def _keys(row: Row) -> list[str]:
    parts = PARTS.get((row.values, row.writable), [])
    return [KEY, *(f"{KEY}/{part[0]}" for part in parts)]


@pytest.fixture
async def cloud(
    fake: FakeArduino, make_client: Callable[..., Any], clock: Any
) -> AsyncIterator[ArduinoCloud]:
    """An account with a thing for each type and permission."""
    fake.things = [_thing(row) for row in ROWS]
    cloud = ArduinoCloud(
        make_client(),
        mqtt_url=fake.mqtt_url,
        tls=ssl.create_default_context(),
        clock=clock,
        window=0.0,
    )
    yield cloud
    await cloud.close()


def test_the_table_has_all_types_of_the_vendor() -> None:
    names = [row.type for row in ROWS]
    assert len(names) == 2 * 132
    assert len(set(names)) == 132
    retired = {"ANALOG", "COLOR_RGB", "METER", "SECOND", "DEGREES_CELSIUS", "RATIO_MOD"}
    assert retired <= set(names)
    assert TYPES.keys() <= set(names)


async def test_each_type_is_shown_as_the_table_says(cloud: ArduinoCloud) -> None:
    snapshot = await cloud.snapshot()
    wrong: list[tuple[str, Any]] = []
    for row in ROWS:
        device = snapshot.devices[row.id]
        main = device.points[KEY]
        shown = (main.kind.value, main.device_class, main.unit, main.state_class)
        if shown != (row.kind, row.device_class, row.unit, row.state_class):
            wrong.append((row.id, shown))
        if (main.name, main.label, main.writable) != ("X", None, row.writable):
            wrong.append((row.id, (main.name, main.label, main.writable)))
        parts = [
            (
                key.removeprefix(f"{KEY}/"),
                point.label,
                point.kind.value,
                point.unit,
                point.state_class,
                point.enabled,
            )
            for key, point in device.points.items()
            if key.startswith(f"{KEY}/")
        ]
        if parts != PARTS.get((row.values, row.writable), []):
            wrong.append((row.id, parts))
    assert wrong == []


def _shown(snapshot: Any, row: Row) -> list[Any]:
    readings = snapshot.readings
    return [
        readings[Ref(row.id, key)].value if Ref(row.id, key) in readings else None
        for key in _keys(row)
    ]


async def test_each_type_reads_what_the_listing_says(cloud: ArduinoCloud) -> None:
    snapshot: Snapshot = await cloud.snapshot()
    for row in ROWS:
        expected = VALUES[row.values, row.writable][1]
        found = _shown(snapshot, row)
        assert found == expected, row.id
        assert [type(value) for value in found] == [type(value) for value in expected]


def _body(request: Request) -> Any:
    return json.loads(request.body)


async def test_each_type_reads_what_a_board_sends_and_writes_what_is_wanted(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with cloud.feeds()["values"]() as updates:
        for row in ROWS:
            _, _, frame, expected, wanted, sent = VALUES[row.values, row.writable]
            topic = f"/a/t/{row.id.lower()}/e/o"
            await fake.sessions[0].publish(topic, bytes.fromhex(frame))
            async with asyncio.timeout(5):
                update = await anext(updates)
            assert _shown(update, row) == expected, row.id
            if not row.writable:
                continue
            await cloud.execute(SetPoint(ref=Ref(row.id, KEY), value=wanted))
            assert fake.requests[-1].method == "PUT"
            assert f"/things/{row.id}/properties/" in fake.requests[-1].path
            assert _body(fake.requests[-1]) == {"value": sent}, row.id
            assert type(_body(fake.requests[-1])["value"]) is type(sent), row.id


def _documented() -> dict[str, tuple[str, str, str]]:
    """The tables of the page: each type with its cells."""
    found: dict[str, tuple[str, str, str]] = {}
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4:
            continue
        for name in re.findall(r"`([A-Z0-9_]+)`", cells[0]):
            assert name not in found, f"{name} stands there twice"
            found[name] = (cells[1], cells[2], cells[3])
    return found


def test_the_documentation_says_the_same() -> None:
    expected: dict[str, list[str]] = {}
    for row in ROWS:
        expected.setdefault(row.type, []).append(row.cell)
        if row.writable:
            expected[row.type].append(row.unit or "–")
    documented = _documented()
    assert documented.keys() == expected.keys()
    for name, cells in expected.items():
        assert list(documented[name]) == cells, name


async def test_swapped_rows_are_noticed(
    cloud: ArduinoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapped = {**TYPES, "WATT": TYPES["VOLT"], "VOLT": TYPES["WATT"]}
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.property_types.TYPES", swapped
    )
    with pytest.raises(AssertionError, match="VOLT-ro"):
        await test_each_type_is_shown_as_the_table_says(cloud)
