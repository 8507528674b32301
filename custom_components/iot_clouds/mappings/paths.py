"""Addresses of the parts of a payload: JSON Pointers (RFC 6901)."""

from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import Literal

from ..model import Json

type Steps = tuple[str, ...]


class Missing(Enum):
    """The type of `MISSING`: a null is a value, and nothing is not."""

    MISSING = "missing"

    def __bool__(self) -> Literal[False]:
        """Nothing is there."""
        return False


MISSING = Missing.MISSING

_LONGEST_INDEX = 9
_LONGEST_KEPT = 256


def steps(pointer: str) -> Steps:
    """The keys and indexes of a pointer; the empty pointer is the whole document.

    Raises:
        ValueError: it does not start with a slash, or a tilde is not followed by 0 or 1.
    """
    return _kept(pointer) if len(pointer) <= _LONGEST_KEPT else _split(pointer)


def _split(pointer: str) -> Steps:
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError("A path starts with a slash")
    if "~" in pointer.replace("~0", "").replace("~1", ""):
        raise ValueError("A tilde in a path is written ~0, and a slash in a key ~1")
    return tuple(
        step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")
    )


_kept = lru_cache(maxsize=4096)(_split)


def pointer(path: Steps) -> str:
    """The pointer of these keys and indexes."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def at(tree: Json, path: Steps) -> Json | Missing:
    """What stands at a path; MISSING if the tree does not reach so far."""
    for step in path:
        if isinstance(tree, dict):
            if step not in tree:
                return MISSING
            tree = tree[step]
        elif isinstance(tree, list):
            index = _index(step)
            if index is None or index >= len(tree):
                return MISSING
            tree = tree[index]
        else:
            return MISSING
    return tree


def resolve(tree: Json, pointer: str) -> Json | Missing:
    """What stands at a pointer; MISSING if nothing does or if it is no pointer."""
    try:
        return at(tree, steps(pointer))
    except ValueError:
        return MISSING


def branches(tree: Json) -> Iterator[tuple[Steps, Json]]:
    """Every value with its path in the order of the document, containers before content."""
    waiting: list[tuple[Steps, Json]] = [((), tree)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict):
            inner = [((*path, key), each) for key, each in value.items()]
            waiting += reversed(inner)
        elif isinstance(value, list):
            listed = [((*path, str(at)), each) for at, each in enumerate(value)]
            waiting += reversed(listed)


def leaves(tree: Json) -> list[str]:
    """Pointers of all values that are no containers, in the order of the document."""
    return [
        pointer(path)
        for path, value in branches(tree)
        if not isinstance(value, dict | list)
    ]


def _index(step: str) -> int | None:
    """A place in a list: decimal digits without leading zeros."""
    if not step.isascii() or not step.isdigit() or len(step) > _LONGEST_INDEX:
        return None
    return None if step[0] == "0" and len(step) > 1 else int(step)
