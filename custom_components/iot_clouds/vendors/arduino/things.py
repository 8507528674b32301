"""The listing of things, the first of which may be the one that checked the key."""

from datetime import UTC, datetime

from ...model import Json
from .client import Client
from .handover import Checked, Handover


class Things:
    """Asks for the things, but once takes the answer that a check has just got."""

    def __init__(
        self,
        client: Client,
        handover: Handover | None = None,
        checked: Checked | None = None,
    ) -> None:
        """Ask for nothing yet; `checked` was taken from `handover`."""
        self._client = client
        self._handover = handover or Handover()
        self._checked = checked

    async def ask(self) -> tuple[Json, datetime]:
        """The answer, and the moment before it was asked for.

        Raises:
            CloudAuthError, CloudUnreachable, CloudBusy, CloudRejected, CloudMissing.
        """
        self._handover.sweep()
        checked, self._checked = self._checked, None
        if checked and self._handover.fresh(checked):
            return checked.things, checked.started
        started = datetime.now(UTC)
        return await self._client.things(), started

    def close(self) -> None:
        """Let no check from before now be used: pushes may have told more since."""
        self._checked = None
        self._handover.clear()
