"""Notes how long our requests wait for their turn, because a cloud limits their rate."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
import time
from unittest.mock import patch


class Turns:
    """How many requests began, and when each of them waited."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody has waited; `clock` counts seconds."""
        self._clock = clock
        self._waits: list[tuple[float, float]] = []

    def noted[**P](
        self, turn: Callable[P, Awaitable[None]]
    ) -> Callable[P, Awaitable[None]]:
        """The same way to wait for a turn, noted."""

        async def noted(*args: P.args, **kwargs: P.kwargs) -> None:
            began = self._clock()
            try:
                await turn(*args, **kwargs)
            finally:
                self._waits.append((began, self._clock()))

        return noted

    def until(self, end: float) -> tuple[int, float]:
        """Requests that had their turn until then, and seconds in which any waited."""
        waited, counted = 0.0, 0.0
        for began, ended in sorted(self._waits):
            began, ended = max(began, counted), min(ended, end)
            if ended > began:
                waited += ended - began
                counted = ended
        return sum(ended <= end for _, ended in self._waits), waited


@contextmanager
def watched() -> Iterator[Turns]:
    """Watch all accounts of ours in this process."""
    # Not before they are wanted: the other side has nothing of ours in its memory.
    from custom_components.iot_clouds.vendors.arduino.limiter import Limiter  # noqa: PLC0415
    from custom_components.iot_clouds.vendors.particle.pace import Pace  # noqa: PLC0415

    turns = Turns()
    with ExitStack() as stack:
        for owner in (Limiter, Pace):
            stack.enter_context(patch.object(owner, "turn", turns.noted(owner.turn)))
        yield turns
