"""Reads the messages of all devices of a project, once."""

import asyncio
from collections.abc import Iterable

from ...model import CloudAuthError, CloudBusy, CloudError, CloudMissing
from .client import Client
from .paging import Paging
from .tracked import Tracked

# Limits of politeness towards a cloud that documents none (reference 3.6).
_PARALLEL = 4
CROWD = 20


async def read_messages(
    devices: Iterable[Tracked], client: Client, paging: Paging
) -> set[str]:
    """Read the messages of all listed devices; return who refused theirs.

    Raises:
        CloudAuthError, CloudBusy: which concern the whole account. The devices that
            were not asked yet are then left in peace.
    """
    listed = [each for each in devices if not each.absences]
    crowded = len(listed) > CROWD
    due = [tracked for tracked in listed if tracked.is_due(crowded)]
    slots = asyncio.Semaphore(_PARALLEL)
    gone: set[str] = set()
    fatal: list[CloudError] = []

    async def read(tracked: Tracked) -> None:
        async with slots:
            if fatal:
                return
            try:
                await tracked.poll(client, paging)
            except (CloudAuthError, CloudBusy) as err:
                fatal.append(err)
            except CloudError as err:
                if tracked.failed(err) and isinstance(err, CloudMissing):
                    gone.add(tracked.board.id)

    async with asyncio.TaskGroup() as group:
        for tracked in due:
            group.create_task(read(tracked))
    if fatal:
        raise fatal[0]
    return gone
