"""A state is told in the words that Home Assistant has for it."""

from datetime import UTC, datetime

import pytest

from custom_components.iot_clouds.mapping_flow.making import spoken
from custom_components.iot_clouds.model import (
    Bolting,
    Fan,
    Latch,
    Light,
    Motion,
    Opening,
    Place,
)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "on"),
        (Light(on=False), "off"),
        (Fan(on=True, speed=30.0), "on"),
        (Opening(position=0.0), "closed"),
        (Opening(position=40.0), "open"),
        (Opening(closed=True), "closed"),
        (Opening(), "unknown"),
        (Opening(closed=False, motion=Motion.CLOSING), "closing"),
        (Latch(locked=True), "locked"),
        (Latch(locked=False), "unlocked"),
        (Latch(), "unknown"),
        (Latch(locked=True, motion=Bolting.UNLOCKING), "unlocking"),
        (Latch(locked=True, jammed=True), "jammed"),
        (Place(latitude=45.07, longitude=7.69), "45.07, 7.69"),
        (
            datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
            "2026-11-20T12:00:00+00:00",
        ),
        (21.0, "21"),
        (21.5, "21.5"),
        (3, "3"),
        ("auto", "auto"),
        (None, "unknown"),
    ],
)
def test_a_state_is_told_as_home_assistant_shows_it(value, said):
    assert spoken(value) == said
