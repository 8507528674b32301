"""Tells what a device sent in the past, message by message (reference 2.7, 2.8)."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
import logging

from ...model import (
    CloudRejected,
    CloudUnreachable,
    HistoryQuery,
    Json,
    Kind,
    Place,
    Sample,
    Value,
    plain,
)
from .cursor import Cursor
from .dates import cut
from .flatten import Form, Leaf, Path
from .inbox import MANY, ORIGIN
from .keeping import Shown
from .messages import USER, Batch, Message, parse_batch
from .paging import Paging
from .readings import content_of
from .tracked import Tracked
from .translate import EVENTS
from .walk import PAGE, Source, Walk

_LOGGER = logging.getLogger(__name__)

MOST_PAGES = 500
"""Pages that one query looks through: fifty thousand messages."""

type Find = Callable[[str], Awaitable[Tracked]]
"""A device of the project; raises `CloudMissing` if it has no such device."""
type Tell = Callable[[Message], Iterator[Json]]
"""What one message says about the subject of a query: one value, or nothing."""


class MessageHistory:
    """Answers with the messages that a device's own programs sent, or parts of them."""

    def __init__(self, source: Source, paging: Paging, find: Find) -> None:
        """`paging` is what is known of the server's pages, and learns more here."""
        self._source = source
        self._paging = paging
        self._find = find

    async def query(self, query: HistoryQuery) -> tuple[Sample, ...]:
        """What was received between two times, both included, oldest first.

        Of a device, and of its events, the samples are the payloads. Of any other point
        they are its value in each message that has it: None for what is no value,
        positions as objects with latitude, longitude (degrees) and accuracy (m), times
        in ISO 8601.

        Raises:
            CloudRejected: something else than single messages was asked for, there are
                too many to look through, or the server does not show such old ones.
            CloudMissing: the device is not in the project.
            CloudAuthError, CloudBusy, CloudUnreachable: a part could not be read.
        """
        if query.period is not None or query.aggregation is not None:
            raise CloudRejected(
                "it keeps single messages and no averages, which statistics need",
                field="period",
            )
        device = await self._find(query.device_id)
        samples = _Samples(query, _teller(query.key, device))
        rows = await self._source.history(query.device_id, MANY) or []
        newest = parse_batch(rows, query.device_id)
        if _covers(newest, query.start):
            samples.take(newest.messages)
        else:
            await _read(await self._walk(query, newest), samples)
        return samples.result()

    async def _walk(self, query: HistoryQuery, newest: Batch) -> Walk:
        # Pages know milliseconds only, and some servers no times before 1970.
        walk = await self._paging.walk(
            self._source,
            query.device_id,
            cut(max(query.start, ORIGIN)),
            query.end,
            newest.messages,
        )
        if walk is None:
            raise CloudRejected(
                f"it shows only the newest {MANY} messages of this device",
                field="start",
            )
        return walk


class _Samples:
    """What was found so far, each message once."""

    def __init__(self, query: HistoryQuery, tell: Tell) -> None:
        """Begin with nothing."""
        self._query = query
        self._tell = tell
        self._cursor = Cursor()
        self._found: list[Sample] = []

    @property
    def full(self) -> bool:
        """Whether there are as many as were asked for."""
        return len(self._found) >= self._query.limit

    def take(
        self, messages: Iterable[Message], ranks: Counter[str] | None = None
    ) -> None:
        """Take the samples out of an answer; `ranks` counts equal messages of pages."""
        for message, *_ in self._cursor.take(messages, ranks):
            within = self._query.start <= message.at <= self._query.end
            if message.type == USER and within:
                self._found += [
                    Sample(at=message.at, value=value) for value in self._tell(message)
                ]
        self._cursor.forget()

    def result(self) -> tuple[Sample, ...]:
        """The oldest of them, as many as were asked for."""
        ordered = sorted(self._found, key=lambda sample: sample.at)
        return tuple(ordered[: self._query.limit])


async def _read(walk: Walk, samples: _Samples) -> None:
    """Follow the pages to the end of the time, or until there is enough."""
    before: Batch | None = None
    for _ in range(MOST_PAGES):
        page = await walk.page()
        if page is None or walk.ignored_by(page):
            raise CloudRejected("it does not keep to this start", field="start")
        if not page.messages:
            if page.size >= PAGE:
                raise CloudUnreachable("The messages of this time make no sense")
            return
        # Whether pages are numbered from 0 or 1 is not documented: one that repeats its
        # predecessor is the first page under its other name.
        repeated = before is not None and page.messages == before.messages
        if not repeated:
            samples.take(page.messages, walk.ranks)
        if samples.full or walk.ends_with(page):
            return
        if repeated and walk.number > 1:
            _LOGGER.warning("Of more than %d messages of one moment some lack", PAGE)
            walk.skip(page)
        else:
            walk.advance(page)
        before = page if walk.number else None
    raise CloudRejected(
        f"more than {MOST_PAGES * PAGE} messages would have to be looked through",
        field="start",
    )


def _covers(newest: Batch, start: datetime) -> bool:
    """Whether the newest messages are all that were received from `start` on."""
    messages = newest.messages
    return newest.size < MANY or bool(messages and messages[0].at < start)


def _teller(key: str | None, device: Tracked) -> Tell:
    if key is None or key == EVENTS.key:
        return _payload
    leaves = device.leaves
    if (found := leaves.shown(key)) is None:
        raise CloudRejected("it keeps only messages", field="key")
    path, shown = found
    return lambda message: _content(leaves.parts(message), path, shown)


def _payload(message: Message) -> Iterator[Json]:
    yield plain(message.payload)


def _content(parts: Iterable[Leaf], path: Path, shown: Shown) -> Iterator[Json]:
    for leaf in parts:
        if leaf.path != path:
            continue
        # A position that came incomplete changes nothing.
        if leaf.form is not Form.BRANCH or shown.point.kind is not Kind.PLACE:
            yield _as_json(content_of(shown.point, shown.form, leaf))


def _as_json(value: Value) -> Json:
    match value:
        case Place():
            return {
                "latitude": value.latitude,
                "longitude": value.longitude,
                "accuracy": value.accuracy,
            }
        case datetime():
            return value.isoformat()
        case bool() | int() | float() | str():
            return plain(value)
    return None
