"""Device vitals: what boards report about themselves (reference 6)."""

import random
from typing import Any

from .particle_fleet import Presence
from .particle_tracker import PLACE
from .particle_unit import Power, unit_of
from .world import Board

NO_BATTERY = -210
"""Error that stands in place of a charge when no battery is connected."""


def _vital(
    priority: int,
    title: str,
    units: str | None = None,
    kind: str = "number",
    **more: Any,
) -> dict[str, Any]:
    described = {"title": title, "type": kind, "priority": priority, **more}
    return {**described, "units": units} if units else described


def _warns(comparison: str, value: float) -> dict[str, Any]:
    return {"ranges": {"warning": {"type": comparison, "value": value}}}


BATTERY_STATES = (
    "unknown",
    "not_charging",
    "charging",
    "charged",
    "discharging",
    "fault",
    "disconnected",
)
NETWORK, CLOUD = "device.network", "device.cloud"
METADATA = {
    f"{NETWORK}.signal.strength": _vital(1, "Signal strength", "%", **_warns("lt", 20)),
    f"{NETWORK}.signal.strengthv": _vital(2, "Signal power", "dBm"),
    f"{NETWORK}.signal.quality": _vital(3, "Signal quality", "%"),
    f"{NETWORK}.connection.disconnects": _vital(4, "Network disconnects"),
    "device.power.battery.charge": _vital(5, "Battery", "%", **_warns("lt", 20)),
    "device.power.battery.state": _vital(
        6, "Battery state", kind="string", values=list(BATTERY_STATES)
    ),
    "device.power.source": _vital(7, "Power source", kind="string"),
    "device.system.memory.used": _vital(8, "Used memory", "bytes", **_warns("gt", 0.9)),
    "device.system.memory.total": _vital(9, "Memory", "bytes"),
    "device.system.uptime": _vital(10, "Uptime", "s"),
    f"{CLOUD}.disconnects": _vital(11, "Cloud disconnects", **_warns("gt", 0.0013)),
    f"{CLOUD}.coap.round_trip": _vital(12, "Round trip", "ms"),
    f"{CLOUD}.coap.unack": _vital(13, "Lost messages"),
    f"{CLOUD}.publish.rate_limited": _vital(14, "Held back", **_warns("gt", 0.05)),
    "service.coap.round_trip": _vital(15, "Round trip from the cloud", "ms"),
}
"""What the cloud says about vitals; thresholds as reference 6.2 has them."""


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
