"""What the words in a name say about the number that it is the name of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .units import CLASS_UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a number between two bounds is when nothing tells its unit.

    It is `sure` where no other unit is in use. With `fraction` not all of the
    numbers may be whole. `scale` makes the unit of it.
    """

    device_class: str | None
    unit: str | None
    low: float = -1e12
    high: float = 1e12
    sure: bool = False
    fraction: bool = False
    scale: float | None = None

    def fits(self, values: Iterable[float]) -> bool:
        """Whether numbers can be this; whole ones can among fractions."""
        numbers = [*values]
        if self.fraction and all(number == int(number) for number in numbers):
            return False
        return all(self.low <= number <= self.high for number in numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A quantity: the first of its classes that has a unit is the class for that unit.

    `guesses` are tried in order where there is no unit.
    """

    classes: tuple[str, ...] = ()
    guesses: tuple[Guess, ...] = ()

    def class_for(self, unit: str) -> str | None:
        """The class that a number in this unit has."""
        return next((each for each in self.classes if unit in CLASS_UNITS[each]), None)


def _only(
    device_class: str | None, unit: str | None, low: float = 0, high: float = 1e9
) -> Meaning:
    """A quantity that has one unit."""
    guess = Guess(device_class=device_class, unit=unit, low=low, high=high, sure=True)
    return Meaning(classes=(device_class,) if device_class else (), guesses=(guess,))


def _percent(device_class: str) -> tuple[Guess, ...]:
    """Percent, or a part of one."""
    return (
        Guess(
            device_class=device_class,
            unit="%",
            low=0,
            high=1,
            fraction=True,
            scale=100,
        ),
        Guess(device_class=device_class, unit="%", low=0, high=100, sure=True),
    )


def _guess(device_class: str, unit: str, low: float = -1e9, high: float = 1e9) -> Guess:
    return Guess(device_class=device_class, unit=unit, low=low, high=high)


def _either(device_class: str, *units: tuple[str, float, float]) -> Meaning:
    """A quantity of one class whose unit follows from its size."""
    guesses = tuple(_guess(device_class, *each) for each in units)
    return Meaning(classes=(device_class,), guesses=guesses)


MEANINGS: Mapping[str, Meaning] = {
    "temperature": _either("temperature", ("°C", -90, 400)),
    "humidity": Meaning(
        classes=("humidity", "absolute_humidity"), guesses=_percent("humidity")
    ),
    "moisture": Meaning(classes=("moisture",), guesses=_percent("moisture")),
    "battery": Meaning(
        classes=("battery", "voltage"),
        guesses=(
            Guess(device_class="voltage", unit="V", low=2, high=4.5, fraction=True),
            *_percent("battery"),
            Guess(device_class="voltage", unit="mV", low=1500, high=60000),
        ),
    ),
    "charge": Meaning(classes=("battery",), guesses=_percent("battery")),
    "voltage": _either("voltage", ("V", -1000, 1000), ("mV", -1e6, 1e6)),
    "current": _either("current", ("A", -50, 50), ("mA", -1e6, 1e6)),
    "power": Meaning(
        classes=("power", "energy", "apparent_power", "reactive_power"),
        guesses=(_guess("power", "W"),),
    ),
    "energy": Meaning(
        classes=("energy", "power"),
        guesses=(_guess("energy", "kWh", 0),),
    ),
    "pressure": Meaning(
        classes=("pressure",),
        guesses=(
            _guess("atmospheric_pressure", "hPa", 300, 1200),
            _guess("atmospheric_pressure", "Pa", 30000, 120000),
            _guess("pressure", "bar", 0, 12),
        ),
    ),
    "barometer": Meaning(
        classes=("atmospheric_pressure",),
        guesses=(
            _guess("atmospheric_pressure", "hPa", 300, 1200),
            _guess("atmospheric_pressure", "Pa", 30000, 120000),
        ),
    ),
    "illuminance": _only("illuminance", "lx", 0, 300000),
    "light": _either("illuminance", ("lx", 0, 300000)),
    "irradiance": _only("irradiance", "W/m²", 0, 2000),
    "carbon_dioxide": _only("carbon_dioxide", "ppm", 0, 100000),
    "carbon_monoxide": _either("carbon_monoxide", ("ppm", 0, 10000)),
    "nitrogen_dioxide": _either("nitrogen_dioxide", ("ppb", 0, 10000)),
    "ozone": _either("ozone", ("ppb", 0, 10000)),
    "voc": Meaning(
        classes=("volatile_organic_compounds_parts", "volatile_organic_compounds"),
        guesses=(_guess("volatile_organic_compounds_parts", "ppb", 0, 65000),),
    ),
    "pm1": _only("pm1", "μg/m³", 0, 10000),
    "pm4": _only("pm4", "μg/m³", 0, 10000),
    "pm25": _only("pm25", "μg/m³", 0, 10000),
    "pm10": _only("pm10", "μg/m³", 0, 10000),
    "aqi": _only("aqi", None, 0, 1000),
    "ph": _only("ph", None, 0, 14),
    "uv": _only(None, "UV index", 0, 20),
    "radon": _either("radon", ("Bq/m³", 0, 100000)),
    "conductivity": _either("conductivity", ("μS/cm", 0, 1e6)),
    "distance": _either("distance", ("cm", 0, 2000), ("mm", 0, 1e6)),
    "altitude": _either("distance", ("m", -500, 60000)),
    "speed": _either("speed", ("m/s", -500, 500)),
    "wind_speed": _either("wind_speed", ("m/s", 0, 120)),
    "direction": Meaning(
        guesses=(Guess(device_class=None, unit="°", low=-360, high=360, sure=True),),
    ),
    "precipitation": Meaning(
        classes=("precipitation", "precipitation_intensity"),
        guesses=(_guess("precipitation", "mm", 0, 5000),),
    ),
    "precipitation_intensity": _either("precipitation_intensity", ("mm/h", 0, 500)),
    "signal": Meaning(
        classes=("signal_strength",),
        guesses=(
            Guess(
                device_class="signal_strength", unit="dBm", low=-200, high=-1, sure=True
            ),
        ),
    ),
    "noise_ratio": _only("signal_strength", "dB", -40, 80),
    "sound": _either("sound_pressure", ("dB", 20, 140)),
    "frequency": _either("frequency", ("Hz", 0, 1e12)),
    "weight": _either("weight", ("kg", -1000, 100000)),
    "flow": _either("volume_flow_rate", ("L/min", 0, 10000)),
    "volume": Meaning(classes=("volume_storage",)),
    "uptime": Meaning(
        classes=("duration",),
        guesses=(_guess("duration", "s", 0, 1e10),),
    ),
    "duration": _either("duration", ("s", 0, 1e9)),
    "latency": _either("duration", ("ms", 0, 1e6)),
    "memory": _either("data_size", ("B", 0, 1e13)),
    "power_factor": _only("power_factor", None, -1, 1),
}
