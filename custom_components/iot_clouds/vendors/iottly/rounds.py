"""Reads the messages of all devices of a project, once."""

import asyncio
from collections.abc import Iterable, Sequence
import logging

from ...model import CloudAuthError, CloudBusy, CloudError, CloudMissing
from .client import Client
from .paging import Paging
from .tracked import Tracked

_LOGGER = logging.getLogger(__name__)

# Limits of politeness towards a cloud that documents none (reference 3.6).
_PARALLEL = 4
CROWD = 20
HOPELESS = 8
"""Failures in a row after which the others wait for the next round: where a cloud says
nothing, hundreds of devices would take hours, in which nothing else is listed."""


async def read_messages(
    devices: Iterable[Tracked], client: Client, paging: Paging
) -> set[str]:
    """Read the messages of all listed devices; return who newly refused theirs.

    Raises:
        CloudAuthError, CloudBusy: which concern the whole account. The devices that
            were not asked yet are then left in peace, and come first the next time.
    """
    listed = [each for each in devices if not each.absences]
    crowded = len(listed) > CROWD
    due = [tracked for tracked in listed if tracked.is_due(crowded)]
    due.sort(key=lambda each: (not each.put_off, each.failing))
    slots = asyncio.Semaphore(_PARALLEL)
    gone: set[str] = set()
    fatal: list[CloudError] = []
    errors: list[CloudError] = []
    in_a_row = 0

    async def read(tracked: Tracked) -> None:
        nonlocal in_a_row
        async with slots:
            tracked.put_off = bool(fatal) or in_a_row >= HOPELESS
            if tracked.put_off:
                return
            try:
                await tracked.poll(client, paging)
            except (CloudAuthError, CloudBusy) as err:
                fatal.append(err)
            except CloudError as err:
                in_a_row += 1
                errors.append(err)
                if isinstance(err, CloudMissing) and not tracked.failing:
                    gone.add(tracked.board.id)
                tracked.failing = True
            else:
                in_a_row = 0

    async with asyncio.TaskGroup() as group:
        for tracked in due:
            group.create_task(read(tracked))
    _tell(due, errors)
    if fatal:
        raise fatal[0]
    return gone


def _tell(due: Sequence[Tracked], errors: Sequence[CloudError]) -> None:
    """Say once who cannot be read, and who can again: in one line for all of them."""
    failed = [each for each in due if each.failing and not each.told_failing]
    back = [each for each in due if each.told_failing and not each.failing]
    for tracked in (*failed, *back):
        tracked.told_failing = tracked.failing
    if failed:
        _LOGGER.warning("Messages of %s cannot be read: %s", _names(failed), errors[-1])
    if back:
        _LOGGER.info("Messages of %s can be read again", _names(back))


def _names(devices: Sequence[Tracked]) -> str:
    first, *others = devices
    name = first.board.id
    return f"{name} and {len(others)} more devices" if others else name
