"""A copy of the scripts in a folder of its own, with programs that only note their calls."""

from collections.abc import Iterator
import os
from pathlib import Path
import shutil
import subprocess

import pytest

ROOT = Path(__file__).parents[2]

UV = """#!/bin/sh
echo "uv $*" >>"$CALLS"
for last; do :; done
case $1 in
venv)
  [ "$2" = --help ] && echo "  --clear" && exit
  sleep 0.2
  mkdir -p "$last/bin"
  cp "$(dirname "$0")/python3.14" "$last/bin/python"
  cp "$(dirname "$0")/ruff" "$last/bin/ruff"
  ;;
esac
"""
PYTHON = """#!/bin/sh
if [ "$1" = - ]; then echo "$0"; exit; fi
echo "python $*" >>"$CALLS"
case " $* " in *" $FAILS "*) exit 3 ;; esac
"""
RUFF = """#!/bin/sh
echo "ruff $*" >>"$CALLS"
case " $* " in *" $FAILS "*) exit 4 ;; esac
"""


class Workshop:
    """A project folder, and what was called in it."""

    def __init__(self, folder: Path) -> None:
        """Copy the scripts and put the pretended programs in front of the machine's."""
        self.root = folder / "an engineer's prüfstand"
        self.calls_file = folder / "calls"
        self.bin = folder / "bin"
        self.environment: dict[str, str] = {}
        shutil.copytree(
            ROOT / "scripts",
            self.root / "scripts",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        shutil.copytree(ROOT / ".ci", self.root / ".ci")
        for name in ("test", "browser"):
            (self.root / f"requirements_{name}.txt").write_text("pytest\n")
        self.bin.mkdir()
        self.program("uv", UV)
        self.program("python3.14", PYTHON)
        self.program("ruff", RUFF)

    def program(self, name: str, text: str) -> None:
        """Put a pretended program on the path."""
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def start(
        self, *command: str, cwd: Path | None = None, fails: str = "-"
    ) -> subprocess.Popen[str]:
        """Start one of the scripts."""
        return subprocess.Popen(
            [self.root / command[0], *command[1:]],
            cwd=cwd or self.root,
            env={
                "PATH": f"{self.bin}:{os.environ['PATH']}",
                "HOME": str(self.root),
                "CALLS": str(self.calls_file),
                "FAILS": fails,
                **self.environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *command: str, cwd: Path | None = None, fails: str = "-"
    ) -> tuple[int, str]:
        """Run a script; returns its exit code and all that it printed."""
        process = self.start(*command, cwd=cwd, fails=fails)
        out, err = process.communicate(timeout=30)
        return process.returncode, out + err

    def calls(self) -> list[str]:
        """The calls so far, but for questions about options; forgets them."""
        if not self.calls_file.exists():
            return []
        lines = self.calls_file.read_text().splitlines()
        self.calls_file.unlink()
        return [line for line in lines if not line.endswith("--help")]


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    """A copy of the project's scripts with pretended programs."""
    shop = Workshop(tmp_path)
    yield shop
    shop.calls_file.unlink(missing_ok=True)
