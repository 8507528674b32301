"""Reading the parameters of the two message endpoints (reference 2.7, 2.8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
import re
from typing import Any

from . import iottly_dates as dates, iottly_filter as filters
from .iottly_answers import ApiError
from .iottly_store import AGENT, USER
from .iottly_variant import IottlyVariant

_DEFAULT_COUNT = 10
_DEFAULT_LENGTH = 50
_MOST = 100


class BadParameter(ValueError):
    """A parameter is out of its range or of the wrong type."""

    def __init__(self, name: str, problem: str) -> None:
        """Remember which."""
        super().__init__(f"{name} {problem}")
        self.name = name
        self.problem = problem


def count(query: Mapping[str, str], variant: IottlyVariant) -> int | None:
    """How many messages the history gives; None is all of them."""
    text = query.get("numMessages", str(_DEFAULT_COUNT))
    if not re.fullmatch(r"\d{1,9}", text):
        raise BadParameter("numMessages", "is not a number")
    number = int(text)
    if number == 0 and variant.handlers == "public":
        return None
    if number == 0 or (number > _MOST and variant.above_limit == "bad_request"):
        raise BadParameter("numMessages", f"must be in 1-{_MOST}")
    return min(number, _MOST)


def selection(
    own: filters.Document, query: Mapping[str, str], variant: IottlyVariant
) -> filters.Predicate:
    """What the history selects: `own`, the server's restriction, and `queryJson`.

    In the public source keys of `queryJson` replace those of the restriction (3.5).
    """
    try:
        asked = _parsed(query.get("queryJson", "{}"), variant)
        if asked is None:
            return lambda _: False
        if variant.handlers == "public":
            return filters.compiled(own | asked)
        return filters.compiled({"$and": [own, asked]})
    except filters.BadFilter as err:
        raise BadParameter("queryJson", f"is invalid: {err}") from err


def _parsed(text: str, variant: IottlyVariant) -> filters.Document | None:
    """The filter, or None when its dates will match nothing."""
    document = filters.parse(text)
    if filters.holds_dates(document):
        match variant.date_filter:
            case "empty":
                return None
            case "bad_request":
                raise ApiError(400, "queryJson is invalid: dates are not supported")
            case "html_error":
                raise ApiError(500, html=True)
    converted: Any = filters.with_dates(document)
    if not isinstance(converted, dict):
        raise filters.BadFilter("queryJson is not a filter")
    return converted


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of messages: which, and in what order."""

    number: int
    """Counted from zero."""
    length: int
    types: frozenset[str | None] | None
    """None is all types."""
    start: datetime | None
    """Inclusive."""
    end: datetime | None
    """Exclusive."""
    ascending: bool

    @classmethod
    def parse(cls, query: Mapping[str, str], variant: IottlyVariant) -> Page:
        """Read the parameters; raises BadParameter."""
        first = variant.first_page
        kind = _choice(query, "type", ("all", USER, AGENT))
        return cls(
            number=_number(query, "p", first, first, 10**6) - first,
            length=_number(query, "l", _DEFAULT_LENGTH, 1, _MOST),
            types=None if kind == "all" else frozenset({kind}),
            start=_limit(query, "from", variant),
            end=_limit(query, "to", variant),
            ascending=_choice(query, "sort", ("desc", "asc")) == "asc",
        )

    def takes(self, at: datetime, kind: str | None) -> bool:
        """Whether a message with this timestamp and type is in the selection."""
        return (
            (self.types is None or kind in self.types)
            and (self.start is None or at >= self.start)
            and (self.end is None or at < self.end)
        )


def _number(
    query: Mapping[str, str], name: str, default: int, low: int, high: int
) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch(r"\d{1,9}", text):
        raise BadParameter(name, "is not a number")
    if not low <= int(text) <= high:
        raise BadParameter(name, f"must be in {low}-{high}")
    return int(text)


def _choice(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = query.get(name, choices[0])
    if value not in choices:
        raise BadParameter(name, f"must be one of {', '.join(choices)}")
    return value


def _limit(
    query: Mapping[str, str], name: str, variant: IottlyVariant
) -> datetime | None:
    if name not in query or variant.page_from == "ignored":
        return None
    try:
        return dates.limit(query[name], variant.page_from, variant.page_zone)
    except (ValueError, OverflowError) as err:
        raise BadParameter(name, str(err)) from err
