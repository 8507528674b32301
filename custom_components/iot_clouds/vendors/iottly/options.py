"""What the user may choose for an iottly account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from ...cloud import WEBHOOK
from ...model import RENAMING, Json, Option, Toggle, left_out
from .dates import parse_date

OFFLINE_COMMANDS = Toggle(key="offline_commands")
"""Whether commands are sent to devices that are not connected, which may lose them."""

REPLIES = Toggle(key="show_replies")
"""Whether what devices answer to commands is shown like what they measure."""

OPTIONS: tuple[Option, ...] = (RENAMING, OFFLINE_COMMANDS, REPLIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user has chosen, as far as it concerns the cloud."""

    offline_commands: bool = False
    replies: bool = False
    webhook_since: datetime | None = None
    """When the user had an address for deliveries made; None while there is none."""
    left_out: frozenset[str] = frozenset()
    """Devices of which nothing is read."""

    @classmethod
    def of(cls, data: Mapping[str, Json]) -> Self:
        """Read the choices of a saved account."""
        webhook = data.get(WEBHOOK)
        since = webhook.get("since") if isinstance(webhook, dict) else None
        return cls(
            offline_commands=data.get(OFFLINE_COMMANDS.key) is True,
            replies=data.get(REPLIES.key) is True,
            webhook_since=parse_date(since),
            left_out=left_out(data),
        )
