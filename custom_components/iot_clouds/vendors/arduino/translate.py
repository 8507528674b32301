"""Things and properties in neutral words (reference 3.4)."""

from collections.abc import Mapping

from ...model import Device, Kind, Point
from .models import Board, Property, Thing
from .property_types import UNKNOWN, PropertyType, Shape, property_type

CONSOLE = "https://app.arduino.cc/things/"
LORA_TYPES = frozenset({"mkrwan1300", "mkrwan1310", "lora-device"})

_KINDS = {
    Shape.BOOL: Kind.FLAG,
    Shape.INT: Kind.MEASURE,
    Shape.FLOAT: Kind.MEASURE,
    Shape.STRING: Kind.TEXT,
    Shape.PLACE: Kind.PLACE,
    Shape.OBJECT: Kind.TEXT,
    Shape.OPAQUE: Kind.TEXT,
}


def key(property_id: str) -> str:
    """The point that shows a property: its id stays when it is renamed."""
    return f"property/{property_id}"


def kind_of(prop: Property) -> PropertyType:
    """The type of a property; one that is not known may hold anything."""
    return property_type(prop.type) or UNKNOWN


def device(thing: Thing, board: Board | None) -> Device:
    """A thing as a device, with what is known of the board that it is bound to."""
    board_type = (board and board.type) or thing.board_type
    return Device(
        id=thing.id,
        name=thing.name,
        online=board.online if board else None,
        sleeps=_sleeps(board, board_type),
        model=(board and board.label) or board_type,
        model_id=board_type,
        serial=board.serial if board else None,
        sw_version=board.lib_version if board else None,
        url=f"{CONSOLE}{thing.id}",
        points=_points(thing),
    )


def _sleeps(board: Board | None, board_type: str | None) -> bool:
    """LoRa boards speak when they have something to say."""
    return (board is not None and board.connection == "lora") or (
        board_type in LORA_TYPES
    )


def _points(thing: Thing) -> Mapping[str, Point]:
    return {key(prop.id): _point(prop) for prop in thing.properties}


def _point(prop: Property) -> Point:
    kind = kind_of(prop)
    toggle = kind.shape is Shape.BOOL and prop.writable and not kind.sensed
    return Point(
        key=key(prop.id),
        kind=Kind.TOGGLE if toggle else _KINDS[kind.shape],
        name=prop.name,
        writable=prop.writable,
        unit=kind.unit,
        device_class=kind.toggle_class if toggle else kind.device_class,
        state_class=kind.state_class,
    )
