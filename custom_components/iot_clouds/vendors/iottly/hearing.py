"""Finds what answers a command among the messages that come after it (reference 4)."""

import asyncio
from collections.abc import Mapping

from ...model import CloudRejected, Json, Send, plain
from .commands import root_of, values_of
from .messages import AGENT, Message
from .words import words_of

# What the handlers answer with that the cloud generates.
_ECHO = "ECHO"


class Ear:
    """Hears what a device says after a command.

    Nothing in a message tells which command it answers. One that bears the command's
    name, or reports about it, ends the listening; without any of these everything that
    was said in the time is the answer. What the user waits for by name is all that they
    get.
    """

    def __init__(self, command: Send) -> None:
        """Hear nothing yet."""
        self.enough = asyncio.Event()
        self._wanted = command.wait_for
        self._type = command.type
        self._root = root_of(command.type)
        self._values = values_of(command)
        self._heard: list[Message] = []
        self._failure: CloudRejected | None = None

    def __call__(self, message: Message) -> None:
        """Hear a message."""
        self._failure = self._failure or self._failure_in(message)
        if self._failure:
            self.enough.set()
        if self._wanted is None:
            self._heard.append(message)
            if self._is_answer(message):
                self.enough.set()
        elif self._wanted in message.payload:
            self._heard.append(message)
            self.enough.set()

    def messages(self) -> list[Json]:
        """What was heard, from old to new.

        Raises:
            CloudRejected: the device reports that the command came to nothing.
        """
        if self._failure:
            raise self._failure
        return [
            {
                "type": message.type,
                "payload": plain(message.payload),
                "at": message.at.isoformat(),
            }
            for message in sorted(self._heard, key=lambda each: each.at)
        ]

    def _is_answer(self, message: Message) -> bool:
        if self._root in message.payload:
            return message.type != AGENT
        return self._is_ours(message.payload.get(_ECHO))

    def _failure_in(self, message: Message) -> CloudRejected | None:
        """What the agent reports about this very command (reference 3.2)."""
        process = message.payload.get("process")
        if message.type != AGENT or not isinstance(process, dict):
            return None
        if self._is_ours(process.get("receivedcmd")):
            return CloudRejected(
                "The device has no handler", key="no_handler", field=self._type
            )
        status = process.get("status")
        if not self._is_ours(process.get("cmd")) or not isinstance(status, dict):
            return None
        said = words_of(status) or words_of({"error": process.get("description")})
        return CloudRejected(said or "error", key="command_broke_off", field=self._type)

    def _is_ours(self, document: Json) -> bool:
        """Whether a command that a device has received is the one that was sent."""
        if not isinstance(document, dict) or self._root not in document:
            return False
        return all(
            _agrees(document, option.split("."), value)
            for option, value in self._values.items()
        )


def _agrees(document: Json, path: list[str], value: Json) -> bool:
    """Whether a document has this value at a path, or leaves it open.

    Numbers may have become texts on their way.
    """
    for key in path:
        if not isinstance(document, Mapping) or key not in document:
            return True
        document = document[key]
    if isinstance(value, list | dict) or isinstance(document, list | dict):
        return True
    return str(document).lower() == str(value).lower()
