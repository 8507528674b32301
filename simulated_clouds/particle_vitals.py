"""Device vitals: what boards report about themselves (reference 6)."""

import random
from typing import Any

from .particle_fleet import Presence
from .particle_tracker import PLACE
from .particle_unit import Power, unit_of
from .world import Board

NO_BATTERY = -210
"""Error that stands in place of a charge when no battery is connected."""
METADATA = {
    "device.network.signal.strength": {
        "title": "Signal strength",
        "type": "number",
        "units": "%",
        "ranges": {"warning": {"type": "lt", "value": 20}},
        "priority": 1,
    },
    "device.power.battery.charge": {
        "title": "Battery charge",
        "type": "number",
        "units": "%",
        "ranges": {"warning": {"type": "lt", "value": 20}},
        "priority": 2,
    },
    "device.system.uptime": {
        "title": "Uptime",
        "type": "number",
        "units": "s",
        "priority": 3,
    },
}
"""What the cloud says about some vitals (reference 6.1)."""


def vitals(
    board: Board, presence: Presence, now: float, rng: random.Random
) -> dict[str, Any]:
    """Return a payload; branches of hardware that the board lacks are absent."""
    uptime = int(max(0.0, now - presence.handshake))
    device: dict[str, Any] = {
        "network": _network(board, rng),
        "cloud": {
            "connection": {
                "status": "connected",
                "error": 0,
                "attempts": 1,
                "disconnects": 0,
                "disconnect_reason": "none",
            },
            "coap": {
                "transmit": presence.published + 4,
                "retransmit": 0,
                "unack": 0,
                "round_trip": rng.randint(90, 900),
            },
            "publish": {"rate_limited": 0},
        },
        "system": {
            "uptime": uptime + 30,
            "memory": {"used": rng.randint(80_000, 90_000), "total": 163_660},
        },
    }
    if power := _power(board, rng):
        device["power"] = power
    service = {
        "device": {"status": "ok"},
        "cloud": {"uptime": uptime, "publish": {"sent": presence.published}},
        "coap": {"round_trip": rng.randint(90, 900)},
    }
    return {"device": device, "service": service}


def _network(board: Board, rng: random.Random) -> dict[str, Any]:
    cellular = unit_of(board).cellular
    strength = round(rng.uniform(55, 80), 2)
    quality = round(rng.uniform(40, 90), 2)
    network: dict[str, Any] = {
        "signal": {
            "at": "LTE Cat-M1" if cellular else "Wi-Fi",
            "strength": strength,
            "strength_units": "%",
            "strengthv": round(strength * 0.6 - 100, 1),
            "strengthv_units": "dBm",
            "strengthv_type": "RSRP" if cellular else "RSSI",
            "quality": quality,
            "quality_units": "%",
            "qualityv": round(quality / 4 - 18, 1),
            "qualityv_units": "dB",
            "qualityv_type": "RSRQ" if cellular else "SNR",
        },
        "connection": {
            "status": "connected",
            "error": 0,
            "disconnects": 0,
            "attempts": 1,
            "disconnect_reason": "none",
        },
    }
    if cellular:
        network["cellular"] = {
            "radio_access_technology": "LTE",
            "operator": "Example Mobile",
            "cell_global_identity": {
                "mobile_country_code": 262,
                "mobile_network_code": "01",
                "location_area_code": 3339,
                "cell_id": 205_999,
            },
        }
    return network


def _power(board: Board, rng: random.Random) -> dict[str, Any]:
    match unit_of(board).power:
        case Power.SOCKET:
            battery = {"charge": {"err": NO_BATTERY}, "state": "disconnected"}
            return {"battery": battery, "source": "USB host"}
        case Power.BATTERY:
            charge = round(rng.uniform(70, 95), 2)
            if place := board.variables.get(PLACE):
                charge = place.value["batt"] if isinstance(place.value, dict) else 0.0
            return {
                "battery": {"charge": charge, "state": "discharging"},
                "source": "unknown",
            }
        case Power.NONE:
            return {}
