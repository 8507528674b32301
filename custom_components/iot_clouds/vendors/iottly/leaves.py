"""What the messages of one device have told so far: its points and their values."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
import logging
import time

from ...model import Drop, Json, Kind, Point, Reading, Tally
from .flatten import COORDINATES, REPLIES, Form, Leaf, Path, flatten
from .keeping import (
    Order,
    Seen,
    Shown,
    read_lengths,
    read_rows,
    read_seen,
    read_shown,
    write_seen,
    write_shown,
)
from .messages import USER, Message
from .naming import point_of
from .readings import attributes_of, value_of

_LOGGER = logging.getLogger(__name__)

MAX_POINTS = 60
MAX_NEW = 20
_HOUR = 3600.0
# Paths that are remembered without being shown, such as those that were only ever null.
_MAX_HIDDEN = 500


class Leaves:
    """Points and values made from payloads (reference 6.2).

    A message moves only the paths that it contains, and a path never moves back in
    server time: late messages fill in what is missing and undo nothing.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        replies: bool = False,
        tally: Tally | None = None,
    ) -> None:
        """Know nothing; `clock` counts seconds, for the limit per hour.

        With `replies`, what devices answer to commands is shown as well. `tally` counts
        values that are not shown.
        """
        self._tally = tally or Tally()
        self.points: Mapping[str, Point] = {}
        self.refused = 0
        """How often a new point was not made because there were too many."""
        self._clock = clock
        self._skipped = frozenset() if replies else REPLIES
        self._newest: dict[Path, Seen] = {}
        self._shown: dict[Path, Shown] = {}
        self._lengths: dict[Path, Counter[int]] = {}
        self._recent: deque[float] | None = None
        self._told: set[str] = set()

    def settle(self) -> None:
        """From now on few points are added per hour: the first poll is over."""
        if self._recent is None:
            self._recent = deque(maxlen=MAX_NEW)

    def apply(self, message: Message, place: str, *, again: bool = False) -> None:
        """Take a message in; only those of the user's own programs hold values.

        Taken in `again`, it only moves to its true place in time.
        """
        if message.type != USER:
            return
        before = len(self._shown)
        for leaf in self.parts(message):
            if not self._is_no_fix(leaf):
                self._move(leaf, (message.at, place))
                if not again:
                    self._show(leaf)
        if len(self._shown) != before:
            self.points = {each.point.key: each.point for each in self._shown.values()}

    def notes(self) -> dict[str, Json]:
        """Everything that must survive a restart, as JSON.

        What a shown path holds is in its reading; the others only keep their place in
        time, so that late messages still undo nothing.
        """
        hidden = [path for path in self._newest if path not in self._shown]
        return {
            "shown": [
                write_shown(path, each, self._newest[path][0])
                for path, each in self._shown.items()
            ],
            "hidden": [write_seen(path, self._newest[path]) for path in hidden],
            "lengths": [
                {
                    "path": list(path),
                    "counts": [list(each) for each in some.most_common(2)],
                }
                for path, some in self._lengths.items()
            ],
        }

    def restore(self, notes: Mapping[str, Json]) -> None:
        """Take what `notes` returned before; what makes no sense is left out."""
        for row in read_rows(notes.get("shown")):
            if (found := read_shown(row)) and not self._skips(found[0]):
                path, self._shown[path], order = found
                self._newest[path] = order, Leaf(path=path)
        for row in read_rows(notes.get("hidden")):
            if (seen := read_seen(row)) and seen[1].path not in self._shown:
                self._newest[seen[1].path] = seen
        self._lengths = read_lengths(notes.get("lengths"))
        self.points = {each.point.key: each.point for each in self._shown.values()}
        self.settle()

    def _skips(self, path: Path) -> bool:
        """Whether a path was shown only because the user wanted it then."""
        return bool(path) and path[0] in self._skipped

    def readings(self) -> dict[str, Reading]:
        """The newest reading of each point, by its key."""
        return {each.point.key: each.reading for each in self._shown.values()}

    def parts(self, message: Message) -> Iterator[Leaf]:
        """What a message consists of, as far as that is shown at all."""
        return flatten(message.payload, self._skipped)

    def shown(self, key: str) -> tuple[Path, Shown] | None:
        """The point of this key, and where in payloads its value stands."""
        for path, each in self._shown.items():
            if each.point.key == key:
                return path, each
        return None

    def _move(self, leaf: Leaf, order: Order) -> None:
        """Remember a leaf if it is the newest at its path."""
        path = leaf.path
        newest = self._newest.get(path)
        if newest is None and len(self._newest) >= MAX_POINTS + _MAX_HIDDEN:
            return
        if newest is None or order >= newest[0]:
            newest = self._newest[path] = order, leaf
            if shown := self._shown.get(path):
                shown.reading = self._reading(shown.point, shown.form, *newest)

    def _show(self, leaf: Leaf) -> None:
        """Make a point for a remembered leaf that is worth it."""
        path = leaf.path
        if (newest := self._newest.get(path)) is None:
            return
        if leaf.form is Form.LENGTH and isinstance(leaf.value, int):
            lengths = self._lengths.setdefault(path, Counter())
            # A second length says all that there is to know.
            if leaf.value in lengths or len(lengths) < 2:
                lengths[leaf.value] += 1
        if path not in self._shown and self._is_showable(leaf) and self._has_room():
            point = point_of(leaf)
            reading = self._reading(point, leaf.form, *newest)
            self._shown[path] = Shown(point=point, form=leaf.form, reading=reading)
            if self._recent is not None:
                self._recent.append(self._clock())

    def _is_showable(self, leaf: Leaf) -> bool:
        """Whether there is something to see; a list's numbers, once its length is stable."""
        if leaf.form is Form.BRANCH or leaf.value is None:
            return False
        if leaf.form is not Form.ELEMENT:
            return True
        lengths = self._lengths.get(leaf.path[:-1])
        return lengths is not None and len(lengths) == 1 and lengths.total() > 1

    def _is_no_fix(self, leaf: Leaf) -> bool:
        """Whether a known position came incomplete or out of range, and so stays."""
        if leaf.form is Form.BRANCH:
            return self._is_place(leaf.path)
        return (
            leaf.path not in self._shown
            and self._is_place(leaf.path[:-1])
            and leaf.path[-1].lower() in COORDINATES
        )

    def _is_place(self, path: Path) -> bool:
        shown = self._shown.get(path)
        return shown is not None and shown.point.kind is Kind.PLACE

    def _has_room(self) -> bool:
        """Whether one more point may be made; said once when it may not."""
        recent = self._recent
        hour_is_full = (
            recent is not None
            and len(recent) == MAX_NEW
            and self._clock() - recent[0] < _HOUR
        )
        if len(self._shown) < MAX_POINTS and not hour_is_full:
            return True
        self.refused += 1
        self._tally.drop(Drop.TOO_MANY)
        self._tell("", "A device sends more values than can be shown")
        return False

    def _reading(self, point: Point, form: Form, order: Order, leaf: Leaf) -> Reading:
        value = value_of(point, form, leaf)
        if value is None and leaf.value is not None:
            self._tally.drop(Drop.WRONG_TYPE)
            self._tell(point.key, f"A value no longer fits its entity: {point.key!r}")
        return Reading(value=value, at=order[0], attributes=attributes_of(point, leaf))

    def _tell(self, about: str, text: str) -> None:
        if about not in self._told:
            self._told.add(about)
            _LOGGER.warning("%s", text)
