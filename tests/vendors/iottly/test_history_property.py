"""Whatever was sent, and however a server shows it: the history is all of it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings, strategies as st

from custom_components.iot_clouds.model import HistoryQuery
from custom_components.iot_clouds.vendors.iottly.history import MessageHistory
from custom_components.iot_clouds.vendors.iottly.models import Board
from custom_components.iot_clouds.vendors.iottly.paging import Paging
from custom_components.iot_clouds.vendors.iottly.tracked import Tracked

from .store import DEVICE, START, Store


@dataclass(frozen=True)
class Sent:
    """Messages at equal distances, some time after those before."""

    pause_ms: int
    count: int
    step_ms: int
    kind: str


@dataclass(frozen=True)
class Asked:
    """A period, as parts of the whole time, and a limit."""

    start: float
    end: float
    limit: int


sent = st.builds(
    Sent,
    pause_ms=st.sampled_from([0, 1, 1000, 3_600_000]),
    count=st.sampled_from([1, 2, 3, 60, 99, 100, 101, 130, 250]),
    step_ms=st.sampled_from([0, 0, 1, 7, 999]),
    kind=st.sampled_from(["userdefined", "userdefined", "iottlyagent"]),
)
asked = st.builds(
    Asked,
    start=st.one_of(st.sampled_from([-0.1, 0.0, 1.0, 1.1]), st.floats(0, 1)),
    end=st.one_of(st.sampled_from([0.0, 1.0, 1.1]), st.floats(0, 1)),
    limit=st.sampled_from([1, 99, 100, 101, 10_000]),
)
stores = st.builds(
    Store,
    descending=st.booleans(),
    dates=st.sampled_from(["iso", "trimmed", "milliseconds", "number_long"]),
    page_from=st.sampled_from(["naive", "zulu", "milliseconds", "seconds"]),
    page_zone=st.sampled_from([UTC, ZoneInfo("Europe/Rome")]),
    first_page=st.sampled_from([0, 1]),
)


def _fill(store: Store, bursts: list[Sent]) -> datetime:
    """Let the device send; return when the last message came."""
    at, number = START, 0
    for burst in bursts:
        at += timedelta(milliseconds=burst.pause_ms)
        for n in range(burst.count):
            at += timedelta(milliseconds=burst.step_ms if n else 0)
            store.add({"n": number}, at, kind=burst.kind)
            number += 1
    return at


def _expected(store: Store, query: HistoryQuery) -> list[tuple[datetime, int]]:
    rows = [
        (row["at"], row["payload"]["n"])
        for row in store.sorted()
        if row["type"] == "userdefined" and query.start <= row["at"] <= query.end
    ]
    return rows[: query.limit]


async def _told(store: Store, queries: list[HistoryQuery]) -> list[list[object]]:
    """What one client is told, which learns how the server works as it asks."""

    async def find(device_id: str) -> Tracked:
        return Tracked(Board(id=device_id, name=None))

    history = MessageHistory(store, Paging(), find)
    return [
        [
            (sample.at, cast(dict[str, int], sample.value)["n"])
            for sample in await history.query(query)
        ]
        for query in queries
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    store=stores,
    bursts=st.lists(sent, max_size=6),
    wanted=st.lists(asked, min_size=1, max_size=4),
)
def test_a_period_holds_what_was_sent_in_it_from_old_to_new(store, bursts, wanted):
    # The list of rows is made once for each example, not shared between them.
    store.rows = []
    whole = _fill(store, bursts) - START + timedelta(milliseconds=1)
    queries = [
        HistoryQuery(
            device_id=DEVICE,
            start=START + each.start * whole,
            end=START + max(each.start, each.end) * whole,
            limit=each.limit,
        )
        for each in wanted
    ]
    assert asyncio.run(_told(store, queries)) == [
        _expected(store, query) for query in queries
    ]
