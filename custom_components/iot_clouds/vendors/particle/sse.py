"""Cut a stream of bytes into server-sent events, however the bytes are split."""

from collections.abc import Callable
import re
from typing import NamedTuple

LIMIT = 256 * 1024
"""Bytes of one line or one event. The largest real line has 22 kB (reference 5.5)."""

_WHOLE = re.compile(rb"event: ([^\r\n]*)\r?\ndata: ([^\r\n]+)\r?\n\r?\n")
"""One event as the cloud sends nearly all of them."""
_BREAK = re.compile(rb"\r\n|\n|\r")
_MARK = b"\xef\xbb\xbf"


class Frame(NamedTuple):
    """One event; `name` is None for a block without an `event:` line."""

    name: str | None
    data: str


class Decoder:
    """Reads the event stream format (reference 5.4).

    Lines end with CR, LF or both and are decoded one by one, so a chunk may end anywhere.
    Whatever is longer than the limit costs its own event and nothing else. Only `event`
    and `data` mean anything: no cloud of this vendor replays from an id.
    """

    def __init__(
        self, limit: int = LIMIT, dropped: Callable[[], None] = lambda: None
    ) -> None:
        """Start before the first byte; `dropped` is told of each event over the limit."""
        self._limit = limit
        self._dropped = dropped
        self._line = bytearray()
        self._started = False
        self._after_cr = False
        self._name: bytes | None = None
        self._data: list[bytes] = []
        self._size = 0
        self._spoiled = False

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take the next bytes and return the events that they complete."""
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if not chunk:
            return []
        if self._between and (whole := _WHOLE.fullmatch(chunk)):
            if len(chunk) <= self._limit:
                return [_frame(*whole.groups())]
        self._after_cr = chunk.endswith(b"\r")
        pieces = _BREAK.split(chunk) if b"\r" in chunk else chunk.split(b"\n")
        rest = pieces.pop()
        frames: list[Frame] = []
        for piece in pieces:
            if self._line:
                self._keep(piece)
                piece = bytes(self._line)
                self._line.clear()
            if frame := self._take(piece):
                frames.append(frame)
        self._keep(rest)
        return frames

    @property
    def _between(self) -> bool:
        """Whether what comes next begins an event, which is not the first."""
        return self._started and not (self._line or self._size)

    def _keep(self, piece: bytes) -> None:
        """Add to the unfinished line; what is over the limit is not stored."""
        room = self._limit + 1 - len(self._line)
        self._line += piece[:room]

    def _take(self, line: bytes) -> Frame | None:
        if not self._started:
            self._started = True
            line = line.removeprefix(_MARK)
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        if field:
            self._size += len(line)
        if self._size > self._limit:
            self._spoiled = True
            self._data.clear()
        elif field == b"data":
            self._data.append(value.removeprefix(b" "))
        elif field == b"event":
            self._name = value.removeprefix(b" ")
        return None

    def _dispatch(self) -> Frame | None:
        name, data, spoiled = self._name, self._data, self._spoiled
        self._reset()
        if spoiled:
            self._dropped()
            return None
        joined = b"\n".join(data)
        if not joined:
            return None
        return _frame(name, joined)

    def _reset(self) -> None:
        self._name = None
        self._data = []
        self._size = 0
        self._spoiled = False


def _frame(name: bytes | None, data: bytes) -> Frame:
    return Frame(
        None if name is None else name.decode("utf-8", "replace"),
        data.decode("utf-8", "replace"),
    )
