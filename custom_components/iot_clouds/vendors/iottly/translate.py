"""Turns what iottly says about a device into the neutral words."""

from collections.abc import Mapping

from ...model import Device, Json, Kind, Point
from .messages import AGENT, Message
from .models import Board, Project

WEB_UI = "https://cloud.iottly.com"

EVENTS = Point(key="events", kind=Kind.MESSAGE, label="published_event")

_CONNECTION = {"connected": True, "disconnected": False}


def device_of(
    board: Board,
    project: Project,
    points: Mapping[str, Point],
    *,
    agent: Point | None = None,
    online: bool | None,
    commanded_offline: bool = False,
    url: str | None,
) -> Device:
    """A device; its MAC address is virtual and so only a kind of serial number.

    Two projects may hold the same address, which would merge their devices
    (reference 9).
    """
    return Device(
        id=board.id,
        name=board.name or board.id,
        online=online,
        commanded_offline=commanded_offline,
        model=project.board,
        serial=board.mac,
        sw_version=board.agent_version,
        url=url,
        points={**{each.key: each for each in (EVENTS, agent) if each}, **points},
    )


def connection_in(message: Message) -> bool | None:
    """What an agent's message says about the connection (reference 3.2)."""
    if message.type != AGENT:
        return None
    status: Json = message.payload.get("connectionstatus")
    return _CONNECTION.get(status) if isinstance(status, str) else None
