"""What booleans, zeros and ones, and words for on and off are about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .names import set_of
from .words import Pair, pair_of

_WORDS: Mapping[str, str] = {
    "door": "door doors tur porta puerta porte",
    "garage_door": "garage",
    "window": "window windows fenster finestra ventana fenetre",
    "opening": "open opened opening gate contact reed closed shut lid hatch valve",
    "motion": "motion pir movement bewegung movimento movimiento",
    "occupancy": "occupancy occupied",
    "presence": "presence present",
    "moisture": "leak leaking leakage flood flooded flooding wet dry",
    "smoke": "smoke rauch fumo",
    "vibration": "vibration shock shake shaking",
    "tamper": "tamper tampered",
    "problem": "alarm alarms fault problem failure failed error warning alert overheat",
    "connectivity": "online connected connection connectivity reachable",
    "battery_charging": "charging",
    "lock": "locked unlocked lock",
    "running": "running pump motor fan compressor blower",
    "heat": "overheating",
    "light": "daylight dark",
    "power": "powered mains",
    "sound": "clap",
}
_CLASS_OF: Mapping[str, str] = {
    word: device_class
    for device_class, words in _WORDS.items()
    for word in words.split()
}
_INVERTED = frozenset({"closed", "shut", "locked", "lock", "dry", "dark"})
"""Words whose yes is the off of their class."""
_LESS = frozenset({"opening", "problem", "running", "power"})
"""Classes that give way to a more telling word ("door open", "motion alarm")."""
STATES = set_of("state status stato zustand estado on active enabled flag")
_AMOUNTS = set_of("rate count code number time interval id total level ratio type")
"""Words behind which a 0 or 1 is a number ("error_count")."""
_STATE_TAILS = ("status", "state")
_SWITCHED = set_of(
    "relay relays led lamp light lights button pressed switch output input toggle heater"
    " heating cooling valve din dout lck digital auto manual"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a name says of a boolean.

    `device_class` is one of a binary sensor. With `inverted`, yes is its off. `likely`
    says that a 0 or 1 under this name is a boolean.
    """

    device_class: str | None = None
    inverted: bool = False
    likely: bool = False


def about(words: Iterable[str]) -> About:
    """What a name says; of several classes the last of the most telling ones."""
    told = [word for word in words if not word.isdigit()]
    if told and told[-1] in _AMOUNTS:
        return About()
    if "battery" in told and "low" in told:
        return About(device_class="battery", likely=True)
    found = [_CLASS_OF[word] for word in told if word in _CLASS_OF]
    telling = [each for each in found if each not in _LESS] or found
    inverted = any(word in _INVERTED for word in told)
    if telling:
        garage = "garage_door" in telling
        device_class = "garage_door" if garage else telling[-1]
        return About(device_class=device_class, inverted=inverted, likely=True)
    likely = any(
        word in STATES or word in _SWITCHED or word.endswith(_STATE_TAILS)
        for word in told
    )
    return About(likely=likely)


def map_of(text: str) -> tuple[Pair, Mapping[str, bool]] | None:
    """The pair that a word for on or off belongs to, and what its words mean.

    The words are spelled as this one is ("ON" and "OFF").
    """
    text = text.strip()
    pair = pair_of(text)
    if pair is None:
        return None
    meaning = {_spelled(word, text): state for word, state in pair.meaning.items()}
    return pair, {text: meaning[_spelled(text.casefold(), text)], **meaning}


def _spelled(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word
