"""What runs on an iottly board: how it nests its values and reacts to commands."""

from dataclasses import dataclass
from typing import Any

from .iottly_store import AGENT, USER
from .world import Board, Value

# Projects start with these types, and their code with generated handlers for them.
_GENERATED = frozenset({"echo", "examplecommand"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The board answers with a message."""

    type: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The board carried the command out and measures these variables."""

    values: dict[str, Value]


def shaped(board: Board, values: dict[str, Value]) -> list[dict[str, Any]]:
    """Make the payloads that tell these values (reference 6.1).

    One for each root key, with everything below it; one for the top-level keys.
    """
    paths = board.facts.get("paths", {})
    flat = {name: value for name, value in values.items() if name not in paths}
    roots = dict.fromkeys(paths[name][0] for name in values if name in paths)
    nested = [
        {
            root: {
                path[1]: board.variables[name].value
                for name, path in paths.items()
                if path[0] == root
            }
        }
        for root in roots
    ]
    return nested + ([flat] if flat else [])


def greetings(board: Board) -> list[dict[str, Any]]:
    """What the agent says after it started (reference 3.2)."""
    return [
        {
            "process": {
                "name": "MainProcess",
                "status": {"started": f"loaded firmware: {board.name}"},
            },
            "operatingstatus": "ok",
        },
        {"process": {"name": "loop", "status": "started"}},
    ]


def reaction(
    board: Board, command: dict[str, Any], mode: str
) -> Said | Measured | None:
    """What the board does with a command; `mode` is `IottlyVariant.replies`."""
    if mode == "none":
        return None
    if len(command) != 1:
        return _failed(command, "a command has exactly one root key")
    root, options = next(iter(command.items()))
    handler = board.facts.get("handlers", {}).get(root)
    if mode == "receivedcmd":
        return _missing(root, command)
    if mode == "echo" or (handler is None and root in _GENERATED):
        return Said(type=USER, payload={"ECHO": command})
    if handler is None:
        return _missing(root, command)
    try:
        return Measured(values=handler(board, options))
    except (KeyError, TypeError, ValueError) as err:
        return _failed(command, f"{type(err).__name__}: {err}", function=root)


def _missing(root: str, command: dict[str, Any]) -> Said:
    return Said(
        type=AGENT,
        payload={
            "process": {
                "name": "msg_process",
                "function": root,
                "status": {"warning": "Not Found"},
                "description": f"no handler for {root}",
                "receivedcmd": command,
            },
            "operatingstatus": "error",
        },
    )


def _failed(
    command: dict[str, Any], error: str, *, function: str | None = None
) -> Said:
    process: dict[str, Any] = {"name": "msg_process"}
    if function is not None:
        process["function"] = function
    process |= {
        "status": {"error": error},
        "description": "the command failed",
        "cmd": command,
    }
    return Said(type=AGENT, payload={"process": process, "operatingstatus": "error"})
