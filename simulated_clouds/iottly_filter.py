"""The small part of MongoDB's filter language that `queryJson` is used with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
import json
import operator
import re
from typing import Any

from . import iottly_dates as dates

type Document = dict[str, Any]
type Predicate = Callable[[Document], bool]
type Test = Callable[[list[Any]], bool]


class BadFilter(ValueError):
    """The text is no filter that the database would run."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectId:
    """A message's id: 24 hex digits, the first eight are the second of its birth."""

    hex: str


def parse(text: str) -> Document:
    """Read the text of a filter; dates and ids stay as they are written."""
    try:
        query = json.loads(text)
    except ValueError as err:
        raise BadFilter("queryJson is not JSON") from err
    if not isinstance(query, dict):
        raise BadFilter("queryJson is not an object")
    return query


def holds_dates(query: Any) -> bool:
    """Whether a date or an object id stands anywhere in the filter."""
    if isinstance(query, dict):
        return bool({"$date", "$oid"} & query.keys()) or any(
            map(holds_dates, query.values())
        )
    return isinstance(query, list) and any(map(holds_dates, query))


def with_dates(query: Any) -> Any:
    """The filter with its dates and ids made comparable; raises BadFilter."""
    match query:
        case {"$date": date}:
            try:
                return dates.extended(date)
            except (ValueError, OverflowError) as err:
                raise BadFilter("invalid $date") from err
        case {"$oid": oid}:
            if not (isinstance(oid, str) and re.fullmatch("[0-9a-fA-F]{24}", oid)):
                raise BadFilter("invalid $oid")
            return ObjectId(oid.lower())
        case dict():
            return {key: with_dates(value) for key, value in query.items()}
        case list():
            return [with_dates(value) for value in query]
    return query


def compiled(query: Document) -> Predicate:
    """Make a predicate of a filter; raises BadFilter for what it does not know."""
    parts = [_part(key, condition) for key, condition in query.items()]
    return lambda document: all(part(document) for part in parts)


def _part(key: str, condition: Any) -> Predicate:
    if key in ("$and", "$or"):
        if not (isinstance(condition, list) and condition):
            raise BadFilter(f"{key} must be a nonempty array")
        branches = [compiled(branch) for branch in condition if _is_document(branch)]
        combine = all if key == "$and" else any
        return lambda document: combine(branch(document) for branch in branches)
    if key.startswith("$"):
        raise BadFilter(f"unknown top level operator: {key}")
    keys = key.split(".")
    test = _condition(condition)
    return lambda document: test(list(_found(document, keys)))


def _is_document(value: Any) -> bool:
    if not isinstance(value, dict):
        raise BadFilter("a branch must be an object")
    return True


def _condition(condition: Any) -> Test:
    if not (isinstance(condition, dict) and any(k[:1] == "$" for k in condition)):
        return _equals(condition)
    tests = [_operator(name, argument) for name, argument in condition.items()]
    return lambda values: all(test(values) for test in tests)


_ORDER = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def _operator(name: str, argument: Any) -> Test:
    if name == "$exists":
        return lambda values: bool(values) == bool(argument)
    if name == "$eq":
        return _equals(argument)
    if name == "$ne":
        equals = _equals(argument)
        return lambda values: not equals(values)
    if name == "$in":
        if not isinstance(argument, list):
            raise BadFilter("$in needs an array")
        tests = [_equals(choice) for choice in argument]
        return lambda values: any(test(values) for test in tests)
    if name not in _ORDER:
        raise BadFilter(f"unknown operator: {name}")
    compare = _ORDER[name]
    return lambda values: any(
        _kind(value) == _kind(argument)
        and _kind(argument) in _ORDERED
        and compare(value, argument)
        for value in _candidates(values)
    )


def _equals(wanted: Any) -> Test:
    """Equality; `null` is also what is missing, and a list matches by its elements."""

    def test(values: list[Any]) -> bool:
        if wanted is None and not values:
            return True
        return any(_same(value, wanted) for value in _candidates(values))

    return test


def _same(value: Any, wanted: Any) -> bool:
    return _kind(value) == _kind(wanted) and bool(value == wanted)


_ORDERED = frozenset({"number", "str", "datetime", "ObjectId"})


def _kind(value: Any) -> str:
    """Values of different kinds are neither equal nor in any order."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return "datetime" if isinstance(value, datetime) else type(value).__name__


def _candidates(values: list[Any]) -> Iterator[Any]:
    for value in values:
        yield value
        if isinstance(value, list):
            yield from value


def _found(value: Any, keys: list[str]) -> Iterator[Any]:
    """Everything that a dotted path leads to, through objects and lists."""
    if not keys:
        yield value
    elif isinstance(value, dict):
        if keys[0] in value:
            yield from _found(value[keys[0]], keys[1:])
    elif isinstance(value, list):
        if keys[0].isdecimal() and int(keys[0]) < len(value):
            yield from _found(value[int(keys[0])], keys[1:])
        for element in value:
            if isinstance(element, dict):
                yield from _found(element, keys)
