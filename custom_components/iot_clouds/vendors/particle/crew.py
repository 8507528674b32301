"""Do many small errands with few requests at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
import logging

from ...model import CloudAuthError, CloudBusy, CloudError

_LOGGER = logging.getLogger(__name__)

AT_ONCE = 2
"""One less than may be under way, so that a command need not wait for errands."""

type Errand = Callable[[], Awaitable[None]]


async def run(errands: Iterable[Errand]) -> None:
    """Do them in order; one that fails is left for the next time.

    Raises:
        CloudAuthError: the token is refused.
    """
    waiting = list(errands)[::-1]
    refused: list[CloudAuthError] = []

    async def work() -> None:
        while waiting and not refused:
            try:
                await waiting.pop()()
            except CloudAuthError as err:
                refused.append(err)
            except CloudBusy:
                waiting.clear()
            except CloudError as err:
                _LOGGER.debug(
                    "A device did not tell all about itself: %s", type(err).__name__
                )

    async with asyncio.TaskGroup() as group:
        for _ in range(min(AT_ONCE, len(waiting))):
            group.create_task(work())
    if refused:
        raise refused[0]
