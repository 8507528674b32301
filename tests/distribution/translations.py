"""What hassfest checks of a file of translations, and what several languages must share."""

from collections.abc import Callable, Iterator
import re
from string import Formatter
from typing import Any

import probatio

from .hassfest import KEY, OPTIONAL, REQUIRED, matches, problems_of

MARKUP = re.compile(r"<(?:[a-z/!]|br)", re.IGNORECASE)
QUOTED = re.compile(r"'\{\w+\}'")
MARK = re.compile(r"(?:[-*+>]|#+|\d+\.) ")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise probatio.Invalid(f"{value!r} is no text")
    if not value or value != value.strip():
        raise probatio.Invalid(f"{value!r} is empty or has outer blanks")
    for pattern, what in (
        (MARKUP, "markup"),
        (QUOTED, "a placeholder in single quotes"),
        (re.compile(r"\[%key:"), "a reference, which only the core resolves"),
    ):
        if pattern.search(value):
            raise probatio.Invalid(f"{value!r} has {what}")
    try:
        list(Formatter().parse(value))
    except ValueError as err:
        raise probatio.Invalid(f"{value!r}: {err}") from err
    return value


_KEY = matches(KEY, "a key")
_TEXTS = {_KEY: _text}
_FORM = {
    OPTIONAL("title"): _text,
    OPTIONAL("description"): _text,
    OPTIONAL("data"): _TEXTS,
    OPTIONAL("data_description"): _TEXTS,
    OPTIONAL("menu_options"): _TEXTS,
    OPTIONAL("menu_option_descriptions"): _TEXTS,
    OPTIONAL("submit"): _text,
    OPTIONAL("sections"): {
        _KEY: {
            OPTIONAL("name"): _text,
            OPTIONAL("description"): _text,
            OPTIONAL("data"): _TEXTS,
            OPTIONAL("data_description"): _TEXTS,
        }
    },
}
_FLOW = {
    OPTIONAL("flow_title"): _text,
    REQUIRED("step"): {_KEY: _FORM},
    OPTIONAL("error"): _TEXTS,
    OPTIONAL("abort"): _TEXTS,
    OPTIONAL("progress"): _TEXTS,
    OPTIONAL("create_entry"): _TEXTS,
}
_NAMED = {REQUIRED("name"): _text, OPTIONAL("description"): _text}


def _issue(value: Any) -> Any:
    if ("fix_flow" in value) == ("description" in value):
        raise probatio.Invalid("a notice has either a description or a fix_flow")
    return value


TRANSLATIONS = probatio.Schema(
    {
        OPTIONAL("title"): _text,
        OPTIONAL("config"): {**_FLOW, OPTIONAL("initiate_flow"): _TEXTS},
        OPTIONAL("options"): _FLOW,
        OPTIONAL("config_subentries"): {
            _KEY: {
                **_FLOW,
                REQUIRED("entry_type"): _text,
                REQUIRED("initiate_flow"): {
                    REQUIRED("user"): _text,
                    OPTIONAL("reconfigure"): _text,
                },
            }
        },
        OPTIONAL("selector"): {
            _KEY: {
                OPTIONAL("options"): _TEXTS,
                OPTIONAL("unit_of_measurement"): _TEXTS,
                OPTIONAL("fields"): {_KEY: _NAMED},
            }
        },
        OPTIONAL("entity"): {
            _KEY: {
                _KEY: {
                    OPTIONAL("name"): _text,
                    OPTIONAL("state"): _TEXTS,
                    OPTIONAL("unit_of_measurement"): _text,
                    OPTIONAL("state_attributes"): {
                        _KEY: {OPTIONAL("name"): _text, OPTIONAL("state"): _TEXTS}
                    },
                }
            }
        },
        OPTIONAL("device"): {_KEY: {REQUIRED("name"): _text}},
        OPTIONAL("exceptions"): {_KEY: {REQUIRED("message"): _text}},
        OPTIONAL("issues"): {
            _KEY: probatio.All(
                {
                    REQUIRED("title"): _text,
                    OPTIONAL("short_title"): _text,
                    OPTIONAL("description"): _text,
                    OPTIONAL("fix_flow"): _FLOW,
                },
                _issue,
            )
        },
        OPTIONAL("services"): {
            _KEY: {
                REQUIRED("name"): _text,
                REQUIRED("description"): _text,
                OPTIONAL("fields"): {_KEY: _NAMED},
                OPTIONAL("sections"): {_KEY: _NAMED},
            }
        },
        OPTIONAL("system_health"): {OPTIONAL("info"): _TEXTS},
        OPTIONAL("common"): _TEXTS,
    }
)


def translation_problems(texts: Any) -> list[str]:
    """Keys and texts that Home Assistant would not take."""
    return problems_of(TRANSLATIONS, texts)


def flat(texts: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Each text with the path to it."""
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def placeholders(text: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def differences(english: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Keys that only one of two languages has, and placeholders that differ."""
    ours, theirs = dict(flat(english)), dict(flat(other))
    found = [f"{path} is missing" for path in ours if path not in theirs]
    found += [f"{path} is unknown to English" for path in theirs if path not in ours]
    if not found and [*ours] != [*theirs]:
        path = next(a for a, b in zip(ours, theirs, strict=True) if a != b)
        found.append(f"{path} is in another place")
    return found + [
        f"{path} has other {what}"
        for path in ours
        if path in theirs
        for what, part in PARTS.items()
        if part(ours[path]) != part(theirs[path])
    ]


def _ending(text: str) -> str:
    return text[-1] if text[-1] in ".:?!" else ""


def _lines(text: str) -> list[str | bool]:
    """Each line by the mark of a list or heading that it starts with, or if it has text."""
    marks = [(MARK.match(line), line) for line in text.split("\n")]
    return [mark.group() if mark else bool(line) for mark, line in marks]


PARTS: dict[str, Callable[[str], Any]] = {
    "placeholders": placeholders,
    "lines": _lines,
    "links": re.compile(r"\]\([^)]*\)|<https?:[^>]*>").findall,
    "code": re.compile(r"`[^`]*`").findall,
    "bold text": re.compile(r"\*\*(?:\{\w+\})?").findall,
    "ending": _ending,
}
"""What a text has in common in all languages, beside its meaning."""
