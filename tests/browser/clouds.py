"""The simulated clouds, seen through their control interfaces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import APIRequestContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """One simulated cloud; `info` is what a person types in to connect to it."""

    name: str
    info: Mapping[str, Any] = field(repr=False)
    requests: APIRequestContext = field(repr=False)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control interface; `path` is below it."""
        answer = self.requests.fetch(
            f"{self.info['control']}/{path}", method=method, data=body
        )
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
        return answer.json()

    def boards(self) -> dict[str, dict[str, Any]]:
        """The boards by name, with their variables."""
        return {board["name"]: board for board in self.control("GET", "boards")}

    def value(self, board: str, variable: str) -> Any:
        """What a variable of a board is now."""
        return self.boards()[board]["variables"][variable]["value"]

    def measure(self, board: str, **values: Any) -> None:
        """Let a board measure values."""
        self.control("POST", f"boards/{self.boards()[board]['id']}", values)

    def told(self, board: str, since: int) -> list[Any]:
        """What a board was told after the first `since` lines of the log."""
        id_ = self.boards()[board]["id"]
        return [
            entry["body"]
            for entry in self.control("GET", "log")[since:]
            if (entry["channel"], entry["method"], entry["path"])
            == ("board", "RECEIVE", id_)
        ]

    def logged(self) -> int:
        """How many lines the log has."""
        return len(self.control("GET", "log"))

    def refuse(self) -> None:
        """Refuse every credential from now on."""
        self.control("POST", "faults", {"kind": "unauthorized"})

    def behave(self) -> None:
        """Switch all faults off."""
        self.control("DELETE", "faults")

    def standing(self) -> dict[str, dict[str, Any]]:
        """Values, by board, of the variables that do not move by themselves."""
        return {
            name: {
                key: variable["value"]
                for key, variable in board["variables"].items()
                if not variable["move"]
            }
            for name, board in self.boards().items()
        }

    def restore(self, standing: Mapping[str, Mapping[str, Any]]) -> None:
        """Let boards measure again what they measured then."""
        for name, values in self.standing().items():
            then = standing[name]
            if changed := {key: then[key] for key in then if then[key] != values[key]}:
                self.measure(name, **changed)
