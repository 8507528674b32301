"""Runs: busy windows of the sides in turn, an idle one, and whether every value arrived."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from statistics import median
import time

from .figures import Run, percentile
from .processes import BrokenRunError
from .sides import Running, Setup, Side
from .updates import Phase, Stream, Update, sequence_of

SETTLED = 0.3
"""Seconds in which a state would follow that should not."""

PATIENCE = 5.0
"""Seconds after which a value that has not arrived counts as lost."""

LOOK = 0.05
"""Seconds between two looks at how many values have arrived."""

FILL_TRIES = 10
"""An integration may subscribe a while after its sensors exist."""

type Change = tuple[int, str, str]
"""When a state was written (monotonic ns), of which entity, and the state."""


def run(side: Side, stream: Stream, setup: Setup) -> Run:
    """Measure a side once, in processes of its own.

    Raises:
        BrokenRunError: the run says nothing.
    """
    (measured,) = together([(side, stream)], setup, windows=1)
    return measured


def together(
    sides: Sequence[tuple[Side, Stream]], setup: Setup, windows: int
) -> list[Run]:
    """Measure several sides once, each in processes of its own, window by window in turn.

    What the machine does besides comes and goes, and so reaches all of them alike.

    Raises:
        BrokenRunError: the run says nothing.
    """
    with ExitStack() as stack:
        measured = [
            _Measured(stack.enter_context(side(stream, setup)), stream)
            for side, stream in sides
        ]
        for each in measured:
            each.prepare()
        for window in range(windows):
            # The one that goes first alternates too.
            for each in measured if window % 2 == 0 else reversed(measured):
                each.busy(window, windows)
        return [each.told(windows) for each in measured]


class _Measured:
    """One side while it is measured."""

    def __init__(self, running: Running, stream: Stream) -> None:
        """Take a side that is connected."""
        self._running = running
        self._stream = stream
        self._phases = stream.phases()
        self._messages = len(self._phases[Phase.MEASURE])
        self._cpu: list[float] = []
        self._seconds = 0.0
        self._sent: dict[int, int] = {}

    def prepare(self) -> None:
        """Give every sensor a value, and let the interpreter see what is hot."""
        fill(self._running, self._stream)
        self._running.sender.ask("send", phase=Phase.WARM)
        time.sleep(SETTLED)

    def busy(self, window: int, windows: int) -> None:
        """Send a part of everything and wait for it; note the CPU time of a message."""
        running = self._running
        running.home.ask("begin", on=window > 0)
        start = time.monotonic()
        sent = running.sender.ask(
            "send", phase=Phase.MEASURE, part=window, parts=windows, limit=600.0
        )["sent"]
        self._sent |= dict(sent)
        await_changes(running, len(self._sent))
        cpu = running.home.ask("end")["cpu"]
        self._seconds += time.monotonic() - start
        self._cpu.append(cpu / len(sent))

    def told(self, windows: int) -> Run:
        """Compare what was sent with what was seen, and work the figures out.

        Raises:
            BrokenRunError: they do not fit.
        """
        time.sleep(SETTLED)
        noted = self._running.home.ask("collect")
        seconds = self._seconds / windows
        idle = median(self._idle(seconds) for _ in range(1 + windows // 4))
        _check_once(self._running, self._phases[Phase.ONCE])
        latencies = check(self._phases, self._sent, noted["changed"], noted["states"])
        return Run(
            cpu=(median(self._cpu) - idle * windows / self._messages) / 1000,
            p50=percentile(latencies, 50) / 1000,
            p95=percentile(latencies, 95) / 1000,
            p99=percentile(latencies, 99) / 1000,
            idle=idle / seconds / 1e6,
            late=percentile(latencies[-max(1, len(latencies) // 10) :], 50) / 1000,
        )

    def _idle(self, seconds: float) -> float:
        """CPU time (ns) of the same Home Assistant in a window without messages."""
        self._running.home.ask("begin")
        time.sleep(seconds)
        cpu: float = self._running.home.ask("end")["cpu"]
        return cpu


def fill(running: Running, stream: Stream) -> None:
    """Give every sensor a value."""
    for _ in range(FILL_TRIES):
        running.sender.ask("send", phase=Phase.FILL)
        found = running.home.ask(
            "sensors", count=stream.entities, known=True, patience=2.0
        )
        if found["count"] == stream.entities:
            return
    raise BrokenRunError(f"only {found['count']} sensors ever had a value")


def await_changes(running: Running, count: int) -> None:
    """Wait until so many states have changed, or time is up."""
    deadline = time.monotonic() + PATIENCE
    while running.home.ask("count")["count"] < count:
        if time.monotonic() > deadline:
            return
        time.sleep(LOOK)


def check(
    phases: Mapping[Phase, Sequence[Update]],
    sent: Mapping[int, int],
    changes: Sequence[Change],
    states: Mapping[str, str],
) -> list[int]:
    """Compare what was sent with what was seen; return the latencies in ns.

    Every update must have changed one state, of one and the same entity for one and the
    same number, and nothing else may have changed; every entity must show its last value.

    Raises:
        BrokenRunError: says how many are missing or wrong.
    """
    updates = {update.sequence: update for update in phases[Phase.MEASURE]}
    seen = Counter(sequence_of(state) for _, _, state in changes)
    missing = sum(sequence not in seen for sequence in updates)
    strange = sum(n for sequence, n in seen.items() if sequence not in updates)
    twice = sum(n - 1 for sequence, n in seen.items() if sequence in updates)
    if missing or strange or twice:
        raise BrokenRunError(
            f"of {len(updates)} updates {missing} were lost and {twice} written twice;"
            f" {strange} other states were written"
        )
    entities: dict[int, str] = {}
    latencies = []
    for when, entity_id, state in changes:
        update = updates[sequence_of(state) or 0]
        if entities.setdefault(update.entity, entity_id) != entity_id:
            raise BrokenRunError(f"{entity_id} shows the value of another entity")
        latencies.append(when - sent[update.sequence])
    last = {update.entity: update.sequence for update in updates.values()}
    for entity, sequence in last.items():
        if sequence_of(states[entities[entity]]) != sequence:
            raise BrokenRunError(f"{entities[entity]} does not show its last value")
    return latencies


def _check_once(running: Running, updates: Sequence[Update]) -> None:
    """One value pushed to an account must write one state, changed or not."""
    running.home.ask("count_reports")
    running.home.ask("begin")
    running.sender.ask("send", phase=Phase.ONCE)
    await_changes(running, 1)
    time.sleep(SETTLED)
    noted = running.home.ask("collect")
    written = [sequence_of(state) for _, _, state in noted["changed"]]
    if written != [updates[0].sequence] or noted["reported"]:
        raise BrokenRunError(
            f"one push wrote {len(written)} states"
            f" and {noted['reported']} without a change"
        )
