"""Runs inputs through decoders, keeps those that reach new code, and holds the bounds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import hashlib
from pathlib import Path
from random import Random
import re
import signal
import sys
import time
import tracemalloc
from types import CodeType, FrameType
from typing import Self

from .mutation import Mutator
from .soundness import ALLOWED

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = str(ROOT / "custom_components")

SLOWEST = 1.0
"""Seconds of CPU for one input; harmless ones of the same size need milliseconds."""

HANGING = 20.0
"""Seconds of CPU after which an input is given up."""

MOST_MEMORY = 8 << 20
MEMORY_PER_BYTE = 200
"""Bytes that may be held at once while an input is read, and more for each byte of it."""

_WATCHED_FROM = 16 * 1024
_WATCHED_EVERY = 25
_TOOL = 4
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """Something that reads what comes from outside; `seeds` are harmless inputs."""

    name: str
    run: Callable[[bytes], object]
    seeds: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An input that a decoder did not cope with."""

    decoder: str
    data: bytes
    why: str

    @property
    def file(self) -> str:
        """The name under which the input is kept."""
        digest = hashlib.sha256(self.data).hexdigest()[:12]
        return f"{self.decoder}-{digest}.bin"


@dataclass(slots=True)
class Result:
    """What was found out about one decoder."""

    decoder: str
    inputs: int = 0
    slowest: float = 0.0
    memory: int = 0
    places: int = 0
    findings: list[Finding] = field(default_factory=list)


class HangingError(BaseException):
    """An input takes too long to wait for; nothing catches this by accident."""


@contextmanager
def limited() -> Iterator[None]:
    """Give up what hangs; only in the main thread."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise HangingError

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGING)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def problem(run: Callable[[bytes], object], data: bytes) -> str | None:
    """What is wrong with how an input is read; None if nothing is."""
    try:
        with limited():
            run(data)
    except ALLOWED:
        return None
    except HangingError:
        return f"more than {HANGING:g} s of CPU"
    # Whatever else comes out of a decoder is what is looked for.
    except BaseException as err:
        if isinstance(err, KeyboardInterrupt | SystemExit):
            raise
        return f"{type(err).__name__}: {str(err)[:120]}"
    return None


def peak_of(run: Callable[[bytes], object], data: bytes) -> int:
    """Bytes that are held at once while an input is read."""
    tracemalloc.start()
    try:
        problem(run, data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def allowed_memory(data: bytes) -> int:
    """Bytes that may be held while this input is read."""
    return MOST_MEMORY + MEMORY_PER_BYTE * len(data)


class Coverage:
    """Counts the branches of the integration that were ever taken."""

    def __init__(self) -> None:
        self.places = 0

    def __enter__(self) -> Self:
        monitoring = sys.monitoring
        events = monitoring.events
        monitoring.use_tool_id(_TOOL, "iot_clouds fuzz")
        for event in (events.BRANCH_LEFT, events.BRANCH_RIGHT, events.PY_START):
            monitoring.register_callback(_TOOL, event, self._seen)
        monitoring.set_events(
            _TOOL, events.BRANCH_LEFT | events.BRANCH_RIGHT | events.PY_START
        )
        return self

    def __exit__(self, *args: object) -> None:
        sys.monitoring.set_events(_TOOL, 0)
        sys.monitoring.free_tool_id(_TOOL)

    def _seen(self, code: CodeType, *where: int) -> object:
        if code.co_filename.startswith(PACKAGE):
            self.places += 1
        # Each place reports once, so that what is known costs nothing any more.
        return sys.monitoring.DISABLE


class Hunt:
    """Looks for inputs that one decoder does not cope with."""

    def __init__(
        self, decoder: Decoder, rng: Random, coverage: Coverage | None = None
    ) -> None:
        self.result = Result(decoder.name)
        self._decoder = decoder
        self._rng = rng
        self._mutate = Mutator(rng)
        self._coverage = coverage
        self._corpus = list(decoder.seeds)
        self._told: set[str] = set()
        for seed in decoder.seeds:
            self._try(seed)

    def step(self) -> None:
        """Try one input; one that reaches new code is changed further later."""
        data = self._mutate(self._rng.choice(self._corpus), self._corpus)
        before = self._coverage.places if self._coverage else 0
        self._try(data)
        if self._coverage and self._coverage.places > before:
            self.result.places += self._coverage.places - before
            self._corpus.append(data)

    def _try(self, data: bytes) -> None:
        result, run = self.result, self._decoder.run
        result.inputs += 1
        began = time.thread_time()
        why = problem(run, data)
        took = time.thread_time() - began
        if why is None and took > SLOWEST:
            # Once more, because the machine may have other things to do.
            began = time.thread_time()
            problem(run, data)
            took = min(took, time.thread_time() - began)
            if took > SLOWEST:
                why = f"{took:.1f} s of CPU for {len(data)} bytes"
        result.slowest = max(result.slowest, took)
        watched = len(data) >= _WATCHED_FROM and result.inputs % 4 == 0
        if why is None and (watched or result.inputs % _WATCHED_EVERY == 0):
            peak = peak_of(run, data)
            result.memory = max(result.memory, peak)
            if peak > allowed_memory(data):
                why = f"{peak >> 20} MB of memory for {len(data)} bytes"
        if why is not None and (kind := _DIGITS.sub("", why)[:60]) not in self._told:
            self._told.add(kind)
            found = Finding(decoder=self._decoder.name, data=data, why=why)
            result.findings.append(found)
