"""Read variables, which costs the user a data operation each (reference 9.2)."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
import logging

from ...model import (
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Reading,
    Ref,
    Update,
)
from .client import Client
from .directory import Directory, Target
from .translate import VARIABLE
from .values import reading

_LOGGER = logging.getLogger(__name__)

FLOOR = timedelta(minutes=15)
PER_VARIABLE = timedelta(seconds=52)
"""With this much time for each variable, half of the free plan is used (9.2)."""

PATIENCE = 2
"""Silent variables of one device after which the rest of it is left for next time."""
DEAD = 3
"""Failures in a row after which the cloud is not asked for the rest of a round."""


class VariableReader:
    """Reads variables one after another, and none of a device that is offline."""

    def __init__(
        self,
        client: Client,
        directory: Directory,
        *,
        now: Callable[[], datetime],
    ) -> None:
        """Read nothing yet; `now` gives the time in UTC."""
        self._client = client
        self._directory = directory
        self._now = now

    def interval(self, count: int) -> timedelta:
        """How often `count` variables may be read."""
        return max(FLOOR, count * PER_VARIABLE)

    async def read(self, refs: Collection[Ref]) -> Update:
        """Read these variables once; what was read is kept, whatever fails after it.

        Raises:
            CloudAuthError: the token is refused.
            CloudUnreachable, CloudBusy: the cloud failed before anything was read.
        """
        one_round = _Round()
        for ref in sorted(set(refs)):
            target = self._target(ref)
            if target is None or one_round.gave_up_on(ref.device_id):
                continue
            await self._read(target, one_round)
            if one_round.over:
                break
        if one_round.failure and not one_round.readings:
            raise one_round.failure
        return Update(readings=one_round.readings, relist=one_round.relist)

    def _target(self, ref: Ref) -> Target | None:
        if self._directory.online(ref.device_id) is False:
            return None
        name = ref.key.removeprefix(VARIABLE)
        target = self._directory.targets.get((ref.device_id, name))
        return target if target and target.ref == ref else None

    async def _read(self, target: Target, one_round: _Round) -> None:
        ref = target.ref
        at = self._now()
        try:
            result = await self._client.variable(
                ref.device_id, ref.key.removeprefix(VARIABLE)
            )
        except CloudBusy as err:
            one_round.failure, one_round.over = err, True
        except CloudUnreachable as err:
            one_round.failed(err)
        except DeviceOffline:
            one_round.silent(ref.device_id)
        except CloudMissing:
            # Another firmware runs, or the device is gone: a listing will tell.
            if ref.device_id in self._directory:
                self._directory.doubt(ref.device_id)
            one_round.relist = True
        except CloudRejected as err:
            _LOGGER.debug("A variable was not read: %s", err)
        else:
            one_round.answered()
            value = target.coerce(result)
            if value is not None:
                one_round.readings[ref] = reading(value, at)


class _Round:
    """How one round of reads is going."""

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        self.readings: dict[Ref, Reading] = {}
        self.relist = False
        self.failure: CloudError | None = None
        self.over = False
        self._failures = 0
        self._silent: dict[str, int] = {}

    def answered(self) -> None:
        """The cloud is well."""
        self._failures = 0

    def failed(self, err: CloudError) -> None:
        """The cloud itself failed."""
        self.failure = err
        self._failures += 1
        self.over = self._failures >= DEAD

    def silent(self, device_id: str) -> None:
        """The device did not answer, but the cloud did."""
        self._failures = 0
        self._silent[device_id] = self._silent.get(device_id, 0) + 1

    def gave_up_on(self, device_id: str) -> bool:
        """Whether asking this device again would only take time."""
        return self._silent.get(device_id, 0) >= PATIENCE
