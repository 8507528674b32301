"""Things, properties and boards as the listings tell them; one bad item costs only itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
import re
from typing import NamedTuple

from ...model import CloudUnreachable, Drop, Json, sound
from .faults import Faults
from .values import read_number

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""Ids become parts of addresses and topics, where anything else could mean something."""

_LONGEST = 255
"""Characters of a name, or of whatever else is one line of text."""

_PLACES = ("area", "room")
"""Keys of tags that name the place of a thing or a board; the first one counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A cloud variable (reference 2.5).

    `variable` is its name in pushed messages. `tag` is its number there on boards that
    save bytes (reference 6.6). `updated_at` is None while it was never set. `minimum`
    and `maximum` are both set or none; `period` is the seconds between two samples of a
    variable that is sent by the clock (reference 3.2).
    """

    id: str
    name: str
    variable: str
    type: str
    writable: bool
    tag: int | None
    last_value: Json
    updated_at: datetime | None
    minimum: float | None = None
    maximum: float | None = None
    period: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A group of variables, usually bound to one board (reference 2.4).

    `timezone` is an IANA name, as the cloud spells it.
    """

    id: str
    name: str
    board_id: str | None
    board_type: str | None
    timezone: str
    area: str | None = None
    """The place that the user's tags name."""
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A device in the cloud's words (reference 2.7); `online` is None if it cannot tell."""

    id: str
    label: str | None
    type: str | None
    connection: str | None
    serial: str | None = field(repr=False)
    lib_version: str | None
    online: bool | None
    wifi_firmware: str | None = None
    last_activity: datetime | None = None
    area: str | None = None
    """The place that the user's tags name."""


class Listing[T](NamedTuple):
    """The items of a list that could be read; not `complete` if some could not."""

    items: tuple[T, ...]
    complete: bool


def parse_things(answer: Json, faults: Faults) -> Listing[Thing]:
    """Read a list of things; raises CloudUnreachable if it is none."""
    return _parse(answer, lambda item: _thing(item, faults), "thing", faults)


def parse_boards(answer: Json, faults: Faults) -> Listing[Board]:
    """Read a list of devices; raises CloudUnreachable if it is none."""
    return _parse(answer, _board, "device", faults)


def parse_time(raw: Json) -> datetime | None:
    """Read an RFC 3339 time; None for what is none, and for the year 1 of Go servers."""
    if not isinstance(raw, str):
        return None
    try:
        moment = datetime.fromisoformat(raw)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except ValueError, OverflowError:
        return None
    # What is at the very end of time leaves no room to count with it.
    return moment if 1970 <= moment.year < 9999 else None


def _parse[T: Thing | Board](
    answer: Json, parse: Callable[[dict[str, Json]], T], what: str, faults: Faults
) -> Listing[T]:
    if not isinstance(answer, list):
        raise CloudUnreachable(f"The listing of {what}s is not a list")
    items: dict[str, T] = {}
    complete = True
    for item in _alive(answer):
        try:
            parsed = parse(item if isinstance(item, dict) else {})
        except ValueError:
            faults.note(f"a {what} without a usable id", drop=Drop.NO_ID)
            complete = False
        else:
            items.setdefault(parsed.id, parsed)
    return Listing(tuple(items.values()), complete)


def _alive(items: list[Json]) -> Iterator[Json]:
    """Leave out what is deleted but still listed (reference 4)."""
    for item in items:
        if not isinstance(item, dict) or parse_time(item.get("deleted_at")) is None:
            yield item


def _thing(item: dict[str, Json], faults: Faults) -> Thing:
    thing_id = _id(item)
    listed = item.get("properties")
    properties: dict[str, Property] = {}
    for raw in _alive(listed if isinstance(listed, list) else []):
        try:
            parsed = _property(raw if isinstance(raw, dict) else {})
        except ValueError:
            faults.note(
                "a property without a usable id or type", thing_id, drop=Drop.NO_ID
            )
        else:
            properties.setdefault(parsed.id, parsed)
    board_id = item.get("device_id")
    return Thing(
        id=thing_id,
        name=_text(item, "name") or thing_id,
        board_id=board_id if isinstance(board_id, str) and board_id else None,
        board_type=_text(item, "device_type"),
        timezone=_text(item, "timezone") or "UTC",
        area=_area(item),
        properties=tuple(properties.values()),
    )


def _property(item: dict[str, Json]) -> Property:
    property_id = _id(item)
    kind = _text(item, "type")
    if kind is None:
        raise ValueError("no type")
    name = _text(item, "name") or _text(item, "variable_name") or property_id
    tag = item.get("tag")
    minimum, maximum = _limits(item)
    return Property(
        id=property_id,
        name=name,
        variable=_text(item, "variable_name") or name,
        type=kind,
        writable=item.get("permission") == "READ_WRITE",
        tag=tag if isinstance(tag, int) and not isinstance(tag, bool) else None,
        last_value=item.get("last_value"),
        updated_at=parse_time(item.get("value_updated_at")),
        minimum=minimum,
        maximum=maximum,
        period=_period(item),
    )


def _limits(item: dict[str, Json]) -> tuple[float, float] | tuple[None, None]:
    """The limits that the user set; both are 0 where there are none."""
    low, high = _number(item, "min_value"), _number(item, "max_value")
    if low is None or high is None or low >= high:
        return None, None
    return low, high


def _period(item: dict[str, Json]) -> float | None:
    if item.get("update_strategy") != "TIMED":
        return None
    seconds = _number(item, "update_parameter")
    return seconds if seconds and seconds > 0 else None


def _board(item: dict[str, Json]) -> Board:
    status = item.get("device_status")
    return Board(
        id=_id(item),
        label=_text(item, "label"),
        type=_text(item, "type"),
        connection=_text(item, "connection_type"),
        serial=_text(item, "serial"),
        lib_version=_text(item, "lib_version"),
        online={"ONLINE": True, "OFFLINE": False}.get(str(status)),
        wifi_firmware=_text(item, "wifi_fw_version"),
        last_activity=parse_time(item.get("last_activity_at")),
        area=_area(item),
    )


def _area(item: dict[str, Json]) -> str | None:
    """The value of a tag for a place, in words: tags cannot have spaces (2.4)."""
    tags = item.get("tags")
    if not isinstance(tags, dict):
        return None
    told = {key.lower(): key for key in tags}
    for name in _PLACES:
        if name in told and (value := _text(tags, told[name])):
            words = " ".join(value.replace("_", " ").split())
            return words[:1].upper() + words[1:] or None
    return None


def _id(item: dict[str, Json]) -> str:
    value = item.get("id")
    if not isinstance(value, str) or not _ID.fullmatch(value) or value in {".", ".."}:
        raise ValueError("no usable id")
    return value


def _text(item: dict[str, Json], key: str) -> str | None:
    value = item.get(key)
    if not isinstance(value, str):
        return None
    return sound(value[: 2 * _LONGEST].strip())[:_LONGEST].strip() or None


def _number(item: dict[str, Json], key: str) -> float | None:
    try:
        return read_number(item.get(key))
    except ValueError:
        return None
