"""Writes are gathered by thing, and every caller hears about its own."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from custom_components.iot_clouds.model import (
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Json,
)
from custom_components.iot_clouds.vendors.arduino.faults import Faults
from custom_components.iot_clouds.vendors.arduino.models import Property, parse_things
from custom_components.iot_clouds.vendors.arduino.writer import Writer

from .fake import prop, thing


def variable(number: int) -> Property:
    raw = prop(number, f"v{number}", "INT")
    return parse_things([thing(raw)], Faults()).items[0].properties[0]


A, B, C = variable(1), variable(2), variable(3)


class Publisher:
    """Notes what is published and fails as told; waits while `gate` is closed."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.errors: dict[str, CloudError] = {}
        self.refuses_together: CloudError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def publish(self, thing_id: str, property_id: str, value: Json) -> None:
        self.sent.append((thing_id, property_id[-1], value))
        await self.gate.wait()
        if error := self.errors.get(property_id[-1]):
            raise error

    async def publish_together(self, thing_id: str, values: Mapping[str, Json]) -> None:
        self.sent.append((thing_id, dict(values)))
        await self.gate.wait()
        if self.refuses_together:
            raise self.refuses_together


class Window:
    """A time to wait for that ends when it is told to."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self.over.wait()


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def test_one_write_is_published_alone_after_the_window() -> None:
    publisher, window = Publisher(), Window()
    writer = Writer(publisher, window=0.05, sleep=window)
    task = asyncio.create_task(writer.write("t", A, 1))
    await until(lambda: window.asked)
    assert window.asked == [0.05]
    assert publisher.sent == []
    assert writer.wanted("t", A.id) == 1
    window.over.set()
    await task
    assert publisher.sent == [("t", "1", 1)]
    assert writer.wanted("t", A.id) is None


async def test_writes_to_one_thing_go_out_together_and_to_two_things_apart() -> None:
    publisher = Publisher()
    writer = Writer(publisher, window=0)
    await asyncio.gather(
        writer.write("t", A, 1), writer.write("u", C, 3), writer.write("t", B, True)
    )
    assert sorted(publisher.sent, key=str) == [
        ("t", {"v1": 1, "v2": True}),
        ("u", "3", 3),
    ]


async def test_identical_writes_collapse_and_a_later_one_replaces() -> None:
    publisher = Publisher()
    writer = Writer(publisher, window=0)
    await asyncio.gather(writer.write("t", A, 1), writer.write("t", A, 1))
    await asyncio.gather(writer.write("t", A, 2), writer.write("t", A, 3))
    assert publisher.sent == [("t", "1", 1), ("t", "1", 3)]


async def test_what_is_being_sent_is_not_sent_again_and_what_differs_follows_it() -> (
    None
):
    publisher = Publisher()
    writer = Writer(publisher, window=0)
    publisher.gate.clear()
    first = asyncio.create_task(writer.write("t", A, True))
    await until(lambda: publisher.sent)
    again = asyncio.create_task(writer.write("t", A, True))
    other = asyncio.create_task(writer.write("t", B, 2))
    after = asyncio.create_task(writer.write("t", A, 1))
    await asyncio.sleep(0)
    assert publisher.sent == [("t", "1", True)]
    assert writer.wanted("t", A.id) == 1
    assert writer.wanted("t", A.id) is not True
    publisher.gate.set()
    await asyncio.gather(first, again, other, after)
    # 1 is not True, and both wait for the request before them.
    assert publisher.sent == [("t", "1", True), ("t", {"v2": 2, "v1": 1})]


@pytest.mark.parametrize("error", [CloudRejected("no"), CloudMissing("no")])
async def test_values_that_are_refused_together_are_sent_alone_from_then_on(
    error: CloudError,
) -> None:
    publisher = Publisher()
    publisher.refuses_together = error
    writer = Writer(publisher, window=0)
    await asyncio.gather(writer.write("t", A, 1), writer.write("t", B, 2))
    assert publisher.sent == [("t", {"v1": 1, "v2": 2}), ("t", "1", 1), ("t", "2", 2)]
    assert not writer.together
    del publisher.sent[:]
    await asyncio.gather(writer.write("t", A, 3), writer.write("t", B, 4))
    assert publisher.sent == [("t", "1", 3), ("t", "2", 4)]


async def test_one_bad_value_fails_alone_and_does_not_end_sending_together() -> None:
    publisher = Publisher()
    publisher.refuses_together = CloudRejected("one is bad")
    publisher.errors["2"] = CloudRejected("this one")
    writer = Writer(publisher, window=0)
    results = await asyncio.gather(
        writer.write("t", A, 1), writer.write("t", B, 2), return_exceptions=True
    )
    assert list(results) == [None, publisher.errors["2"]]
    assert writer.together


async def test_a_failure_is_told_to_all_and_not_repeated() -> None:
    publisher = Publisher()
    publisher.refuses_together = CloudUnreachable("gone")
    writer = Writer(publisher, window=0)
    results = await asyncio.gather(
        writer.write("t", A, 1), writer.write("t", B, 2), return_exceptions=True
    )
    assert set(results) == {publisher.refuses_together}
    assert publisher.sent == [("t", {"v1": 1, "v2": 2})]
    assert writer.together


async def test_properties_that_share_a_name_are_not_sent_together() -> None:
    publisher = Publisher()
    writer = Writer(publisher, window=0)
    twin = parse_things([thing(prop(9, "v1", "INT"))], Faults()).items[0].properties[0]
    await asyncio.gather(writer.write("t", A, 1), writer.write("t", twin, 2))
    assert publisher.sent == [("t", "1", 1), ("t", "9", 2)]


async def test_a_caller_that_went_away_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    publisher, window = Publisher(), Window()
    publisher.errors["1"] = CloudRejected("nobody hears this")
    writer = Writer(publisher, sleep=window)
    gone = asyncio.create_task(writer.write("t", A, 1))
    await until(lambda: window.asked)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    window.over.set()
    await until(lambda: publisher.sent and writer.wanted("t", A.id) is None)
    assert publisher.sent == [("t", "1", 1)]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_closing_gives_up_what_waits() -> None:
    publisher, window = Publisher(), Window()
    writer = Writer(publisher, sleep=window)
    waiting = asyncio.create_task(writer.write("t", A, 1))
    await until(lambda: window.asked)
    await writer.close()
    with pytest.raises(CloudUnreachable):
        await waiting
    assert publisher.sent == []
    await writer.close()


async def test_what_failed_while_others_are_written_may_be_tried_again() -> None:
    class Uneven(Publisher):
        """Answers at once, but for the second variable."""

        async def publish(self, thing_id: str, property_id: str, value: Json) -> None:
            if property_id != B.id:
                self.sent.append((thing_id, property_id[-1], value))
                raise CloudRejected("not now")
            await super().publish(thing_id, property_id, value)

    publisher = Uneven()
    publisher.gate.clear()
    writer = Writer(publisher, window=0)
    writer.together = False
    held = asyncio.create_task(writer.write("t", B, 2))
    with pytest.raises(CloudRejected):
        await writer.write("t", A, 1)
    again = asyncio.create_task(writer.write("t", A, 1))
    await asyncio.sleep(0)
    publisher.gate.set()
    with pytest.raises(CloudRejected):
        await again
    await held
    assert publisher.sent.count(("t", "1", 1)) == 2


async def test_who_waits_for_a_write_that_is_ended_from_outside_is_told() -> None:
    publisher = Publisher()
    publisher.gate.clear()
    writer = Writer(publisher, window=0)
    sending = asyncio.create_task(writer.write("t", A, 1))
    await until(lambda: publisher.sent)
    waiting = asyncio.create_task(writer.write("t", A, 2))
    await asyncio.sleep(0)
    [lane] = writer._lanes.values()
    assert lane.task
    lane.task.cancel()
    async with asyncio.timeout(5):
        for each in (sending, waiting):
            with pytest.raises(CloudUnreachable):
                await each
