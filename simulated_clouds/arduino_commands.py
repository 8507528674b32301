"""The command channel between the cloud and a device: tagged CBOR lists (reference 5.3)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

import cbor2

from .world import Board


class Tag(IntEnum):
    """CBOR tags of the commands that are spoken here; "begin" comes from the device."""

    THING_BEGIN = 0x010300
    THING_UPDATE = 0x010400
    LAST_VALUES_BEGIN = 0x010500
    LAST_VALUES_UPDATE = 0x010600
    DEVICE_BEGIN = 0x010700
    TIMEZONE_BEGIN = 0x010800
    TIMEZONE_UPDATE = 0x010900


# How long a time zone's offset is promised to hold, in seconds.
HOLDS = 86_400


def answers(
    board: Board, payload: bytes, *, last_values: bytes, now: float
) -> Iterator[bytes]:
    """What the cloud answers to a device's command; nothing to what it does not know."""
    try:
        command = cbor2.loads(payload)
    except cbor2.CBORError, ValueError, RecursionError:
        return
    # What is inside a tag may be decoded as a tuple.
    if not isinstance(command, cbor2.CBORTag) or not isinstance(
        command.value, (list, tuple)
    ):
        return
    match command.tag:
        case Tag.DEVICE_BEGIN:
            if command.value:
                board.facts["device"]["lib_version"] = str(command.value[0])
        case Tag.THING_BEGIN:
            yield _command(Tag.THING_UPDATE, board.id)
        case Tag.LAST_VALUES_BEGIN:
            yield _command(Tag.LAST_VALUES_UPDATE, last_values)
        case Tag.TIMEZONE_BEGIN:
            zone = ZoneInfo(board.facts.get("timezone", "Europe/Rome"))
            offset = datetime.fromtimestamp(now, UTC).astimezone(zone).utcoffset()
            seconds = int(offset.total_seconds()) if offset else 0
            yield _command(Tag.TIMEZONE_UPDATE, seconds, int(now) + HOLDS)


def _command(tag: Tag, *arguments: str | int | bytes) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(int(tag), list(arguments)))
