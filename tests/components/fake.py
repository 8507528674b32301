"""A cloud whose answers a test writes down."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from statistics import fmean

from custom_components.iot_clouds.cloud import (
    Answer,
    Challenge,
    Feed,
    Field,
    Form,
    Input,
    Link,
    Receiver,
    SignedIn,
    Vendor,
)
from custom_components.iot_clouds.model import (
    KEEP_STALE,
    Account,
    Call,
    Category,
    CloudError,
    Command,
    Device,
    Event,
    HistoryQuery,
    Json,
    Kind,
    Notice,
    Place,
    Point,
    Publish,
    Reading,
    Ref,
    Sample,
    Send,
    SetPoint,
    Snapshot,
    Update,
    Value,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

FORM = Form(
    key="fake",
    fields=(
        Field(key="username", input=Input.USERNAME),
        Field(key="password", input=Input.SECRET),
        Field(key="space", required=False),
        Field(
            key="base_url",
            input=Input.URL,
            default="https://fake.example",
            advanced=True,
        ),
    ),
)
TOKEN_FORM = Form(key="fake_token", fields=(Field(key="token", input=Input.SECRET),))
CODE_FORM = Form(key="fake_code", fields=(Field(key="otp", input=Input.CODE),))


def reading(value: Value, seconds: float = 0, **more) -> Reading:
    """A reading so many seconds after noon."""
    return Reading(value=value, at=NOON + timedelta(seconds=seconds), **more)


def board(**changes) -> Device:
    """A board with one point of each kind."""
    points = (
        Point(
            key="variable/temp",
            kind=Kind.MEASURE,
            name="Temp",
            unit="°C",
            device_class="temperature",
            state_class="measurement",
        ),
        Point(key="variable/note", kind=Kind.TEXT, name="Note", writable=True),
        Point(key="variable/door", kind=Kind.FLAG, name="Door", device_class="opening"),
        Point(
            key="variable/pump",
            kind=Kind.TOGGLE,
            name="Pump",
            writable=True,
            device_class="switch",
        ),
        Point(key="tracker/location", kind=Kind.PLACE, label="location"),
        Point(
            key="tracker/battery",
            kind=Kind.MEASURE,
            label="battery",
            unit="%",
            device_class="battery",
            category=Category.DIAGNOSTIC,
            enabled=False,
        ),
    )
    given = {
        "id": "board-1",
        "name": "Shed",
        "online": True,
        "model": "Uno",
        "serial": "S1",
        "sw_version": "1.2.3",
        "mac": "02:00:00:00:00:01",
        "url": "https://fake.example/board-1",
        "functions": ("open", "close"),
        "points": {point.key: point for point in points},
    }
    return Device(**{**given, **changes})


def values(device_id: str = "board-1", seconds: float = 0) -> dict[Ref, Reading]:
    """A reading for each point of the board."""
    return {
        Ref(device_id, "variable/temp"): reading(21.5, seconds),
        Ref(device_id, "variable/note"): reading("hello", seconds),
        Ref(device_id, "variable/door"): reading(False, seconds),
        Ref(device_id, "variable/pump"): reading(True, seconds),
        Ref(device_id, "tracker/location"): reading(
            Place(latitude=45.07, longitude=7.69, accuracy=12.0),
            seconds,
            attributes={"speed": 3},
        ),
        Ref(device_id, "tracker/battery"): reading(88, seconds),
    }


class FakeFeed:
    """A push source: a test puts updates, errors, or None for an ordinary end."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Update | Exception | None] = asyncio.Queue()
        self.entered = 0
        self.open = 0
        self.refuse: Exception | None = None
        self.gate: asyncio.Event | None = None

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[AsyncIterator[Update]]:
        self.entered += 1
        if self.gate:
            await self.gate.wait()
        if self.refuse:
            raise self.refuse
        self.open += 1
        try:
            yield self._listen()
        finally:
            self.open -= 1

    async def _listen(self) -> AsyncIterator[Update]:
        while True:
            match await self.queue.get():
                case None:
                    return
                case Exception() as err:
                    raise err
                case update:
                    yield update


class FakeReader:
    """Reads billed points from a table."""

    def __init__(self) -> None:
        self.table: dict[Ref, Reading] = {}
        self.held: dict[Ref, asyncio.Event] = {}
        """Points that are answered only when their event is set."""
        self.reads: list[list[Ref]] = []
        self.asked: list[bool] = []
        self.error: CloudError | None = None

    def interval(self, refs: Collection[Ref]) -> timedelta:
        return timedelta(minutes=15 + len(refs))

    async def read(
        self, refs: Collection[Ref], *, asked: bool = False
    ) -> AsyncIterator[Update]:
        self.reads.append(list(refs))
        self.asked.append(asked)
        if self.error:
            raise self.error
        for ref in refs:
            if ref in self.held:
                await self.held[ref].wait()
            if ref in self.table:
                yield Update(readings={ref: self.table[ref]})


class FakeHistory:
    """Tells what a test wrote down, by the point that it is about."""

    def __init__(self) -> None:
        self.samples: dict[tuple[str, str | None], list[Sample]] = {}
        self.queries: list[HistoryQuery] = []
        self.error: Exception | None = None

    async def query(self, query: HistoryQuery) -> tuple[Sample, ...]:
        self.queries.append(query)
        if self.error:
            raise self.error
        known = self.samples.get((query.device_id, query.key), [])
        found = [one for one in known if query.start <= one.at < query.end]
        if query.period:
            found = _aggregated(found, query.period, query.aggregation or "avg")
        return tuple(found[: query.limit])


def _aggregated(samples: list[Sample], period: int, name: str) -> list[Sample]:
    make: Mapping[str, Callable[[list], float]]
    make = {"avg": fmean, "min": min, "max": max, "sum": sum, "count": len}
    periods: dict[float, list] = {}
    for sample in samples:
        periods.setdefault(sample.at.timestamp() // period, []).append(sample.value)
    return [
        Sample(at=datetime.fromtimestamp(number * period, UTC), value=make[name](found))
        for number, found in periods.items()
    ]


class FakeCloud:
    """A cloud whose listing, feed and answers a test writes down."""

    def __init__(self) -> None:
        self.accepts: Collection[type[Command]] = {SetPoint, Call, Publish, Send}
        self.reader: FakeReader | None = None
        self.history: FakeHistory | None = FakeHistory()
        self.receiver: Receiver | None = None
        self.poll_in: timedelta | None = None
        self.devices: dict[str, Device] = {"board-1": board()}
        self.readings: dict[Ref, Reading] = values()
        self.complete = True
        self.events: tuple[Event, ...] = ()
        self.notices: tuple[Notice, ...] = ()
        self.error: Exception | None = None
        self.snapshots = 0
        self.gate: asyncio.Event | None = None
        self.commands: list[Command] = []
        self.answer: Json = None
        self.feed: FakeFeed | None = FakeFeed()
        self.closed = 0
        self.told: dict[str, Json] = {}

    def diagnostics(self) -> Mapping[str, Json]:
        return self.told

    async def identify(self) -> Account:
        return Account(id="1", title="Home")

    async def snapshot(self) -> Snapshot:
        self.snapshots += 1
        taken = Snapshot(
            devices=dict(self.devices),
            readings=dict(self.readings),
            events=self.events,
            complete=self.complete,
            notices=self.notices,
            poll_in=self.poll_in,
        )
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error
        return taken

    def feeds(self) -> Mapping[str, Feed]:
        return {"values": self.feed} if self.feed else {}

    async def execute(self, command: Command) -> Json:
        self.commands.append(command)
        if self.error:
            raise self.error
        return self.answer

    async def close(self) -> None:
        self.closed += 1


class FakeSignIn:
    """Answers a sign-in with what a test put in, one after another."""

    def __init__(self) -> None:
        self.outcomes: list[SignedIn | Challenge | Exception] = []
        self.calls: list[tuple[str, dict[str, str], Answer | None]] = []

    async def __call__(
        self,
        link: Link,
        form: str,
        values: Mapping[str, str],
        answer: Answer | None = None,
    ) -> SignedIn | Challenge:
        self.calls.append((form, dict(values), answer))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def vendor(cloud: FakeCloud, sign_in: FakeSignIn, *forms: Form) -> Vendor:
    """A registry entry for the cloud."""
    return Vendor(
        key="fake",
        name="Fake Cloud",
        forms=forms or (FORM,),
        poll_fast=timedelta(seconds=30),
        poll_slow=timedelta(seconds=300),
        sign_in=sign_in,
        connect=lambda link, data: cloud,
        choices=(KEEP_STALE,),
    )
