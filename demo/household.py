"""What the check does with the boards of the invented household."""

from dataclasses import dataclass
from typing import Any

PUSHED = ("arduino", "particle")
"""Clouds whose values must arrive without being asked for."""

MEASURED: dict[str, tuple[tuple[str, str], ...]] = {
    "arduino": (
        ("Greenhouse", "temperature"),
        ("Garage", "garage_door"),
        ("Boiler room", "boiler_temperature"),
        ("Weather mast", "outdoor_temperature"),
        ("Living room", "radiator"),
        ("Living room", "message"),
        ("Mower", "mowing"),
        ("Meters", "water"),
    ),
    "particle": (
        ("Workshop", "temperature"),
        ("Beehive", "weight"),
        ("Aquarium", "waterTemp"),
    ),
    "iottly": (
        ("Cellar", "pump"),
        ("Attic heating", "desired_temp"),
        ("Gate", "bit_error_rate"),
    ),
}
"""Variables that their boards are made to measure anew: board, variable.

Where a poll brings them they are such that do not move by themselves, because a poll
shows the newest value alone.
"""

SWITCH = ("arduino", "Greenhouse", "pump")
"""A switch that is thrown: cloud, board, variable."""

TRACKER = ("particle", "Van", "place")
"""A tracker that drives on: cloud, board, the variable of its position."""
NORTH = 0.01
"""Degrees that it drives on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action, and what its board must be told: a fragment of the log's body.

    `entity` names the variable that is the target; without it the board is.
    """

    cloud: str
    board: str
    service: str
    data: dict[str, Any]
    told: dict[str, Any]
    entity: str | None = None
    response: dict[str, Any] | None = None
    """What the response must hold, if it matters."""


ACTIONS = (
    Action(
        cloud="arduino",
        board="Boiler room",
        entity="setpoint",
        service="set_value",
        data={"value": 61.5},
        told={"setpoint": 61.5},
    ),
    Action(
        cloud="arduino",
        board="Living room",
        entity="mood_light",
        service="set_value",
        data={"value": {"swi": True, "hue": 210, "sat": 80, "bri": 65}},
        told={"mood_light": {"swi": True, "hue": 210.0, "sat": 80.0, "bri": 65.0}},
    ),
    Action(
        cloud="particle",
        board="Workshop",
        service="call_function",
        data={"function": "setFan", "argument": "on"},
        told={"function": "setFan", "argument": "on"},
        response={"return_value": 1},
    ),
    Action(
        cloud="iottly",
        board="Cellar",
        service="send_command",
        data={"type": "pump", "options": {"state": "on"}},
        told={"pump": {"state": "on"}},
    ),
)

PICTURED = {"arduino": "Greenhouse", "particle": "Workshop", "iottly": "Cellar"}
"""One board of each cloud whose page is worth a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseUp:
    """An entity whose dialog is worth a picture: file, cloud, board, variable.

    `press` finds what is to be pressed in the dialog.
    """

    file: str
    cloud: str
    board: str
    variable: str
    domain: str
    press: str = ""


CLOSE_UPS = (
    CloseUp(
        file="arduino-light",
        cloud="arduino",
        board="Living room",
        variable="mood_light",
        domain="light.",
        press="more-info-light ha-icon-button-toggle >> nth=-1",
    ),
    CloseUp(
        file="arduino-number",
        cloud="arduino",
        board="Living room",
        variable="radiator",
        domain="number.",
    ),
)
