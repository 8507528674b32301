"""Variables that nobody has read yet, because that costs something."""

import pytest

from custom_components.iot_clouds.model import CloudUnreachable, Kind, Point, Ref
from homeassistant.data_entry_flow import FlowResultType
from tests.components.fake import FakeReader, board, reading

from . import FROM_NOTHING, choices, step

CLIMATE = Ref("board-1", "variable/climate")
LAMP = Ref("board-1", "variable/lamp")
FROM_CLIMATE = {"source": "point:variable/climate"}


@pytest.fixture
async def reader(cloud):
    """A board with a billed text and a billed number, which were never read."""
    points = {
        ref.key: Point(key=ref.key, kind=kind, name=ref.key.split("/")[1], billed=True)
        for ref, kind in ((CLIMATE, Kind.TEXT), (LAMP, Kind.MEASURE))
    }
    cloud.reader = FakeReader()
    cloud.devices = {"board-1": board(points=points)}
    cloud.readings = {}
    return cloud.reader


@pytest.fixture
async def unread(reader, loaded, until):
    """The account, after the first rhythm found nothing."""
    await until(lambda: reader.reads)
    reader.table = {CLIMATE: reading('{"temp": 12.5}'), LAMP: reading(128)}
    reader.reads.clear()
    return reader


async def test_a_variable_that_was_never_read_is_read_once_when_it_is_chosen(
    unread, start
):
    flow = await start()
    assert ("point:variable/climate", "climate") in choices(flow, "source")
    assert unread.reads == []
    flow = await start(FROM_CLIMATE)
    assert flow["step_id"] == "proposals"
    assert choices(flow, "proposals")[0] == ("0", "Temperature: 12.5 °C?")
    assert unread.reads == [[CLIMATE]]
    await start(FROM_CLIMATE)
    assert unread.reads == [[CLIMATE]]


async def test_the_source_of_a_level_is_read_as_well(unread, start, go):
    flow = await start(FROM_NOTHING, step("light"))
    flow = await go(
        flow,
        {"name": "Lamp", "level_source": "point:variable/lamp", "way": "call"},
    )
    assert flow["step_id"] == "level"
    assert flow["description_placeholders"]["payload"] == "```\n128\n```"
    assert unread.reads == [[LAMP]]


async def test_a_variable_that_cannot_be_read_can_be_used_all_the_same(unread, start):
    unread.error = CloudUnreachable("x")
    flow = await start(FROM_CLIMATE)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "make")
    assert unread.reads == [[CLIMATE]]


async def test_a_board_that_is_offline_is_not_asked(unread, cloud, loaded, start):
    points = cloud.devices["board-1"].points
    cloud.devices = {"board-1": board(points=points, online=False)}
    await loaded.runtime_data.coordinator.async_refresh()
    flow = await start(FROM_CLIMATE)
    assert flow["step_id"] == "make"
    assert unread.reads == []
