"""What is known about the account's devices between two listings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
import logging
import time
from typing import NamedTuple

from ...model import Device, Json, Point, Ref
from .keys import VARIABLE
from .models import Board, Definition, text
from .presence import Presence
from .translate import device, tracks
from .values import Coerce, coercion, is_known, number

_LOGGER = logging.getLogger(__name__)

MOST_ODD_TYPES = 20
"""Types of variables that nobody knows: so many of them are told."""

DAY = 86_400.0
"""Seconds after which a definition is asked for again in any case (reference 11)."""


type More = Callable[[Board, Definition], Iterable[Point]]
type Page = Callable[[Board], str | None]
"""Where the cloud's console shows a board; None where there is no console."""


def _nothing(board: Board, definition: Definition) -> Iterable[Point]:
    return ()


def _nowhere(board: Board) -> None:
    return None


class Target(NamedTuple):
    """A variable: its address and how its values are read."""

    ref: Ref
    coerce: Coerce


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """One device; `asked` is when its detail told everything, None when it should."""

    board: Board
    listed: Definition
    detailed: Definition
    asked: float | None
    online: bool | None

    @property
    def definition(self) -> Definition:
        """What the firmware exposes, as far as anybody ever said."""
        return self.detailed.over(self.listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    """What was known of a device before a restart."""

    definition: Definition = field(default_factory=Definition)
    handshake: str | None = None
    asked: float | None = None

    def still_asked(self, board: Board) -> float | None:
        """When the detail was asked for, if the firmware is the same since then."""
        same = self.handshake is not None and self.handshake == board.last_handshake
        return self.asked if same and not board.safe_mode else None


class Directory:
    """Remembers definitions while devices are offline, and who is online.

    The cloud may answer null for what an offline device exposes, which must not take its
    entities away (reference 2.2). `targets` and `trackers` are made when a listing
    arrives, so that a pushed event needs a single look-up.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        presence: Presence | None = None,
        left_out: frozenset[str] = frozenset(),
        page: Page = _nowhere,
    ) -> None:
        """Know nothing; `clock` counts seconds on over restarts.

        Devices that are `left_out` are none of those that are known: `others` has what
        there is to show of them.
        """
        self.left_out = left_out
        self.others: Mapping[str, Device] = {}
        self.presence = presence or Presence(clock=time.monotonic)
        self.targets: Mapping[tuple[str, str], Target] = {}
        self.trackers: frozenset[str] = frozenset()
        self._known: dict[str, _Known] = {}
        self._clock = clock
        self._page = page
        self._moment = 0
        self._changed: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._odd_types: set[str] = set()
        self._remembered: dict[str, _Remembered] = {}

    def __contains__(self, device_id: str) -> bool:
        """Whether the account has this device."""
        return device_id in self._known

    def __iter__(self) -> Iterator[Board]:
        """The devices as they were listed last."""
        return iter([known.board for known in self._known.values()])

    def moment(self) -> int:
        """Now, in the order of pushes: what comes later is newer than an answer."""
        return self._moment

    def online(self, device_id: str) -> bool | None:
        """Whether a device is online, as far as is known."""
        known = self._known.get(device_id)
        return known.online if known else None

    def may_answer(self, device_id: str) -> bool:
        """Whether it makes sense to ask the device for something."""
        return self.online(device_id) is not False and device_id not in self.presence

    def board(self, device_id: str) -> Board | None:
        """A device as it was listed last."""
        known = self._known.get(device_id)
        return known.board if known else None

    def tell_online(self, device_id: str, online: bool) -> None:
        """Take what a push said; coming online may mean another firmware."""
        self._known[device_id] = replace(self._known[device_id], online=online)
        self._moment += 1
        self._told[device_id] = self._moment
        if online:
            self.doubt(device_id)

    def doubt(self, device_id: str) -> None:
        """Have the device's detail asked for again."""
        self._known[device_id] = replace(self._known[device_id], asked=None)
        self._moment += 1
        self._changed[device_id] = self._moment

    def take_listing(
        self, boards: Iterable[Board], asked: int, *, complete: bool
    ) -> None:
        """Take a listing that was asked for at the moment `asked`."""
        listed = {board.id: board for board in boards}
        self.others = {
            key: device(listed.pop(key), Definition(), None)
            for key in self.left_out & listed.keys()
        }
        fresh = {key: self._listed(board, asked) for key, board in listed.items()}
        self._known = fresh if complete else {**self._known, **fresh}
        if complete:
            self._remembered.clear()

    def wanted(self) -> list[str]:
        """Devices that could tell what they expose and should be asked."""
        now = self._clock()
        return [
            device_id
            for device_id, known in self._known.items()
            if known.online is not False
            and (known.asked is None or abs(now - known.asked) >= DAY)
        ]

    def take_detail(self, board: Board, asked: int) -> None:
        """Take the detail of one device, asked for at the moment `asked`."""
        known = self._known.get(board.id)
        if known is None:
            return
        told = _told(board)
        current = told.complete and self._changed.get(board.id, 0) <= asked
        self._known[board.id] = replace(
            known,
            detailed=told.over(known.detailed),
            asked=self._clock() if current else None,
        )

    def devices(self, more: More = _nothing) -> Mapping[str, Device]:
        """Everything in neutral words, with `more` points for each device.

        Look-ups for pushes follow from here on.
        """
        self.trackers = frozenset(
            device_id for device_id, known in self._known.items() if tracks(known.board)
        )
        self.targets = {
            (device_id, name): self._target(device_id, name, declared)
            for device_id, known in self._known.items()
            for name, declared in (known.definition.variables or {}).items()
        }
        return {
            device_id: device(
                known.board,
                known.definition,
                known.online,
                more(known.board, known.definition),
                url=self._page(known.board),
            )
            for device_id, known in self._known.items()
        }

    def notes(self) -> dict[str, Json]:
        """What devices expose, for the time after a restart."""
        return {
            device_id: {
                "variables": _written(known.definition.variables),
                "functions": _listed(known.definition.functions),
                "handshake": known.board.last_handshake,
                "asked": known.asked,
            }
            for device_id, known in self._known.items()
        }

    def restore(self, notes: Json) -> None:
        """Take what `notes` returned before, for devices that will be listed."""
        for device_id, note in notes.items() if isinstance(notes, dict) else ():
            if isinstance(note, dict):
                self._remembered[device_id] = _Remembered(
                    definition=Definition.parse(note),
                    handshake=text(note.get("handshake")),
                    asked=number(note.get("asked")),
                )

    def _listed(self, board: Board, asked: int) -> _Known:
        told = _told(board)
        known = self._known.get(board.id)
        if known is None:
            remembered = self._remembered.get(board.id, _Remembered())
            return _Known(
                board=board,
                listed=told,
                detailed=remembered.definition,
                asked=remembered.still_asked(board),
                online=board.online,
            )
        pushed = self._told.get(board.id, 0) > asked
        in_doubt = board.id in self.presence
        return _Known(
            board=board,
            listed=told.over(known.listed),
            detailed=known.detailed,
            asked=known.asked if _stamp(board) == _stamp(known.board) else None,
            online=known.online if pushed or in_doubt else board.online,
        )

    def _target(self, device_id: str, name: str, declared: str) -> Target:
        if not is_known(declared) and declared not in self._odd_types:
            # Types are few; names without end must not fill the log.
            if len(self._odd_types) < MOST_ODD_TYPES:
                self._odd_types.add(declared)
                _LOGGER.warning(
                    "Variables of an unknown type are shown raw: %.40r", declared
                )
        return Target(Ref(device_id, f"{VARIABLE}{name}"), coercion(declared))


def _written(variables: Mapping[str, str] | None) -> Json:
    return None if variables is None else dict(variables)


def _listed(functions: Iterable[str] | None) -> Json:
    return None if functions is None else list(functions)


def _told(board: Board) -> Definition:
    """What a board's maps say; in safe mode they are not those of its firmware.

    For a device that is offline, empty is another way of not knowing.
    """
    if board.safe_mode:
        return Definition()
    told = board.definition
    if board.online is not False:
        return told
    return Definition(
        variables=told.variables or None, functions=told.functions or None
    )


def _stamp(board: Board) -> tuple[object, ...]:
    """What differs in a listing after another firmware may have started."""
    return board.online, board.last_handshake, board.safe_mode, board.definition
