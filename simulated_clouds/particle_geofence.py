"""Zones of a tracker's firmware: where it is, and the trigger reasons that follow."""

from collections.abc import Mapping
import math
from typing import Any

ZONES = (1, 2, 3, 4)
METRES_PER_DEGREE = 111_320.0


def metres(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the distance of two points (latitude, longitude) that are not far apart."""
    north = (here[0] - there[0]) * METRES_PER_DEGREE
    east = (here[1] - there[1]) * METRES_PER_DEGREE * math.cos(math.radians(here[0]))
    return math.hypot(north, east)


def within(config: Mapping[str, Any], here: tuple[float, float]) -> frozenset[int]:
    """Return the numbers of the enabled zones that a point is in (reference 7.5)."""
    geofence = config.get("geofence", {})
    return frozenset(
        number
        for number in ZONES
        if (zone := geofence.get(f"zone{number}"))
        and zone.get("enable")
        and metres((zone["lat"], zone["lon"]), here) <= zone["radius"]
    )


def reasons(
    config: Mapping[str, Any], before: frozenset[int] | None, now: frozenset[int]
) -> tuple[str, ...]:
    """Return the trigger words of zones: entered, left, inside, outside (reference 7.1).

    `before` is None for a tracker that has just started: it neither enters nor leaves.
    """
    geofence = config.get("geofence", {})
    found: list[str] = []
    for number in ZONES:
        zone = geofence.get(f"zone{number}", {})
        if not zone.get("enable"):
            continue
        states = {
            "enter": before is not None and number in now - before,
            "exit": before is not None and number in before - now,
            "inside": number in now,
            "outside": number not in now,
        }
        found += [
            f"{word}{number}"
            for word, true in states.items()
            if true and zone.get(word)
        ]
    return tuple(found)
