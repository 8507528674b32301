"""What a Particle board is besides its values: hardware, ownership and firmware."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .world import Board, Value

HOUSEHOLD = "household"
"""Owner of a board that belongs to the account the cloud starts with."""
EXPOSED = frozenset({"int32", "double", "string", "bool"})
"""Types of variables that the cloud can read; others are the firmware's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a board did when it was called.

    `values` are measured anew, `events` are (name, data) that it publishes.
    """

    result: int = 0
    values: Mapping[str, Value] = field(default_factory=dict)
    events: tuple[tuple[str, str], ...] = ()


type Function = Callable[[Board, str, float], Outcome]
"""A function or an event handler: board, argument, time in epoch seconds."""


class Power(StrEnum):
    """Which battery a board can report on in its vitals."""

    NONE = "none"
    SOCKET = "socket"
    """There is a connector and nothing in it: the charge is an error (reference 6.2)."""
    BATTERY = "battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The fixed things about a board, in `Board.facts["unit"]`.

    `publishes` maps variables to the names of the events that carry them; None means
    each variable in an event of its own name. `subscribes` maps event prefixes to what
    the board does with the data.
    """

    platform_id: int = 32
    owner: str | None = HOUSEHOLD
    product_id: int | None = None
    serial_number: str = ""
    system_firmware_version: str = "6.3.2"
    ip_address: str = "192.0.2.10"
    imei: str | None = None
    iccid: str | None = None
    mac_wifi: str | None = None
    mobile_secret: str = field(default="", repr=False)
    firmware_version: int | None = None
    targeted_version: int | None = None
    groups: tuple[str, ...] = ()
    status: str = "normal"
    power: Power = Power.NONE
    publishes: Mapping[str, str] | None = None
    functions: Mapping[str, Function] = field(default_factory=dict)
    subscribes: Mapping[str, Function] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    """Settings of a tracker by module; its firmware changes them."""

    @property
    def cellular(self) -> bool:
        """Whether it reaches the cloud over a mobile network."""
        return self.iccid is not None


def unit_of(board: Board) -> Unit:
    """Return the board's unit; a board without one is a plain Photon 2."""
    unit = board.facts.get("unit")
    return unit if isinstance(unit, Unit) else Unit()


def exposed(board: Board) -> dict[str, str]:
    """Names and types of the variables that the cloud can read."""
    return {
        variable.name: variable.type
        for variable in board.variables.values()
        if variable.type in EXPOSED
    }


def event_text(value: Value) -> str:
    """Return a value as firmware prints it into an event."""
    return str(value).lower() if isinstance(value, bool) else str(value)
