"""Processes of a comparison: each on its own core, told what to do line by line."""

from collections.abc import Callable, Mapping
import json
import os
from pathlib import Path
import selectors
import socket
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parent.parent

type Answer = dict[str, Any]
type Commands = Mapping[str, Callable[..., Answer]]


class BrokenRunError(Exception):
    """A run says nothing: a process failed, or values were lost or wrong."""


def cores() -> tuple[set[int], set[int]]:
    """The core that Home Assistant has for itself, and those of everything else.

    Both are empty, and nothing is pinned, where there is only one or no way to pin.
    """
    if not hasattr(os, "sched_getaffinity"):
        return set(), set()
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        return set(), set()
    return {available[-1]}, set(available[:-1])


def free_port() -> int:
    """A TCP port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Program:
    """A program that runs until the context ends; its words are kept for failures."""

    def __init__(self, *command: str, on: set[int]) -> None:
        """Start it on these cores."""
        self._name = Path(command[0]).name
        self._words = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                cwd=ROOT,
                bufsize=0,
            )
        except OSError as err:
            self._words.close()
            raise BrokenRunError(f"{command[0]} does not start: {err}") from None
        if on:
            os.sched_setaffinity(self._process.pid, on)

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Ask it to end, and end it if it does not."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._words.close()

    def failed(self, why: str) -> BrokenRunError:
        """The error that says why, with the last words of the program."""
        self._words.seek(0)
        words = self._words.read()[-4000:].decode(errors="replace")
        return BrokenRunError(f"{self._name} {why}\n{words}".rstrip())


class Child(Program):
    """One of this package's modules; it answers each command with one line of JSON."""

    def __init__(self, module: str, *arguments: str, on: set[int]) -> None:
        """Start it on these cores."""
        super().__init__(
            sys.executable, "-m", f"benchmarks.{module}", *arguments, on=on
        )
        self._name = module
        self._unread = bytearray()

    def ask(self, command: str, *, limit: float = 60.0, **arguments: Any) -> Answer:
        """Send a command and wait for its answer, at most `limit` seconds.

        Raises:
            BrokenRunError: the process failed, or took too long.
        """
        line = json.dumps({"command": command, **arguments}) + "\n"
        assert self._process.stdin
        try:
            self._process.stdin.write(line.encode())
        except BrokenPipeError:
            raise self.failed(f"ended before {command!r}") from None
        answer: Answer = json.loads(self._line(command, limit))
        if error := answer.get("error"):
            raise self.failed(f"failed at {command!r}: {error}")
        return answer

    def _line(self, command: str, limit: float) -> bytes:
        pipe = self._process.stdout
        assert pipe
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                if not selector.select(limit):
                    raise self.failed(f"did not answer {command!r}")
                read = os.read(pipe.fileno(), 1 << 20)
                if not read:
                    raise self.failed(f"ended at {command!r}")
                self._unread += read
        line, _, rest = bytes(self._unread).partition(b"\n")
        self._unread = bytearray(rest)
        return line


def answer(line: str | bytes, commands: Commands) -> Answer:
    """In a child: carry out one line; an error goes back as words."""
    arguments = json.loads(line)
    command = commands[arguments.pop("command")]
    try:
        return command(**arguments)
    except (BrokenRunError, OSError) as err:
        return {"error": str(err) or type(err).__name__}


def say(told: Answer) -> None:
    """In a child: send an answer."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
