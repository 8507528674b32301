"""As many things as a test wants, small ones, with ids that are the same in each run."""

from uuid import NAMESPACE_URL, uuid5

from simulated_clouds.world import Board, Variable

TYPES: tuple[tuple[str, str, bool | int | float, bool], ...] = (
    ("temperature", "TEMPERATURE_C", 20.0, False),
    ("humidity", "PERCENTAGE_RELATIVE_HUMIDITY", 50.0, False),
    ("counter", "INT", 0, False),
    ("relay", "STATUS", False, True),
    ("level", "PERCENTAGE", 10.0, True),
)


def fleet(
    things: int, *, variables: int = len(TYPES), encoder: str = "cpp"
) -> list[Board]:
    """Things named "Thing 1" and on; variables beyond the fifth repeat with a number."""
    return [_thing(number, variables, encoder) for number in range(1, things + 1)]


def _thing(number: int, variables: int, encoder: str) -> Board:
    return Board(
        id=_id("thing", number),
        name=f"Thing {number}",
        cloud="arduino",
        variables={
            each.name: each for each in (_variable(index) for index in range(variables))
        },
        facts={
            "encoder": encoder,
            "secret_key": f"FLEET-{number:04}",
            "device": {
                "id": _id("device", number),
                "name": f"Board {number}",
                "label": "Arduino NANO 33 IoT",
                "type": "nano_33_iot",
                "fqbn": "arduino:samd:nano_33_iot",
                "serial": f"FLEET{number:027}",
                "connection_type": "wifi",
                "lib_version": "2.9.3",
            },
        },
    )


def _variable(index: int) -> Variable:
    turn, kind = divmod(index, len(TYPES))
    name, type_, value, writable = TYPES[kind]
    return Variable(
        name=f"{name}{turn + 1}" if turn else name,
        type=type_,
        value=value,
        writable=writable,
    )


def _id(kind: str, number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"fleet/{kind}/{number}"))
