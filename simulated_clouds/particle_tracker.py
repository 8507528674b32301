"""The firmware of a tracker: where it is, its `loc` events and its function `cmd`."""

import json
import math
import random
from typing import Any

from .particle_unit import Outcome, unit_of
from .world import Board, Value

PLACE = "place"
"""Variable that holds a tracker's position; the cloud cannot read it."""
ENODEV = -19
EINVAL = -22
ENOENT = -2
METRES_PER_DEGREE = 111_320.0


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
) -> str:
    """Return the data of a `loc` event (reference 7.1); without a fix it has no position."""
    always = {"cell": place["cell"], "batt": place["batt"], "temp": place["temp"]}
    fix = {
        "time": int(now),
        **{key: place[key] for key in ("lat", "lon", "alt", "hd", "spd", "h_acc")},
        "hdop": 1.2,
        "v_acc": 4.5,
        "vdop": 1.8,
    }
    body: dict[str, Any] = {
        "cmd": "loc",
        "time": int(now),
        "loc": {"lck": 1, **fix, **always} if locked else {"lck": 0, **always},
        "trig": list(trig),
    }
    if req_id is not None:
        body["req_id"] = req_id
    return _compact(body)


def enhanced(data: str) -> str:
    """Return what the cloud makes of a `loc` event: it knows a position without a fix too."""
    body = json.loads(data)
    body["cmd"] = "loc-enhanced"
    if body["loc"]["lck"]:
        body["loc"]["src"] = ["gnss"]
    else:
        body["loc"] |= {"lat": 48.137, "lon": 11.575, "h_acc": 850.0, "src": ["cell"]}
    return _compact(body)


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
            data = loc(place, now, trig=("imm",), req_id=asked.get("req_id"))
            return Outcome(events=(("loc", data),))
        case "set_cfg":
            return _set_config(board, asked, now)
        case "get_cfg":
            config = unit_of(board).config
            return Outcome(events=(_event("cfg", now, cfg=config),))
        case "reset":
            return Outcome()
        case _:
            return Outcome(result=ENOENT)


def _set_config(board: Board, asked: dict[str, Any], now: float) -> Outcome:
    wanted = asked.get("cfg")
    config = unit_of(board).config
    if not isinstance(wanted, dict):
        result = EINVAL
    elif not wanted.keys() <= config.keys():
        result = ENODEV
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
