"""Boards of the household's Arduino account with richer variables than plain readings.

A living room with lamps, a television and a plan for the evening; a mower that drives
about; and the meters of the house.
"""

from collections.abc import Mapping
import random
from typing import Any

from simulated_clouds.world import Board, Mover, Value, Variable, drift

# Mondays to Fridays from six in the evening on, for four hours (reference 3.3).
EVENINGS = {"frm": 1767636000, "to": 0, "len": 14_400, "msk": 2 << 26 | 0b0111110}
LAMP = {"swi": True, "hue": 32.0, "sat": 85.0, "bri": 70.0}
# It plays what comes from its first HDMI input.
TELEVISION = {"swi": True, "vol": 25, "mut": False, "pbc": 3, "inp": 16, "cha": 7}
# Beside the house of the demo.
LAWN = {"lat": 45.0704, "lon": 7.6895}


def boards() -> list[Board]:
    """The three boards, as they are at the start."""
    return [_living_room(), _mower(), _meters()]


def _living_room() -> Board:
    return Board(
        id="d7316e4b-90f2-4c8d-a5b1-84e27c0d9f05",
        name="Living room",
        cloud="arduino",
        variables=_variables(
            _control("mood_light", "HOME_COLORED_LIGHT", LAMP),
            _control("reading_lamp", "HOME_DIMMED_LIGHT", {"swi": False, "bri": 60.0}),
            _control("tv", "HOME_TELEVISION", TELEVISION),
            _control("radiator", "HOME_TEMPERATURE_C", 20.5),
            _control("message", "CHARSTRING", "Welcome home"),
            _control("evening_scene", "SCHEDULE", EVENINGS),
        ),
        facts={
            "encoder": "cpp",
            "secret_key": "LIVIN-2K7R-QN5B-0005",
            "device": {
                "id": "3ac81f5e-72d4-4b09-8e63-a09b4c5d7e05",
                "name": "Living room Nano",
                "label": "Arduino Nano ESP32",
                "type": "nano_nora",
                "fqbn": "arduino:esp32:nano_nora",
                "serial": "34B7DA6401C82F15",
                "connection_type": "wifi",
                "lib_version": "2.9.3",
            },
            "tags": {"room": "living_room"},
            "properties": {
                "tv": {"name": "TV"},
                "radiator": {"min_value": 5, "max_value": 30},
            },
        },
    )


def _mower() -> Board:
    return Board(
        id="f1905c2a-4e7b-43d6-b08f-5a62d3e81c06",
        name="Mower",
        cloud="arduino",
        variables=_variables(
            Variable(name="position", type="LOCATION", value=LAWN, move=_about(LAWN)),
            Variable(
                name="charge",
                type="PERCENTAGE_BATTERY_LEVEL",
                value=78.0,
                move=drift(20, 100, 0.5),
            ),
            _control("mowing", "STATUS", True),
        ),
        facts={
            "encoder": "cpp",
            "secret_key": "MOWER-9T4X-VD8H-0006",
            "device": {
                "id": "91e6d07b-c5a3-4f28-97d1-2b8c60fe4a06",
                "name": "Mower MKR",
                "label": "Arduino MKR GSM 1400",
                "type": "mkrgsm1400",
                "fqbn": "arduino:samd:mkrgsm1400",
                "serial": "5B20C7F35150484B392E3120FF0D4E5F",
                "connection_type": "gsm",
                "lib_version": "2.9.3",
            },
            "tags": {"room": "garden"},
        },
    )


def _meters() -> Board:
    return Board(
        id="a64be813-05d9-4f7c-92e0-3c18f7b25d07",
        name="Meters",
        cloud="arduino",
        variables=_variables(
            Variable(name="energy", type="ENERGY", value=8421.4, move=_rise(0.02)),
            Variable(name="water", type="CUBIC_METER", value=512.37, move=_rise(0.004)),
            Variable(
                name="power", type="WATT", value=640.0, move=drift(150, 3200, 60, 0)
            ),
        ),
        facts={
            "encoder": "connector",
            "secret_key": "METER-6W1J-GC3P-0007",
            "device": {
                "id": "58fd2c96-b1e7-4a30-8c45-d79e01a6b307",
                "name": "Meter Opta",
                "label": "Arduino Opta",
                "type": "opta",
                "fqbn": "arduino:mbed_opta:opta",
                "serial": "002E00453131510D33323634",
                "connection_type": "eth",
                "lib_version": "2.9.3",
            },
            "tags": {"room": "cellar"},
        },
    )


def _variables(*variables: Variable) -> dict[str, Variable]:
    return {variable.name: variable for variable in variables}


def _control(name: str, type_: str, value: Mapping[str, Any] | Value) -> Variable:
    kept = dict(value) if isinstance(value, Mapping) else value
    return Variable(name=name, type=type_, value=kept, writable=True)


def _about(center: Mapping[str, float]) -> Mover:
    """A place that wanders around another one, some ten metres at a time."""
    movers = {name: drift(at - 2e-4, at + 2e-4, 5e-5, 6) for name, at in center.items()}

    def move(rng: random.Random, value: Any) -> dict[str, float]:
        return {name: mover(rng, value[name]) for name, mover in movers.items()}

    return move


def _rise(step: float) -> Mover:
    """A meter: it never runs backwards."""

    def move(rng: random.Random, value: Any) -> float:
        return round(float(value) + rng.uniform(step / 4, step), 4)

    return move
