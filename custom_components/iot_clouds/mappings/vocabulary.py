"""Which words mean which quantity, and which words say that a number measures nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .meanings import MEANINGS, Meaning
from .names import set_of

_WORDS: Mapping[str, str] = {
    "temperature": "temperature temp tmp temps temperatur temperatura dewpoint thermo"
    " thermocouple celsius fahrenheit 温度",
    "humidity": "humidity hum humid rh hygro umidita humedad humidite feuchte"
    " feuchtigkeit luftfeuchtigkeit luftfeuchte humidade 湿度",
    "moisture": "moisture moist wetness bodenfeuchte",
    "battery": "battery bat batt batteria bateria batterie akku lipo",
    "charge": "soc charge",
    "voltage": "voltage volt volts vbat vbatt vcc vdd vin vout vsys spannung tensione"
    " tension voltaje",
    "current": "current amps ampere amperage strom corrente corriente",
    "power": "power watt watts leistung potenza potencia puissance",
    "energy": "energy energia energie kwh wh consumption",
    "pressure": "pressure press druck pressione presion pression",
    "barometer": "barometer barometric baro luftdruck atmospheric",
    "illuminance": "illuminance lux luminosity lum illumination helligkeit",
    "light": "light ambient licht luce luz",
    "irradiance": "irradiance",
    "carbon_dioxide": "co2 eco2",
    "carbon_monoxide": "co",
    "nitrogen_dioxide": "no2",
    "ozone": "o3 ozone",
    "voc": "voc tvoc",
    "pm1": "pm1",
    "pm4": "pm4",
    "pm25": "pm25",
    "pm10": "pm10",
    "aqi": "aqi iaq",
    "ph": "ph",
    "uv": "uv uvi",
    "radon": "radon",
    "conductivity": "conductivity ec",
    "distance": "distance dist depth height length width abstand distanza distancia"
    " entfernung ultrasonic",
    "altitude": "altitude alt elevation accuracy",
    "speed": "speed spd velocity geschwindigkeit velocita velocidad",
    "direction": "heading hd hdg course bearing azimuth direction yaw pitch roll",
    "precipitation": "rain rainfall precipitation precip regen pioggia lluvia",
    "signal": "rssi signal strength strengthv rsrp rscp rxlev",
    "noise_ratio": "snr",
    "sound": "sound noise loudness decibel spl db",
    "frequency": "frequency freq hz frequenz frequenza frecuencia",
    "weight": "weight mass gewicht peso",
    "flow": "flow flowrate durchfluss flusso caudal",
    "volume": "volume litres liters",
    "uptime": "uptime millis",
    "duration": "duration elapsed runtime age interval delay timeout",
    "latency": "latency ping rtt",
    "memory": "memory heap ram freemem",
}
_PHRASES: Mapping[tuple[str, str], str] = {
    ("wind", "speed"): "wind_speed",
    ("wind", "gust"): "wind_speed",
    ("wind", "direction"): "direction",
    ("wind", "dir"): "direction",
    ("dew", "point"): "temperature",
    ("heat", "index"): "temperature",
    ("wind", "chill"): "temperature",
    ("signal", "strength"): "signal",
    ("state", "charge"): "charge",
    ("power", "factor"): "power_factor",
    ("rain", "rate"): "precipitation_intensity",
    ("flow", "rate"): "flow",
    ("air", "quality"): "aqi",
    ("uv", "index"): "uv",
    ("round", "trip"): "latency",
    ("up", "time"): "uptime",
    ("run", "time"): "duration",
    ("air", "pressure"): "barometer",
    ("solar", "radiation"): "irradiance",
    ("water", "level"): "distance",
    ("h", "acc"): "altitude",
    ("v", "acc"): "altitude",
}
_QUANTITY_OF: Mapping[str, str] = {
    word: quantity for quantity, words in _WORDS.items() for word in words.split()
}
# A name in one word ("roomtemp") may end with one of these.
_TAILS = (
    "temp",
    *(
        word
        for word, quantity in _QUANTITY_OF.items()
        if len(word) >= 6 and quantity not in {"direction", "duration"}
    ),
)
LABELS = set_of(
    "pid id ids uid uuid guid mid cid nid lac mcc mnc code codes port gpio gpios pin pins"
    " version ver firmware fw build revision rev serial count counts counter channel ch"
    " ip mac ssid bssid crc checksum hash seq sequence nonce req status state stato"
    " zustand estado result mode program error errors err type kind flags flag mask"
    " address addr key token slot zone year month day days weekday hdop vdop pdop lck"
    " pulses ticks sats satellites enabled enable alarm"
)
NEUTRAL = set_of(
    "value val values reading readings sensor data raw measurement measure level"
    " avg average mean now last latest new"
    " intensity content payload v x"
)
_ASIDE = set_of(
    "threshold thresholds desired target setpoint set limit max min maximum minimum"
    " high low interval default hyst hysteresis old previous prev offset config"
)
_NOW = (["value"], ["val"], ["reading"])
COUNTERS = set_of("count counter counts total pulses ticks odometer clicks")
MOMENTS = set_of("time timestamp ts date datetime at since updated when epoch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """What a name says: of what quantity a number is, or that it is none.

    `quantity` is a key of `MEANINGS`. `label` says that it is a number without being a
    measurement; `aside` that it is a setting or a limit and not what is the case;
    `neutral` that the name says nothing, and the name around it counts.
    """

    quantity: str | None = None
    label: bool = False
    aside: bool = False
    neutral: bool = False

    @property
    def meaning(self) -> Meaning | None:
        """What is known of the quantity."""
        return MEANINGS[self.quantity] if self.quantity else None


def sense(words: Iterable[str]) -> Sense:
    """What the words of a name say; the last one that says anything counts."""
    told = [word for word in words if not word.isdigit()]
    aside = not _ASIDE.isdisjoint(told)
    for index in range(len(told) - 1, -1, -1):
        word = told[index]
        if word == "current" and told[index + 1 : index + 2] in _NOW:
            continue
        phrase = _PHRASES.get((told[index - 1], word)) if index else None
        if quantity := phrase or _quantity(word):
            return Sense(quantity=quantity, aside=aside)
        if word in LABELS or word in MOMENTS:
            return Sense(label=True, aside=aside)
    return Sense(aside=aside, neutral=all(word in NEUTRAL for word in told))


def quantities(words: Iterable[str]) -> list[str]:
    """The words that each mean a quantity, in order ("tempHum": temp, hum)."""
    return [word for word in words if _quantity(word)]


def _quantity(word: str) -> str | None:
    if found := _QUANTITY_OF.get(word):
        return found
    if word.startswith("temper") and len(word) > 8:
        return "temperature"
    tail = next((tail for tail in _TAILS if word.endswith(tail)), None)
    return _QUANTITY_OF[tail] if tail else None
