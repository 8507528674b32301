"""Feeds are kept alive patiently, and said to be down once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
import logging

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds import feeds
from custom_components.iot_clouds.feeds import FeedSupervisor
from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudUnreachable,
    Update,
)
from homeassistant.util import dt as dt_util

from .fake import FakeFeed, Ref, reading


class Rig:
    """A supervisor whose clock, sleep and chance a test holds in its hands."""

    def __init__(self, hass, entry) -> None:
        self.now = 0.0
        self.chance = 1.0
        self.waits: list[float] = []
        self.turn = asyncio.Semaphore(0)
        self.feed = FakeFeed()
        self.supervisor = FeedSupervisor(
            hass,
            entry,
            entry.runtime_data.coordinator,
            {"values": self.feed},
            sleep=self.sleep,
            rng=lambda: self.chance,
            clock=lambda: self.now,
        )

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self.turn.acquire()
        self.now += seconds


@pytest.fixture
async def rig(hass, cloud, entry):
    """A supervised feed beside a loaded account that has none of its own."""
    cloud.feed = None
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return Rig(hass, entry)


def _lines(caplog) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components") and "Live updates" in record.msg
    ]


def _lasts(hass) -> None:
    """Let everything ring that waits for a connection to last."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=2))


async def test_a_feed_that_cannot_connect_backs_off(rig, until):
    rig.feed.refuse = CloudUnreachable("no route")
    rig.supervisor.async_start()
    for count in range(1, 10):
        await until(lambda count=count: len(rig.waits) == count)
        # However long an attempt took: what never was up was not healthy.
        rig.now += 100
        rig.turn.release()
    assert rig.waits[:9] == [2, 4, 8, 16, 32, 64, 128, 256, 300]


async def test_half_of_a_wait_is_chance(rig, until):
    rig.chance = 0.0
    rig.feed.refuse = CloudUnreachable("no route")
    rig.supervisor.async_start()
    for count in range(1, 4):
        await until(lambda count=count: len(rig.waits) == count)
        rig.turn.release()
    assert rig.waits[:3] == [1, 2, 4]


def _passes(hass, rig, seconds: float) -> None:
    """Let time pass while a connection lives."""
    rig.now += seconds
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))


async def test_accepting_and_closing_at_once_backs_off_too(rig, until):
    rig.supervisor.async_start()
    for count in range(1, 5):
        await until(lambda: rig.feed.open)
        rig.feed.queue.put_nowait(None)
        await until(lambda count=count: len(rig.waits) == count)
        rig.turn.release()
    assert rig.waits == [2, 4, 8, 16]


async def test_a_feed_that_is_closed_at_once_is_down_while_it_waits(
    hass, entry, rig, until, caplog
):
    caplog.set_level(logging.INFO)
    coordinator = entry.runtime_data.coordinator
    rig.supervisor.async_start()
    await until(lambda: rig.feed.open)
    seldom = coordinator.update_interval

    rig.now = 5
    rig.feed.queue.put_nowait(None)
    await until(lambda: rig.waits)

    assert rig.supervisor.live == {"values": False}
    assert rig.supervisor.down
    assert coordinator.update_interval < seldom
    assert coordinator.listening_since is None
    assert _lines(caplog) == [
        "Live updates (values) of Home are down, polling instead: "
        "The cloud closed the connection"
    ]


async def test_an_expected_end_after_a_healthy_life_is_nothing_special(
    hass, cloud, rig, until, caplog, entry
):
    rig.supervisor.async_start()
    caplog.set_level(logging.INFO)
    await until(lambda: rig.feed.open)
    rig.now = 300
    rig.feed.queue.put_nowait(None)
    await until(lambda: rig.waits)
    assert rig.waits == [1.0]
    # What a board sends meanwhile cannot be heard.
    assert entry.runtime_data.coordinator.listening_since is None
    rig.turn.release()
    await until(lambda: rig.feed.open)

    _lasts(hass)
    assert _lines(caplog) == []
    # Nothing is replayed, so one listing closes the gap.
    await until(lambda: cloud.snapshots == 2)
    assert rig.supervisor.reconnects == {"values": 1}


async def test_since_when_a_feed_is_up_or_down_is_known_and_why(rig, until):
    supervisor = rig.supervisor
    rig.feed.refuse = CloudUnreachable("no route")
    rig.now = 3
    supervisor.async_start()
    await until(lambda: rig.waits == [2])
    # It was down before and still is.
    rig.now = 7
    assert supervisor.steady("values") == 7
    assert supervisor.failures == {"values": "CloudUnreachable"}
    rig.feed.refuse = None
    rig.turn.release()
    await until(lambda: rig.feed.open)
    assert supervisor.steady("values") == 0
    rig.now += 50
    assert supervisor.steady("values") == 50
    rig.feed.queue.put_nowait(CloudBusy("slow down", retry_after=9))
    await until(lambda: not supervisor.live["values"])
    assert supervisor.steady("values") == 0
    assert supervisor.failures == {"values": "CloudBusy"}


@pytest.mark.parametrize(("life", "wait"), [(74, 8), (75, 2)])
async def test_the_delay_is_forgiven_after_a_healthy_life(rig, until, life, wait):
    rig.feed.refuse = CloudUnreachable("no route")
    rig.supervisor.async_start()
    await until(lambda: rig.waits == [2])
    rig.turn.release()
    await until(lambda: rig.waits == [2, 4])
    rig.feed.refuse = None
    rig.turn.release()
    await until(lambda: rig.feed.open)
    rig.now += life
    rig.feed.queue.put_nowait(CloudUnreachable("cut"))
    await until(lambda: rig.waits == [2, 4, wait])


async def test_down_and_up_are_one_line_each(rig, until, caplog, monkeypatch):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(feeds, "HEALTHY", 0.01)
    rig.feed.refuse = CloudUnreachable("no route")
    rig.supervisor.async_start()
    for count in (1, 2, 3):
        await until(lambda count=count: len(rig.waits) == count)
        if count == 3:
            rig.feed.refuse = None
        rig.turn.release()
    await until(lambda: rig.feed.open)
    await until(lambda: len(_lines(caplog)) == 2)

    assert _lines(caplog) == [
        "Live updates (values) of Home are down, polling instead: no route",
        "Live updates (values) of Home are back",
    ]


async def test_a_feed_that_is_cut_again_and_again_is_told_once(
    hass, rig, until, caplog
):
    caplog.set_level(logging.INFO)
    rig.supervisor.async_start()
    for count in (1, 2, 3):
        await until(lambda: rig.feed.open)
        rig.feed.queue.put_nowait(CloudUnreachable("cut"))
        await until(lambda count=count: len(rig.waits) == count)
        # The connection that is cut says nothing later.
        _lasts(hass)
        rig.turn.release()
    await until(lambda: rig.feed.open)

    assert _lines(caplog) == [
        "Live updates (values) of Home are down, polling instead: cut"
    ]


async def _cut_after_a_while(hass, rig, until, *, times: int) -> None:
    for count in range(1, times + 1):
        await until(lambda: rig.feed.open)
        _passes(hass, rig, 90)
        rig.feed.queue.put_nowait(CloudUnreachable("cut"))
        await until(lambda count=count: len(rig.waits) == count)
        rig.turn.release()


async def test_a_feed_that_only_lasts_for_a_while_is_told_seldom(
    hass, rig, until, caplog
):
    caplog.set_level(logging.INFO)
    rig.supervisor.async_start()
    await _cut_after_a_while(hass, rig, until, times=10)
    assert [line.split()[6] for line in _lines(caplog)] == ["down,", "back", "down,"]
    assert rig.supervisor.down

    await until(lambda: rig.feed.open)
    _passes(hass, rig, 160)
    assert not rig.supervisor.down
    # After a long good time it is believed as soon as in the beginning.
    _passes(hass, rig, 601)
    rig.feed.queue.put_nowait(CloudUnreachable("cut"))
    await until(lambda: len(rig.waits) == 11)
    rig.turn.release()
    await until(lambda: rig.feed.open)
    _passes(hass, rig, 80)
    assert not rig.supervisor.down


async def test_a_feed_proves_itself_over_ends_that_are_expected(
    hass, rig, until, caplog
):
    caplog.set_level(logging.INFO)
    rig.supervisor.async_start()
    await _cut_after_a_while(hass, rig, until, times=7)
    for count in range(8, 13):
        await until(lambda: rig.feed.open)
        assert rig.supervisor.down
        rig.now += 100
        rig.feed.queue.put_nowait(None)
        await until(lambda count=count: len(rig.waits) == count)
        rig.turn.release()
    await until(lambda: rig.feed.open)
    _passes(hass, rig, 160)
    assert not rig.supervisor.down
    assert _lines(caplog)[-1] == "Live updates (values) of Home are back"


@pytest.mark.parametrize("pause", [60, 300])
async def test_a_busy_cloud_is_waited_for_as_told(rig, until, caplog, pause):
    caplog.set_level(logging.INFO)
    rig.feed.refuse = CloudBusy("slow down", retry_after=pause)
    rig.supervisor.async_start()
    await until(lambda: rig.waits == [pause])
    # What never was up cannot be in a short pause.
    assert len(_lines(caplog)) == 1


async def test_with_several_feeds_polls_are_seldom_when_all_are_up(
    hass, entry, rig, until
):
    coordinator = entry.runtime_data.coordinator
    other = FakeFeed()
    other.refuse = CloudUnreachable("no route")
    supervisor = FeedSupervisor(
        hass, entry, coordinator, {"more": other, "values": rig.feed}, sleep=rig.sleep
    )
    often = coordinator.update_interval
    supervisor.async_start()
    await until(lambda: rig.feed.open and rig.waits)
    assert coordinator.update_interval == often
    other.refuse = None
    rig.turn.release()
    await until(lambda: other.open)
    assert coordinator.update_interval > often


async def _ended_as_expected(rig, until) -> None:
    """A feed that lived long enough and ended, and waits for its turn."""
    rig.supervisor.async_start()
    await until(lambda: rig.feed.open)
    rig.now += 300
    rig.feed.queue.put_nowait(None)
    await until(lambda: rig.waits == [1])


async def test_a_short_pause_after_an_expected_end_is_no_outage(rig, until, caplog):
    caplog.set_level(logging.INFO)
    await _ended_as_expected(rig, until)
    rig.feed.refuse = CloudBusy("slow down", retry_after=60.5)
    rig.turn.release()
    await until(lambda: rig.waits == [1, 60.5])
    assert rig.supervisor.live == {"values": True}
    rig.feed.refuse = None
    rig.turn.release()
    await until(lambda: rig.feed.open)
    assert not rig.supervisor.down
    assert _lines(caplog) == []
    # The next time is another one.
    rig.now += 300
    rig.feed.queue.put_nowait(None)
    await until(lambda: len(rig.waits) == 3)
    rig.feed.refuse = CloudBusy("slow down", retry_after=60.5)
    rig.turn.release()
    await until(lambda: len(rig.waits) == 4)
    assert rig.supervisor.live == {"values": True}


@pytest.mark.parametrize(
    "pauses",
    [(60, 60), (91,)],
    ids=["two in a row", "a long one"],
)
async def test_a_longer_pause_is_an_outage(rig, until, caplog, pauses):
    caplog.set_level(logging.INFO)
    await _ended_as_expected(rig, until)
    for count, pause in enumerate(pauses, 2):
        rig.feed.refuse = CloudBusy("slow down", retry_after=pause)
        rig.turn.release()
        await until(lambda count=count: len(rig.waits) == count)
    assert rig.supervisor.live == {"values": False}
    assert len(_lines(caplog)) == 1


async def test_whoever_wants_to_know_in_a_pause_is_told(rig, until):
    await _ended_as_expected(rig, until)
    told: list[str] = []
    rig.supervisor.async_listen(told.append)
    rig.feed.refuse = CloudBusy("slow down", retry_after=60)
    rig.turn.release()
    await until(lambda: rig.waits == [1, 60])
    assert told == ["values"]


async def test_refused_credentials_end_the_feed_and_ask_for_new_ones(hass, rig, until):
    rig.supervisor.async_start()
    await until(lambda: rig.feed.open)
    rig.feed.queue.put_nowait(CloudAuthError("no"))
    await until(lambda: hass.config_entries.flow.async_progress())
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    assert rig.waits == []
    assert rig.feed.open == 0


class Handing:
    """Updates of a fake feed, handed over when they are put."""

    def __init__(self, updates: AsyncIterator[Update]) -> None:
        self._updates = updates

    def __aiter__(self) -> AsyncIterator[Update]:
        pytest.fail("iterated, which wakes a task for each update")

    async def hand_to(self, sink: Callable[[Update], None]) -> None:
        async for update in self._updates:
            sink(update)


@pytest.mark.expects_errors("Unexpected error in values of Home", always=False)
@pytest.mark.parametrize(
    ("end", "down"),
    [(CloudUnreachable("cut"), True), (ZeroDivisionError(), True), (None, False)],
)
async def test_updates_that_can_be_handed_over_are(hass, rig, until, end, down):
    @asynccontextmanager
    async def feed():
        async with FakeFeed.__call__(rig.feed) as updates:
            yield Handing(updates)

    rig.supervisor._feeds = {"values": feed}
    rig.supervisor.async_start()
    await until(lambda: rig.feed.open)
    rig.feed.queue.put_nowait(
        Update(readings={Ref("board-1", "variable/temp"): reading(30, 1)})
    )
    await until(lambda: hass.states.get("sensor.shed_temp").state == "30")
    rig.now += 75
    rig.feed.queue.put_nowait(end)
    await until(lambda: rig.waits == [2.0 if down else 1.0])
    assert rig.supervisor.down is down


@pytest.mark.expects_errors("Unexpected error in values of Home")
async def test_a_mistake_of_ours_is_seen_once_and_costs_no_feed(
    hass, rig, until, caplog
):
    rig.supervisor.async_start()
    await until(lambda: rig.feed.open)
    for count in (1, 2):
        rig.feed.queue.put_nowait(ZeroDivisionError("oops"))
        await until(lambda count=count: len(rig.waits) == count)
        rig.turn.release()
        await until(lambda: rig.feed.open)
    rig.feed.queue.put_nowait(
        Update(readings={Ref("board-1", "variable/temp"): reading(30, 1)})
    )
    await until(lambda: hass.states.get("sensor.shed_temp").state == "30")
    assert caplog.text.count("Unexpected error in values of Home") == 1


async def test_whoever_wants_to_know_now_is_told_and_the_wait_goes_on_after_that(
    rig, until
):
    rig.feed.refuse = CloudUnreachable("no route")
    rig.supervisor.async_start()
    await until(lambda: rig.waits == [2])

    assert await rig.supervisor.async_retry() is False
    assert rig.feed.entered == 2
    await until(lambda: rig.waits == [2, 4])

    rig.feed.refuse = None
    assert await rig.supervisor.async_retry() is True
    assert (rig.feed.entered, rig.feed.open) == (3, 1)
    # What is connected is left alone.
    assert await rig.supervisor.async_retry() is True
    assert rig.feed.entered == 3
    # Nobody listens any more.
    assert rig.supervisor._listeners == []


async def test_a_wait_that_the_cloud_asked_for_is_not_cut_short(rig, until):
    rig.feed.refuse = CloudBusy("slow down", retry_after=300)
    rig.supervisor.async_start()
    await until(lambda: rig.waits == [300])
    rig.feed.refuse = None
    assert await rig.supervisor.async_retry() is False
    assert rig.feed.entered == 1


async def test_an_attempt_that_takes_too_long_has_not_worked_yet(rig, until):
    rig.feed.refuse = CloudUnreachable("no route")
    rig.supervisor.async_start()
    await until(lambda: rig.waits == [2])
    rig.feed.gate = asyncio.Event()
    assert await rig.supervisor.async_retry(patience=0.01) is False
    assert rig.feed.entered == 2
    # The next one waits for the same attempt.
    rig.feed.refuse = None
    retry = asyncio.create_task(rig.supervisor.async_retry())
    rig.feed.gate.set()
    assert await retry is True
    assert rig.feed.entered == 2


async def test_a_feed_that_was_refused_for_good_is_not_down_and_not_tried(rig, until):
    assert rig.supervisor.down
    rig.feed.refuse = CloudAuthError("no")
    rig.supervisor.async_start()
    await until(lambda: not rig.supervisor.down)
    assert await rig.supervisor.async_retry() is False
    assert rig.feed.entered == 1
