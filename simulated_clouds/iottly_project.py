"""A project of the simulated iottly: who may use it, and its three listings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
import hashlib
from typing import Any

from .iottly_variant import IottlyVariant
from .world import Board

_AGENT = "iottlyagent_1.8.3_linux_ARMv7.tar.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Ids and keys of one project.

    `foreign_key` is a good key that belongs to another project.
    """

    id: str = "5d8c1f3e2b7a4600079c41de"
    name: str = "Home boards"
    board: str = "Linux ARMv7"
    api_key: str = field(default="719cc48b13aa7be9a89a433493966f64", repr=False)
    foreign_key: str = field(default="0a1f6e2d9c8b47530e4d2c1b0a9f8e7d", repr=False)
    free_licenses: tuple[str, ...] = field(
        default=(
            "c11b659250ccf128e0bfee34f1b1ef64",
            "7e90a4d3b2c15f688d0e1f2a3b4c5d6e",
        ),
        repr=False,
    )


def inspected(
    project: Project, boards: Iterable[Board], *, address: str, shape: str
) -> dict[str, Any]:
    """The project's description (reference 2.2); `address` is this server's host."""
    if shape == "2017":
        group = {
            "id": "b1f0c7de-3f52-4c0a-9a57-5f6f1d2e8c44",
            "name": "default",
            "status": "deployed",
            "branch": "master",
            "current_revision": "1",
            "boards": [board.id for board in boards],
            "fwcode": {},
        }
        return {"id": project.id, "name": project.name, "deployment_groups": [group]}
    return {
        "id": project.id,
        "name": project.name,
        "projectgetagenturl": f"http://{address}/getagent/{_AGENT}",
        "agentfile": _AGENT,
        "agentapihost": address,
        "board": project.board,
    }


def token(board: Board) -> str:
    """The license of a board; one that names none gets one of its own."""
    made = hashlib.md5(board.id.encode(), usedforsecurity=False).hexdigest()
    return str(board.facts.get("license", made))


def licenses(
    project: Project, boards: Iterable[Board], variant: IottlyVariant
) -> dict[str, Any]:
    """All licenses by token (reference 2.3)."""
    free: dict[str, dict[str, Any]] = {
        "empty": {"status": "available", "board": {}},
        "null": {"status": "available", "board": None},
        "missing": {"status": "available"},
    }
    paired = {
        token(board): {
            "status": "paired",
            "board": {"id": board.id, **_described(board)},
        }
        for board in boards
    }
    return paired | dict.fromkeys(project.free_licenses, free[variant.free_board])


def properties(board: Board) -> dict[str, Any]:
    """The properties of one device (reference 2.4)."""
    return {
        "ID": board.id,
        **_described(board),
        "token": token(board),
        "agent_version": board.facts.get("agent_version", "1.8.3"),
    }


def all_properties(boards: Iterable[Board], variant: IottlyVariant) -> dict[str, Any]:
    """The properties of all devices, but for those that could not be read."""
    everything = list(boards)
    failed = [board.id for board in everything if board.id in variant.unlisted]
    return {
        "count": len(everything),
        "errors": [{"ID": board, "error": "timeout"} for board in failed] or None,
        "devices": [
            properties(board) for board in everything if board.id not in failed
        ],
    }


def _described(board: Board) -> dict[str, Any]:
    return {
        "name": board.name,
        "macaddress": board.facts.get("mac", "02:43:3d:0a:07:00"),
        "operatingstatus": "connected" if board.online else "disconnected",
    }
