"""What counts as evidence: pure questions to logs and states."""

from typing import Any

from .clouds import Entry


def other(value: Any) -> Any:
    """A value unlike this one, of its type."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return round(value + 0.5, 2)
    return f"{value}!"


def shows(state: str, value: Any) -> bool:
    """Whether a state shows a value that a board published."""
    if isinstance(value, bool):
        return state == ("on" if value else "off")
    if isinstance(value, int | float):
        try:
            return abs(float(state) - value) < 1e-6
        except ValueError:
            return False
    return state == str(value)


def holds(body: Any, wanted: dict[str, Any]) -> bool:
    """Whether a logged body has at least these fields."""
    return isinstance(body, dict) and body.items() >= wanted.items()


def is_board(entry: Entry, method: str, board: dict[str, Any]) -> bool:
    """Whether this is what a board sent (PUBLISH) or was told (RECEIVE)."""
    return (
        entry.channel == "board"
        and entry.method == method
        and entry.path == board["id"]
        and isinstance(entry.body, dict)
    )


def is_subscription(entry: Entry) -> bool:
    """Whether somebody began to listen."""
    return (entry.channel, entry.method) in {("mqtt", "SUBSCRIBE"), ("sse", "OPEN")}


def reads(log: list[Entry], until: float) -> list[Entry]:
    """The requests that asked a cloud for something, up to a moment."""
    return [
        entry
        for entry in log
        if entry.channel == "http" and entry.method == "GET" and entry.at <= until
    ]
