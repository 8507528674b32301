"""What every test has: sockets on loopback, and this integration in Home Assistant."""

import os

from hypothesis import settings
import pytest
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from .virtual_time import install

# First of all, because clocks are bound where they are defaults of parameters.
install()

# Imported here, so that Home Assistant's own `custom_components` package finds it.
import custom_components.iot_clouds  # noqa: E402, F401

pytest_plugins = ("tests.noise", "tests.proofs", "tests.canary")

# The vendors' own clients would ask a proxy for what is on this machine.
os.environ |= {"NO_PROXY": "*", "no_proxy": "*"}
# What Python prints is compared, also where FORCE_COLOR makes the report colourful.
os.environ["PYTHON_COLORS"] = "0"

# The same examples in every run; `--hypothesis-profile default` looks for others.
settings.register_profile("fixed", derandomize=True)
settings.load_profile("fixed")


@pytest.fixture(autouse=True)
def _loopback(socket_enabled: None) -> None:
    """Tests go through the same sockets as an installation would."""


@pytest.fixture(autouse=True)
def _integration(request: pytest.FixtureRequest) -> None:
    """Let a test's Home Assistant load custom integrations."""
    if "hass" in request.fixturenames:
        if "recorder_mock" in request.fixturenames:
            request.getfixturevalue("recorder_mock")
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Snapshots without what differs from run to run."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)
