"""The flow for entities of the user's own, answered step by step."""

from collections.abc import Awaitable, Callable
from itertools import count
import json
from pathlib import Path
import re
from typing import Any

import pytest

import custom_components.iot_clouds
from custom_components.iot_clouds.model import Event, Kind, Point, Ref, Update
from homeassistant.config_entries import SOURCE_USER
from tests.components.fake import NOON, board, reading, values

from . import REPORT, step

TEXTS = json.loads(
    (
        Path(custom_components.iot_clouds.__file__).parent / "translations" / "en.json"
    ).read_text(encoding="utf-8")
)["config_subentries"]["mapping"]

type Go = Callable[..., Awaitable[Any]]


def _check(flow: Any) -> None:
    """Make sure that everything that is shown has words, and that they are filled."""
    words = flow.get("description_placeholders") or {}
    said = []
    match flow["type"]:
        case "form" | "menu":
            texts = TEXTS["step"][flow["step_id"]]
            said += [texts["title"], texts.get("description", "")]
            errors = (flow.get("errors") or {}).items()
            fields = flow["data_schema"].schema
            for field, error in errors:
                assert field == "base" or field in fields, (field, error)
                said.append(TEXTS["error"][error])
        case "abort" if flow["reason"] != "reconfigure_successful":
            said.append(TEXTS["abort"][flow["reason"]])
    for text in said:
        assert {*re.findall(r"{(\w+)}", text)} <= {*words}, text


@pytest.fixture
def go(hass) -> Go:
    """Answer one step after another."""

    async def go(flow, *answers):
        _check(flow)
        for answer in answers:
            flow = await hass.config_entries.subentries.async_configure(
                flow["flow_id"], answer
            )
            _check(flow)
        await hass.async_block_till_done()
        return flow

    return go


@pytest.fixture
def begin(hass, loaded, go) -> Go:
    """Begin the flow, and answer the first steps."""

    async def begin(*answers):
        flow = await hass.config_entries.subentries.async_init(
            (loaded.entry_id, "mapping"), context={"source": SOURCE_USER}
        )
        return await go(flow, *answers)

    return begin


@pytest.fixture
def start(begin) -> Go:
    """Begin to make something for the shed, and answer the next steps."""

    async def start(*answers):
        return await begin(step("device"), {"device": "board-1"}, *answers)

    return start


@pytest.fixture
def change(hass, loaded, go) -> Go:
    """Begin to change what was made."""

    async def change(*answers):
        (subentry_id,) = loaded.subentries
        flow = await loaded.start_subentry_reconfigure_flow(hass, subentry_id)
        return await go(flow, *answers)

    return change


@pytest.fixture
async def report(hass, cloud, loaded) -> Go:
    """The shed sends a report in JSON; call it for another one."""

    async def report(text):
        points = dict(board().points)
        points["variable/report"] = Point(
            key="variable/report", kind=Kind.TEXT, name="Report"
        )
        cloud.devices = {"board-1": board(points=points)}
        said = reading(text, next(seconds))
        cloud.readings = {**values(), Ref("board-1", "variable/report"): said}
        await loaded.runtime_data.coordinator.async_refresh()
        await hass.async_block_till_done()

    seconds = count()
    await report(REPORT)
    return report


@pytest.fixture
def publish(hass, loaded) -> Go:
    """Have a board publish something."""
    ids = count()

    async def publish(name, data, device_id="board-1", **more):
        event = Event(
            device_id=device_id,
            name=name,
            data=data,
            at=NOON,
            id=str(next(ids)),
            **more,
        )
        loaded.runtime_data.coordinator.async_apply(Update(events=(event,)))
        await hass.async_block_till_done()

    return publish
