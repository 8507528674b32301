"""The table of the fault matrix: a plugin that prints it, and writes it where told.

python -m pytest -p tests.faults.table --resilience=docs/resilience.md tests/faults
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulated_clouds.faults import Kind

from .places import CELLS, PATHS, Cell, Place

type Row = dict[str, Any]

NAMES = {"arduino": "Arduino Cloud", "particle": "Particle", "iottly": "iottly"}
ROW = "row"
HEAD = """# What the integration survives

Every fault of the simulated clouds, at every place where a cloud is used, over real sockets, with all waiting left out. `scripts/faults` makes this page and fails when a cell does.

A fault stays for three quarters of an hour, in which the boards go on measuring; then it goes. A cell says after how many **seconds** everything was shown as it is again, and *asked* where
the credentials were refused and the user signed in again. In each cell it was also checked that

- nothing was shown under the fault that was not true, after 18 minutes and at its end: what could not be known was unavailable or unknown, or had been read within the last 16 minutes;
- what a board measured afterwards was shown at once, where the cloud pushes;
- no event was told twice, and no command carried out twice; a command that failed said so in words;
- the user was asked to sign in only where credentials were refused;
- the log had a line or two that something is down, and as many that it is back, unless the account was set up anew meanwhile;
- the fault did something: a cell in which nothing went wrong fails too;
- no second had more requests than the cloud allows, and no feed was opened more than forty times;
- no secret was in the log, at DEBUG either, or in the diagnostics;
- unloading left no task, timer, thread or connection.

Home Assistant itself stops within ten seconds, whatever requests hang at that moment (`tests/faults/test_stopping.py`).

The bounds are the longest pauses: five minutes between two attempts at a feed, ten between Home Assistant's own attempts to set an account up, and a quarter of an hour between two reads of
a Particle variable that no event carried meanwhile.
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tell where the table goes."""
    parser.addoption("--resilience", type=Path, metavar="FILE", default=None)


class Table:
    """Collects what the cells tell, from all workers."""

    def __init__(self, path: Path | None) -> None:
        """Start empty."""
        self._path = path
        self._rows: dict[tuple[str, str, str], Row] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a cell tells."""
        for name, row in report.user_properties:
            if name == ROW and isinstance(row, dict):
                self._rows[row["cloud"], row["place"], row["fault"]] = row

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table; write it if every cell was tried."""
        text = "\n".join(lines(self._rows.values()))
        terminalreporter.write_line(text)
        tried = sum(cell.reason_against is None for cell in CELLS)
        if self._path and len(self._rows) == tried:
            self._path.write_text(f"{HEAD}\n{text}\n", encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Collect where everything comes together."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table(config.getoption("resilience")))


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """A table for each cloud, and why cells are empty."""
    found = {(row["cloud"], row["place"], row["fault"]): row for row in rows}
    for cloud in PATHS:
        yield from (f"## {NAMES[cloud]}", "")
        yield "| | " + " | ".join(kind.replace("_", " ") for kind in Kind) + " |"
        yield "|---" * (len(Kind) + 1) + "|"
        for place in Place:
            cells = [Cell(cloud=cloud, place=place, kind=kind) for kind in Kind]
            row = " | ".join(_text(cell, found) for cell in cells)
            yield f"| {place} | {row} |"
        yield ""
        yield from _summary([row for row in found.values() if row["cloud"] == cloud])
        yield from ("", "Not tried:", "")
        yield from _reasons(cloud)
        yield ""


def _text(cell: Cell, found: dict[tuple[str, str, str], Row]) -> str:
    if cell.reason_against:
        return "–"
    row = found.get((cell.cloud, cell.place, cell.kind))
    if row is None:
        return "?"
    if row["problems"]:
        return "**fails**"
    return f"{row['seconds']}, asked" if row["asked"] else str(row["seconds"])


def _summary(rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    for key, words in (
        ("seconds", "Longest until everything was current"),
        ("busiest", "Most requests in a second"),
        ("down", "Most lines in the log that something is down"),
        ("back", "Most lines that it is back"),
    ):
        most = max(rows, key=lambda row: row[key] or 0)
        where = f"{most['place']}, {most['fault'].replace('_', ' ')}"
        yield f"- {words}: {most[key]} ({where})"


def _reasons(cloud: str) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for cell in CELLS:
        if cell.cloud == cloud and (reason := cell.reason_against):
            where = f"{cell.place}, {cell.kind.replace('_', ' ')}"
            reasons.setdefault(reason, []).append(where)
    for reason, cells in reasons.items():
        places = dict.fromkeys(each.split(",")[0] for each in cells)
        listed = cells if len(cells) < len(Kind) else [*places]
        yield f"- {'; '.join(listed)}: {reason}."
