"""What covers and valves share: they are open so far, and move."""

from .model import Motion, Opening, Verb
from .percent import whole
from .remembering import RememberingEntity

CLOSED = 0
OPEN = 100


class OpeningEntity(RememberingEntity):
    """Something that opens and closes."""

    @property
    def _opening(self) -> Opening:
        value = self.current
        return value if isinstance(value, Opening) else Opening()

    @property
    def _position(self) -> int | None:
        """Percent open; it never contradicts what is told about closed."""
        opening = self._opening
        position = whole(opening.position)
        if position is None or opening.closed is None:
            return position
        return CLOSED if opening.closed else max(position, 1)

    @property
    def is_closed(self) -> bool | None:
        """Whether it is closed; None if it is unknown."""
        if self._opening.closed is not None:
            return self._opening.closed
        position = self._position
        return None if position is None else position == CLOSED

    @property
    def is_opening(self) -> bool:
        """Whether it opens right now."""
        return self._opening.motion is Motion.OPENING

    @property
    def is_closing(self) -> bool:
        """Whether it closes right now."""
        return self._opening.motion is Motion.CLOSING

    def _can(self, verb: Verb) -> bool:
        """Whether it can be told this, or the position that means the same."""
        verbs = self.point.verbs
        by_position = verb in {Verb.OPEN, Verb.CLOSE} and Verb.SET_POSITION in verbs
        return verb in verbs or by_position

    async def _open(self) -> None:
        """Open it all the way, in the words that it has for that."""
        await self._move(Verb.OPEN, OPEN)

    async def _close(self) -> None:
        """Close it, in the words that it has for that."""
        await self._move(Verb.CLOSE, CLOSED)

    async def _move(self, verb: Verb, position: int) -> None:
        if verb not in self.point.verbs and self._can(verb):
            await self._act(Verb.SET_POSITION, position)
        else:
            await self._act(verb)
