"""Units of the types that carry none in their name (reference 3.4, rule 4)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ...cloud import Memory
from ...model import CloudError, Json
from .client import Client
from .faults import Faults
from .models import Thing, parse_time

REMEMBERED_FOR = timedelta(days=30)
"""What the cloud offers hardly ever changes, and never while the account is loaded."""

_TEMPERATURE = ("°C", "°F", "K")
_LENGTH = ("m", "mm", "cm", "km", "in", "ft", "yd", "mi", "nmi")
_MASS = ("kg", "g", "mg", "μg", "oz", "lb", "st")
_POWER = ("W", "mW", "kW", "MW", "GW", "TW")
_ENERGY = ("J", "kJ", "MJ", "GJ", "mWh", "Wh", "kWh", "MWh", "GWh", "TWh")
_ENERGY_HEAT = ("cal", "kcal", "Mcal", "Gcal")
_PRESSURE = ("Pa", "hPa", "kPa", "mbar", "cbar", "bar", "mmHg", "inHg", "psi")
_AREA = ("m²", "cm²", "mm²", "km²", "in²", "ft²", "yd²", "mi²", "ac", "ha")
_VOLUME = ("m³", "L", "mL", "ft³", "CCF", "gal", "fl. oz.")
_FLOW = ("m³/s", "m³/h", "m³/min", "L/s", "L/min", "L/h", "mL/s", "ft³/min", "gal/min")
_SPEED = ("m/s", "km/h", "mph", "kn", "ft/s", "in/s", "mm/s")
_DATA = ("bit", "kbit", "Mbit", "Gbit", "B", "kB", "MB", "GB", "KiB", "MiB", "GiB")

KNOWN: Mapping[str, tuple[str, ...]] = {
    "TEMPERATURE": _TEMPERATURE,
    "LENGTH": _LENGTH,
    "MASS": _MASS,
    "ELECTRIC_CURRENT": ("A", "mA"),
    "ELECTRIC_POTENTIAL": ("V", "mV", "μV", "kV", "MV"),
    "POWER": _POWER,
    "ENERGY": _ENERGY + _ENERGY_HEAT,
    "FREQUENCY": ("Hz", "kHz", "MHz", "GHz"),
    "PRESSURE": _PRESSURE,
    "ILLUMINANCE": ("lx",),
    "AREA": _AREA,
    "VOLUME": _VOLUME,
    "FLOW_RATE": _FLOW,
    "VELOCITY": _SPEED,
    "INFORMATION_CONTENT": _DATA,
    "DATA_RATE": tuple(f"{unit}/s" for unit in _DATA),
    "LOGARITHMIC_QUANTITY": ("dB", "dBW", "dBm", "B", "Np"),
    "ACCELERATION": ("m/s²",),
    "FORCE": ("N", "kN", "mN"),
    "ANGLE": ("°", "rad"),
    "LUMINOUS_INTENSITY": ("cd",),
    "LUMINOUS_FLUX": ("lm",),
    "LUMINANCE": ("cd/m²",),
    "CAPACITANCE": ("F", "mF", "μF", "nF", "pF"),
    "ELECTRICAL_RESISTANCE": ("Ω", "mΩ", "kΩ", "MΩ"),
}
"""Types without a unit, with the units that Home Assistant takes for their class."""

_SPELLINGS = {
    "c": "°C", "degc": "°C", "celsius": "°C", "f": "°F", "degf": "°F", "k": "K",
    "kelvin": "K", "deg": "°", "degree": "°", "degrees": "°", "ohm": "Ω", "ohms": "Ω",
    "l": "L", "l/s": "L/s", "l/min": "L/min", "l/h": "L/h", "lux": "lx",
    "m^2": "m²", "m2": "m²", "m^3": "m³", "m3": "m³", "m^3/s": "m³/s", "m3/s": "m³/s",
    "m/s^2": "m/s²", "m/s2": "m/s²", "cd/m^2": "cd/m²", "bel": "B", "bits": "bit",
    "bps": "bit/s",
}  # fmt: skip
"""Other ways to write a unit, in lower case."""


class Units:
    """What the cloud offers for the types that carry no unit; `offered` is by type."""

    def __init__(self, client: Client, faults: Faults, memory: Memory) -> None:
        """Know only the defaults; `memory` keeps the answer for the next start."""
        self.offered: Mapping[str, str] = {}
        self._client = client
        self._faults = faults
        self._memory = memory
        self._asked = False

    async def update(self, things: tuple[Thing, ...]) -> None:
        """Ask once, if there are variables of such types and nobody asked of late.

        Old answers and defaults do as well, so that a failure is only noted.
        """
        if self._asked or not any(
            prop.type in KNOWN for thing in things for prop in thing.properties
        ):
            return
        self._asked = True
        notes = await self._memory.load()
        self.offered = _remembered(notes.get("units"))
        if self.offered and _of_late(notes.get("units_asked")):
            return
        try:
            offered = offered_units(await self._client.property_types())
        except CloudError as err:
            name = type(err).__name__
            self._faults.note(f"the listing of property types failed: {name}")
            return
        if offered:
            self.offered = offered
            asked = datetime.now(UTC).isoformat()
            units: Json = {name: offered.get(name) for name in KNOWN}
            self._memory.save(lambda: {"units": units, "units_asked": asked})


def offered_units(answer: Json) -> dict[str, str]:
    """The units that the listing of property types gives to types without one.

    Only the first unit of a type counts (reference 2.8), and only if it fits the class.
    """
    units: dict[str, str] = {}
    for item in answer if isinstance(answer, list) else []:
        if not isinstance(item, dict):
            continue
        name, listed = item.get("type"), item.get("units")
        if not isinstance(name, str) or not isinstance(listed, list) or not listed:
            continue
        if unit := _known(name, listed[0]):
            units[name] = unit
    return units


def _remembered(noted: Json) -> dict[str, str]:
    """The units that were noted; none if those were the units of other types."""
    if not isinstance(noted, dict) or noted.keys() != KNOWN.keys():
        return {}
    return {
        name: unit
        for name, unit in noted.items()
        if isinstance(unit, str) and unit in KNOWN[name]
    }


def _of_late(noted: Json) -> bool:
    """Whether a moment is less than a month ago; one to come is none."""
    asked = parse_time(noted)
    return (
        asked is not None
        and timedelta(0) <= (datetime.now(UTC) - asked) < REMEMBERED_FOR
    )


def _known(name: str, written: Json) -> str | None:
    """The unit in Home Assistant's spelling; None if it does not fit the type."""
    if name not in KNOWN or not isinstance(written, str):
        return None
    fitting = KNOWN[name]
    unit = written.strip().replace("\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}")
    if unit in fitting:
        return unit
    other = _SPELLINGS.get(unit.lower())
    return other if other in fitting else None
