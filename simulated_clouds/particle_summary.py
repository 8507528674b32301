"""Vitals in buckets, as a console draws them; the form is as lenient as the source."""

from collections.abc import Sequence
from typing import Any

from .particle_answers import iso
from .particle_fleet import Record


def numbers(body: object, path: str = "") -> dict[str, float]:
    """Return every number of a payload by its dotted path; error objects are none."""
    if isinstance(body, dict):
        found: dict[str, float] = {}
        for key, value in body.items():
            if key != "err":
                found |= numbers(value, f"{path}.{key}" if path else key)
        return found
    good = isinstance(body, int | float) and not isinstance(body, bool)
    return {path: float(body)} if good and isinstance(body, int | float) else {}


def summary(records: Sequence[Record], limit: int) -> list[dict[str, Any]]:
    """Return at most `limit` buckets in order of time (reference 6.1).

    Each has `start` and `end`, and by path of a vital its count, least, greatest and
    mean value.
    """
    size = max(1, -(-len(records) // limit))
    return [
        _bucket(records[start : start + size]) for start in range(0, len(records), size)
    ]


def _bucket(records: Sequence[Record]) -> dict[str, Any]:
    values: dict[str, list[float]] = {}
    for record in records:
        for path, value in numbers(record.body).items():
            values.setdefault(path, []).append(value)
    return {
        "start": iso(records[0].at),
        "end": iso(records[-1].at),
        "values": {
            path: {
                "count": len(found),
                "min": min(found),
                "max": max(found),
                "avg": round(sum(found) / len(found), 3),
            }
            for path, found in values.items()
        },
    }
