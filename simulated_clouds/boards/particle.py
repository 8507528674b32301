"""The boards of the household that live in the Particle cloud."""

from collections.abc import Callable, Mapping
import random
from typing import Any

from simulated_clouds.particle_schema import defaults
from simulated_clouds.particle_tracker import MODBUS, PLACE, command, walk
from simulated_clouds.particle_unit import Outcome, Power, Unit
from simulated_clouds.world import Board, Value, Variable, drift

CLOUD = "particle"
PRODUCT = 13961
"""The product that the van's tracker is part of."""
WORDS = {"on": True, "1": True, "off": False, "0": False}
"""What the boards' functions understand."""


def boards() -> list[Board]:
    """Return workshop, beehive, aquarium and van, each call anew."""
    return [_workshop(), _beehive(), _aquarium(), _van()]


def _workshop() -> Board:
    return _board(
        "e00fce6801a2b3c4d5e6f701",
        "Workshop",
        Unit(
            platform_id=32,
            serial_number="P046AF4401A2B3C",
            mac_wifi="94:94:4A:01:A2:B3",
            mobile_secret="WRK4SHP7Q2ZX9PL",
            publishes={"temperature": "temperature", "fan": "fan", "dust": "dust"},
            functions={"setFan": _set_fan, "setNote": _set_note, "beep": _beep},
            subscribes={"home/note": _set_note},
        ),
        Variable(
            name="temperature", type="double", value=19.5, move=drift(12, 28, 0.4)
        ),
        Variable(name="fan", type="bool", value=False),
        Variable(name="dust", type="int32", value=35, move=drift(5, 120, 6, 0)),
        Variable(name="note", type="string", value="oil the lathe"),
    )


def _beehive() -> Board:
    return _board(
        "e00fce6802b3c4d5e6f70112",
        "Beehive",
        Unit(
            platform_id=13,
            serial_number="BRNHAB2119K4D5E",
            imei="352753090000013",
            iccid="89314404000000000013",
            mobile_secret="BEE5HV3K1MNA8TR",
            ip_address="192.0.2.77",
            system_firmware_version="6.2.1",
            power=Power.BATTERY,
            publishes={"weight": "weight", "hiveTemp": "hiveTemp"},
            functions={"tare": _tare},
        ),
        Variable(name="weight", type="double", value=31.4, move=drift(20, 60, 0.2)),
        Variable(name="hiveTemp", type="double", value=34.8, move=drift(32, 36, 0.2)),
        Variable(name="batteryOk", type="bool", value=True),
    )


def _aquarium() -> Board:
    return _board(
        "e00fce6803c4d5e6f7011223",
        "Aquarium",
        Unit(
            platform_id=12,
            serial_number="ARGHAB1924C4D5E",
            mac_wifi="94:94:4A:03:C4:D5",
            mobile_secret="FSH2TNK6B4VW1QY",
            power=Power.SOCKET,
            publishes={"waterTemp": "waterTemp", "ph": "ph", "lightOn": "lightOn"},
            functions={"setLight": _set_light},
        ),
        Variable(name="waterTemp", type="double", value=25.0, move=drift(24, 26, 0.1)),
        Variable(name="ph", type="double", value=7.1, move=drift(6.5, 7.6, 0.04, 2)),
        Variable(name="lightOn", type="bool", value=True),
    )


def _van() -> Board:
    return _board(
        "e00fce6804d5e6f701122334",
        "Van",
        Unit(
            platform_id=26,
            product_id=PRODUCT,
            serial_number="TON404MTR4D5E6F",
            imei="352753090000026",
            iccid="89314404000000000026",
            mobile_secret="VAN8TRK3C5DE2HJ",
            ip_address="192.0.2.78",
            system_firmware_version="6.1.1",
            firmware_version=18,
            targeted_version=18,
            groups=("vehicles",),
            power=Power.BATTERY,
            publishes={PLACE: "loc"},
            functions={"cmd": command},
            config=_settings(),
        ),
        Variable(name="mileage", type="double", value=48210.0, move=_drive),
        Variable(name=PLACE, type=PLACE, value=_start(), move=walk),
    )


def monitor() -> Board:
    """Return a spare Monitor One that looks after a pump (reference 7.6)."""
    tank: dict[str, Value] = {"tankLevel": 12.5, "flow": 3.25}
    inputs = {"io_v": 12.345, "io_a": 0.0121, "io_in": True}
    alarms = {"io_vlow": 0, "io_vhigh": 0, "io_alow": 0, "io_ahigh": 0}
    faults = {"io_afltlow": False, "io_aflthigh": False}
    place = {**_start(), "spd": 0.0, **inputs, **alarms, **faults}
    return _board(
        "e00fce6805e6f70112233445",
        "Pump house",
        Unit(
            platform_id=26,
            product_id=PRODUCT,
            serial_number="MON404MTR5E6F70",
            imei="352753090000027",
            iccid="89314404000000000027",
            mobile_secret="PMP9HSE2D4EF6GK",
            ip_address="192.0.2.79",
            firmware_version=18,
            targeted_version=18,
            groups=("pumps",),
            power=Power.BATTERY,
            publishes={PLACE: "loc", MODBUS: "modbus"},
            functions={"cmd": command},
            config=_settings(),
        ),
        Variable(name=MODBUS, type=MODBUS, value=tank),
        Variable(name=PLACE, type=PLACE, value=place),
    )


def photon() -> Board:
    """Return a spare Photon 2 with one variable, as it comes out of its box."""
    return _board(
        "e00fce6806f7011223344556",
        "Doorbell",
        Unit(serial_number="P046AF4406F7011", mobile_secret="DRB2LLL4K6XW8ZQ"),
        Variable(name="rings", type="int32", value=0),
    )


def carport() -> Board:
    """Return a spare Photon 2 that moves a door and tells its climate in one text.

    Its status is whatever it was given, and it takes any order without carrying it out.
    """
    return _board(
        "e00fce6807f7011223344567",
        "Carport",
        Unit(
            platform_id=32,
            serial_number="P046AF4407F7011",
            mobile_secret="GRG3DRS5N7YZ9UQ",
            publishes={
                "door": "door",
                "climate": "climate",
                "lamp": "lamp",
                "status": "status",
            },
            functions={"setDoor": _set_door, "setLamp": _set_lamp, "order": _obey},
            subscribes={"carport/": _obey},
        ),
        Variable(name="door", type="string", value="closed"),
        Variable(name="lamp", type="int32", value=0),
        Variable(
            name="climate",
            type="string",
            value='{"temp": 12.5, "hum": 61, "moisture": 512}',
        ),
        Variable(name="status", type="string", value="{}"),
    )


SPARES: Mapping[str, Callable[[], Board]] = {
    "monitor": monitor,
    "photon": photon,
    "carport": carport,
}
"""Boards that can be added to the household while the cloud runs."""


def _settings() -> dict[str, Any]:
    """Return a tracker's settings with one geofence around home."""
    settings = defaults()
    settings["geofence"]["zone1"] |= {
        "enable": True,
        "lat": 48.137,
        "lon": 11.575,
        "radius": 1500,
        "enter": True,
        "exit": True,
    }
    return settings


def _board(key: str, name: str, unit: Unit, *variables: Variable) -> Board:
    return Board(
        id=key,
        name=name,
        cloud=CLOUD,
        variables={variable.name: variable for variable in variables},
        facts={"unit": unit},
    )


def _start() -> dict[str, Value]:
    """Return the van's position at the start; `home` is where its walk turns back to."""
    fixed: dict[str, Any] = {"home": [48.137, 11.575], "alt": 519.0, "cell": 64.2}
    moving = {"lat": 48.14012345, "lon": 11.57198765, "hd": 46.16, "spd": 0.12}
    return {**fixed, **moving, "h_acc": 4.2, "batt": 92.4, "temp": 24.3}


def _drive(rng: random.Random, value: float) -> float:
    return round(value + rng.uniform(0.1, 0.5), 1)


def _set_fan(board: Board, argument: str, _: float) -> Outcome:
    """Turn the fan; returns its new state, -1 for a word it does not know."""
    wanted: Value = WORDS.get(argument.lower())
    if argument.lower() == "toggle":
        wanted = not board.variables["fan"].value
    if not isinstance(wanted, bool):
        return Outcome(result=-1)
    return Outcome(result=int(wanted), values={"fan": wanted})


def _set_light(_: Board, argument: str, __: float) -> Outcome:
    """Turn the light; returns its new state, -1 for a word it does not know."""
    wanted = WORDS.get(argument.lower())
    if wanted is None:
        return Outcome(result=-1)
    return Outcome(result=int(wanted), values={"lightOn": wanted})


def _set_note(_: Board, argument: str, __: float) -> Outcome:
    """Keep a note; returns how many characters it has."""
    return Outcome(result=len(argument), values={"note": argument})


def _beep(_: Board, argument: str, __: float) -> Outcome:
    """Beep so many times (once without an argument); returns how often it did."""
    times = argument or "1"
    if not times.isdecimal() or not 1 <= int(times) <= 10:
        return Outcome(result=-1)
    return Outcome(
        result=int(times),
        values={"note": f"beeped {times}×"},
        events=(("beep", times),),
    )


def _set_door(_: Board, argument: str, __: float) -> Outcome:
    """Move the door; returns 0, -1 for a word it does not know."""
    words: dict[str, Value] = {"open": "open", "close": "closed", "stop": "stopped"}
    if argument not in words:
        return Outcome(result=-1)
    return Outcome(result=0, values={"door": words[argument]})


def _set_lamp(_: Board, argument: str, __: float) -> Outcome:
    """Set how bright the lamp is, 0 to 255; returns that, -1 for anything else."""
    if not argument.isdecimal() or int(argument) > 255:
        return Outcome(result=-1)
    return Outcome(result=int(argument), values={"lamp": int(argument)})


def _obey(_: Board, __: str, ___: float) -> Outcome:
    """Take any order; returns 0."""
    return Outcome()


def _tare(board: Board, _: str, __: float) -> Outcome:
    """Call the present weight zero; returns the grams that were there."""
    weight = board.variables["weight"].value
    grams = round(weight * 1000) if isinstance(weight, int | float) else 0
    return Outcome(result=grams, values={"weight": 0.0})
