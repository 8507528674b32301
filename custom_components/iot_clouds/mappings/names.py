"""Takes names of variables, events and keys apart into words, and says them to people."""

from collections.abc import Mapping
from functools import lru_cache
import re
import unicodedata

from .units import unit_of

_LONGEST = 128
_CUTS = re.compile(r"[\W_]+")
_HUMPS = re.compile(
    r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+", re.UNICODE
)
# Words that a number belongs to.
_NUMBERED = {
    ("co", "2"): "co2",
    ("eco", "2"): "co2",
    ("no", "2"): "no2",
    ("so", "2"): "so2",
    ("o", "3"): "o3",
    ("pm", "1"): "pm1",
    ("pm", "2"): "pm25",
    ("pm", "4"): "pm4",
    ("pm", "10"): "pm10",
    ("pm", "25"): "pm25",
    ("k", "wh"): "kwh",
    ("m", "v"): "mv",
    ("m", "a"): "ma",
    ("d", "bm"): "dbm",
    ("k", "w"): "kw",
    ("h", "pa"): "hpa",
    ("k", "pa"): "kpa",
}
# What follows an underscore or a hump and is a unit; a lower-case letter is as good.
_ENDINGS: Mapping[str, str] = {
    "c": "°C",
    "celsius": "°C",
    "f": "°F",
    "fahrenheit": "°F",
    "k": "K",
    "kelvin": "K",
    "v": "V",
    "volt": "V",
    "volts": "V",
    "mv": "mV",
    "a": "A",
    "amps": "A",
    "ma": "mA",
    "w": "W",
    "watt": "W",
    "watts": "W",
    "kw": "kW",
    "wh": "Wh",
    "kwh": "kWh",
    "pct": "%",
    "percent": "%",
    "percentage": "%",
    "perc": "%",
    "pa": "Pa",
    "hpa": "hPa",
    "kpa": "kPa",
    "mbar": "mbar",
    "psi": "psi",
    "lux": "lx",
    "lx": "lx",
    "ppm": "ppm",
    "ppb": "ppb",
    "dbm": "dBm",
    "cm": "cm",
    "mm": "mm",
    "km": "km",
    "m": "m",
    "ms": "ms",
    "millis": "ms",
    "s": "s",
    "sec": "s",
    "secs": "s",
    "seconds": "s",
    "min": "min",
    "mins": "min",
    "minutes": "min",
    "hours": "h",
    "hrs": "h",
    "days": "d",
    "hz": "Hz",
    "khz": "kHz",
    "kmh": "km/h",
    "kph": "km/h",
    "mph": "mph",
    "knots": "kn",
    "kg": "kg",
    "lpm": "L/min",
    "liters": "L",
    "litres": "L",
    "deg": "°",
    "degrees": "°",
    "rpm": "rpm",
    "bytes": "B",
}
_SPOKEN: Mapping[str, str] = {
    "temp": "temperature",
    "tmp": "temperature",
    "hum": "humidity",
    "humid": "humidity",
    "rh": "humidity",
    "bat": "battery",
    "batt": "battery",
    "vbat": "battery voltage",
    "vbatt": "battery voltage",
    "volt": "voltage",
    "soc": "state of charge",
    "press": "pressure",
    "lum": "illuminance",
    "lux": "illuminance",
    "dist": "distance",
    "spd": "speed",
    "alt": "altitude",
    "hd": "heading",
    "freq": "frequency",
    "loc": "location",
    "pos": "position",
    "moist": "moisture",
    "sig": "signal",
    "co2": "CO₂",
    "pm25": "PM2.5",
    "pm10": "PM10",
    "pm1": "PM1",
    "rssi": "RSSI",
    "snr": "SNR",
    "uv": "UV",
    "ph": "pH",
    "tvoc": "TVOC",
    "voc": "VOC",
    "gps": "GPS",
    "gpio": "GPIO",
    "id": "ID",
    "ip": "IP",
    "led": "LED",
    "mac": "MAC",
    "pid": "PID",
    "pir": "PIR",
    "cpu": "CPU",
    "usb": "USB",
    "ssid": "SSID",
}


def set_of(words: str) -> frozenset[str]:
    """The words of a list with blanks between them."""
    return frozenset(words.split())


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name in lower case without accents ("roomTemp_1": room, temp, 1)."""
    return _tokens(name[:_LONGEST])


@lru_cache(maxsize=4096)
def _tokens(name: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", name)
    text = "".join(each for each in plain if not unicodedata.combining(each))
    words: list[str] = []
    for part in _CUTS.split(text):
        for word in _pieces(part):
            joined = _NUMBERED.get((words[-1], word)) if words else None
            if joined:
                words[-1] = joined
            elif not (word == "5" and words[-1:] == ["pm25"]):
                words.append(word)
    return tuple(words)


def ending(name: str) -> str | None:
    """The unit that a name ends with ("temp_f", "batteryMv", "Distance (cm)")."""
    last = _CUTS.split(name[:_LONGEST].rstrip(" )]._-"))[-1]
    words = tokens(name)
    if len(words) < 2:
        return _ENDINGS.get(words[0]) if words and len(words[0]) > 3 else None
    # Capitals tell a megawatt from a milliwatt, unless everything is in capitals.
    told = last != last.lower() and name != name.upper() and len(last) > 1
    if told and (unit := unit_of(last)):
        return unit
    return _ENDINGS.get(words[-1])


def spoken(name: str) -> str:
    """A name as people write it ("roomTemp_1": "Room temperature 1").

    Words that are abbreviations of a measurement are written out.
    """
    words = tokens(name)
    if not words:
        return name.strip()
    said = [_SPOKEN.get(word, word) for word in words]
    text = " ".join(said)
    return text[0].upper() + text[1:] if said[0] != "pH" else text


def _pieces(part: str) -> list[str]:
    """The words in a run of letters and digits; an all-lower one is a word already."""
    return [each.casefold() for each in _HUMPS.findall(part)]
