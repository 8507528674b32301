"""What the user may choose for an iottly account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ...model import RENAMING, Json, Option, Toggle

OFFLINE_COMMANDS = Toggle(key="offline_commands")
"""Whether commands are sent to devices that are not connected, which may lose them."""

REPLIES = Toggle(key="show_replies")
"""Whether what devices answer to commands is shown like what they measure."""

WEBHOOK = "webhook"
"""Key of what the host keeps about an address for deliveries, where it has one."""

OPTIONS: tuple[Option, ...] = (RENAMING, OFFLINE_COMMANDS, REPLIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user has chosen, as far as it concerns the cloud."""

    offline_commands: bool = False
    replies: bool = False
    webhook: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Json]) -> Self:
        """Read the choices of a saved account."""
        return cls(
            offline_commands=data.get(OFFLINE_COMMANDS.key) is True,
            replies=data.get(REPLIES.key) is True,
            webhook=bool(data.get(WEBHOOK)),
        )
