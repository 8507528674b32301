"""What the property types of Arduino Cloud are in Home Assistant (reference 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Shape(Enum):
    """What kind of value a property type holds (reference 3.1)."""

    BOOL = auto()
    INT = auto()
    FLOAT = auto()
    STRING = auto()
    PLACE = auto()
    OBJECT = auto()
    """Named parts that are known."""
    OPAQUE = auto()
    """Anything: the type does not say, or is not known."""


class Role(Enum):
    """What a type is to a person, where its shape alone does not tell."""

    PLAIN = auto()
    LIGHT = auto()
    """A lamp with a switch."""
    COLOUR = auto()
    """A lamp that is off when its brightness is 0."""
    PLAYER = auto()
    SCHEDULE = auto()
    CLOCK = auto()
    """Seconds of the thing's wall time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One part of a composite value, with the limits that a board accepts."""

    name: str
    shape: Shape = Shape.FLOAT
    low: float = 0.0
    high: float = 4294967295.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyType:
    """One property type; texts are Home Assistant's own strings.

    `toggle_class` is the class while it may be written. `sensed` booleans stay observed
    ones even then. `low` and `high` are what a board's integer can hold.
    """

    shape: Shape
    role: Role = Role.PLAIN
    device_class: str | None = None
    toggle_class: str | None = None
    sensed: bool = False
    unit: str | None = None
    state_class: str | None = None
    attributes: tuple[Attribute, ...] = ()
    low: int = -2147483648
    high: int = 2147483647


_SWI = Attribute(name="swi", shape=Shape.BOOL)
_HUE = Attribute(name="hue", high=360)
_SAT = Attribute(name="sat", high=100)
_BRI = Attribute(name="bri", high=100)


def _code(name: str, high: float = 255) -> Attribute:
    return Attribute(name=name, shape=Shape.INT, high=high)


def _composite(
    role: Role, *attributes: Attribute, device_class: str | None = None
) -> PropertyType:
    return PropertyType(
        shape=Shape.OBJECT,
        role=role,
        device_class=device_class,
        attributes=attributes,
    )


def _number(
    device_class: str | None = None,
    unit: str | None = None,
    state_class: str | None = "measurement",
    shape: Shape = Shape.FLOAT,
) -> PropertyType:
    return PropertyType(
        shape=shape, device_class=device_class, unit=unit, state_class=state_class
    )


UNKNOWN = PropertyType(shape=Shape.OPAQUE)

_NUMBERS: Mapping[str, PropertyType] = {
    "ANALOG FLOAT RATIO_DIV RATIO_MOD": _number(),
    "INT COUNT": _number(shape=Shape.INT),
    "PERCENTAGE": _number(unit="%"),
    "HOME_TEMPERATURE HOME_TEMPERATURE_C TEMPERATURE_C DEGREES_CELSIUS TEMPERATURE": (
        _number("temperature", "°C")
    ),
    "HOME_TEMPERATURE_F TEMPERATURE_F": _number("temperature", "°F"),
    "KELVIN": _number("temperature", "K"),
    "PERCENTAGE_RELATIVE_HUMIDITY": _number("humidity", "%"),
    "PERCENTAGE_BATTERY_LEVEL": _number("battery", "%"),
    "SECONDS_BATTERY_LEVEL SECOND": _number("duration", "s"),
    "METER LENGHT_M LENGTH": _number("distance", "m"),
    "LENGHT_C": _number("distance", "cm"),
    "LENGHT_I": _number("distance", "in"),
    "KILOGRAM MASS": _number("weight", "kg"),
    "GRAM": _number("weight", "g"),
    "AMPERE ELECTRIC_CURRENT": _number("current", "A"),
    "VOLT ELECTRIC_POTENTIAL": _number("voltage", "V"),
    "WATT POWER": _number("power", "W"),
    # Whether it counts up or is a single reading, only the user knows.
    "JOULE ENERGY": _number("energy", "J", state_class=None),
    "HERTZ FREQUENCY": _number("frequency", "Hz"),
    "PASCAL PRESSURE": _number("pressure", "Pa"),
    "LUX ILLUMINANCE": _number("illuminance", "lx"),
    "WATT_PER_SQUARE_METER": _number("irradiance", "W/m²"),
    "SQUARE_METER AREA": _number("area", "m²"),
    "CUBIC_METER VOLUME": _number("volume_storage", "m³"),
    "LITER": _number("volume_storage", "L"),
    "CUBIC_METER_PER_SECOND FLOW_RATE": _number("volume_flow_rate", "m³/s"),
    "LITER_PER_SECOND": _number("volume_flow_rate", "L/s"),
    "METER_PER_SECOND VELOCITY": _number("speed", "m/s"),
    "BIT": _number("data_size", "bit"),
    "INFORMATION_CONTENT": _number("data_size", "bit", shape=Shape.INT),
    "BIT_PER_SECOND DATA_RATE": _number("data_rate", "bit/s"),
    "PH_VALUE": _number("ph"),
    "DECIBEL LOGARITHMIC_QUANTITY": _number(unit="dB"),
    "DECIBEL_1W": _number(unit="dBW"),
    "BEL": _number(unit="B"),
    "METER_PER_SQUARE_SECOND ACCELERATION": _number(unit="m/s²"),
    "NEWTON FORCE": _number(unit="N"),
    "RADIAN": _number(unit="rad"),
    "ANGLE DEGREES_LATITUDE DEGREES_LONGITUDE": _number(unit="°"),
    "STERADIAN": _number(unit="sr"),
    "MOLE": _number(unit="mol"),
    "CANDELA LUMINOUS_INTENSITY": _number(unit="cd"),
    "LUMEN LUMINOUS_FLUX": _number(unit="lm"),
    "CANDELA_PER_SQUARE_METER LUMINANCE": _number(unit="cd/m²"),
    "COULOMB": _number(unit="C"),
    "FARAD CAPACITANCE": _number(unit="F"),
    "OHM ELECTRICAL_RESISTANCE": _number(unit="Ω"),
    "SIEMENS": _number(unit="S"),
    "SIEMENS_PER_METER": _number(unit="S/m"),
    "WEBER": _number(unit="Wb"),
    "TESLA": _number(unit="T"),
    "HENRY": _number(unit="H"),
    "BECQUEREL": _number(unit="Bq"),
    "GRAY": _number(unit="Gy"),
    "SIEVERT": _number(unit="Sv"),
    "KATAL": _number(unit="kat"),
    "EVENT_RATE_SECOND": _number(unit="1/s"),
    "EVENT_RATE_MINUTE": _number(unit="1/min"),
    "HEART_RATE": _number(unit="bpm"),
    "HEART_BEATS": _number(unit="beats"),
}

TYPES: Mapping[str, PropertyType] = {
    **{name: kind for names, kind in _NUMBERS.items() for name in names.split()},
    "TIME": PropertyType(
        shape=Shape.INT, role=Role.CLOCK, unit="s", low=0, high=4294967295
    ),
    "STATUS": PropertyType(shape=Shape.BOOL),
    "HOME_SWITCH": PropertyType(shape=Shape.BOOL),
    "HOME_LIGHT": PropertyType(shape=Shape.BOOL, role=Role.LIGHT, device_class="light"),
    "HOME_SMART_PLUG": PropertyType(
        shape=Shape.BOOL, device_class="power", toggle_class="outlet"
    ),
    "HOME_CONTACT_SENSOR": PropertyType(
        shape=Shape.BOOL, device_class="opening", sensed=True
    ),
    "HOME_MOTION_SENSOR": PropertyType(
        shape=Shape.BOOL, device_class="motion", sensed=True
    ),
    "CHARSTRING": PropertyType(shape=Shape.STRING),
    # In the order of the vendor's encoder, which numbers the parts (reference 6.6).
    "LOCATION": PropertyType(
        shape=Shape.PLACE,
        attributes=(
            Attribute(name="lat", low=-90, high=90),
            Attribute(name="lon", low=-180, high=180),
        ),
    ),
    "COLOR_HSB": _composite(Role.COLOUR, _HUE, _SAT, _BRI),
    "HOME_COLORED_LIGHT": _composite(
        Role.LIGHT, _SWI, _HUE, _SAT, _BRI, device_class="light"
    ),
    "HOME_DIMMED_LIGHT": _composite(Role.LIGHT, _SWI, _BRI, device_class="light"),
    "HOME_TELEVISION": _composite(
        Role.PLAYER,
        _SWI,
        _code("vol", 100),
        Attribute(name="mut", shape=Shape.BOOL),
        _code("pbc"),
        _code("inp"),
        _code("cha", 2147483647),
    ),
    "SCHEDULE": _composite(
        Role.SCHEDULE,
        *(_code(name, 4294967295) for name in ("frm", "to", "len", "msk")),
    ),
    "COLOR_RGB": UNKNOWN,
    "GENERIC_COMPLEX_PROPERTY": UNKNOWN,
}

_ALIASES = {"HOME_DIMMERED_LIGHT": "HOME_DIMMED_LIGHT"}


def property_type(name: str) -> PropertyType | None:
    """Look a type up under its present and former names (reference 3.1)."""
    name = name.removeprefix("GOOGLE_").removeprefix("SMART_")
    return TYPES.get(_ALIASES.get(name, name))
