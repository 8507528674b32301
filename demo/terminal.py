"""What the demo says to the person who started it."""

from collections.abc import Callable, Sequence
import sys
import time


class DemoError(Exception):
    """The demo cannot go on; the text says why, for a person."""


class Terminal:
    """Progress with the seconds since the start, and results."""

    def __init__(
        self, *, aside: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start to count; with `aside` progress goes to stderr."""
        self._aside = aside
        self._clock = clock
        self._started = clock()

    def progress(self, text: str) -> None:
        """Tell what is being done now."""
        line = f"[{self._clock() - self._started:5.1f} s] {text}"
        if self._aside:
            sys.stderr.write(f"{line}\n")
        else:
            self.line(line)

    def line(self, text: str = "") -> None:
        """Print a line at once, also into a pipe."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows in columns as wide as their widest cell."""
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        for row in (head, ["-" * width for width in widths], *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.line("  ".join(cells).rstrip())
