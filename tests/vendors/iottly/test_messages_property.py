"""No message is lost or repeated, whatever happens between device and client."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from random import Random
from typing import cast
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings, strategies as st

from custom_components.iot_clouds.model import Json
from custom_components.iot_clouds.vendors.iottly.cursor import Cursor, Taken
from custom_components.iot_clouds.vendors.iottly.inbox import Inbox
from custom_components.iot_clouds.vendors.iottly.leaves import Leaves
from custom_components.iot_clouds.vendors.iottly.paging import Paging

from .store import DEVICE, START, Store, broken

OVERLAP_MS = 9_000


@dataclass(frozen=True)
class Send:
    count: int
    step_ms: int
    late_ms: int
    copies: int


@dataclass(frozen=True)
class Poll:
    fails_after: int | None


@dataclass(frozen=True)
class Push:
    """Some of what was sent comes by itself, in some order, and some of it twice."""

    seed: int
    share: float


@dataclass(frozen=True)
class Restart:
    """The client starts again with what it wrote down."""


sends = st.builds(
    Send,
    count=st.one_of(st.integers(1, 4), st.sampled_from([24, 25, 26, 99, 101, 130])),
    step_ms=st.sampled_from([0, 1, 70, 999, 20_000]),
    late_ms=st.sampled_from([0, 0, 1, 500, OVERLAP_MS]),
    copies=st.sampled_from([1, 1, 1, 2, 3]),
)
polls = st.builds(Poll, fails_after=st.sampled_from([None, None, None, 0, 1, 2, 3]))
pushes = st.builds(
    Push, seed=st.integers(0, 99), share=st.sampled_from([0.1, 0.5, 1.0])
)
stores = st.builds(
    Store,
    descending=st.booleans(),
    dates=st.sampled_from(["iso", "trimmed", "milliseconds", "number_long"]),
    page_from=st.sampled_from(["naive", "zulu", "milliseconds", "seconds"]),
    page_zone=st.sampled_from([UTC, ZoneInfo("Europe/Rome")]),
    first_page=st.sampled_from([0, 1]),
    webhook_dates=st.sampled_from(["offset", "naive", "mongo"]),
)


class Client:
    """What the integration does with a device, and everything that it was handed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.inbox = Inbox(DEVICE)
        self.paging = Paging()
        self.leaves = Leaves()
        self.delivered: Counter[int] = Counter()

    def deliver(self, messages: list[Taken]) -> None:
        for message, place, again in messages:
            self.leaves.apply(message, place, again=again)
            if not again:
                self.delivered[cast(int, message.payload["serial"])] += 1

    def restart(self) -> None:
        stored = self.inbox.cursor.to_dict()
        self.inbox = Inbox(DEVICE, Cursor.from_dict(stored))
        leaves = json.loads(json.dumps(self.leaves.notes()))
        self.leaves = Leaves()
        self.leaves.restore(leaves)
        self.paging = Paging()

    def push(self, row: Json) -> None:
        self.inbox.receive(row, self.deliver)

    async def poll(self, fails_after: int | None) -> None:
        if fails_after is not None:
            self.store.failures = [None] * fails_after + [broken()]
        try:
            await self.inbox.poll(self.store, self.paging, self.deliver)
        except type(broken()):
            pass
        self.store.failures = []


class Device:
    """What the device sends, and what of it should be seen in the end."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = START
        self.sent: Counter[int] = Counter()
        self.forwarded = 0

    def forward(self, step: Push) -> list[Json]:
        """What the server sends to a webhook of what it has not sent there yet."""
        chance = Random(step.seed)
        rows = self.store.rows[self.forwarded :]
        self.forwarded = len(self.store.rows)
        some = [row for row in rows if chance.random() < step.share]
        some += chance.sample(some, len(some) // 4)
        chance.shuffle(some)
        return [self.store.webhook_row(row) for row in some]

    def send(self, step: Send) -> None:
        for _ in range(step.count):
            self.now += timedelta(milliseconds=step.step_ms)
            # One that becomes visible after later ones.
            late = timedelta(milliseconds=step.late_ms)
            serial = len(self.sent)
            for _ in range(step.copies):
                payload: Json = {"serial": serial, f"path{serial % 3}": serial}
                self.store.add(payload, self.now - late)
                self.sent[serial] += 1

    def states(self) -> dict[str, tuple[int, datetime]]:
        states = {}
        for row in self.store.sorted():
            for key, value in row["payload"].items():
                states[f"message/{key}"] = value, row["at"]
        return states


async def run(
    store: Store, steps: list[Send | Poll | Push | Restart]
) -> tuple[Device, Client]:
    device, client = Device(store), Client(store)
    await client.poll(None)
    for step in steps:
        match step:
            case Send():
                device.send(step)
            case Poll():
                await client.poll(step.fails_after)
                # Lateness is less than the time of two polls.
                device.now += timedelta(seconds=5)
            case Push():
                for row in device.forward(step):
                    client.push(row)
            case Restart():
                client.restart()
    await client.poll(None)
    await client.poll(None)
    for _ in range(5):
        await client.poll(None)
    return device, client


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    store=stores,
    steps=st.lists(
        st.one_of(sends, pushes, polls, polls, st.just(Restart())),
        min_size=1,
        max_size=10,
    ),
)
@example(store=Store(), steps=[Send(3, 0, 0, 1), Push(0, 1.0)])
def test_every_message_arrives_once_and_the_newest_wins(store, steps):
    device, client = asyncio.run(run(store, steps))
    assert client.delivered == device.sent
    shown = {
        key: (reading.value, reading.at)
        for key, reading in client.leaves.readings().items()
    }
    assert shown == device.states()


def test_what_becomes_visible_late_behind_a_crowd_is_found_after_a_restart_too():
    crowd = Send(count=101, step_ms=0, late_ms=0, copies=1)
    late = Send(count=1, step_ms=0, late_ms=OVERLAP_MS, copies=1)
    steps = [crowd, Poll(fails_after=None), late, Restart()]
    device, client = asyncio.run(run(Store(), steps))
    assert client.delivered == device.sent
