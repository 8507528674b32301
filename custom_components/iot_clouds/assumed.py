"""What a successful write implies, and when it yields to what the cloud reports."""

from collections.abc import Mapping
from datetime import datetime

from homeassistant.util import dt as dt_util

from .model import Kind, Light, Player, Point, Reading, Writable

_WORDS: Mapping[Kind, tuple[type, ...]] = {
    Kind.LEVEL: (int, float),
    Kind.ENTRY: (str,),
    Kind.TEXT: (str,),
    Kind.TOGGLE: (bool,),
    Kind.FLAG: (bool,),
    Kind.LIGHT: (Light,),
    Kind.PLAYER: (Player,),
    Kind.MOMENT: (datetime, int),
    Kind.MEASURE: (int, float),
    Kind.CHOICE: (str,),
}
"""Types that the reading of a kind can have and that can be written."""


def assumed(point: Point, value: Writable) -> Reading | None:
    """The reading that a write implies; None if only the vendor can tell.

    An action may write a value in the vendor's own words ("on", or a lamp's parts): to
    show that as it is would show nonsense.
    """
    if value is None or isinstance(value, dict | list):
        return None
    words = _WORDS.get(point.native or point.kind, ())
    if not isinstance(value, words) or (isinstance(value, bool) and bool not in words):
        return None
    return Reading(value=value, at=dt_util.utcnow(), assumed=True)


def supersedes(new: Reading, old: Reading, started: datetime | None) -> bool:
    """Whether a reading takes the place of another; `started` is a listing's beginning.

    An assumed one yields to its own confirmation and to any listing asked for after it,
    whatever time the cloud gives the value: a listing that still has the old value says
    that the command changed nothing.
    """
    if new.at >= old.at:
        return True
    if not old.assumed:
        return False
    return new.value == old.value or (started is not None and started >= old.at)
