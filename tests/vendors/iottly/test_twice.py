"""The hour that comes twice: in Rome, on 25 October 2026, three is two o'clock again.

Pages may tell times of the wall (reference 3.3), so that all from two to three there is
something of both hours.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.iot_clouds.model import HistoryQuery
from custom_components.iot_clouds.vendors.iottly.cursor import Arrival
from custom_components.iot_clouds.vendors.iottly.history import MessageHistory
from custom_components.iot_clouds.vendors.iottly.inbox import Inbox
from custom_components.iot_clouds.vendors.iottly.messages import parse_batch
from custom_components.iot_clouds.vendors.iottly.models import Board
from custom_components.iot_clouds.vendors.iottly.paging import Paging
from custom_components.iot_clouds.vendors.iottly.spelling import infer_zone
from custom_components.iot_clouds.vendors.iottly.tracked import Tracked
from custom_components.iot_clouds.vendors.iottly.twice import (
    Again,
    after_twice,
    before_twice,
)

from .store import DEVICE, Store

ROME = ZoneInfo("Europe/Rome")
FORMS = ["naive", "zulu", "milliseconds", "seconds"]


def at(text: str) -> datetime:
    """A moment of that night, in UTC; the hours are 0:00 to 1:00 and 1:00 to 2:00."""
    day = 24 if text >= "12" else 25
    return datetime.fromisoformat(f"2026-10-{day}T{text}+00:00")


class Reader:
    """An inbox at a server of Rome, and the numbers that it handed out."""

    def __init__(self, **kind):
        self.store = Store(page_zone=ROME, **kind)
        self.inbox = Inbox(DEVICE)
        self.paging = Paging()
        self.got = []

    async def poll(self):
        self.store.requests.clear()
        await self.inbox.poll(self.store, self.paging, self.deliver)

    def deliver(self, messages):
        self.got += [(each.message.at, each.message.payload["n"]) for each in messages]

    def send(self, first: datetime, count: int, step: float) -> None:
        number = len(self.store.rows)
        for n in range(count):
            self.store.add({"n": number + n}, first + timedelta(seconds=n * step))

    @property
    def sent(self):
        return [(row["at"], row["payload"]["n"]) for row in self.store.rows]


@pytest.mark.parametrize(
    "moment", ["00:00:00.000500", "00:59:59.999", "01:59:59.999999"]
)
def test_the_times_around_the_two_hours_are_shown_once(moment):
    assert before_twice(at(moment), ROME) == at("00:00:00") - timedelta(milliseconds=1)
    assert after_twice(at(moment), ROME) == at("02:00:00")
    assert before_twice(at("02:00:00"), ROME) == after_twice(at("02:00:00"), ROME)


def test_the_second_of_two_times_is_an_hour_after_the_first():
    wall = datetime(2026, 10, 25, 2, 30)
    first, again = (wall.replace(tzinfo=zone) for zone in (ROME, Again(ROME)))
    assert (again - first) == timedelta(hours=1)
    assert (again.dst(), again.tzname()) == (None, None)


@pytest.mark.parametrize("page_from", FORMS)
@pytest.mark.parametrize(
    ("known", "missed"),
    [
        ("22:00", "23:50"),
        ("23:59:55", "00:00:01"),
        ("00:30", "00:30:05"),
        ("00:50", "01:10"),
        ("01:10", "01:10:05"),
        ("01:59", "02:00"),
    ],
)
async def test_a_gap_loses_and_repeats_nothing(page_from, known, missed):
    reader = Reader(page_from=page_from)
    reader.send(at(known), 1, 0)
    await reader.poll()
    reader.send(at(missed), 700, 12)
    for _ in range(3):
        await reader.poll()
    assert sorted(reader.got) == reader.sent
    assert reader.inbox.cursor.gap is None


async def test_more_than_can_be_read_of_it_ends_all_the_same(caplog):
    reader = Reader()
    reader.send(at("23:00"), 1, 0)
    await reader.poll()
    reader.send(at("23:30"), 14_400, 1)
    for _ in range(40):
        await reader.poll()
    assert reader.inbox.cursor.gap is None
    assert len(reader.store.requests) == 1
    assert len(set(reader.got)) == len(reader.got)
    outside = [each for each in reader.sent if not at("00:00") <= each[0] < at("02:00")]
    assert set(outside) <= set(reader.got)
    assert caplog.text.count("some in between may be lost") == 1


async def test_a_server_without_page_numbers_is_asked_no_further(caplog):
    reader = Reader(numbered=False)
    reader.send(at("23:00"), 1, 0)
    await reader.poll()
    reader.send(at("23:30"), 700, 20)
    for _ in range(3):
        await reader.poll()
    assert reader.inbox.cursor.gap is None
    assert len(set(reader.got)) == len(reader.got)
    assert {each for each in reader.sent if each[0] >= at("02:00")} <= set(reader.got)
    assert caplog.text.count("some in between may be lost") == 1


@pytest.mark.parametrize("page_from", FORMS)
@pytest.mark.parametrize("start", ["22:00", "00:30", "01:30", "02:30"])
async def test_the_past_has_both_hours(page_from, start):
    reader = Reader(page_from=page_from)
    reader.send(at("22:00"), 1000, 20)

    async def find(device_id: str) -> Tracked:
        return Tracked(Board(id=device_id, name=None))

    history = MessageHistory(reader.store, Paging(), find)
    found = await history.query(
        HistoryQuery(device_id=DEVICE, start=at(start), end=at("05:00"), limit=2000)
    )
    told = [(sample.at, sample.value["n"]) for sample in found]
    assert told == [each for each in reader.sent if at(start) <= each[0] <= at("05:00")]


async def test_the_zone_of_a_server_is_found_while_its_clock_is_put_back():
    store = Store(page_zone=ROME)
    for n in range(10):
        store.add({"n": n}, at("00:51") + timedelta(minutes=n))
    store.add({"n": 10}, at("01:00:30"))
    rows = parse_batch(
        await store.paginated(DEVICE, {"sort": "desc", "l": "10"}), DEVICE
    )
    known = parse_batch(await store.history(DEVICE, 100), DEVICE)
    assert infer_zone(rows.messages, known.messages) == ROME


@pytest.mark.parametrize("hour", ["00", "01"])
async def test_a_delivery_of_a_time_that_comes_twice_is_left_to_the_polls(hour):
    reader = Reader(webhook_dates="naive")
    reader.send(at("23:00"), 1, 0)
    await reader.poll()
    # Which zone is meant is known from the poll after the first delivery.
    row = reader.store.add({"n": 1}, at("23:10"))
    reader.inbox.receive(reader.store.webhook_row(row), reader.deliver)
    await reader.poll()
    row = reader.store.add({"n": 2}, at(f"{hour}:30"))
    arrival = reader.inbox.receive(reader.store.webhook_row(row), reader.deliver)
    assert arrival is Arrival.LEFT
    await reader.poll()
    row = reader.store.add({"n": 3}, at("02:30"))
    arrival = reader.inbox.receive(reader.store.webhook_row(row), reader.deliver)
    assert arrival is Arrival.TAKEN
    await reader.poll()
    assert sorted(set(reader.got)) == reader.sent
