"""What happens to boards while the cloud runs: they appear, are renamed, fall ill, go."""

import hashlib
import json

from .particle_fleet import Fleet
from .particle_publications import Publications
from .particle_unit import unit_of
from .world import Board, World

INTERNAL = "particle-internal"


class Lives:
    """The fates of boards; each method is what a control route does too."""

    def __init__(
        self, *, world: World, fleet: Fleet, publications: Publications
    ) -> None:
        """Take the cloud's parts."""
        self._world = world
        self._fleet = fleet
        self._publications = publications

    def appear(self, board: Board, *, connected: bool = True) -> None:
        """Claim a board; one that is not `connected` has never been online."""
        self._world.boards[board.id] = board
        presence = self._fleet.presence(board)
        if connected:
            self._publications.set_online(board, True)
        else:
            board.online = False
            presence.never_connected = True

    def vanish(self, board: Board) -> None:
        """Let the owner remove a board: the cloud knows it no longer."""
        del self._world.boards[board.id]
        self._fleet.forget(board)

    def rename(self, board: Board, name: str | None) -> None:
        """Rename a board; None takes its name away, which clients see as null."""
        self._fleet.presence(board).nameless = name is None
        if name is not None:
            board.name = name

    def quarantine(self, board: Board, wanted: bool = True) -> None:
        """Hold a board off its product until somebody approves it (reference 2.2)."""
        self._fleet.presence(board).quarantined = wanted
        self._shut_out(board, wanted)

    def deny(self, board: Board, wanted: bool = True) -> None:
        """Refuse a board for good, or take that back."""
        self._fleet.presence(board).denied = wanted
        self._shut_out(board, wanted)

    def _shut_out(self, board: Board, wanted: bool) -> None:
        if wanted and board.online:
            self._publications.set_online(board, False)
        elif not wanted:
            self._publications.set_online(board, True)

    def safe_mode(self, board: Board, wanted: bool = True) -> None:
        """Let a board run without its user code, or recover (reference 2.2, 5.6)."""
        presence = self._fleet.presence(board)
        self._publications.set_online(board, False)
        presence.status = "safe_mode" if wanted else None
        self._publications.set_online(board, True)
        if not wanted:
            self._publications.emit(board, "spark/device/last_reset", "update")
            return
        emit = self._publications.emit
        describe = {"f": [], "v": {}, "p": unit_of(board).platform_id, "m": []}
        text = json.dumps(describe, separators=(",", ":"))
        emit(board, "spark/status/safe-mode", text)
        emit(board, "spark/device/last_reset", "safe_mode")
        emit(board, "spark/safe-mode-updater/updating", "2", coreid=INTERNAL)

    def reset(self, board: Board, reason: str) -> None:
        """Let a board restart for a reason of reference 5.6."""
        self._publications.set_online(board, False)
        self._publications.set_online(board, True)
        self._publications.emit(board, "spark/device/last_reset", reason)

    def reflash(self, board: Board) -> None:
        """Restart a board whose variables or functions the caller has just changed."""
        self.reset(board, "update")
        told = repr((board.id, *board.variables, *unit_of(board).functions))
        digest = hashlib.sha256(told.encode()).hexdigest()
        self._publications.emit(board, "spark/device/app-hash", digest.upper())
