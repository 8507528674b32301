"""One run of one side: an idle window, a busy one, and whether every value arrived."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import time

from .figures import Run, percentile
from .processes import BrokenRunError
from .sides import Running, Setup, Side
from .updates import Phase, Stream, Update, sequence_of

SETTLED = 0.3
"""Seconds in which a state would follow that should not."""

PATIENCE = 5.0
"""Seconds after which a value that has not arrived counts as lost."""

FILL_TRIES = 10
"""An integration may subscribe a while after its sensors exist."""

type Change = tuple[int, str, str]
"""When a state was written (monotonic ns), of which entity, and the state."""


def run(side: Side, stream: Stream, setup: Setup) -> Run:
    """Measure a side once, in processes of its own.

    Raises:
        BrokenRunError: the run says nothing.
    """
    phases = stream.phases()
    messages = len(phases[Phase.MEASURE])
    with side(stream, setup) as running:
        fill(running, stream)
        running.sender.ask("send", phase=Phase.WARM)
        time.sleep(SETTLED)
        busy = _busy(running, messages)
        noted = running.home.ask("collect")
        idle = _idle(running, busy.seconds)
        _check_once(running, phases[Phase.ONCE])
    latencies = check(phases, busy.sent, noted["changed"], noted["states"])
    return Run(
        cpu=(busy.cpu - idle) / messages / 1000,
        p50=percentile(latencies, 50) / 1000,
        p95=percentile(latencies, 95) / 1000,
        p99=percentile(latencies, 99) / 1000,
        idle=idle / busy.seconds / 1e6,
        late=percentile(latencies[-max(1, messages // 10) :], 50) / 1000,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Busy:
    """CPU time of Home Assistant (ns) in a window of so many seconds, and what was sent.

    `sent` has the time (monotonic ns) of each sequence number.
    """

    cpu: int
    seconds: float
    sent: Mapping[int, int]


def _busy(running: Running, messages: int) -> _Busy:
    """Send everything and wait for it."""
    running.home.ask("begin")
    start = time.monotonic()
    answer = running.sender.ask("send", phase=Phase.MEASURE, limit=600.0)
    await_changes(running, messages)
    time.sleep(SETTLED)
    cpu = running.home.ask("end")["cpu"]
    seconds = time.monotonic() - start
    return _Busy(cpu=cpu, seconds=seconds, sent=dict(answer["sent"]))


def _idle(running: Running, seconds: float) -> int:
    """CPU time (ns) of the same connected Home Assistant while nothing is sent."""
    running.home.ask("begin")
    time.sleep(seconds)
    cpu: int = running.home.ask("end")["cpu"]
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
        time.sleep(SETTLED)


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
