"""What iottly tells about a project and its devices (reference 2.2 to 2.4)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
import re

from ...model import CloudUnreachable, Json, sound
from .agent import version_in

_DEVICE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST = 255
_STATUS = {"connected": True, "disconnected": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project; `board` is the type that all its devices have.

    `agent` is the version of the agent that its installer brings; the address of that
    is not kept, because it may open the download to anyone.
    """

    name: str | None
    board: str | None
    agent: str | None = None

    @classmethod
    def parse(cls, body: Json) -> Project:
        """Read the answer of inspect, all of which may be missing."""
        if not isinstance(body, dict):
            raise CloudUnreachable("The project's description makes no sense")
        return cls(
            name=_text(body.get("name")),
            board=_text(body.get("board")),
            agent=version_in(_text(body.get("agentfile")))
            or version_in(_text(body.get("projectgetagenturl"))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A device; `status` is the cloud's word where it is neither of the known ones."""

    id: str
    name: str | None
    mac: str | None = field(default=None, repr=False)
    connected: bool | None = None
    status: str | None = None
    agent_version: str | None = None

    @classmethod
    def parse(cls, item: Json) -> Board | None:
        """Read a device in the form of either listing; None without a sensible id."""
        if not isinstance(item, dict):
            return None
        identity = device_id_in(_text(item.get("ID")) or item.get("id"))
        if identity is None:
            return None
        status = _text(item.get("operatingstatus"))
        connected = _STATUS.get(status.lower()) if status else None
        return cls(
            id=identity,
            name=_text(item.get("name")),
            mac=_text(item.get("macaddress")),
            connected=connected,
            status=status if connected is None else None,
            agent_version=_text(item.get("agent_version")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Licenses:
    """How many licenses a project has: with a device, and without."""

    paired: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The devices of a project at server time `at`; not `complete` if it has holes.

    `skipped` entries have no sensible id. `licenses` are counted where the devices were
    listed by them.
    """

    at: datetime
    boards: tuple[Board, ...]
    complete: bool
    skipped: int = 0
    licenses: Licenses | None = None


def parse_props(body: Json, at: datetime) -> Listing:
    """Read the device properties; a bad item costs only itself, and completeness.

    Raises:
        CloudUnreachable: there is no list of devices in it.
    """
    if isinstance(body, list):
        body = {"devices": body}
    if not isinstance(body, dict) or "devices" not in body:
        raise CloudUnreachable("The list of devices makes no sense")
    items = body["devices"]
    if not isinstance(items, list):
        if items is not None:
            raise CloudUnreachable("The list of devices makes no sense")
        items = []
    boards, skipped = _boards(items)
    count = body.get("count")
    told = count if isinstance(count, int) else len(items)
    complete = not skipped and len(boards) >= told and not body.get("errors")
    return Listing(at=at, boards=boards, complete=complete, skipped=skipped)


def parse_licenses(body: Json, at: datetime) -> Listing:
    """Read the licenses, which hold the devices that they are paired with.

    A license is used if it has a board with an id, whatever its status says. The tokens
    that the licenses are listed by are secrets and are not kept.

    Raises:
        CloudUnreachable: it is not an object of licenses.
    """
    if not isinstance(body, dict):
        raise CloudUnreachable("The list of licenses makes no sense")
    items: list[Json] = []
    free = 0
    for entry in body.values():
        if not isinstance(entry, dict):
            items.append(None)
        elif board := entry.get("board"):
            items.append(board)
        else:
            free += 1
    boards, skipped = _boards(items)
    licenses = Licenses(paired=len(items) - items.count(None), free=free)
    return Listing(
        at=at,
        boards=boards,
        complete=not skipped,
        skipped=skipped,
        licenses=licenses,
    )


def device_id_in(value: Json) -> str | None:
    """The id of a device, as it is spelled here; None if it is none."""
    text = value.strip().lower() if isinstance(value, str) else ""
    return text if _DEVICE_ID.fullmatch(text) else None


def _boards(items: Iterable[Json]) -> tuple[tuple[Board, ...], int]:
    """All devices that can be read, each once, and how many cannot."""
    parsed = [Board.parse(item) for item in items]
    boards = {board.id: board for board in parsed if board}
    return tuple(boards.values()), parsed.count(None)


def _text(value: Json) -> str | None:
    """A text that is not blank, or a number as text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)[:_LONGEST]
    return sound(value.strip()[:_LONGEST]) or None if isinstance(value, str) else None
