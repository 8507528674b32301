"""Days at high speed: the measurement runs, and what grows is noticed."""

from dataclasses import replace
import subprocess
import sys

from benchmarks.soak import Sample, growth, report

FLAT = [
    Sample(
        hours=float(hour),
        blocks=1_000_000 + 500 * (hour % 3),
        resident=200 << 20,
        tasks=13 + hour % 2,
        files=30,
        threads=10,
    )
    for hour in range(1, 29)
]


def test_an_hour_with_all_clouds_ends_with_current_values_and_prints_its_table():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", "--days", "0.04"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert "broken run" not in done.stderr
    head, *samples = done.stdout.splitlines()[:-2]
    assert head.split() == ["hours", "blocks", "MB", "tasks", "files", "threads"]
    assert len(samples) == 28


def test_memory_that_goes_up_and_down_is_flat():
    table, good = report(FLAT)

    assert good, table
    assert abs(growth(FLAT)) < 0.1
    assert table.endswith("soak within its bounds")


def test_memory_that_grows_is_out_of_bounds():
    grown = [
        replace(each, blocks=each.blocks + 1_000 * int(each.hours)) for each in FLAT
    ]

    assert 1.5 < growth(grown) < 2.5
    assert not report(grown)[1]


def test_memory_that_grows_only_while_caches_fill_is_flat():
    warming = [
        replace(each, blocks=each.blocks - max(0, 7 - int(each.hours)) * 50_000)
        for each in FLAT
    ]

    assert report(warming)[1]


def test_tasks_files_and_threads_must_not_grow():
    for name in ("tasks", "files", "threads"):
        grown = [*FLAT[:-1], replace(FLAT[-1], **{name: 99})]
        table, good = report(grown)

        assert not good
        assert "GROW" in table
