"""The household's iottly boards: a cellar, the attic's heating and a gate."""

from typing import Any

from simulated_clouds.world import Board, Value, Variable, drift, toggle

# How a board nests what it measures is the fact "paths": variable -> keys from the
# payload's root. Variables below one root travel together; the others are top-level
# keys of which a message holds the changed ones only (reference 6.1).
# The fact "handlers" is what the board's own program does with a command: root key ->
# function of the board and the options, giving the variables that it measures next.


def _pump(_: Board, options: dict[str, Any]) -> dict[str, Value]:
    states: dict[str, Value] = {"on": True, "off": False}
    return {"pump": states[options["state"]]}


def _read(board: Board, options: dict[str, Any]) -> dict[str, Value]:
    wanted = options["sensortype"]
    names = ("temperature", "humidity") if wanted == "both" else (wanted,)
    return {name: board.variables[name].value for name in names}


def _set_temp(board: Board, options: dict[str, Any]) -> dict[str, Value]:
    desired = float(options["temperature"])
    room = board.variables["room_temperature"].value
    changed: dict[str, Value] = {
        "desired_temp": desired,
        "relay_state": isinstance(room, int | float) and room < desired,
    }
    if "mode" in options:
        changed |= {
            "auto": options["mode"] == "auto",
            "manual": options["mode"] != "auto",
        }
    return changed


def _variables(*variables: Variable) -> dict[str, Variable]:
    return {variable.name: variable for variable in variables}


def _cellar() -> Board:
    """A Raspberry Pi with a sensor and a pump on a relay."""
    return Board(
        id="3f0c7d1e-5b52-4c86-9a3d-0d6f4e2b8a17",
        name="Cellar",
        cloud="iottly",
        variables=_variables(
            Variable(
                name="temperature",
                type="number",
                value=14.2,
                move=drift(11, 18, 0.3),
            ),
            Variable(
                name="humidity", type="number", value=61.5, move=drift(45, 80, 1.5)
            ),
            Variable(name="pump", type="boolean", value=False, writable=True),
        ),
        facts={
            "mac": "02:43:3d:0a:07:1f",
            "license": "4c6b1d0f9e7a42538f60c2d4ab91e735",
            "agent_version": "1.8.3",
            "paths": {
                "temperature": ("sensor_data_reading", "temperature"),
                "humidity": ("sensor_data_reading", "humidity"),
                "pump": ("pump", "state"),
            },
            "handlers": {"pump": _pump, "read_sensor_data": _read},
        },
    )


def _attic() -> Board:
    """A thermostat on the SDK: flat messages, only what changed."""
    return Board(
        id="b81e9a44-2c0d-4f7b-8e15-6a7d93c5f208",
        name="Attic heating",
        cloud="iottly",
        variables=_variables(
            Variable(name="auto", type="boolean", value=True),
            Variable(name="manual", type="boolean", value=False),
            Variable(name="desired_temp", type="number", value=20.5, writable=True),
            Variable(
                name="room_temperature",
                type="number",
                value=19.8,
                move=drift(17, 23, 0.2),
            ),
            Variable(name="relay_state", type="boolean", value=True),
            Variable(name="program", type="number", value=1),
            Variable(name="time_elapsed", type="string", value="0:12:00"),
        ),
        facts={
            "mac": "02:43:3d:0a:07:20",
            "license": "d27f80c15be3469a91d0f4a6c83b7e52",
            "agent_version": "1.8.0",
            # Its clock is ahead (reference 3.4 has two seconds in a sample).
            "clock_offset": 2,
            "handlers": {"set_temp": _set_temp},
        },
    )


def _gate() -> Board:
    """A modem board at the gate: a button, the signal and where it stands."""
    return Board(
        id="c5d2f6b9-71ae-4e03-b4c8-f29a1067d83e",
        name="Gate",
        cloud="iottly",
        variables=_variables(
            Variable(name="gpio", type="number", value=12),
            Variable(name="button", type="boolean", value=False, move=toggle),
            Variable(
                name="signal", type="number", value=17, move=drift(5, 28, 2, digits=0)
            ),
            Variable(name="bit_error_rate", type="number", value=0),
            Variable(
                name="position",
                type="object",
                value={"lat": 45.0703, "lon": 7.6869},
            ),
        ),
        facts={
            "mac": "02:43:3d:0a:07:21",
            "license": "0be95a73c4d84f1fa2617d3e58f0b6c9",
            "agent_version": "1.7.0",
            "clock_offset": -13,
            "paths": {
                "gpio": ("button_pressed", "GPIO"),
                "button": ("button_pressed", "state"),
                "signal": ("CSQ", "signal"),
                "bit_error_rate": ("CSQ", "bit_error_rate"),
            },
        },
    )


def boards() -> list[Board]:
    """The three boards of the household that live in iottly."""
    return [_cellar(), _attic(), _gate()]
