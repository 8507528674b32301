"""The firmware of trackers: where they are, their events and their function `cmd`."""

from collections.abc import Mapping
import json
import math
import random
from typing import Any

from .particle_geofence import METRES_PER_DEGREE
from .particle_schema import violation
from .particle_unit import Outcome, unit_of
from .world import Board, Value

PLACE = "place"
"""Variable that holds a tracker's position; the cloud cannot read it."""
ENODEV = -19
EINVAL = -22
ENOENT = -2
MODBUS = "modbus"
"""Variable and event of what a Monitor One reads over Modbus (reference 7.6)."""
MODBUS_TIMEOUT = 226
TOWER = {"rat": "lte", "mcc": 262, "mnc": 1, "lac": 3339, "cid": 205_999, "str": -102}
ACCESS_POINT = {"bssid": "02:00:5e:10:20:30", "ch": 6, "str": -70}
SATELLITES = {"satu": 7, "satv": 12, "satmin": 18, "satmax": 44, "satmean": 31}
FIX = ("lat", "lon", "alt", "hd", "spd", "h_acc")
ASIDE = (0.002, -0.003)
"""How far the cloud's guess of a position is off, in degrees."""


def walk(rng: random.Random, place: dict[str, Any]) -> dict[str, Any]:
    """Drive some hundred metres on, turning home when too far from it."""
    home = place["home"]
    heading = (place["hd"] + rng.uniform(-40, 40)) % 360
    if math.dist(home, (place["lat"], place["lon"])) > 0.05:
        heading = math.degrees(
            math.atan2(home[1] - place["lon"], home[0] - place["lat"])
        )
    speed = rng.uniform(4, 20)
    metres = speed * rng.uniform(10, 30)
    north = metres * math.cos(math.radians(heading)) / METRES_PER_DEGREE
    east = metres * math.sin(math.radians(heading)) / METRES_PER_DEGREE
    return {
        **place,
        "lat": round(place["lat"] + north, 8),
        "lon": round(place["lon"] + east / math.cos(math.radians(place["lat"])), 8),
        "hd": round(heading % 360, 2),
        "spd": round(speed, 2),
        "h_acc": round(rng.uniform(2, 15), 3),
        "batt": round(max(15.0, place["batt"] - rng.uniform(0, 0.2)), 1),
        "temp": round(place["temp"] + rng.choice((-0.1, 0.1)), 1),
    }


def loc(
    place: dict[str, Any],
    now: float,
    *,
    locked: bool = True,
    trig: tuple[str, ...] = ("time",),
    req_id: int | None = None,
    config: Mapping[str, Any] | None = None,
) -> str:
    """Return the data of a `loc` event (reference 7.1, 7.6).

    Without a fix, which a `place` with `lck` 0 has not either, there is no position.
    `config` is the tracker's: it decides how much is told.
    """
    settings = (config or {}).get("location", {})
    inside: dict[str, Any] = {"lck": 0}
    if locked and place.get("lck", 1):
        inside = {"lck": 1, "time": int(now), **_fix(place, settings)}
    if not settings.get("min_publish"):
        inside |= {key: place[key] for key in ("cell", "batt", "temp") if key in place}
        inside |= {key: place[key] for key in place if key.startswith("io_")}
    body: dict[str, Any] = {"cmd": "loc", "time": int(now), "loc": inside}
    body["trig"] = list(trig)
    if settings.get("loc_cb"):
        body["loc_cb"] = True
    if settings.get("enhance_loc") and settings.get("tower"):
        body["towers"] = [TOWER]
    if settings.get("enhance_loc") and settings.get("wps"):
        body["wps"] = [ACCESS_POINT]
    if req_id is not None:
        body["req_id"] = req_id
    return _compact(body)


def _fix(place: dict[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    if settings.get("min_publish"):
        return {key: place[key] for key in ("lat", "lon")}
    known = {key: place[key] for key in FIX}
    more = SATELLITES if settings.get("satdiag") else {}
    return {**known, "hdop": 1.2, "v_acc": 4.5, "vdop": 1.8, **more}


def enhanced(
    data: str, place: Mapping[str, Any], source: str = "cell", accuracy: float = 850.0
) -> str:
    """Return what the cloud makes of a `loc` event: a position without a fix too.

    `place` is where the tracker really is, `source` what the cloud knows it by
    (reference 7.2).
    """
    body = json.loads(data)
    body["cmd"] = "loc-enhanced"
    if body["loc"]["lck"]:
        body["loc"]["src"] = ["gnss"]
    else:
        north, east = ASIDE
        body["loc"] |= {
            "lat": round(place["lat"] + north, 8),
            "lon": round(place["lon"] + east, 8),
            "h_acc": accuracy,
            "src": [source],
        }
    return _compact(body)


def modbus(values: Mapping[str, Value]) -> str:
    """Return the data of a `modbus` event; None is a register that did not answer."""
    rows = [
        {"name": name, "result": 0, "value": value}
        if value is not None
        else {"name": name, "result": MODBUS_TIMEOUT}
        for name, value in values.items()
    ]
    return _compact({"modbus": rows})


def command(board: Board, argument: str, now: float) -> Outcome:
    """Carry out the tracker's function `cmd` (reference 7.3)."""
    try:
        asked = json.loads(argument)
    except ValueError:
        return Outcome(result=EINVAL)
    if not isinstance(asked, dict):
        return Outcome(result=EINVAL)
    match asked.get("cmd"):
        case "get_loc":
            place = _place(board.variables[PLACE].value)
            data = loc(
                place,
                now,
                trig=("imm",),
                req_id=asked.get("req_id"),
                config=unit_of(board).config,
            )
            return Outcome(events=(("loc", data),))
        case "set_cfg":
            return _set_config(board, asked, now)
        case "get_cfg":
            return _tell_config(board, asked.get("cfg"), now)
        case "reset" | "enter_shipping" | "reset_to_factory" | "loc-enhanced":
            return Outcome()
        case _:
            return Outcome(result=ENOENT)


def _tell_config(board: Board, wanted: object, now: float) -> Outcome:
    """Publish the settings, one event for each module; all of them if none is named."""
    config = unit_of(board).config
    names = list(wanted) if isinstance(wanted, dict) else list(config)
    if not config.keys() >= set(names):
        return Outcome(result=ENODEV)
    events = [_event("cfg", now, cfg={name: config[name]}) for name in names]
    return Outcome(events=tuple(events))


def _set_config(board: Board, asked: dict[str, Any], now: float) -> Outcome:
    wanted = asked.get("cfg")
    config = unit_of(board).config
    if not isinstance(wanted, dict):
        result = EINVAL
    elif not wanted.keys() <= config.keys():
        result = ENODEV
    elif violation(wanted):
        result = EINVAL
    else:
        result = 0
        for module, settings in wanted.items():
            config[module] = {**config[module], **settings}
    events: tuple[tuple[str, str], ...] = ()
    if "req_id" in asked:
        ack = {"req_id": asked["req_id"], "src_cmd": "set_cfg", "status": result}
        events = (_event("ack", now, **ack),)
    return Outcome(result=result, events=events)


def _event(name: str, now: float, **fields: Any) -> tuple[str, str]:
    return name, _compact({"cmd": name, "time": int(now), **fields})


def _place(value: Value) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("a tracker's place is a dictionary")
    return value


def _compact(body: dict[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))
