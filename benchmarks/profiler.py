"""In Home Assistant's process: which package the time of the event loop's thread goes to."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
import cProfile
from pathlib import PurePath
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from .processes import ROOT, Answer

if TYPE_CHECKING:
    from _lsprof import profiler_entry

LOOP = "event loop"
STANDARD = "standard library"
BENCHMARK = "the benchmark itself"
WAITING = "waiting"

_OURS = ROOT / "custom_components"
_BENCHMARKS = ROOT / "benchmarks"
_NATIVE = re.compile(r"<built-in method ([\w.]+)\.\w+>|of '([\w.]+)\.\w+' objects")


class Function(NamedTuple):
    """A function: whose it is, its name, seconds in itself, and how often it ran.

    What is written in C and belongs to no package of its own counts for its caller.
    """

    owner: str
    name: str
    seconds: float
    calls: int


def owner_of(filename: str) -> str:
    """Whose a source file is."""
    path = PurePath(filename)
    if "site-packages" in path.parts:
        inner = path.with_suffix("").parts[path.parts.index("site-packages") + 1 :]
        depth = 3 if inner[:2] == ("homeassistant", "components") else 1
        return ".".join(inner[:depth])
    if path.is_relative_to(_OURS):
        inner = path.relative_to(_OURS).parts
        return ".".join(inner[: 3 if "vendors" in inner else 1])
    if path.is_relative_to(_BENCHMARKS):
        return BENCHMARK
    if "asyncio" in path.parts or path.stem == "selectors":
        return LOOP
    return STANDARD


def owner_of_native(name: str) -> str | None:
    """Whose a function in C is; None for one that counts for those who call it."""
    if "'poll' of 'select." in name:
        return WAITING
    if not (match := _NATIVE.search(name)):
        return None
    package = (match[1] or match[2]).partition(".")[0].strip("_")
    of_python = sys.stdlib_module_names | {"builtins"}
    return None if {package, f"_{package}"} & of_python else package


def functions(entries: Iterable[profiler_entry]) -> Iterator[Function]:
    """Each function of a profile, as `cProfile.Profile.getstats` gives them."""
    for entry in entries:
        code = entry.code
        if isinstance(code, str):
            if owner := owner_of_native(code):
                yield Function(owner, code, entry.inlinetime, entry.callcount)
            continue
        seconds = entry.inlinetime + sum(
            call.inlinetime
            for call in entry.calls or ()
            if isinstance(call.code, str) and not owner_of_native(call.code)
        )
        place = "/".join(PurePath(code.co_filename).parts[-2:])
        name = f"{code.co_qualname} ({place}:{code.co_firstlineno})"
        yield Function(owner_of(code.co_filename), name, seconds, entry.callcount)


class Profiler:
    """Profiles the thread of the event loop."""

    def __init__(self) -> None:
        """Nothing has been profiled."""
        self._profile = cProfile.Profile()

    @contextmanager
    def profiling(self) -> Iterator[None]:
        """Profile what happens within the context."""
        self._profile.enable()
        try:
            yield
        finally:
            self._profile.disable()

    async def begin(self) -> Answer:
        """Start; `end` ends it."""
        self._profile.enable()
        return {}

    async def end(self) -> Answer:
        """Tell all functions that were profiled until now."""
        self._profile.disable()
        return {"functions": list(functions(self._profile.getstats()))}
