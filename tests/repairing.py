"""Goes through repairs as the frontend does: by Home Assistant's HTTP API."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient

from custom_components.iot_clouds.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

_FIX = "/api/repairs/issues/fix"


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """The issues of the integration that are shown, by id."""
    return {
        issue_id: issue
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.active
    }


class Repairs:
    """The dialogs of one signed-in person."""

    def __init__(self, sign_in: Callable[[], Awaitable[TestClient[Any, Any]]]) -> None:
        """Sign in before the first dialog: nothing can be set up with paths after it."""
        self._sign_in = sign_in
        self._client: TestClient[Any, Any] | None = None

    async def begin(self, issue_id: str) -> dict[str, Any]:
        """Open the dialog of an issue."""
        return await self._post(_FIX, {"handler": DOMAIN, "issue_id": issue_id})

    async def choose(self, step: dict[str, Any], option: str) -> dict[str, Any]:
        """Choose an option of a menu."""
        return await self.submit(step, {"next_step_id": option})

    async def submit(
        self, step: dict[str, Any], values: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Submit a form."""
        return await self._post(f"{_FIX}/{step['flow_id']}", values or {})

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self._client = self._client or await self._sign_in()
        async with self._client.post(path, json=body) as response:
            assert response.status == HTTPStatus.OK, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer
