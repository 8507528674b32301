"""A state is shown before it is saved in the words that the entity will show."""

from datetime import UTC, datetime

import pytest

from custom_components.iot_clouds.mapping_flow.making import spoken
from custom_components.iot_clouds.model import Fan, Latch, Light, Opening, Place


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "on"),
        (Light(on=False), "off"),
        (Fan(on=True), "on"),
        (Opening(position=0), "closed"),
        (Opening(position=40), "open"),
        (Opening(), "unknown"),
        (Latch(locked=True), "locked"),
        (Latch(jammed=True, locked=False), "jammed"),
        (Place(latitude=45.07, longitude=7.69), "45.07, 7.69"),
        (datetime(2026, 11, 21, 8, 30, tzinfo=UTC), "2026-11-21T08:30:00+00:00"),
        (21.0, "21"),
        (21.5, "21.5"),
        ("auto", "auto"),
        (None, "unknown"),
    ],
)
def test_a_value_is_spoken_as_its_entity_shows_it(value, words):
    assert spoken(value) == words
