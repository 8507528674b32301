"""From Particle's boards to neutral devices and points; pure."""

from collections.abc import Iterable, Mapping
import re

from ...model import Category, Device, Kind, Point
from .keys import BATTERY, LOCATION, SIGNAL, TEMPERATURE, VARIABLE
from .models import Board, Definition
from .platforms import PLATFORMS, Platform
from .scope import Scope, raw, segment
from .values import kind_of

CONSOLE = "https://console.particle.io"

_MAC = re.compile(r"(?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2}", re.IGNORECASE | re.ASCII)
_NO_MACS = frozenset({"000000000000", "ffffffffffff"})

_TRACKER_POINTS = (
    Point(key=LOCATION, kind=Kind.PLACE, label="location"),
    Point(
        key=BATTERY,
        kind=Kind.MEASURE,
        label="battery",
        unit="%",
        device_class="battery",
        state_class="measurement",
        category=Category.DIAGNOSTIC,
    ),
    Point(
        key=TEMPERATURE,
        kind=Kind.MEASURE,
        label="temperature",
        unit="°C",
        device_class="temperature",
        state_class="measurement",
    ),
    # Home Assistant's class for signal strength takes decibels only, so it has none.
    Point(
        key=SIGNAL,
        kind=Kind.MEASURE,
        label="cellular_signal",
        unit="%",
        state_class="measurement",
        digits=0,
        category=Category.DIAGNOSTIC,
        enabled=False,
    ),
)


def tracks(board: Board) -> bool:
    """Whether the board is one of those that publish where they are (7.1)."""
    platform = _platform(board)
    return platform is not None and platform.tracks


def page(board: Board, scope: Scope) -> str:
    """Where the console shows a board: those of a product are below it (reference 11)."""
    product = board.product or scope.product
    place = f"{CONSOLE}/{segment(product)}" if product else CONSOLE
    return f"{place}/devices/{segment(raw(board.id))}"


def device(
    board: Board,
    definition: Definition,
    online: bool | None,
    more: Iterable[Point] = (),
    *,
    url: str | None = None,
) -> Device:
    """A board with what its firmware is known to expose (reference 11), and `more`."""
    platform = _platform(board)
    model = _model(board, platform)
    return Device(
        id=board.id,
        name=board.name or f"{model or 'Particle device'} {board.id[-6:]}",
        online=online,
        sleeps=board.cellular or (platform is not None and platform.sleeps),
        model=model,
        model_id=platform.key if platform else None,
        serial=board.serial,
        mac=_mac(board.mac),
        sw_version=board.system_version,
        url=url,
        points=_points(board, definition, more),
        functions=definition.functions or (),
    )


def _platform(board: Board) -> Platform | None:
    return None if board.platform_id is None else PLATFORMS.get(board.platform_id)


def _model(board: Board, platform: Platform | None) -> str | None:
    if platform:
        return platform.model
    if board.platform_id is None:
        return None
    return f"Particle platform {board.platform_id}"


def _mac(value: str | None) -> str | None:
    """An address as Home Assistant writes it; one that many boards share is none."""
    if value is None or not _MAC.fullmatch(value):
        return None
    digits = re.sub("[:-]", "", value).lower()
    if digits in _NO_MACS:
        return None
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def _points(
    board: Board, definition: Definition, more: Iterable[Point]
) -> Mapping[str, Point]:
    fixed = _TRACKER_POINTS if tracks(board) else ()
    declared = definition.variables or {}
    variables = (_variable(name, declared[name]) for name in sorted(declared))
    points = [*fixed, *variables, *more]
    return {point.key: point for point in points}


def _variable(name: str, declared: str) -> Point:
    kind = kind_of(declared)
    return Point(
        key=f"{VARIABLE}{name}",
        kind=kind,
        name=name,
        billed=True,
        state_class="measurement" if kind is Kind.MEASURE else None,
    )
