"""Read where a Tracker is, and how it is, from a `loc` event (reference 7.1, 7.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ...model import Drop, Json, Place, Reading, Ref, Tally, Value
from .inputs import inputs, zones
from .keys import (
    ALTITUDE,
    BATTERY,
    HEADING,
    LAST_FIX,
    LOCATION,
    SATELLITES,
    SIGNAL,
    SPEED,
    TEMPERATURE,
)
from .models import Fields, label
from .payload import as_fields
from .values import number

LOC = "loc"
ENHANCED = "loc-enhanced"

LATE = timedelta(minutes=2)
"""An event this much older than its arrival was kept in the Tracker's own memory."""

ACCURACY = 1000.0
"""Metres; what is less accurate does not move a Tracker unless the user allows it."""

_FIRST_CLOCK = datetime(2015, 1, 1, tzinfo=UTC)
_MOST_WORDS = 20
_SAME_REQUEST = timedelta(minutes=10)
_MEASURES = (
    ("batt", BATTERY),
    ("cell", SIGNAL),
    ("temp", TEMPERATURE),
    ("spd", SPEED),
    ("alt", ALTITUDE),
    ("hd", HEADING),
    ("satu", SATELLITES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One report. `satellite` tells a GNSS position from one by cells and Wi-Fi.

    `sent` and `request` say which reports are about the same moment, `sources` what the
    position was made of, `reasons` why the report was sent.
    """

    at: datetime
    satellite: bool
    sent: datetime
    request: int | float | None
    place: Place | None = field(repr=False)
    measures: Mapping[str, Value] = field(repr=False)
    sources: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    def same_moment(self, other: Fix) -> bool:
        """Whether two reports come from one measurement.

        Request numbers start again with the device, so that they count only for a while.
        """
        if self.sent == other.sent:
            return True
        near = abs(self.sent - other.sent) < _SAME_REQUEST
        return self.request is not None and self.request == other.request and near


def parse(name: str, data: Json, published: datetime) -> Fix | None:
    """Read the data of a `loc` or `loc-enhanced` event; None for anything else.

    A report without lock has no position and moves nothing, but still has measures.
    """
    body = as_fields(data)
    report = body.get("loc") if body else None
    if body is None or not isinstance(report, dict):
        return None
    sent = _epoch(body.get("time"))
    stored = sent is not None and published - sent > LATE
    locked = report.get("lck", 1) == 1
    satellite = locked and (name == LOC or _by_satellite(report))
    reasons = _words(body.get("trig"))
    return Fix(
        at=sent if stored and sent else published,
        satellite=satellite,
        sent=sent or published,
        request=number(body.get("req_id")),
        place=_place(report) if locked or name == ENHANCED else None,
        measures=_measures(report, reasons),
        sources=("gnss",) if satellite else _words(report.get("src")),
        reasons=reasons if name == LOC else (),
    )


class Trackers:
    """Decides between the reports that come twice, of the device and of the cloud."""

    def __init__(
        self,
        accuracy: float = ACCURACY,
        *,
        known: Callable[[Ref], Value] = lambda _: None,
        tally: Tally | None = None,
    ) -> None:
        """Nothing has come yet; `known` tells what is shown, `accuracy` is in metres."""
        self._tally = tally or Tally()
        self._accuracy = accuracy
        self._known = known
        self._last: dict[str, Fix] = {}

    def readings(self, device_id: str, fix: Fix) -> Mapping[Ref, Reading]:
        """What a report changes; a satellite fix wins over an estimate of its moment.

        A position that is too inaccurate moves nothing, but is told in the attributes.
        """
        found = {
            Ref(device_id, key): Reading(value=value, at=fix.at)
            for key, value in fix.measures.items()
        }
        if (place := fix.place) is None:
            return found
        last = self._last.get(device_id)
        if last and last.same_moment(fix):
            if last.satellite and not fix.satellite:
                return found
            # The better one may come second and must not look older then.
            fix = replace(fix, at=max(fix.at, last.at))
        ref = Ref(device_id, LOCATION)
        if place.accuracy > self._accuracy:
            return {**found, ref: self._unmoved(ref, fix, place)}
        if last is None or fix.at >= last.at:
            self._last[device_id] = fix
        found[ref] = Reading(value=place, at=fix.at, attributes=_told(fix) or None)
        found[Ref(device_id, LAST_FIX)] = Reading(value=fix.sent, at=fix.at)
        return found

    def _unmoved(self, ref: Ref, fix: Fix, place: Place) -> Reading:
        """The position of before, with what is known about the one that was refused."""
        self._tally.drop(Drop.INACCURATE)
        told = {"refused_accuracy": place.accuracy, **_told(fix)}
        return Reading(value=self._known(ref), at=fix.at, attributes=told)


def _told(fix: Fix) -> dict[str, Json]:
    return {"sources": list(fix.sources)} if fix.sources else {}


def _epoch(value: Json) -> datetime | None:
    """A device's clock, unless it was never set."""
    seconds = number(value)
    if seconds is None:
        return None
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except ValueError, OverflowError, OSError:
        return None
    return moment if moment >= _FIRST_CLOCK else None


def _measures(report: Fields, reasons: tuple[str, ...]) -> Mapping[str, Value]:
    measured: dict[str, Value] = {
        key: value
        for source, key in _MEASURES
        if (value := number(report.get(source))) is not None
    }
    return {**measured, **inputs(report), **zones(reasons)}


def _by_satellite(report: Fields) -> bool:
    source = report.get("src")
    return not isinstance(source, list) or "gnss" in source


def _words(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(word for item in value[:_MOST_WORDS] if (word := label(item)))


def _place(report: Fields) -> Place | None:
    latitude, longitude = number(report.get("lat")), number(report.get("lon"))
    if latitude is None or longitude is None:
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Place(
        latitude=float(latitude),
        longitude=float(longitude),
        accuracy=max(0.0, float(number(report.get("h_acc")) or 0.0)),
    )
