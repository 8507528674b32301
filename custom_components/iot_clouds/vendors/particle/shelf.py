"""The newest reading of everything, kept across restarts where that is of use."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ...model import AHEAD, Json, Place, Reading, Ref, Value, plain
from .values import STATE_LIMIT, clean, moment, number, utcnow


class Shelf:
    """Readings by device and key.

    A listing repeats what is here, so that a restart need not ask for it again; which
    optional points a device has follows from what was ever put here for it.
    """

    def __init__(self, now: Callable[[], datetime] = utcnow) -> None:
        """Know nothing; `now` gives the time in UTC."""
        self._boards: dict[str, dict[str, Reading]] = {}
        self._now = now

    def get(self, ref: Ref) -> Reading | None:
        """The newest reading of a point."""
        return self._boards.get(ref.device_id, {}).get(ref.key)

    def value(self, ref: Ref) -> Value:
        """What a point holds; None where that is not known."""
        reading = self.get(ref)
        return reading.value if reading else None

    def of(self, device_id: str) -> Mapping[str, Reading]:
        """Everything about one device."""
        return self._boards.get(device_id, {})

    def can_be(self, known: Reading) -> bool:
        """Whether a reading is not from a time that is yet to come."""
        return known.at <= self._now() + AHEAD

    def take(self, readings: Mapping[Ref, Reading]) -> list[Ref]:
        """Keep what is newer; return which points had no reading before."""
        fresh = []
        for ref, reading in readings.items():
            device_id, key = ref
            if (board := self._boards.get(device_id)) is None:
                board = self._boards[device_id] = {}
            if (old := board.get(key)) is None:
                fresh.append(ref)
            elif reading.at < old.at and self.can_be(old):
                continue
            board[key] = reading
        return fresh

    def settle(
        self,
        ref: Ref,
        value: Value,
        at: datetime,
        attributes: Mapping[str, Json] | None = None,
    ) -> None:
        """Keep what a listing says; the same value stays as old as it was."""
        old = self.get(ref)
        if old is not None and (old.value, old.attributes) == (value, attributes):
            return
        self.take({ref: Reading(value=value, at=at, attributes=attributes)})

    def keep_only(self, device_ids: Iterable[str]) -> None:
        """Forget devices that are gone."""
        for device_id in self._boards.keys() - set(device_ids):
            del self._boards[device_id]

    def notes(self) -> dict[str, Json]:
        """Everything that can be written down."""
        return {
            device_id: {
                key: written
                for key, reading in readings.items()
                if (written := _write(reading)) is not None
            }
            for device_id, readings in self._boards.items()
        }

    def restore(self, notes: Json) -> None:
        """Take what `notes` returned before; what makes no sense is left out."""
        for device_id, written in _items(notes):
            for key, note in _items(written):
                if reading := _read(note):
                    self.take({Ref(clean(device_id), clean(key)): reading})


def _items(value: Json) -> Iterable[tuple[str, Json]]:
    return value.items() if isinstance(value, dict) else ()


def _write(reading: Reading) -> Json:
    value = reading.value
    note: dict[str, Json] = {"at": reading.at.isoformat()}
    if reading.attributes:
        note["attributes"] = dict(reading.attributes)
    match value:
        case Place():
            note["place"] = [value.latitude, value.longitude, value.accuracy]
        case datetime():
            note["moment"] = value.isoformat()
        case bool() | int() | float() | str() | None:
            note["value"] = value
        case _:
            return None
    return note


def _read(note: Json) -> Reading | None:
    if not isinstance(note, dict) or (at := moment(note.get("at"))) is None:
        return None
    told = plain(note.get("attributes"))
    reading = Reading(
        value=None,
        at=at,
        attributes=told if isinstance(told, dict) else None,
    )
    match note:
        case {"place": [latitude, longitude, accuracy]}:
            parts = [number(part) for part in (latitude, longitude, accuracy)]
            if any(part is None for part in parts):
                return None
            first, second, third = (float(part or 0) for part in parts)
            place = Place(latitude=first, longitude=second, accuracy=third)
            return replace(reading, value=place)
        case {"moment": written}:
            return replace(reading, value=moment(written))
        case {"value": str() as text}:
            return replace(reading, value=clean(text)[:STATE_LIMIT])
        case {"value": bool() | None as value}:
            return replace(reading, value=value)
        case {"value": int() | float() as value}:
            return replace(reading, value=number(value))
    return None
