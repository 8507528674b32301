"""Texts of pairs ("t=21.5;h=40") and of separated fields ("21.5,40,ok")."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import re

from ..model import Json
from .words import flag, is_code, is_void, quantity

MOST = 1001
"""Parts that a text is cut into: one more than what is kept shows that there were more."""

_LONGEST_KEY = 64
_LONGEST_ADDRESS = 64
_HARD = ("\n", ";", "|", "&", "\t", ",")
_SPACES = re.compile(r"[ \t\r\n]+")
_NEXT = re.compile(r"[,;|& ] ?(?=[\"']?[^\W\d][\w./-]{0,63}[\"']? ?[=:](?!/))")
_NOT_IN_KEYS = frozenset("{}[]<>()=:?!")
# Dates, times of day, and "1,013 hPa", which is two numbers to different people.
_NO_FIELDS = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]|$)|\d{1,2}:\d\d(?::\d\d)?$"
    r"|[+-]?\d{1,3}(?:,\d{3})+ ?[^\d\s,.][^\d,]*$",
    re.ASCII,
)
_ADDRESS = re.compile(
    r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}|[0-9a-fA-F:]*::[0-9a-fA-F:]*"
    r"|[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){7}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a piece of text is: a number with its unit, a boolean, a text or nothing."""

    text: str
    value: Json
    unit: str | None = None


def typed(text: str) -> Typed:
    """The value that a piece of text stands for; codes with leading zeros stay texts."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    word = text.casefold()
    if not text or word == "null" or is_void(word):
        return Typed(text=text, value=None)
    if word in {"true", "false"}:
        return Typed(text=text, value=word == "true")
    if is_code(text) or (found := quantity(text)) is None:
        return Typed(text=text, value=text)
    return Typed(text=text, value=found.number, unit=found.unit)


def pairs(text: str) -> Mapping[str, Typed] | None:
    """The pairs that a text consists of; None if it is anything else."""
    if "=" not in text and ":" not in text:
        return None
    for separator in _HARD:
        if separator in text:
            found = _pairs(text.split(separator, MOST))
            if found is not None:
                return found
    flat = _SPACES.sub(" ", text.strip())
    return _pairs(_NEXT.split(flat, MOST))


def listed(text: str) -> Mapping[str, Typed] | None:
    """The fields that a text consists of, by index; None if it is anything else."""
    if "\n" in text or _NO_FIELDS.match(text) or ";base64," in text:
        return None
    for separator in ("\t", ";", "|", ","):
        if separator in text:
            parts = [part.strip() for part in text.split(separator, MOST)]
            while parts and not parts[-1]:
                parts.pop()
            found = _fields(parts)
            sure = separator != "," or " " not in text or _are_fields(found)
            return found if len(parts) > 1 and sure else None
    if _SPACES.search(text):
        numbers = _fields(text.split(maxsplit=MOST))
        values = [each.value for each in numbers.values()]
        sure = all(value is None or _is_number(value) for value in values)
        return numbers if sure and any(map(_is_number, values)) else None
    parts = text.split(":", MOST)
    if len(parts) < 3 or not all(parts) or "//" in text or _is_address(text):
        return None
    return _fields(parts)


def _is_address(text: str) -> bool:
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def _pairs(parts: Iterable[str]) -> Mapping[str, Typed] | None:
    found: dict[str, Typed] = {}
    sure = False
    for part in parts:
        if not part.strip():
            continue
        pair = _pair(part)
        if pair is None:
            return None
        key, sign, value = pair
        found[key] = value
        sure = bool(value.text) and (
            sign == "=" or not isinstance(value.value, str) or _is_flag(value)
        )
    # A single "Word: more words" is a sentence.
    return found if len(found) > 1 or sure else None


def _pair(part: str) -> tuple[str, str, Typed] | None:
    """Key, sign and value of "key=value" or "key: value"."""
    sign = min((each for each in "=:" if each in part), key=part.index, default=None)
    if sign is None:
        return None
    key, _, value = part.partition(sign)
    key, value = key.strip().strip("\"'"), value.strip()
    if not _is_key(key) or value.startswith(("//", "=")):
        return None
    return key, sign, typed(value.rstrip(",;|& "))


def _is_key(key: str) -> bool:
    if not 0 < len(key) <= _LONGEST_KEY or not (key[0].isalpha() or key[0] in "_#"):
        return False
    return _NOT_IN_KEYS.isdisjoint(key) and key.count(" ") < 4


def _fields(parts: Iterable[str]) -> Mapping[str, Typed]:
    return {str(index): typed(part) for index, part in enumerate(parts)}


def _are_fields(found: Mapping[str, Typed]) -> bool:
    """Whether what has commas and spaces is no sentence."""
    return any(
        not isinstance(each.value, str) or _is_flag(each) for each in found.values()
    )


def _is_flag(found: Typed) -> bool:
    return flag(found.text) is not None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
