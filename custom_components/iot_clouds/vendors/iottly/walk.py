"""A way through the pages that a server has of one stretch of time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from ...model import Json
from .cursor import Gap
from .dates import TICK
from .messages import Batch, Message, parse_batch
from .spelling import Spelling, spell, start_of
from .twice import after_twice

PAGE = 100


class Source(Protocol):
    """Where the messages of a device are read; both may raise any `CloudError`."""

    async def history(self, device_id: str, count: int) -> list[Json] | None:
        """Return the newest `count` (1 to 100) messages, in any order; None if none."""

    async def paginated(
        self, device_id: str, query: Mapping[str, str]
    ) -> list[Json] | None:
        """Return a page; empty when nothing matches, None when the query is refused."""


@dataclass(slots=True, kw_only=True)
class Walk:
    """A way through the pages of one stretch of time.

    `number` counts pages of one and the same start, which is needed only where one
    moment fills whole pages; `ranks` counts equal messages on those pages.
    """

    source: Source
    device_id: str
    gap: Gap
    zone: tzinfo
    spelling: Spelling = Spelling.LOCAL
    number: int = 0
    ranks: Counter[str] = field(default_factory=Counter)
    silent: bool = False
    """Whether an answer had nothing at all."""
    _rows: list[Json] | None = None
    _page: Batch = field(default_factory=Batch)

    async def page(self) -> Batch | None:
        """Ask for the page that the walk stands at; None if the query is refused."""
        query = {
            "type": "all",
            "sort": "asc",
            "l": str(PAGE),
            "from": spell(self.gap.start, self.spelling, self.zone),
        }
        if self.number:
            query["p"] = str(self.number)
        rows = await self.source.paginated(self.device_id, query)
        self.silent |= rows == []
        if rows is None:
            return None
        if rows != self._rows:
            since = self._since(rows)
            self._page = parse_batch(rows, self.device_id, self.zone, since)
            self._rows = rows
        return self._page

    def ignored_by(self, page: Batch) -> bool:
        """Whether the server gave messages from before the start."""
        start = self._written(self.gap.start)
        return bool(page.messages) and page.messages[0].at < start

    def news(self, page: Batch) -> list[Message]:
        """The messages of a page without those from before the start.

        They may be known and forgotten, and have to be shown where the start is of a time
        that comes twice.
        """
        return [each for each in page.messages if each.at >= self._exact]

    def ends_with(self, page: Batch) -> bool:
        """Whether nothing of the gap lies behind this page."""
        last = page.messages[-1].at
        if page.size >= PAGE:
            return last > self.gap.end
        return last >= self.gap.end or not self._passes(last)

    def advance(self, page: Batch) -> None:
        """Go on to the next page: by its last time, or by number if that stands still."""
        last = page.messages[-1].at
        if self._passes(last):
            self.move(last)
        else:
            self.number += 1

    def move(self, start: datetime) -> None:
        """Continue from another start."""
        self.gap.start = self.gap.anchor = start
        self.gap.doubts = 0
        self.number = 0
        self.ranks = Counter()

    def skip(self, page: Batch) -> None:
        """Continue after a page that there is no other way to get over."""
        start = page.messages[-1].at + TICK
        self.move(start if self._passes(start) else after_twice(start, self.zone))

    def _passes(self, last: datetime) -> bool:
        """Whether this time, written out, is later than the start."""
        return self._written(last) > self._written(self.gap.start)

    def _written(self, start: datetime) -> datetime:
        """The moment that a start stands for, once it is written out."""
        return start_of(start, self.spelling, self.zone)

    def _since(self, rows: list[Json]) -> datetime:
        """A moment that a page is not before, which tells times that come twice.

        Pages go on from each other. The first one may begin only where something is
        known to be, although the start that was written is from before that.
        """
        if self.number and self._page.messages:
            return self._page.messages[-1].at
        gap = self.gap
        first = parse_batch(rows[:1], self.device_id, self.zone, gap.start).messages
        if first and gap.start <= first[0].at <= gap.anchor:
            return gap.start
        return self._written(gap.start)

    @property
    def _exact(self) -> datetime:
        """The start, as far as the spelling has words for it."""
        return start_of(self.gap.start, self.spelling, UTC)
