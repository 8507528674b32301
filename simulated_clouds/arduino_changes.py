"""What a person changes at the cloud's website: things and variables come, go, get names."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from .arduino_store import Property, Store, moment
from .world import Board, Variable, World


class Changes:
    """Edits things and variables while the cloud runs; ids stay what they were."""

    def __init__(
        self, world: World, store: Store, *, clock: Callable[[], float]
    ) -> None:
        """Change the boards of this world."""
        self._world = world
        self._store = store
        self._clock = clock

    def add_thing(self, board: Board) -> None:
        """Create a thing; one whose facts name no `device` has no board."""
        self._world.boards[board.id] = board
        for item in self._store.properties(board):
            self._store.history(item)

    def rename_thing(self, board: Board, name: str) -> None:
        """Give a thing another name."""
        board.name = name

    def delete_thing(self, board: Board) -> None:
        """Delete a thing softly: listings that ask for deleted ones still show it."""
        board.facts["deleted_at"] = moment(self._clock())

    def restore_thing(self, board: Board) -> None:
        """Bring a deleted thing back."""
        board.facts.pop("deleted_at", None)

    def add_variable(
        self, board: Board, variable: Variable, /, **fields: Any
    ) -> Property:
        """Create a variable, or another one of the name of a deleted one."""
        if "deleted_at" in _fields(board, variable.name):
            board.facts["properties"][variable.name] = {"id": str(uuid4())}
        board.variables[variable.name] = variable
        self.change_variable(board, variable.name, **fields)
        return self._found(board, variable.name)

    def change_variable(self, board: Board, name: str, /, **fields: Any) -> None:
        """Change fields of the property: `name` people call it by, `min_value`, ..."""
        _fields(board, name).update(fields)

    def rename_variable(self, board: Board, name: str, new: str) -> None:
        """Give a variable another name in the sketch, which is its name in messages."""
        item = self._found(board, name)
        fields = _fields(board, name) | {"id": item.id}
        del board.facts["properties"][name]
        board.facts["properties"][new] = fields
        variables = list(board.variables.values())
        item.variable.name = new
        board.variables.clear()
        board.variables.update({each.name: each for each in variables})

    def delete_variable(self, board: Board, name: str) -> None:
        """Delete a variable softly."""
        self.change_variable(board, name, deleted_at=moment(self._clock()))

    def break_listing(self, board: Board, *entries: Any) -> None:
        """Put these as they are among the thing's properties; none heals it again."""
        board.facts["broken_properties"] = list(entries)

    def _found(self, board: Board, name: str) -> Property:
        item = self._store.find(board, name)
        if item is None:
            raise KeyError(name)
        return item


def _fields(board: Board, name: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = board.facts.setdefault("properties", {})
    return given.setdefault(name, {})
