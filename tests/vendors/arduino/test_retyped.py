"""A variable that somebody gives another type at the cloud, while its value is kept."""

from datetime import UTC, datetime

import pytest

from custom_components.iot_clouds.model import Ref, Value
from custom_components.iot_clouds.vendors.arduino.cloud import ArduinoCloud

from .fake import THING, FakeArduino, prop, thing


@pytest.mark.parametrize(
    ("former", "kept", "type_", "value"),
    [
        ("LOCATION", {"lat": 45.4, "lon": 9.1}, "STATUS", None),
        ("HOME_DIMMED_LIGHT", {"swi": True, "bri": 75}, "INT", None),
        ("TEMPERATURE_C", 21.5, "TEMPERATURE_F", 21.5),
    ],
)
async def test_of_another_type_only_what_is_listed_is_known(
    fake: FakeArduino,
    cloud: ArduinoCloud,
    former: str,
    kept: object,
    type_: str,
    value: Value,
) -> None:
    variable = prop(1, "x", former, last_value=kept)
    variable["value_updated_at"] = "2026-01-02T03:04:05Z"
    fake.things = [thing(variable)]
    await cloud.snapshot()
    before = datetime.now(UTC)
    variable["type"] = type_
    ref = Ref(THING, f"property/{variable['id']}")
    changed = (await cloud.snapshot()).readings[ref]
    assert changed.value == value
    # Whatever was pushed until now was of the former type.
    assert changed.at >= before
    assert (await cloud.snapshot()).readings[ref] == changed
