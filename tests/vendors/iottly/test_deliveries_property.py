"""Webhook and polls together tell every message once, whichever of them is first."""

import asyncio
from collections import Counter
import contextlib
from dataclasses import dataclass
from datetime import timedelta
import json
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st

from custom_components.iot_clouds.model import CloudUnreachable, Event, Json
from custom_components.iot_clouds.vendors.iottly.deliveries import Deliveries
from custom_components.iot_clouds.vendors.iottly.models import Board
from custom_components.iot_clouds.vendors.iottly.notebook import Notebook
from custom_components.iot_clouds.vendors.iottly.options import Wishes
from custom_components.iot_clouds.vendors.iottly.pace import Pace
from custom_components.iot_clouds.vendors.iottly.paging import Paging
from custom_components.iot_clouds.vendors.iottly.tracked import Tracked

from .store import DEVICE, PROJECT, START, Store, broken


@dataclass(frozen=True)
class Send:
    """Messages, of which those at some places are delivered too, so many times."""

    count: int
    step_ms: int
    late_ms: int
    copies: int
    delivered: tuple[int, ...]
    times: int


@dataclass(frozen=True)
class Poll:
    fails_after: int | None


@dataclass(frozen=True)
class Again:
    """What was delivered before is delivered again, as late as that."""


@dataclass(frozen=True)
class Restart:
    """The client starts again with what it wrote down."""


class _NoMemory:
    async def load(self):
        return {}

    def save(self, collect):
        pass


class Client:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.paging = Paging()
        self.told: Counter[int] = Counter()
        self.rows: list[bytes] = []
        self._begin(None)

    def _begin(self, note: Any) -> None:
        self.tracked = Tracked(Board(id=DEVICE, name="Board"), note=note)
        notebook = Notebook(_NoMemory(), {DEVICE: self.tracked})
        self.deliveries = Deliveries(
            PROJECT, "account", notebook, Pace(), wishes=Wishes(webhook_since=START)
        )

    def restart(self) -> None:
        self._begin(json.loads(json.dumps(self.tracked.notes())))
        self.paging = Paging()

    def _tell(self, event: Event) -> None:
        data: Any = event.data
        self.told[data["serial"]] += 1

    def deliver(self, body: bytes) -> None:
        for event in self.deliveries.receive(body).events:
            self._tell(event)

    async def poll(self, fails_after: int | None) -> None:
        if fails_after is not None:
            self.store.failures = [None] * fails_after + [broken()]
        with contextlib.suppress(CloudUnreachable):
            await self.tracked.poll(self.store, self.paging)
        self.store.failures = []
        for event in self.tracked.take_events():
            self._tell(event)


sends = st.builds(
    Send,
    count=st.one_of(st.integers(1, 5), st.sampled_from([26, 101, 130])),
    step_ms=st.sampled_from([0, 1, 70, 20_000]),
    late_ms=st.sampled_from([0, 0, 500, 9_000]),
    copies=st.sampled_from([1, 1, 2]),
    delivered=st.lists(st.integers(0, 130), max_size=6).map(tuple),
    times=st.sampled_from([1, 1, 2]),
)
steps_of = st.lists(
    st.one_of(
        sends,
        st.builds(Poll, fails_after=st.sampled_from([None, None, 0, 1, 2])),
        st.just(Again()),
        st.just(Restart()),
    ),
    min_size=1,
    max_size=8,
)


async def run(store: Store, steps: list[Any]) -> tuple[Counter[int], Client]:
    client, now, sent = Client(store), START, Counter[int]()
    await client.poll(None)
    for step in steps:
        match step:
            case Send():
                for place in range(step.count):
                    now += timedelta(milliseconds=step.step_ms)
                    serial, at = len(sent), now - timedelta(milliseconds=step.late_ms)
                    payload: Json = {"serial": serial, f"path{serial % 3}": serial}
                    for _ in range(step.copies):
                        row = store.add(payload, at)
                    sent[serial] = step.copies
                    if place in step.delivered:
                        client.rows.append(_delivery(row))
                        for _ in range(step.times):
                            client.deliver(client.rows[-1])
            case Poll():
                await client.poll(step.fails_after)
                now += timedelta(seconds=5)
            case Again():
                for body in client.rows:
                    client.deliver(body)
            case Restart():
                client.restart()
    for _ in range(7):
        await client.poll(None)
    return sent, client


def _delivery(row: dict[str, Any]) -> bytes:
    """A stored message as a webhook has it: no id, and a date with microseconds."""
    message = {
        "from": DEVICE,
        "to": PROJECT,
        "timestamp": (row["at"] + timedelta(microseconds=321)).isoformat(),
        "devicetimestamp": row["sent"].isoformat(),
        "type": row["type"],
        "payload": row["payload"],
    }
    return json.dumps({"msg": message}).encode()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    store=st.builds(
        Store, descending=st.booleans(), first_page=st.sampled_from([0, 1])
    ),
    steps=steps_of,
)
def test_every_message_is_told_once_and_the_newest_wins(store, steps):
    sent, client = asyncio.run(run(store, steps))
    assert client.told == sent
    newest: dict[str, int] = {}
    for row in store.sorted():
        for key, value in row["payload"].items():
            newest[f"message/{key}"] = value
    shown = client.tracked.leaves.readings()
    assert {key: reading.value for key, reading in shown.items()} == newest
