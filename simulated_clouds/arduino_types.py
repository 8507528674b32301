"""Arduino's property types: their shapes, attributes and units (reference 3)."""

from enum import StrEnum
import math
from typing import Any

from .senml import Record, Scalar
from .world import Value


class Shape(StrEnum):
    """What the values of a type look like."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STRING = "String"
    COMPLEX = "complex"
    UNKNOWN = "unknown"


BOOLS = frozenset(
    [
        "STATUS",
        "HOME_LIGHT",
        "HOME_SWITCH",
        "HOME_CONTACT_SENSOR",
        "HOME_MOTION_SENSOR",
        "HOME_SMART_PLUG",
    ]
)
INTS = frozenset(["INT", "COUNT", "TIME", "INFORMATION_CONTENT"])
_LIGHT = {"hue": Shape.FLOAT, "sat": Shape.FLOAT, "bri": Shape.FLOAT}
_SWITCH = {"swi": Shape.BOOL}
# In the order of the C++ library, which also numbers them in light payload (6.6).
ATTRIBUTES: dict[str, dict[str, Shape]] = {
    "LOCATION": {"lat": Shape.FLOAT, "lon": Shape.FLOAT},
    "COLOR_HSB": _LIGHT,
    "HOME_COLORED_LIGHT": _SWITCH | _LIGHT,
    "HOME_DIMMED_LIGHT": _SWITCH | {"bri": Shape.FLOAT},
    "HOME_TELEVISION": _SWITCH
    | {"vol": Shape.INT, "mut": Shape.BOOL}
    | {"pbc": Shape.INT, "inp": Shape.INT, "cha": Shape.INT},
    "SCHEDULE": dict.fromkeys(("frm", "to", "len", "msk"), Shape.INT),
    "COLOR_RGB": {},
    "GENERIC_COMPLEX_PROPERTY": {},
}
CLASSES = {
    "LOCATION": "CloudLocation",
    "COLOR_HSB": "CloudColor",
    "HOME_COLORED_LIGHT": "CloudColoredLight",
    "HOME_DIMMED_LIGHT": "CloudDimmedLight",
    "HOME_TELEVISION": "CloudTelevision",
    "SCHEDULE": "CloudSchedule",
}
# Types that can be created, with their units of measure ("" where there is none).
UNITS = {
    "STATUS": "", "CHARSTRING": "", "INT": "", "FLOAT": "", "COUNT": "",
    "PERCENTAGE": "%", "RATIO_DIV": "", "HOME_SWITCH": "", "HOME_SMART_PLUG": "",
    "HOME_LIGHT": "", "HOME_DIMMED_LIGHT": "", "HOME_COLORED_LIGHT": "",
    "COLOR_HSB": "", "HOME_CONTACT_SENSOR": "", "HOME_MOTION_SENSOR": "",
    "HOME_TEMPERATURE_C": "°C", "HOME_TEMPERATURE_F": "°F", "HOME_TELEVISION": "",
    "LOCATION": "", "SCHEDULE": "", "GENERIC_COMPLEX_PROPERTY": "", "TIME": "s",
    "TEMPERATURE_C": "°C", "TEMPERATURE_F": "°F", "KELVIN": "K", "TEMPERATURE": "°C",
    "PERCENTAGE_RELATIVE_HUMIDITY": "%", "PERCENTAGE_BATTERY_LEVEL": "%",
    "SECONDS_BATTERY_LEVEL": "s", "LENGHT_M": "m", "LENGTH": "m", "LENGHT_C": "cm",
    "LENGHT_I": "in", "KILOGRAM": "kg", "MASS": "kg", "GRAM": "g", "AMPERE": "A",
    "ELECTRIC_CURRENT": "A", "VOLT": "V", "ELECTRIC_POTENTIAL": "V", "WATT": "W",
    "POWER": "W", "JOULE": "J", "ENERGY": "J", "HERTZ": "Hz", "FREQUENCY": "Hz",
    "PASCAL": "Pa", "PRESSURE": "Pa", "LUX": "lx", "ILLUMINANCE": "lx",
    "WATT_PER_SQUARE_METER": "W/m²", "SQUARE_METER": "m²", "AREA": "m²",
    "CUBIC_METER": "m³", "VOLUME": "m³", "LITER": "l", "CUBIC_METER_PER_SECOND": "m³/s",
    "FLOW_RATE": "m³/s", "LITER_PER_SECOND": "l/s", "METER_PER_SECOND": "m/s",
    "VELOCITY": "m/s", "BIT": "bit", "INFORMATION_CONTENT": "bit",
    "BIT_PER_SECOND": "bit/s", "DATA_RATE": "bit/s", "PH_VALUE": "pH", "DECIBEL": "dB",
    "LOGARITHMIC_QUANTITY": "dB", "DECIBEL_1W": "dBW", "BEL": "Bel",
    "METER_PER_SQUARE_SECOND": "m/s²", "ACCELERATION": "m/s²", "NEWTON": "N",
    "FORCE": "N", "RADIAN": "rad", "ANGLE": "deg", "STERADIAN": "sr",
    "DEGREES_LATITUDE": "lat", "DEGREES_LONGITUDE": "lon", "MOLE": "mol",
    "CANDELA": "cd", "LUMINOUS_INTENSITY": "cd", "LUMEN": "lm", "LUMINOUS_FLUX": "lm",
    "CANDELA_PER_SQUARE_METER": "cd/m²", "LUMINANCE": "cd/m²", "COULOMB": "C",
    "FARAD": "F", "CAPACITANCE": "F", "OHM": "Ohm", "ELECTRICAL_RESISTANCE": "Ohm",
    "SIEMENS": "S", "SIEMENS_PER_METER": "S/m", "WEBER": "Wb", "TESLA": "T",
    "HENRY": "H", "BECQUEREL": "Bq", "GRAY": "Gy", "SIEVERT": "Sv", "KATAL": "kat",
    "EVENT_RATE_SECOND": "1/s", "EVENT_RATE_MINUTE": "1/min", "HEART_RATE": "beat/min",
    "HEART_BEATS": "beats",
}  # fmt: skip
RETIRED = (
    "ANALOG",
    "COLOR_RGB",
    "METER",
    "SECOND",
    "DEGREES_CELSIUS",
    "RATIO_MOD",
    "HOME_TEMPERATURE",
)
ALIASES = frozenset(
    f"{prefix}_{name}"
    for name in (*UNITS, "HOME_TEMPERATURE")
    if name.startswith("HOME_")
    for prefix in ("GOOGLE", "SMART")
) - {"GOOGLE_HOME_TELEVISION"}
NAMES = frozenset((*UNITS, *RETIRED, *ALIASES))


def canonical(type_: str) -> str:
    """The name that an old alias stands for (reference 3.1)."""
    name = type_.removeprefix("GOOGLE_").removeprefix("SMART_")
    return "HOME_DIMMED_LIGHT" if name == "HOME_DIMMERED_LIGHT" else name


def shape(type_: str) -> Shape:
    """What the values of a type look like; a type of no list may be anything."""
    name = canonical(type_)
    if name in ATTRIBUTES:
        return Shape.COMPLEX
    if name in BOOLS:
        return Shape.BOOL
    if name in INTS:
        return Shape.INT
    if name == "CHARSTRING":
        return Shape.STRING
    return Shape.FLOAT if type_ in NAMES else Shape.UNKNOWN


def coerce(type_: str, value: object) -> Value:
    """Check a value that was written by REST; raises ValueError.

    An object replaces the old one as a whole, attributes that are missing stay missing
    (reference 2.6); attributes that the type does not have are dropped.
    """
    kind = shape(type_)
    if kind is Shape.UNKNOWN and isinstance(value, dict):
        return value
    if kind is not Shape.COMPLEX:
        return _scalar(kind, value)
    if not isinstance(value, dict):
        raise ValueError("value is not an object")  # noqa: TRY004
    if not (attributes := ATTRIBUTES[canonical(type_)]):
        return value
    known = {
        name: _scalar(attribute, value[name])
        for name, attribute in attributes.items()
        if name in value
    }
    if not known:
        raise ValueError("value has none of the type's attributes")
    return known


def records(type_: str, name: str, value: Value, *, tag: int = 0) -> list[Record]:
    """The SenML records of a value, in the C++ order; numbered if a tag is given."""
    if not isinstance(value, dict):
        kind = shape(type_)
        return [Record(tag or name, _scalar(kind, value))]
    attributes = ATTRIBUTES.get(canonical(type_)) or dict.fromkeys(value)
    return [
        Record(
            tag + 256 * index if tag else f"{name}:{attribute}",
            _scalar(kind, value[attribute]) if kind else value[attribute],
        )
        for index, (attribute, kind) in enumerate(attributes.items(), start=1)
        if attribute in value
    ]


def attribute_at(type_: str, index: int) -> str | None:
    """The name of a numbered attribute of the light payload (reference 6.6)."""
    names = list(ATTRIBUTES.get(canonical(type_), ()))
    return names[index - 1] if 0 < index <= len(names) else None


def catalogue() -> list[dict[str, Any]]:
    """The answer of `GET /iot/v1/property_types` (reference 2.8)."""
    return [
        {
            "type": name,
            "name": name.replace("_", " ").capitalize(),
            "declaration": CLASSES.get(name, shape(name).value),
            "rw": True,
            "deprecated": False,
            "units": [unit] if unit else [],
            "tags": [],
            "assistants": [],
        }
        for name, unit in UNITS.items()
    ]


def _scalar(kind: Shape, value: object) -> Scalar:
    match kind:
        case Shape.BOOL if isinstance(value, bool):
            return value
        case Shape.BOOL if value in (0, 1):
            return bool(value)
        case Shape.STRING if isinstance(value, str):
            return value
        case Shape.INT | Shape.FLOAT:
            return _numeric(kind, value)
        case Shape.UNKNOWN if isinstance(value, (bool, int, float, str)):
            return value
    raise ValueError(f"value is not of type {kind}")


def _numeric(kind: Shape, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("value is not a number")  # noqa: TRY004
    if kind is Shape.FLOAT:
        return float(value)
    if not math.isfinite(value) or value != int(value):
        raise ValueError("value is not a whole number")
    return int(value)
