"""The largest rate without a growing queue: where the search stops."""

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import sustained
from benchmarks.figures import Run
from benchmarks.processes import BrokenRunError
from benchmarks.updates import Stream


def _streams(*rates: float) -> list[Stream]:
    return [
        Stream(entities=10, rate=rate, seconds=1, warm_seconds=0, seed=1)
        for rate in rates
    ]


def _run(late: float) -> Run:
    return Run(cpu=80, p50=90, p95=200, p99=900, idle=0.5, late=late)


def _search(monkeypatch: pytest.MonkeyPatch, *found: Run | BrokenRunError) -> float:
    left: Iterator[Run | BrokenRunError] = iter(found)

    def run(*_: object) -> Run:
        result = next(left)
        if isinstance(result, BrokenRunError):
            raise result
        return result

    monkeypatch.setattr(sustained, "run", run)
    side: Any = None
    setup: Any = None
    return sustained.sustained(side, _streams(1000, 2000, 3000), setup)


def test_the_last_rate_before_the_queue_grows_is_sustained(
    monkeypatch: pytest.MonkeyPatch,
):
    late = _run(50_001)
    assert _search(monkeypatch, _run(90), _run(200), late, late) == 2000
    assert _search(monkeypatch, _run(90), _run(200), _run(50_000)) == 3000


def test_a_queue_that_grows_only_once_was_a_pause_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
):
    late = _run(50_001)
    assert _search(monkeypatch, late, _run(90), late, _run(90), _run(90)) == 3000


def test_lost_values_are_the_end_of_the_search(monkeypatch: pytest.MonkeyPatch):
    assert _search(monkeypatch, _run(90), BrokenRunError("lost")) == 1000


def test_values_lost_at_the_smallest_rate_are_a_broken_run(
    monkeypatch: pytest.MonkeyPatch,
):
    with pytest.raises(BrokenRunError, match="lost"):
        _search(monkeypatch, BrokenRunError("lost"))


def test_a_broken_run_ends_the_program_with_1(capsys: pytest.CaptureFixture[str]):
    assert sustained.main(["--quick", "--mosquitto", "/nonexistent/mosquitto"]) == 1
    assert "broken run: " in capsys.readouterr().err
