"""Read variables, which costs the user a data operation each (reference 9.2)."""

from collections.abc import AsyncIterator, Callable, Collection
from datetime import UTC, datetime, timedelta
import logging
from typing import Protocol

from ...model import (
    AHEAD,
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Drop,
    Json,
    Reading,
    Ref,
    Tally,
    Update,
)
from .budget import FLOOR, SHORTEST, Budget
from .directory import Directory, Target
from .keys import VARIABLE
from .shelf import Shelf
from .values import moment, reading

_LOGGER = logging.getLogger(__name__)

PATIENCE = 2
"""Silent variables of one device after which the rest of it is left for next time."""
EARLY = timedelta(seconds=1)
"""So much earlier than asked may a round begin."""
DEAD = 3
"""Failures in a row after which the cloud is not asked for the rest of a round."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class Source(Protocol):
    """Where variables are read."""

    async def variable(self, device_id: str, name: str) -> Json:
        """Read a variable from the device itself."""


class VariableReader:
    """Reads variables one after another, and none of a device that is offline.

    A round begins with what is known for longest, so that each variable has its turn
    before another has its second. What an event told needs no read for a while.
    """

    def __init__(
        self,
        source: Source,
        directory: Directory,
        *,
        now: Callable[[], datetime],
        budget: Budget,
        shelf: Shelf,
        changed: Callable[[], None] = lambda: None,
        tally: Tally | None = None,
    ) -> None:
        """Read nothing yet; `now` gives the time in UTC.

        `changed` is called after something was read that has to be remembered. `tally`
        counts values that are not of their variable's type.
        """
        self._tally = tally or Tally()
        self._changed = changed
        self._source = source
        self._directory = directory
        self._now = now
        self._budget = budget
        self._shelf = shelf
        self._tried: dict[Ref, datetime] = {}

    def interval(self, refs: Collection[Ref]) -> timedelta:
        """How long to wait until the next round with these variables.

        What is due a little after a round does not wait for the whole next pause.
        """
        pause = self._budget.rhythm(len(refs))
        now = self._now()
        ages = (now - self._last(ref) for ref in refs)
        waits = [FLOOR - age + EARLY for age in ages if age < FLOOR]
        return max(SHORTEST, min([pause, *waits]))

    async def read(
        self, refs: Collection[Ref], *, asked: bool = False
    ) -> AsyncIterator[Update]:
        """Read what of these is due, or all of it if somebody `asked` for it now.

        Raises:
            CloudAuthError: the token is refused.
            CloudUnreachable, CloudBusy: the cloud failed before anything was read.
        """
        one_round = _Round()
        if not asked:
            self._budget.limit(len(set(refs)))
        for ref in self._order(refs, asked=asked):
            target = self._target(ref)
            if target is None or one_round.gave_up_on(ref.device_id):
                continue
            if not asked and not self._budget.allows(first=self._last(ref) is _NEVER):
                continue
            update = await self._ask(target, one_round, asked=asked)
            self._changed()
            if update:
                yield update
            if one_round.over:
                break
        if failure := one_round.verdict():
            raise failure

    def notes(self) -> dict[str, Json]:
        """When variables were asked for in vain, which a restart must not forget."""
        return {
            f"{ref.device_id} {ref.key}": at.isoformat()
            for ref, at in self._tried.items()
            if ref.device_id in self._directory
        }

    def restore(self, notes: Json) -> None:
        """Take what `notes` returned before."""
        for address, written in notes.items() if isinstance(notes, dict) else ():
            device_id, _, key = address.partition(" ")
            if (at := moment(written)) is not None:
                self._tried[Ref(device_id, key)] = at

    def _order(self, refs: Collection[Ref], *, asked: bool) -> list[Ref]:
        ages = {ref: self._last(ref) for ref in refs}
        now = self._now()
        due = [
            ref
            for ref, last in ages.items()
            if asked or not now - FLOOR < last <= now + AHEAD
        ]
        return sorted(due, key=lambda ref: (ages[ref], ref))

    def _last(self, ref: Ref) -> datetime:
        """When a variable was known last, or asked for in vain."""
        known = self._shelf.get(ref)
        return max(known.at if known else _NEVER, self._tried.get(ref, _NEVER))

    def _in_vain(self, ref: Ref) -> bool:
        """Whether a variable was asked for since it was known, without an answer."""
        known, tried = self._shelf.get(ref), self._tried.get(ref)
        return tried is not None and (known is None or known.at <= tried)

    def _lost(self, ref: Ref) -> Update | None:
        """Know no more what is known, unless somebody else has just read it."""
        at = self._tried.get(ref)
        if at is None or self._shelf.value(ref) is None:
            return None
        unknown = {ref: Reading(value=None, at=at)}
        self._shelf.take(unknown)
        return Update(readings=unknown)

    def _target(self, ref: Ref) -> Target | None:
        if not self._directory.may_answer(ref.device_id):
            return None
        name = ref.key.removeprefix(VARIABLE)
        target = self._directory.targets.get((ref.device_id, name))
        return target if target and target.ref == ref else None

    async def _ask(
        self, target: Target, one_round: _Round, *, asked: bool
    ) -> Update | None:
        """Read one variable; what cannot be told twice in a row is not known any more."""
        in_vain = self._in_vain(target.ref)
        update = await self._read(target, one_round)
        if not one_round.lost:
            return update
        one_round.news = one_round.news or asked or not in_vain
        return self._lost(target.ref) if in_vain and not asked else None

    async def _read(self, target: Target, one_round: _Round) -> Update | None:
        """Read one variable; None where there is nothing to tell."""
        ref = target.ref
        at = self._now()
        self._budget.spend()
        self._tried[ref] = at
        one_round.lost = False
        try:
            result = await self._source.variable(
                ref.device_id, ref.key.removeprefix(VARIABLE)
            )
        except CloudBusy as err:
            one_round.failure, one_round.over, one_round.lost = err, True, True
        except CloudUnreachable as err:
            one_round.failed(err)
        except DeviceOffline:
            one_round.silent(ref.device_id)
        except CloudMissing:
            # Another firmware runs, or the device is gone: a listing will tell.
            if ref.device_id in self._directory:
                self._directory.doubt(ref.device_id)
            return Update(relist=True)
        except CloudRejected:
            one_round.lost = True
            _LOGGER.debug("The cloud refused to read a variable")
        else:
            one_round.answered()
            value = target.coerce(result)
            if value is not None:
                return self._take(ref, reading(value, at), one_round)
            self._tally.drop(Drop.WRONG_TYPE)
        return None

    def _take(self, ref: Ref, read: Reading, one_round: _Round) -> Update:
        self._tried.pop(ref, None)
        one_round.told = True
        self._shelf.take({ref: read})
        return Update(readings={ref: read})


class _Round:
    """How one round of reads is going."""

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        self.told = False
        """Whether anything was read."""
        self.failure: CloudError | None = None
        self.lost = False
        """Whether the cloud itself did not tell what was asked for last."""
        self.news = False
        """Whether something could not be told that could be before."""
        self.over = False
        self._failures = 0
        self._silent: dict[str, int] = {}

    def answered(self) -> None:
        """The cloud is well."""
        self._failures = 0

    def failed(self, err: CloudError) -> None:
        """The cloud itself failed."""
        self.failure, self.lost = err, True
        self._failures += 1
        self.over = self._failures >= DEAD

    def silent(self, device_id: str) -> None:
        """The device did not answer, but the cloud did."""
        self._failures = 0
        self._silent[device_id] = self._silent.get(device_id, 0) + 1

    def verdict(self) -> CloudError | None:
        """What is wrong with the cloud as a whole.

        One variable that fails for ever says nothing new about it.
        """
        worth_telling = self.news or self.over
        return self.failure if worth_telling and not self.told else None

    def gave_up_on(self, device_id: str) -> bool:
        """Whether asking this device again would only take time."""
        return self._silent.get(device_id, 0) >= PATIENCE
