"""Reading poll by poll: what is asked, and the corners of the cursor (reference 3.6)."""

from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from custom_components.iot_clouds.model import CloudBusy, CloudUnreachable
from custom_components.iot_clouds.vendors.iottly.cursor import (
    REMEMBERED,
    Arrival,
    Cursor,
    Gap,
)
from custom_components.iot_clouds.vendors.iottly.inbox import Inbox
from custom_components.iot_clouds.vendors.iottly.messages import parse_batch
from custom_components.iot_clouds.vendors.iottly.paging import Paging

from .store import DEVICE, START, Store, broken


class Reader:
    """An inbox, and the numbers in the messages that it handed out."""

    def __init__(self, store, cursor=None):
        self.store = store
        self.inbox = Inbox(DEVICE, cursor)
        self.paging = Paging()
        self.got = []

    async def poll(self):
        """Read once; return the numbers that came, and what was asked."""
        self.got.clear()
        self.store.requests.clear()
        await self.inbox.poll(self.store, self.paging, self.deliver)
        return list(self.got)

    def deliver(self, messages):
        self.got += [message.payload["n"] for message, *_ in messages]

    @property
    def asked(self):
        return [
            query.get("numMessages") or query.get("from") or "newest"
            for _, query in self.store.requests
        ]


def fill(store, numbers, *, start=0.0, step=0.001):
    for index, n in enumerate(numbers):
        store.add({"n": n}, START + timedelta(seconds=start + index * step))


async def test_a_quiet_device_is_asked_for_few_messages_after_the_first_time():
    reader = Reader(Store())
    fill(reader.store, range(3))
    assert await reader.poll() == [0, 1, 2]
    assert reader.asked == ["100"]
    assert await reader.poll() == []
    assert reader.asked == ["25"]
    fill(reader.store, range(3, 16), start=60)
    assert await reader.poll() == list(range(3, 16))
    assert await reader.poll() == []
    assert reader.asked == ["100"]


async def test_a_first_poll_does_not_dig_in_the_past():
    reader = Reader(Store())
    fill(reader.store, range(300), step=60)
    assert await reader.poll() == list(range(200, 300))
    assert reader.asked == ["100"]


async def test_messages_after_an_empty_history_are_all_read():
    reader = Reader(Store())
    assert await reader.poll() == []
    fill(reader.store, range(250))
    assert sorted(await reader.poll()) == list(range(250))


async def test_a_gap_is_closed_from_shortly_before_what_is_known():
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 251), start=60)
    assert await reader.poll() == [*range(151, 251), *range(1, 151)]
    assert reader.asked == [
        "25",
        "100",
        "newest",
        "2026-03-01T11:59:50.000",
        "2026-03-01T12:01:00.098",
    ]
    assert {query.get("type", "all") for _, query in reader.store.requests} == {"all"}


async def test_after_a_burst_it_is_looked_back_once_more_and_then_no_longer():
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 251), start=60)
    await reader.poll()
    # Visible after two hundred later ones, and still found.
    fill(reader.store, [500], start=60.01)
    assert await reader.poll() == [500]
    await reader.poll()
    assert await reader.poll() == []
    assert reader.asked == ["25"]


@pytest.mark.parametrize("seconds", [0, 1, 5])
async def test_of_more_messages_at_once_than_are_remembered_each_comes_once(seconds):
    reader = Reader(Store())
    fill(reader.store, [0])
    got = await reader.poll()
    fill(reader.store, range(1, 1801), start=60, step=seconds / 1800)
    for _ in range(4):
        got += await reader.poll()
    fill(reader.store, range(1801, 2101), start=70)
    for _ in range(3):
        got += await reader.poll()
    assert sorted(got) == list(range(2101))


async def test_a_gap_longer_than_twenty_pages_is_closed_over_several_polls():
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 2501), start=60)
    first = await reader.poll()
    # Pages overlap by the one message that they continue from.
    assert len(first) == 2080
    assert len(reader.asked) == 2 + 1 + 20 + 1
    second = await reader.poll()
    assert sorted(first + second) == list(range(1, 2501))
    assert reader.inbox.cursor.gap is None


@pytest.mark.parametrize("failing", range(2, 6))
async def test_a_failure_within_a_gap_loses_and_repeats_nothing(failing):
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 351), start=60)
    reader.store.failures = [None] * failing + [broken()]
    first = await reader.poll()
    assert len(first) >= 100
    assert reader.inbox.cursor.gap is not None
    assert sorted(first + await reader.poll()) == list(range(1, 351))


async def test_a_busy_cloud_within_a_gap_is_told_and_nothing_is_lost():
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 251), start=60)
    reader.store.failures = [None, None, CloudBusy("slow", retry_after=5)]
    with pytest.raises(CloudBusy):
        await reader.poll()
    assert sorted(list(reader.got) + await reader.poll()) == list(range(1, 251))


async def test_a_failed_poll_changes_nothing():
    reader = Reader(Store())
    fill(reader.store, [0])
    reader.store.failures = [broken()]
    with pytest.raises(CloudUnreachable):
        await reader.poll()
    assert reader.inbox.cursor == Cursor()
    assert await reader.poll() == [0]


async def test_after_a_restart_a_gap_is_closed_and_nothing_is_repeated():
    reader = Reader(Store())
    fill(reader.store, range(3))
    await reader.poll()
    stored = reader.inbox.cursor.to_dict()
    fill(reader.store, range(3, 203), start=60)
    again = Reader(reader.store, Cursor.from_dict(stored))
    assert sorted(await again.poll()) == list(range(3, 203))
    assert Reader(reader.store, Cursor.from_dict(stored)).inbox.cursor.watermark == (
        START + timedelta(milliseconds=2)
    )
    known = Reader(reader.store, Cursor.from_dict(again.inbox.cursor.to_dict()))
    assert await known.poll() == []


@pytest.mark.parametrize("page_from", ["naive", "zulu", "milliseconds", "seconds"])
@pytest.mark.parametrize(
    "zone", [UTC, ZoneInfo("Europe/Rome"), timezone(-timedelta(hours=5))]
)
async def test_the_form_of_start_times_and_the_zone_are_found_out_once(page_from, zone):
    reader = Reader(Store(page_from=page_from, page_zone=zone))
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 151), start=60)
    assert sorted(await reader.poll()) == list(range(1, 151))
    fill(reader.store, range(151, 301), start=120)
    reader.store.refused = 0
    assert sorted(await reader.poll()) == list(range(151, 301))
    assert reader.store.refused == 0
    assert "newest" not in reader.asked


async def test_a_server_that_ignores_the_start_is_not_asked_again(caplog):
    reader = Reader(Store(page_from="ignored"))
    fill(reader.store, [-1, 0], step=-60)
    await reader.poll()
    for burst in range(3):
        fill(reader.store, range(150), start=60 * (burst + 1))
        assert await reader.poll() == list(range(50, 150))
    assert reader.asked == ["100"]
    assert caplog.text.count("may be lost") == 1


@pytest.mark.parametrize("store", [Store(pages=False), Store(page_from="nothing")])
async def test_without_usable_pages_the_newest_hundred_are_what_there_is(store):
    reader = Reader(store)
    fill(store, [0])
    await reader.poll()
    fill(store, range(1, 151), start=60)
    assert await reader.poll() == list(range(51, 151))
    assert await reader.poll() == []
    assert reader.inbox.cursor.gap is None
    assert await reader.poll() == []


async def test_more_than_a_page_within_one_millisecond_is_read_by_page_number():
    for first_page in (0, 1):
        reader = Reader(Store(first_page=first_page))
        fill(reader.store, [0])
        await reader.poll()
        fill(reader.store, range(1, 351), start=60, step=0)
        assert sorted(await reader.poll()) == list(range(1, 351))


async def test_a_server_without_page_numbers_does_not_stop_the_walk(caplog):
    reader = Reader(Store(numbered=False))
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 251), start=60, step=0)
    fill(reader.store, range(251, 401), start=61)
    got = await reader.poll()
    # The hundred that one answer shows of the moment, and everything after it.
    assert sorted(got) == [*range(1, 101), *range(251, 401)]
    assert reader.inbox.cursor.gap is None
    assert "may be lost" in caplog.text


@pytest.mark.parametrize("when", [0, 1, 2, 3])
async def test_a_server_that_says_once_that_there_is_nothing_is_asked_again(
    when, caplog
):
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 351), start=60)
    plain = reader.store.paginated
    asked = -1

    async def paginated(device_id, query):
        nonlocal asked
        asked += 1
        return [] if asked == when else await plain(device_id, query)

    reader.store.paginated = paginated
    got = await reader.poll() + await reader.poll()
    assert sorted(got) == list(range(1, 351))
    assert reader.inbox.cursor.gap is None
    assert "may be lost" not in caplog.text


async def test_a_server_that_is_away_for_a_while_within_a_gap_loses_nothing(caplog):
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 351), start=60)
    plain = reader.store.paginated
    asked = 0

    async def paginated(device_id, query):
        nonlocal asked
        asked += 1
        return [] if 3 <= asked <= 6 else await plain(device_id, query)

    reader.store.paginated = paginated
    got = []
    for _ in range(5):
        got += await reader.poll()
    assert sorted(got) == list(range(1, 351))
    assert reader.inbox.cursor.gap is None
    assert "may be lost" not in caplog.text


async def test_a_server_that_is_away_again_and_again_loses_nothing_either(caplog):
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 551), start=60)
    plain = reader.store.paginated
    asked = 0

    async def paginated(device_id, query):
        nonlocal asked
        asked += 1
        # In between it shows one page, which proves that there are any.
        away = 3 <= asked <= 6 or 8 <= asked <= 11
        return [] if away else await plain(device_id, query)

    reader.store.paginated = paginated
    got = []
    for _ in range(9):
        got += await reader.poll()
    assert sorted(got) == list(range(1, 551))
    assert reader.inbox.cursor.gap is None
    assert "may be lost" not in caplog.text


async def test_messages_deleted_meanwhile_do_not_stop_the_rest():
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    reader.store.rows.clear()
    fill(reader.store, range(1, 251), start=3600)
    assert sorted(await reader.poll()) == list(range(1, 251))


async def test_a_history_without_ids_is_told_apart_by_content():
    reader = Reader(Store(with_ids=False))
    fill(reader.store, [0, 0, 1], step=0)
    assert await reader.poll() == [0, 0, 1]
    assert await reader.poll() == []
    fill(reader.store, [0], step=0)
    assert await reader.poll() == [0]


async def test_a_copy_that_a_page_showed_is_recognised_with_its_id():
    cursor = Cursor()
    store = Store()
    fill(store, [0, 0, 1], step=0)
    page = parse_batch(
        await store.paginated(DEVICE, {"sort": "desc", "l": "2"}), DEVICE
    )
    history = parse_batch(await store.history(DEVICE, 100), DEVICE)
    assert len(cursor.take(page.messages)) == 2
    assert [message.payload["n"] for message, *_ in cursor.take(history.messages)] == [
        0
    ]
    assert cursor.take(history.messages) == []
    assert cursor.take(page.messages) == []
    fill(store, [0], step=0)
    more = parse_batch(await store.history(DEVICE, 100), DEVICE)
    assert len(cursor.take(more.messages)) == 1


async def test_a_message_without_id_belongs_after_the_known_one_before_it():
    cursor, store = Cursor(), Store()
    fill(store, [1], step=0)
    [known] = parse_batch(await store.history(DEVICE, 100), DEVICE).messages
    assert cursor.take([known]) == [(known, known.oid, False)]
    fill(store, [2], step=0)
    page = await store.paginated(
        DEVICE, {"sort": "asc", "l": "9", "from": "2026-03-01T12:00:00.000"}
    )
    [(fresh, place, _)] = cursor.take(parse_batch(page, DEVICE).messages)
    assert (fresh.payload["n"], place) == (2, known.oid)
    # It says nothing about those of another moment.
    fill(store, [3], start=1)
    page = await store.paginated(
        DEVICE, {"sort": "asc", "l": "9", "from": "2026-03-01T12:00:00.000"}
    )
    [(later, place, _)] = cursor.take(parse_batch(page, DEVICE).messages)
    assert (later.payload["n"], place) == (3, "")


async def test_no_more_than_needed_is_remembered():
    cursor, store = Cursor(), Store()
    fill(store, range(REMEMBERED + 50))
    newest = parse_batch(await store.history(DEVICE, 100), DEVICE).messages
    cursor.take(newest)
    store.cap = REMEMBERED + 50
    cursor.take(parse_batch(await store.history(DEVICE, 2000), DEVICE).messages)
    cursor.forget()
    assert len(cursor.seen) == len(cursor.copies) == REMEMBERED
    assert cursor.take(newest) == []


def test_a_cursor_comes_back_from_json_as_it_was():
    gap = Gap(start=START, end=START + timedelta(seconds=9), anchor=START)
    cursor = Cursor(watermark=START, gap=gap)
    message = parse_batch(
        [{"timestamp": "2026-03-01T12:00:00Z", "payload": {}}], DEVICE
    )
    cursor.take(message.messages)
    assert Cursor.from_dict(cursor.to_dict()) == cursor
    assert Cursor.from_dict(Cursor().to_dict()) == Cursor()


def test_notes_from_before_times_were_noted_are_still_notes():
    cursor = Cursor(watermark=START)
    messages = parse_batch(
        [{"timestamp": "2026-03-01T12:00:00Z", "payload": {}}], DEVICE
    ).messages
    cursor.take(messages)
    stored = cursor.to_dict()
    stored["copies"] = [row[:4] for row in stored["copies"]]
    assert Cursor.from_dict(stored).take(messages) == []


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        {"watermark": "soon", "gap": [1], "seen": 5, "copies": {}},
        {"gap": ["a", "b", "c"], "seen": [5], "copies": [["f", "x", 0, ""], "g"]},
    ],
)
def test_a_damaged_cursor_counts_as_never_stored(stored):
    assert Cursor.from_dict(stored) == Cursor()


async def test_messages_without_a_time_are_said_once_and_skipped(caplog):
    store = Store()
    fill(store, [0])
    reader = Reader(store)

    async def history(device_id, count):
        return [{"payload": {"n": 1}}, *await Store.history(store, device_id, count)]

    store.history = history
    assert await reader.poll() == [0]
    assert await reader.poll() == []
    assert caplog.text.count("without a time") == 1


async def test_times_of_another_kind_of_zone_difference_are_taken_as_utc():
    # Nothing in common between both endpoints: there is no evidence for a zone.
    store = Store(page_zone=timezone(timedelta(minutes=7)))
    reader = Reader(store)
    fill(store, [0])
    await reader.poll()
    fill(store, range(1, 151), start=3600)
    await reader.poll()
    assert reader.paging._zone is None


async def test_a_server_that_forgets_how_it_worked_ends_the_walk(caplog):
    for failing, answers in ((None, "refuses"), ([], "ends"), ("old", "ignores")):
        reader = Reader(Store())
        fill(reader.store, [-1, 0], step=-60)
        await reader.poll()
        fill(reader.store, range(1, 351), start=60)
        asked = 0
        plain = reader.store.paginated

        async def paginated(device_id, query, plain=plain, failing=failing):
            nonlocal asked
            asked += 1
            if asked < 3:
                return await plain(device_id, query)
            if failing == "old":
                return await plain(device_id, {**query, "from": "2026-03-01T00:00:00"})
            return failing

        reader.store.paginated = paginated
        got = await reader.poll()
        assert len(got) == 199, answers
        if answers == "ends":
            # A page that was there once may only be away for a moment.
            for _ in range(4):
                assert reader.inbox.cursor.gap is not None
                assert await reader.poll() == []
        assert reader.inbox.cursor.gap is None


async def test_pages_whose_times_have_a_zone_are_taken_as_they_are():
    class Zoned(Store):
        def _page_row(self, row):
            dates = {"timestamp": "at", "devicetimestamp": "sent"}
            spelled = {name: row[key].isoformat() for name, key in dates.items()}
            return {**super()._page_row(row), **spelled}

    reader = Reader(Zoned(page_zone=timezone(timedelta(hours=3)), page_from="zulu"))
    fill(reader.store, [0])
    await reader.poll()
    fill(reader.store, range(1, 151), start=60)
    assert len(await reader.poll()) == 150
    assert reader.paging.traits()["page_zone"] == "UTC"


def _delivered(reader, n, second, *, stored=True):
    store = reader.store if stored else Store()
    row = store.add({"n": n}, START + timedelta(seconds=second))
    return reader.inbox.receive(store.webhook_row(row), reader.deliver)


async def test_a_delivery_of_the_moment_that_was_read_last_is_left_to_the_polls():
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    assert _delivered(reader, 1, 0) is Arrival.LEFT
    assert _delivered(reader, 2, 0.001) is Arrival.TAKEN


async def test_a_delivery_that_a_poll_has_met_is_expected_no_longer():
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    assert _delivered(reader, 1, 60) is Arrival.TAKEN
    assert reader.inbox.cursor.early != {}
    await reader.poll()
    assert reader.inbox.cursor.early == {}


async def test_deliveries_that_polls_never_meet_are_counted_in_a_row():
    reader = Reader(Store())
    fill(reader.store, [0])
    await reader.poll()
    for strange in (1, 2):
        assert _delivered(reader, strange, 60 + strange, stored=False) is Arrival.TAKEN
    fill(reader.store, [3], start=300)
    await reader.poll()
    assert _delivered(reader, 4, 400) is Arrival.TAKEN
    await reader.poll()
    for time in (1, 2, 3):
        assert reader.inbox.agrees
        _delivered(reader, 10 + time, 500 * time, stored=False)
        fill(reader.store, [20 + time], start=500 * time + 300)
        await reader.poll()
    assert not reader.inbox.agrees


def test_while_messages_are_missing_no_delivery_is_given_up():
    cursor = Cursor(watermark=START, early={"a": START - timedelta(minutes=2)})
    cursor.gap = Gap(start=START, end=START, anchor=START)
    assert cursor.give_up() == 0
    cursor.gap = None
    assert cursor.give_up() == 1


async def test_a_message_that_came_without_its_id_is_known_with_it():
    store = Store(with_ids=False)
    fill(store, [0])
    cursor = Cursor()
    [bare] = parse_batch(await store.history(DEVICE, 1), DEVICE).messages
    cursor.take([bare])
    store.with_ids = True
    [same] = parse_batch(await store.history(DEVICE, 1), DEVICE).messages
    assert same.oid
    assert cursor.holds(same)
    fill(store, [1])
    both = parse_batch(await store.history(DEVICE, 2), DEVICE).messages
    assert {each.payload["n"]: cursor.holds(each) for each in both} == {
        0: True,
        1: False,
    }
