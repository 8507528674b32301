"""Closes gaps through the paginated endpoint, whose details are not documented.

What a server means by a start time and by a time without zone is found out by asking
and looking at the answers, never assumed (reference 2.8, 3.3, 3.6).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
import logging

from ...model import Json
from .cursor import Cursor, Gap, Taken
from .dates import is_naive
from .messages import Batch, Message, parse_batch
from .spelling import Spelling, infer_zone
from .walk import Source, Walk

_LOGGER = logging.getLogger(__name__)

MAX_PAGES = 20
_SAMPLE = 10

type Deliver = Callable[[list[Taken]], None]
"""Takes new messages with their place within their millisecond, from old to new."""


class Paging:
    """What was found out about one server; shared by all devices of an account."""

    def __init__(self) -> None:
        """Know nothing."""
        self._zone: tzinfo | None = None
        self._spelling: Spelling | None = None
        self._usable = True
        self._told = False

    def traits(self) -> dict[str, Json]:
        """What was found out about the server's pages; None until they were needed."""
        return {
            "pages_usable": self._usable,
            "page_start": self._spelling.value if self._spelling else None,
            "page_zone": str(self._zone) if self._zone else None,
            "messages_lost": self._told,
        }

    async def close_gap(
        self,
        source: Source,
        device_id: str,
        cursor: Cursor,
        known: Sequence[Message],
        deliver: Deliver,
    ) -> None:
        """Read what lies in the cursor's gap, at most 20 pages of it.

        Whatever was read is delivered and remembered at once, so a failure in the
        middle, or a longer gap, continues at the next poll. A gap that the server gives
        no means to close is given up, which is logged once. `known` are messages that
        the history has just shown; they tell the zone of times without one.
        """
        if (gap := cursor.gap) is None:
            return
        first, silent = None, self._usable
        if self._usable and (zone := await self._find_zone(source, device_id, known)):
            walk = Walk(source=source, device_id=device_id, gap=gap, zone=zone)
            first, silent = await self._first(walk), walk.silent
            if first is None and not silent:
                self._usable = self._spelling is not None
        if first is not None:
            if await self._follow(walk, first, cursor, known, deliver):
                cursor.gap = None
        elif not silent or gap.is_empty(self._patience):
            cursor.gap = None
            self._tell()

    @property
    def _patience(self) -> int:
        """How often in a row pages must be empty: oftener where some have been read."""
        return 5 if self._spelling else 2

    async def walk(
        self,
        source: Source,
        device_id: str,
        start: datetime,
        end: datetime,
        known: Sequence[Message],
    ) -> Walk | None:
        """A way from any start to an end; None if the server offers none.

        `known` are the newest messages of the device, from old to new. As nobody knows
        what was sent around `start`, one of these shows what a start means: one from
        the middle, because before and after it there is more.
        """
        if not known or not (zone := await self._find_zone(source, device_id, known)):
            return None
        if self._spelling is None:
            at = known[len(known) // 2].at
            gap = Gap(start=at, end=at, anchor=at)
            probe = Walk(source=source, device_id=device_id, gap=gap, zone=zone)
            if not (found := await self._spelled(probe)) or not found[1]:
                return None
            self._spelling = probe.spelling
        self._usable = True
        return Walk(
            source=source,
            device_id=device_id,
            gap=Gap(start=start, end=end, anchor=start),
            zone=zone,
            spelling=self._spelling,
        )

    async def _follow(
        self,
        walk: Walk,
        page: Batch,
        cursor: Cursor,
        known: Sequence[Message],
        deliver: Deliver,
    ) -> bool:
        """Walk from the first page on; tell whether the walk is over."""
        before: Batch | None = None
        for _ in range(MAX_PAGES):
            # Whether pages are numbered from 0 or 1 is not documented: one that repeats
            # its predecessor is the first page under its other name.
            repeated = before is not None and page.messages == before.messages
            if not repeated and (fresh := cursor.take(walk.news(page), walk.ranks)):
                deliver(fresh)
            cursor.keep(known)
            if walk.ends_with(page):
                return True
            if repeated and walk.number > 1:
                walk.skip(page)
                self._tell()
            else:
                walk.advance(page)
            before = page if walk.number else None
            following = await walk.page()
            if following is None or walk.ignored_by(following):
                self._tell()
                return True
            if not following.messages:
                if walk.number or following.size:
                    return True
                return walk.gap.is_empty(self._patience)
            page = following
        if walk.number:
            # The next poll would get no farther.
            walk.skip(page)
            self._tell()
        return False

    async def _first(self, walk: Walk) -> Batch | None:
        """The first page of a gap; None if the server cannot be asked for a start.

        If no answer can be trusted (old messages may have been deleted meanwhile), one
        that is at least possible is taken.
        """
        if (found := await self._spelled(walk)) is None:
            return None
        page, trusted = found
        if trusted:
            self._spelling = walk.spelling
        else:
            self._tell()
        return page

    async def _spelled(self, walk: Walk) -> tuple[Batch, bool] | None:
        """The first page in the spelling that the server takes, and whether it is sure.

        An answer is trusted when it begins within what is known to exist.
        """
        possible: tuple[Spelling, Batch] | None = None
        for spelling in [self._spelling] if self._spelling else list(Spelling):
            walk.spelling = spelling
            page = await walk.page()
            if page is None or not page.messages or walk.ignored_by(page):
                continue
            if page.messages[0].at <= walk.gap.anchor:
                return page, True
            possible = possible or (spelling, page)
        if possible is None:
            return None
        walk.spelling, page = possible
        return page, False

    async def _find_zone(
        self, source: Source, device_id: str, known: Sequence[Message]
    ) -> tzinfo | None:
        """The zone of times without one; None if there are no pages at all.

        It is known once the newest messages have been compared between both endpoints.
        """
        if self._zone:
            return self._zone
        query = {"type": "all", "sort": "desc", "l": str(_SAMPLE)}
        rows = await source.paginated(device_id, query)
        if not rows:
            return None
        if not any(
            is_naive(row.get("timestamp")) for row in rows if isinstance(row, dict)
        ):
            self._zone = UTC
        else:
            self._zone = infer_zone(parse_batch(rows, device_id).messages, known)
        return self._zone or UTC

    def _tell(self) -> None:
        """Say once that messages were lost."""
        if not self._told:
            self._told = True
            _LOGGER.warning(
                "More messages arrived between two polls than iottly could show again:"
                " some in between may be lost"
            )
