"""What the user may choose for an account of one vendor; all texts are translations."""

from dataclasses import dataclass


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

RENAMING = Toggle(key="rename_devices")
"""Whether a device that is renamed by the user is renamed at its cloud as well.

For vendors whose clouds accept `Rename`; what it means is the same for all of them.
"""
