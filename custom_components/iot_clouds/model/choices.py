"""What the user may choose for an account of one vendor; all texts are translations."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several `values`, the first one unless the user says otherwise."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A whole number."""

    key: str
    default: int
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggle:
    """Something that is off until the user turns it on."""

    key: str


type Option = Choice | Amount | Toggle


class Offline(StrEnum):
    """What entities show while their device is offline.

    What only sets something off has no value to keep.
    """

    USUAL = "usual"
    """A device that sleeps by design keeps its values, any other has none."""
    KEEP = "keep"
    UNAVAILABLE = "unavailable"


WHEN_OFFLINE = Choice(key="when_offline", values=tuple(Offline))
"""One of `Offline`, for every account."""

COMMON: tuple[Option, ...] = (WHEN_OFFLINE,)
"""What may be chosen for every account."""

KEEP_STALE = Toggle(key="keep_stale")
"""Whether a value stays although its device promised to have sent a new one by now.

For vendors whose points have a `period`.
"""

RENAMING = Toggle(key="rename_devices")
"""Whether a device that is renamed by the user is renamed at its cloud as well.

For vendors whose clouds accept `Rename`; what it means is the same for all of them.
"""

LEFT_OUT: Final = "left_out"
"""Key of the ids of devices that are not imported, in what a cloud is told."""


def left_out(chosen: Mapping[str, object]) -> frozenset[str]:
    """Ids of the devices that the user has left out.

    A cloud still lists them, by id and name, so that they can be taken in again, and
    does nothing else for them. Whatever it tells about them all the same is dropped.
    """
    match chosen.get(LEFT_OUT):
        case list() | tuple() as ids:
            return frozenset(each for each in ids if isinstance(each, str))
    return frozenset()
