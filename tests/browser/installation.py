"""The demo as a process of its own: three simulated clouds and a Home Assistant."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
import json
import os
from pathlib import Path
from shutil import which
import signal
import subprocess
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".tools/house"
"""Where the demo of the browser tests lives, so that another one may run beside it."""
PATIENCE = 60.0
"""Seconds that the demo has to end everything it started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where everything is: what `scripts/demo --json` says."""

    address: str
    user: str
    password: str = field(repr=False)
    tokens: Mapping[str, Any] = field(repr=False)
    clouds: Mapping[str, Mapping[str, Any]] = field(repr=False)
    log: Path


@contextmanager
def running_demo() -> Iterator[Installation]:
    """Run the demo while the block runs, with its accounts connected."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    progress = FOLDER / "demo.log"
    leash = ["setpriv", "--pdeathsig", "TERM", "--"] if which("setpriv") else []
    with progress.open("wb") as log:
        process = subprocess.Popen(
            [*leash, ROOT / ".demo/venv/bin/python", "-m", "demo", "--json"],
            cwd=ROOT,
            env={**os.environ, "DEMO_FOLDER": str(FOLDER)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    try:
        yield _installation(process, progress)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def _installation(process: subprocess.Popen[str], progress: Path) -> Installation:
    """What the demo says when all is ready, or why it is not."""
    assert process.stdout
    line = process.stdout.readline()
    if not line.startswith("{"):
        raise RuntimeError(f"{progress.read_text()}\n{line}")
    facts = json.loads(line)
    return Installation(**{**facts, "log": Path(facts["log"])})
