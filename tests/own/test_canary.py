"""Tests in which a secret gets out fail, whatever they assert."""

import logging
from pathlib import Path

import pytest

from homeassistant.exceptions import HomeAssistantError
from tests.canary import Cage, Canary, watched

pytest_plugins = ("pytester",)

ROOT = Path(__file__).parents[2]
SECRET = "719cc48b13aa7be9a89a433493966f64"


@pytest.fixture
def canary():
    """A canary that knows one secret."""
    made = Canary()
    made.learn(SECRET)
    return made


def _record(message, *args, level=logging.DEBUG, **more):
    return logging.makeLogRecord(
        {"name": "x", "msg": message, "args": args, "levelno": level, **more}
    )


@pytest.mark.parametrize(
    ("message", "args"),
    [
        (f"The key is {SECRET}", ()),
        ("The key is %s", (SECRET,)),
        ("Sent %s", ({"Authorization": f"Bearer {SECRET}"},)),
        ("Failed: %s", (ValueError(f"https://x/?key={SECRET}"),)),
    ],
)
def test_a_secret_in_a_log_record_is_seen(canary, message, args):
    canary.look_at(_record(message, *args))
    assert len(canary.seen) == 1
    assert "719c… (32 characters)" in canary.seen[0]


def test_a_secret_in_the_error_of_a_log_record_is_seen(canary):
    err = ValueError(SECRET)
    canary.look_at(_record("It failed", exc_info=(ValueError, err, None)))
    assert len(canary.seen) == 1


def test_what_the_plugin_says_shows_no_secret(canary):
    canary.look("a state", f"{{'key': '{SECRET}'}}")
    assert SECRET not in canary.seen[0]


def test_secrets_are_found_by_the_names_of_what_holds_them():
    canary = Canary()
    canary.learn_within(
        {"url": "http://127.0.0.1:8080", "boards": [{"secret_key": "GREEN-7Q2M-PX4K"}]}
    )
    canary.look("a state", "http://127.0.0.1:8080")
    assert canary.seen == []
    canary.look("a state", "GREEN-7Q2M-PX4K")
    assert len(canary.seen) == 1


@pytest.mark.parametrize("word", ["token", "a-secret", "", None, 719])
def test_words_are_no_secrets(word):
    canary = Canary()
    canary.learn(word)
    canary.look("a state", f"{word} token a-secret 719")
    assert canary.seen == []


@pytest.mark.parametrize(
    ("name", "is_watched"),
    [
        ("custom_components.iot_clouds", True),
        ("custom_components.iot_clouds.vendors.arduino.connection.paho", True),
        ("aiohttp.client", True),
        ("mqtt", True),
        ("homeassistant.config_entries", True),
        ("aiohttp.access", False),
        ("homeassistant.components.webhook", False),
        ("somebody.else", False),
    ],
)
def test_it_is_known_who_is_listened_to(name, is_watched):
    assert watched(name) is is_watched


TESTS = """
import logging
import pytest
from custom_components.iot_clouds.vendors.iottly.client import Credentials
from tests.canary import Cage

KEY = "719cc48b13aa7be9a89a433493966f64"
LOGGER = logging.getLogger("custom_components.iot_clouds")

@pytest.fixture
def credentials():
    return Credentials(project_id="p", api_key=KEY)

def test_silent(credentials):
    LOGGER.debug("Signed in with %s", credentials)

def test_of_somebody_else(credentials):
    logging.getLogger("somebody").error(KEY)

def test_without_credentials():
    LOGGER.debug("Signed in with %s", KEY)

def test_talkative(credentials, caplog):
    LOGGER.debug("Signed in with %s", credentials.api_key)
    # Nobody else notices what is looked at.
    assert caplog.text == ""

def test_aiohttp(credentials):
    logging.getLogger("aiohttp.client").debug(KEY)

@pytest.mark.leaks
def test_on_purpose(credentials):
    LOGGER.debug("Signed in with %s", credentials.api_key)

@pytest.mark.leaks
def test_in_vain(credentials):
    pass
"""


def test_the_plugin_fails_such_tests_and_no_other(pytester, monkeypatch):
    pytester.makepyfile(TESTS)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    result = pytester.runpytest_subprocess(
        "--disable-plugin-autoload", "-p", "tests.canary"
    )
    # What fails after a test is an error beside the test that passed.
    result.assert_outcomes(passed=7, errors=3)
    failed = [line for line in result.outlines if line.startswith("ERROR ")]
    assert [line.split("::")[1].split()[0] for line in failed] == [
        "test_talkative",
        "test_aiohttp",
        "test_in_vain",
    ]


@pytest.mark.leaks
async def test_a_secret_in_a_state_is_seen(hass):
    Cage.canary.learn(SECRET)
    hass.states.async_set("sensor.key", "on", {"key": SECRET})
    assert [each.partition(":")[0] for each in Cage.canary.seen] == [
        "state of sensor.key"
    ]


@pytest.mark.leaks
async def test_a_secret_in_the_error_of_an_action_is_seen(hass):
    async def fail(_):
        raise HomeAssistantError(f"Refused {SECRET}")

    Cage.canary.learn(SECRET)
    hass.services.async_register("test", "fail", fail)
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call("test", "fail", blocking=True)
    assert [each.partition(" (")[0] for each in Cage.canary.seen] == [
        "error of an action"
    ]
