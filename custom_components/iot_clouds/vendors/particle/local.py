"""Notices a local cloud that breaks down over the event stream (reference 12.1)."""

from ...model import Notice

_TWICE = 2
"""A restart may cut one stream off while it is being opened, but hardly two in a row."""


class LocalCloud:
    """Counts streams that were cut off instead of opened, one after another.

    Copies of the local cloud since July 2019 that nobody has patched end over it.
    """

    def __init__(self, *, own: bool) -> None:
        """`own` is a cloud that somebody runs for themselves, and can update."""
        self._own = own
        self._cuts = 0

    def opened(self) -> None:
        """A stream was accepted."""
        self._cuts = 0

    def cut(self) -> None:
        """A connection was closed without an answer to the wish for a stream."""
        self._cuts += 1

    def notices(self) -> tuple[Notice, ...]:
        """What the user can put right."""
        if self._own and self._cuts >= _TWICE:
            return (Notice(key="local_cloud_outdated", explains_feeds=True),)
        return ()
