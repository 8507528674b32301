"""All accounts lose their clouds at once: the measurement runs, and can fail."""

from dataclasses import replace
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

from benchmarks.storm import Found, busiest, report
from simulated_clouds.server import Entry


def test_20_accounts_come_back_within_the_bounds_and_below_the_limits():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.storm"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[:2] for line in lines[1:4]] == [
        ["arduino", "7"],
        ["iottly", "6"],
        ["particle", "7"],
    ]
    assert lines[-1] == ["storm", "within", "its", "bounds"]


def test_the_busiest_second_is_anywhere_and_allows_for_jitter():
    assert busiest([0.9, 1.0, 1.1, 2.5], 1.0) == 3
    assert busiest([0.0, 0.96, 1.92], 1.0) == 1
    assert busiest([0.0, 0.94], 1.0) == 2
    assert busiest([], 1.0) == 0


def _found(*requests: Entry, values: float | None = 10.0) -> Found:
    account: Any = SimpleNamespace(
        cloud=SimpleNamespace(name="arduino"), name="arduino 0"
    )
    return Found(
        accounts=[account],
        values={"arduino 0": values},
        feeds={"arduino 0": 20.0},
        logs={"arduino 0": requests},
    )


LISTING = Entry(
    at=100.0, channel="http", method="GET", path="/iot/v2/things", status=200
)


def test_what_is_too_late_or_too_much_or_refused_is_out_of_bounds():
    good = _found(LISTING, replace(LISTING, at=101.0))
    assert report(good)[1]

    for bad in (
        _found(LISTING, values=None),
        _found(LISTING, values=91.0),
        _found(LISTING, replace(LISTING, at=100.5)),
        _found(replace(LISTING, status=429)),
    ):
        table, within = report(bad)
        assert not within
        assert table.endswith("storm OUT OF BOUNDS")
