"""Settings of a tracker: their schema, their defaults, and what violates the schema."""

from typing import Any

from .particle_geofence import ZONES

type Schema = dict[str, Any]


def _flag(default: bool) -> Schema:
    return {"type": "boolean", "default": default}


def _whole(low: int, high: int, default: int) -> Schema:
    limits = {"minimum": low, "maximum": high}
    return {"type": "integer", **limits, "default": default}


def _number(low: float, high: float, default: float) -> Schema:
    limits = {"minimum": low, "maximum": high}
    return {"type": "number", **limits, "default": default}


def _choice(*words: str, default: str) -> Schema:
    return {"type": "string", "enum": list(words), "default": default}


def _module(title: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "title": title,
        "properties": properties,
        "additionalProperties": False,
    }


ZONE = _module(
    "Zone",
    enable=_flag(False),
    shape_type=_choice("circular", default="circular"),
    lat=_number(-90, 90, 0),
    lon=_number(-180, 180, 0),
    radius=_number(0, 1_000_000, 0),
    inside=_flag(False),
    outside=_flag(False),
    enter=_flag(False),
    exit=_flag(False),
    verif=_whole(0, 86_400, 0),
)
MODULES = {
    "location": _module(
        "Location",
        radius=_number(0, 1_000_000, 0),
        interval_min=_whole(0, 86_400, 900),
        interval_max=_whole(0, 86_400, 3600),
        min_publish=_flag(False),
        lock_trigger=_flag(True),
        loc_ack=_flag(True),
        enhance_loc=_flag(True),
        tower=_flag(True),
        gnss=_flag(True),
        wps=_flag(True),
        loc_cb=_flag(False),
        satdiag=_flag(False),
    ),
    "store": _module(
        "Store",
        enable=_flag(True),
        quota=_whole(0, 1_000_000, 64),
        policy=_choice("drop_old", "drop_new", default="drop_old"),
    ),
    "imu_trig": _module(
        "Motion",
        motion=_choice("disable", "low", "medium", "high", default="disable"),
        high_g=_choice("disable", "enable", default="disable"),
    ),
    "temp_trig": _module(
        "Temperature",
        high=_number(-50, 150, 25),
        high_en=_flag(False),
        high_latch=_flag(True),
        low=_number(-50, 150, 25),
        low_en=_flag(False),
        low_latch=_flag(True),
        hyst=_number(0, 150, 5),
    ),
    "rgb": _module(
        "Light", type=_choice("off", "particle", "tracker", default="tracker")
    ),
    "sleep": _module(
        "Sleep",
        mode=_choice("disable", "enable", default="disable"),
        exe_min=_whole(0, 86_400, 10),
        conn_max=_whole(0, 86_400, 90),
    ),
    "tracker": _module("Tracker", usb_cmd=_flag(True)),
    "monitoring": _module("Monitoring", device_monitor=_flag(False)),
    "geofence": _module(
        "Geofence",
        interval=_whole(0, 86_400, 0),
        **{f"zone{number}": ZONE for number in ZONES},
    ),
}
"""What Tracker Edge lets people set (reference 7.5), module by module."""

SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2019-09/schema",
    "type": "object",
    "title": "Tracker settings",
    "properties": MODULES,
    "additionalProperties": False,
}

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "string": str,
}


def defaults(schema: Schema = SCHEMA) -> dict[str, Any]:
    """Return the document of a tracker that nobody has set up, each call anew."""
    return {
        key: defaults(inner) if inner["type"] == "object" else inner["default"]
        for key, inner in schema["properties"].items()
    }


def violation(value: object, schema: Schema = SCHEMA, path: str = "") -> str | None:
    """Return what is wrong with a value, or None if the schema allows it."""
    wanted = TYPES[schema["type"]]
    if not isinstance(value, wanted) or (
        isinstance(value, bool) and wanted is not bool
    ):
        return f"{path or 'document'} is not of type {schema['type']}"
    if isinstance(value, dict):
        return _inside(value, schema, path)
    if "enum" in schema and value not in schema["enum"]:
        return f"{path} is none of {', '.join(schema['enum'])}"
    if isinstance(value, int | float) and "minimum" in schema:
        if not schema["minimum"] <= value <= schema["maximum"]:
            return f"{path} is out of range"
    return None


def _inside(value: dict[str, Any], schema: Schema, path: str) -> str | None:
    for key, inner in value.items():
        where = f"{path}.{key}" if path else key
        if key not in schema["properties"]:
            return f"{where} is not a known setting"
        if wrong := violation(inner, schema["properties"][key], where):
            return wrong
    return None
