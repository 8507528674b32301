"""Every fault at every place of every cloud; `scripts/faults` makes a table of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.e2e.conftest import House

from .household import Account
from .places import CELLS, Cell, Place
from .scenarios import Course, live_through

pytestmark = pytest.mark.expects_errors(
    "Error fetching", "Authentication failed while fetching", always=False
)
"""Home Assistant calls it an error when a poll fails."""

ASKED = [cell for cell in CELLS if cell.place is not Place.WEBHOOK]
DELIVERED = [cell for cell in CELLS if cell.place is Place.WEBHOOK]


async def _survives(
    request: pytest.FixtureRequest, account: Account, cell: Cell
) -> None:
    outcome = await live_through(Course(account=account, cell=cell))
    request.node.user_properties.append(("row", outcome.row()))
    assert outcome.problems == []


def _tried(cell: Cell) -> None:
    if cell.reason_against:
        pytest.skip(cell.reason_against)


@pytest.mark.parametrize("cell", ASKED, ids=str)
async def test_survives(
    request: pytest.FixtureRequest, house: House, cell: Cell
) -> None:
    _tried(cell)
    await _survives(request, await Account.connect(house, cell.cloud), cell)


@pytest.fixture
async def address(
    hass: HomeAssistant, hass_storage: dict[str, Any], unused_tcp_port: int
) -> AsyncIterator[None]:
    """Home Assistant's HTTP server, listening as it always has.

    What is configured in YAML would be tried for five minutes only.
    """
    hass_storage["http"] = {
        "version": 2,
        "minor_version": 2,
        "key": "http",
        "data": {
            "stable": {
                "server_host": ["127.0.0.1"],
                "server_port": unused_tcp_port,
                "cors_allowed_origins": [],
                "login_attempts_threshold": -1,
                "ip_ban_enabled": True,
                "ssl_profile": "modern",
                "use_x_frame_options": True,
                "created_at": "2026-11-01T00:00:00+00:00",
                "error": None,
                "error_message": None,
            },
            "pending": None,
            "yaml_migration_done": True,
        },
    }
    assert await async_setup_component(hass, "http", {})
    await hass.http.start()
    hass.config.external_url = f"http://127.0.0.1:{unused_tcp_port}"
    yield
    await hass.http.stop()


class TestDeliveries:
    """Clouds that come to Home Assistant."""

    @pytest.fixture(autouse=True)
    def disable_http_server(self) -> None:
        """Nothing is disabled: here the server is what it is about."""

    @pytest.mark.parametrize("cell", DELIVERED, ids=str)
    async def test_survives(
        self, request: pytest.FixtureRequest, house: House, address: None, cell: Cell
    ) -> None:
        """A delivery that fails, comes late or twice."""
        _tried(cell)
        account = await Account.connect(house, cell.cloud)
        await account.open_webhook()
        await _survives(request, account, cell)
