"""What every property type of Arduino Cloud has to become, in literals (reference 3).

The table of `docs/arduino.md` and the integration are both checked against this.
"""

from datetime import datetime
from typing import Any

from custom_components.iot_clouds.model import (
    Light,
    Place,
    Playback,
    Player,
    Repeat,
    Schedule,
)

# Type, what its values are, device class, unit, state class while it is read only. They
# are sensors, and numbers while they can be written.
NUMBERS: list[tuple[str, str, str | None, str | None, str | None]] = [
    ("INT", "integer", None, None, "measurement"),
    ("ANALOG", "number", None, None, "measurement"),
    ("FLOAT", "number", None, None, "measurement"),
    ("COUNT", "integer", None, None, "measurement"),
    ("PERCENTAGE", "number", None, "%", "measurement"),
    ("RATIO_DIV", "number", None, None, "measurement"),
    ("RATIO_MOD", "number", None, None, "measurement"),
    ("HOME_TEMPERATURE", "number", "temperature", "°C", "measurement"),
    ("GOOGLE_HOME_TEMPERATURE", "number", "temperature", "°C", "measurement"),
    ("SMART_HOME_TEMPERATURE", "number", "temperature", "°C", "measurement"),
    ("HOME_TEMPERATURE_C", "number", "temperature", "°C", "measurement"),
    ("GOOGLE_HOME_TEMPERATURE_C", "number", "temperature", "°C", "measurement"),
    ("SMART_HOME_TEMPERATURE_C", "number", "temperature", "°C", "measurement"),
    ("HOME_TEMPERATURE_F", "number", "temperature", "°F", "measurement"),
    ("GOOGLE_HOME_TEMPERATURE_F", "number", "temperature", "°F", "measurement"),
    ("SMART_HOME_TEMPERATURE_F", "number", "temperature", "°F", "measurement"),
    ("TEMPERATURE_C", "number", "temperature", "°C", "measurement"),
    ("DEGREES_CELSIUS", "number", "temperature", "°C", "measurement"),
    ("TEMPERATURE_F", "number", "temperature", "°F", "measurement"),
    ("KELVIN", "number", "temperature", "K", "measurement"),
    ("TEMPERATURE", "number", "temperature", "°C", "measurement"),
    ("PERCENTAGE_RELATIVE_HUMIDITY", "number", "humidity", "%", "measurement"),
    ("PERCENTAGE_BATTERY_LEVEL", "number", "battery", "%", "measurement"),
    ("SECONDS_BATTERY_LEVEL", "number", "duration", "s", "measurement"),
    ("SECOND", "number", "duration", "s", "measurement"),
    ("METER", "number", "distance", "m", "measurement"),
    ("LENGHT_M", "number", "distance", "m", "measurement"),
    ("LENGTH", "number", "distance", "m", "measurement"),
    ("LENGHT_C", "number", "distance", "cm", "measurement"),
    ("LENGHT_I", "number", "distance", "in", "measurement"),
    ("KILOGRAM", "number", "weight", "kg", "measurement"),
    ("MASS", "number", "weight", "kg", "measurement"),
    ("GRAM", "number", "weight", "g", "measurement"),
    ("AMPERE", "number", "current", "A", "measurement"),
    ("ELECTRIC_CURRENT", "number", "current", "A", "measurement"),
    ("VOLT", "number", "voltage", "V", "measurement"),
    ("ELECTRIC_POTENTIAL", "number", "voltage", "V", "measurement"),
    ("WATT", "number", "power", "W", "measurement"),
    ("POWER", "number", "power", "W", "measurement"),
    ("JOULE", "number", "energy", "J", None),
    ("ENERGY", "number", "energy", "J", None),
    ("HERTZ", "number", "frequency", "Hz", "measurement"),
    ("FREQUENCY", "number", "frequency", "Hz", "measurement"),
    ("PASCAL", "number", "pressure", "Pa", "measurement"),
    ("PRESSURE", "number", "pressure", "Pa", "measurement"),
    ("LUX", "number", "illuminance", "lx", "measurement"),
    ("ILLUMINANCE", "number", "illuminance", "lx", "measurement"),
    ("WATT_PER_SQUARE_METER", "number", "irradiance", "W/m²", "measurement"),
    ("SQUARE_METER", "number", "area", "m²", "measurement"),
    ("AREA", "number", "area", "m²", "measurement"),
    ("CUBIC_METER", "number", "volume_storage", "m³", "measurement"),
    ("VOLUME", "number", "volume_storage", "m³", "measurement"),
    ("LITER", "number", "volume_storage", "L", "measurement"),
    ("CUBIC_METER_PER_SECOND", "number", "volume_flow_rate", "m³/s", "measurement"),
    ("FLOW_RATE", "number", "volume_flow_rate", "m³/s", "measurement"),
    ("LITER_PER_SECOND", "number", "volume_flow_rate", "L/s", "measurement"),
    ("METER_PER_SECOND", "number", "speed", "m/s", "measurement"),
    ("VELOCITY", "number", "speed", "m/s", "measurement"),
    ("BIT", "number", "data_size", "bit", "measurement"),
    ("INFORMATION_CONTENT", "integer", "data_size", "bit", "measurement"),
    ("BIT_PER_SECOND", "number", "data_rate", "bit/s", "measurement"),
    ("DATA_RATE", "number", "data_rate", "bit/s", "measurement"),
    ("PH_VALUE", "number", "ph", None, "measurement"),
    ("DECIBEL", "number", None, "dB", "measurement"),
    ("LOGARITHMIC_QUANTITY", "number", None, "dB", "measurement"),
    ("DECIBEL_1W", "number", None, "dBW", "measurement"),
    ("BEL", "number", None, "B", "measurement"),
    ("METER_PER_SQUARE_SECOND", "number", None, "m/s²", "measurement"),
    ("ACCELERATION", "number", None, "m/s²", "measurement"),
    ("NEWTON", "number", None, "N", "measurement"),
    ("FORCE", "number", None, "N", "measurement"),
    ("RADIAN", "number", None, "rad", "measurement"),
    ("ANGLE", "number", None, "°", "measurement"),
    ("STERADIAN", "number", None, "sr", "measurement"),
    ("DEGREES_LATITUDE", "number", None, "°", "measurement"),
    ("DEGREES_LONGITUDE", "number", None, "°", "measurement"),
    ("MOLE", "number", None, "mol", "measurement"),
    ("CANDELA", "number", None, "cd", "measurement"),
    ("LUMINOUS_INTENSITY", "number", None, "cd", "measurement"),
    ("LUMEN", "number", None, "lm", "measurement"),
    ("LUMINOUS_FLUX", "number", None, "lm", "measurement"),
    ("CANDELA_PER_SQUARE_METER", "number", None, "cd/m²", "measurement"),
    ("LUMINANCE", "number", None, "cd/m²", "measurement"),
    ("COULOMB", "number", None, "C", "measurement"),
    ("FARAD", "number", None, "F", "measurement"),
    ("CAPACITANCE", "number", None, "F", "measurement"),
    ("OHM", "number", None, "Ω", "measurement"),
    ("ELECTRICAL_RESISTANCE", "number", None, "Ω", "measurement"),
    ("SIEMENS", "number", None, "S", "measurement"),
    ("SIEMENS_PER_METER", "number", None, "S/m", "measurement"),
    ("WEBER", "number", None, "Wb", "measurement"),
    ("TESLA", "number", None, "T", "measurement"),
    ("HENRY", "number", None, "H", "measurement"),
    ("BECQUEREL", "number", None, "Bq", "measurement"),
    ("GRAY", "number", None, "Gy", "measurement"),
    ("SIEVERT", "number", None, "Sv", "measurement"),
    ("KATAL", "number", None, "kat", "measurement"),
    ("EVENT_RATE_SECOND", "number", None, "1/s", "measurement"),
    ("EVENT_RATE_MINUTE", "number", None, "1/min", "measurement"),
    ("HEART_RATE", "number", None, "bpm", "measurement"),
    ("HEART_BEATS", "number", None, "beats", "measurement"),
]

# Type, what its values are, then kind and device class read only, kind and device class
# read and write, and the unit.
OTHERS: list[tuple[str, str, str, str | None, str, str | None, str | None]] = [
    ("STATUS", "boolean", "flag", None, "toggle", None, None),
    ("CHARSTRING", "text", "text", None, "entry", None, None),
    ("TIME", "time", "measure", None, "level", None, "s"),
    ("LOCATION", "place", "place", None, "place", None, None),
    ("COLOR_HSB", "colour", "text", None, "light", None, None),
    ("COLOR_RGB", "opaque", "text", None, "text", None, None),
    ("GENERIC_COMPLEX_PROPERTY", "opaque", "text", None, "text", None, None),
    ("SCHEDULE", "schedule", "schedule", None, "schedule", None, None),
    ("HOME_SWITCH", "boolean", "flag", None, "toggle", None, None),
    ("GOOGLE_HOME_SWITCH", "boolean", "flag", None, "toggle", None, None),
    ("SMART_HOME_SWITCH", "boolean", "flag", None, "toggle", None, None),
    ("HOME_SMART_PLUG", "boolean", "flag", "power", "toggle", "outlet", None),
    ("GOOGLE_HOME_SMART_PLUG", "boolean", "flag", "power", "toggle", "outlet", None),
    ("SMART_HOME_SMART_PLUG", "boolean", "flag", "power", "toggle", "outlet", None),
    ("HOME_CONTACT_SENSOR", "sensed", "flag", "opening", "flag", "opening", None),
    (
        "GOOGLE_HOME_CONTACT_SENSOR",
        "sensed",
        "flag",
        "opening",
        "flag",
        "opening",
        None,
    ),
    ("SMART_HOME_CONTACT_SENSOR", "sensed", "flag", "opening", "flag", "opening", None),
    ("HOME_MOTION_SENSOR", "sensed", "flag", "motion", "flag", "motion", None),
    ("GOOGLE_HOME_MOTION_SENSOR", "sensed", "flag", "motion", "flag", "motion", None),
    ("SMART_HOME_MOTION_SENSOR", "sensed", "flag", "motion", "flag", "motion", None),
    ("HOME_LIGHT", "lamp", "flag", "light", "light", None, None),
    ("GOOGLE_HOME_LIGHT", "lamp", "flag", "light", "light", None, None),
    ("SMART_HOME_LIGHT", "lamp", "flag", "light", "light", None, None),
    ("HOME_DIMMED_LIGHT", "dimmed", "flag", "light", "light", None, None),
    ("GOOGLE_HOME_DIMMED_LIGHT", "dimmed", "flag", "light", "light", None, None),
    ("SMART_HOME_DIMMED_LIGHT", "dimmed", "flag", "light", "light", None, None),
    ("HOME_COLORED_LIGHT", "coloured", "flag", "light", "light", None, None),
    ("GOOGLE_HOME_COLORED_LIGHT", "coloured", "flag", "light", "light", None, None),
    ("SMART_HOME_COLORED_LIGHT", "coloured", "flag", "light", "light", None, None),
    ("HOME_TELEVISION", "television", "flag", None, "player", "tv", None),
    ("SMART_HOME_TELEVISION", "television", "flag", None, "player", "tv", None),
]

# Of what values are: the points beside the main one, as part, label, kind, unit, state
# class, and whether a user sees it without asking; first read only, then writable.
PARTS: dict[
    tuple[str, bool], list[tuple[str, str, str, str | None, str | None, bool]]
] = {
    ("sensed", True): [("switch", "control", "toggle", None, None, False)],
    ("dimmed", False): [("bri", "brightness", "measure", "%", "measurement", True)],
    ("coloured", False): [("bri", "brightness", "measure", "%", "measurement", True)],
    ("television", False): [
        ("vol", "volume", "measure", "%", "measurement", False),
        ("cha", "channel", "measure", None, None, False),
        ("inp", "source", "text", None, None, False),
    ],
}

LAMP = "82a20065783a73776904f5a20065783a627269021828"
COLOUR = "83a20065783a687565021878a20065783a736174021864a20065783a627269021864"
COLOURED = (
    "84a20065783a73776904f5a20065783a687565021878a20065783a736174021864a20065783a62726902"
    "1864"
)
TELEVISION = (
    "86a20065783a73776904f5a20065783a766f6c02181ea20065783a6d757404f4a20065783a7062630202"
    "a20065783a696e70021837a20065783a6368610208"
)
SCHEDULED = (
    "84a20065783a66726d021a615a4400a20064783a746f0200a20065783a6c656e02190384a20065783a6d"
    "736b021a08000002"
)
PLACED = "82a20065783a6c617402fb4046a00000000000a20065783a6c6f6e02fb4023000000000000"
MONDAYS = Schedule(
    start=datetime(2021, 10, 4),
    duration=900,
    repeat=Repeat.WEEKLY,
    weekdays=frozenset({0}),
    timezone="Europe/Rome",
)
TWENTY_MINUTES = Schedule(
    start=datetime(2021, 10, 4),
    end=datetime(2021, 10, 8),
    duration=600,
    repeat=Repeat.EVERY,
    every=1200,
    timezone="Europe/Rome",
)
MUTED = Player(
    on=True,
    volume=50,
    muted=True,
    playback=Playback.PLAY,
    source="hdmi1",
    channel=7,
)
LOUD = Player(
    on=True,
    volume=30,
    muted=False,
    playback=Playback.PAUSE,
    source="tv",
    channel=8,
)

# Of what values are: what the listing says and how it reads; a message of the variable
# "x" and how it reads; what is wanted and the JSON that is sent for it. Values of parts
# follow the main one.
VALUES: dict[tuple[str, bool], tuple[Any, list[Any], str, list[Any], Any, Any]] = {
    ("number", False): (21.5, [21.5], "81a200617802fb4036400000000000", [22.25], 0, 0),
    ("number", True): (
        *(21.5, [21.5]),
        *("81a200617802fb4036400000000000", [22.25]),
        *(20.75, 20.75),
    ),
    ("integer", False): (7, [7], "81a20061780208", [8], 0, 0),
    ("integer", True): (7, [7], "81a20061780208", [8], 9.0, 9),
    ("time", False): (1633305600, [1633305600], "81a20061780208", [8], 0, 0),
    ("time", True): (1633305600, [1633305600], "81a20061780208", [8], 9, 9),
    ("boolean", False): (False, [False], "81a200617804f5", [True], 0, 0),
    ("boolean", True): (False, [False], "81a200617804f5", [True], False, False),
    ("sensed", False): (False, [False], "81a200617804f5", [True], 0, 0),
    ("sensed", True): (
        *(False, [False, False]),
        *("81a200617804f5", [True, True]),
        *(True, True),
    ),
    ("lamp", False): (False, [False], "81a200617804f5", [True], 0, 0),
    ("lamp", True): (
        *(False, [Light(on=False)]),
        *("81a200617804f5", [Light(on=True)]),
        *(Light(on=False), False),
    ),
    ("text", False): (
        "auto",
        ["auto"],
        "81a200617803674369616f20c3a8",
        ["Ciao è"],
        0,
        0,
    ),
    ("text", True): (
        *("auto", ["auto"]),
        *("81a200617803674369616f20c3a8", ["Ciao è"]),
        *("eco", "eco"),
    ),
    ("place", False): (
        *({"lat": 45.4642, "lon": 9.19}, [Place(latitude=45.4642, longitude=9.19)]),
        *(PLACED, [Place(latitude=45.25, longitude=9.5)]),
        *(0, 0),
    ),
    ("place", True): (
        *({"lat": 45.4642, "lon": 9.19}, [Place(latitude=45.4642, longitude=9.19)]),
        *(PLACED, [Place(latitude=45.25, longitude=9.5)]),
        *({"lat": 44.5}, {"lat": 44.5, "lon": 9.5}),
    ),
    ("dimmed", False): (
        *({"swi": False, "bri": 75}, [False, 75]),
        *(LAMP, [True, 40]),
        *(0, 0),
    ),
    ("dimmed", True): (
        *({"swi": False, "bri": 75}, [Light(on=False, brightness=75)]),
        *(LAMP, [Light(on=True, brightness=40)]),
        *(Light(on=True, brightness=60), {"swi": True, "bri": 60}),
    ),
    ("coloured", False): (
        *({"swi": True, "hue": 210.5, "sat": 80, "bri": 50}, [True, 50]),
        *(COLOURED, [True, 100]),
        *(0, 0),
    ),
    ("coloured", True): (
        {"swi": True, "hue": 210.5, "sat": 80, "bri": 50},
        [Light(on=True, brightness=50, hue=210.5, saturation=80)],
        COLOURED,
        [Light(on=True, brightness=100, hue=120, saturation=100)],
        Light(on=False, brightness=30, hue=10, saturation=20),
        {"swi": False, "hue": 10, "sat": 20, "bri": 30},
    ),
    ("colour", False): (
        *({"hue": 0, "sat": 100, "bri": 100}, ["#ff0000"]),
        *(COLOUR, ["#00ff00"]),
        *(0, 0),
    ),
    ("colour", True): (
        {"hue": 210.5, "sat": 80, "bri": 50},
        [Light(on=True, brightness=50, hue=210.5, saturation=80)],
        COLOUR,
        [Light(on=True, brightness=100, hue=120, saturation=100)],
        Light(on=False, brightness=30, hue=10, saturation=20),
        {"hue": 10, "sat": 20, "bri": 0},
    ),
    ("opaque", False): (
        *({"r": 1}, ['{"r":1}']),
        *("82a20063783a720201a20063783a670202", ['{"r":1,"g":2}']),
        *(0, 0),
    ),
    ("opaque", True): (
        *({"r": 1}, ['{"r":1}']),
        *("82a20063783a720201a20063783a670202", ['{"r":1,"g":2}']),
        *({"b": 3}, {"r": 1, "g": 2, "b": 3}),
    ),
    ("schedule", False): (
        {"frm": 1633305600, "to": 1633651200, "len": 600, "msk": 1140850708},
        [TWENTY_MINUTES],
        SCHEDULED,
        [MONDAYS],
        0,
        0,
    ),
    ("schedule", True): (
        {"frm": 1633305600, "to": 1633651200, "len": 600, "msk": 1140850708},
        [TWENTY_MINUTES],
        SCHEDULED,
        [MONDAYS],
        {"len": 60},
        {"frm": 1633305600, "to": 0, "len": 60, "msk": 134217730},
    ),
    ("television", False): (
        {"swi": False, "vol": 50, "mut": True, "pbc": 3, "inp": 16, "cha": 7},
        [False, 50, 7, "hdmi1"],
        TELEVISION,
        [True, 30, 8, "tv"],
        0,
        0,
    ),
    ("television", True): (
        {"swi": True, "vol": 50, "mut": True, "pbc": 3, "inp": 16, "cha": 7},
        [MUTED],
        TELEVISION,
        [LOUD],
        Player(on=False, volume=20, muted=True, playback=Playback.STOP, source="xbox"),
        {"swi": False, "vol": 20, "mut": True, "pbc": 7, "inp": 60, "cha": 8},
    ),
}
"""The last two are not used where nothing can be written."""
