"""What goes wrong at a cloud is told people in words, and no log in the cloud's own."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.iot_clouds.errors import command_error, loggable, poll_error
from custom_components.iot_clouds.model import (
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.update_coordinator import UpdateFailed

WORDS = "user@example.com may not"
GONE = MockConfigEntry(domain="iot_clouds")
"""An account that is not loaded."""


@pytest.mark.parametrize(
    ("err", "kind", "key", "placeholders"),
    [
        (CloudMissing("gone"), ServiceValidationError, "missing", {}),
        (
            CloudRejected(WORDS, key="invalid_value", field="value"),
            ServiceValidationError,
            "invalid_value",
            {"field": "value", "reason": WORDS},
        ),
        (CloudRejected(WORDS), HomeAssistantError, "rejected", {"reason": WORDS}),
        (
            CloudBusy("slow", retry_after=59.6),
            HomeAssistantError,
            "busy",
            {"seconds": "60"},
        ),
        (DeviceOffline("off"), HomeAssistantError, "device_offline", {}),
        (CloudUnreachable("no route"), HomeAssistantError, "unreachable", {}),
    ],
)
def test_a_command_that_failed_says_why(
    err: CloudError,
    kind: type[HomeAssistantError],
    key: str,
    placeholders: dict[str, str],
) -> None:
    told = command_error(err)
    assert type(told) is kind
    assert told.translation_key == key
    assert told.translation_placeholders == placeholders


def test_a_listing_that_is_refused_is_logged_without_the_clouds_words() -> None:
    err = CloudRejected(WORDS)
    told = poll_error(err, GONE)
    assert isinstance(told, UpdateFailed)
    assert told.translation_key == "unreachable"
    assert told.translation_placeholders == {}
    assert str(loggable(err)) == "Refused by the cloud"
    keyed = loggable(CloudRejected(WORDS, key="invalid_project", field="project_id"))
    assert str(keyed) == "Refused by the cloud: invalid_project"


def test_a_listing_that_came_too_soon_waits_as_long_as_it_was_told() -> None:
    told = poll_error(CloudBusy("slow", retry_after=59.6), GONE)
    assert isinstance(told, UpdateFailed)
    assert told.retry_after == 59.6
    other = poll_error(CloudUnreachable("no route"), GONE)
    assert isinstance(other, UpdateFailed)
    assert other.retry_after is None
