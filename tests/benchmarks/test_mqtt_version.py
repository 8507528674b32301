"""Home Assistant's MQTT is compared with in the version that was chosen, or not at all."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.mqtt_version import check_version, keep_version
from benchmarks.processes import BrokenRunError
from benchmarks.push_path import arguments
from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant


@pytest.fixture(autouse=True)
def newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker speaks the newest version."""
    monkeypatch.setattr(mqtt, "try_connection", lambda _: True)


@pytest.mark.parametrize(
    ("domain", "protocol", "changes"),
    [("mqtt", "3.1.1", False), ("mqtt", "5", True), ("iot_clouds", "3.1.1", True)],
)
def test_only_an_older_version_is_kept(domain: str, protocol: str, changes: bool):
    keep_version(domain, [{"protocol": protocol}])

    assert mqtt.try_connection({}) is changes


def test_another_version_than_the_chosen_one_is_a_broken_run(hass: HomeAssistant):
    MockConfigEntry(domain="mqtt", data={"protocol": "5"}).add_to_hass(hass)

    check_version(hass, "mqtt", [{"protocol": "5"}])
    check_version(hass, "iot_clouds", [{}])
    with pytest.raises(BrokenRunError, match=r"MQTT 5 is spoken instead of 3\.1\.1"):
        check_version(hass, "mqtt", [{"protocol": "3.1.1"}])


def test_the_version_is_what_home_assistant_speaks_unless_told_otherwise():
    given = ["--mosquitto", "mosquitto"]

    assert arguments(given).mqtt_protocol == "5"
    assert arguments([*given, "--mqtt-protocol", "3.1.1"]).mqtt_protocol == "3.1.1"
