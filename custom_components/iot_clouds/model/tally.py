"""Counts what was asked of a cloud, and what came from it that was of no use."""

from collections import Counter
from enum import StrEnum

from .errors import CloudAuthError, CloudBusy, CloudError, CloudMissing, CloudRejected

_LIMITED = frozenset({429, 529})


class Purpose(StrEnum):
    """What a request is for."""

    LISTING = "listing"
    """Devices, and whatever describes them."""
    READ = "read"
    """Values or messages of one device."""
    HISTORY = "history"
    COMMAND = "command"
    TOKEN = "token"
    STREAM = "stream"
    """Opening a stream of events; not what it delivers."""


class Outcome(StrEnum):
    """What became of a request."""

    OK = "ok"
    MISSING = "missing"
    """The cloud has no such thing (404)."""
    REFUSED = "refused"
    LIMITED = "rate_limited"
    FAILED = "failed"
    """No answer, a server fault, or an answer that makes no sense."""


class Drop(StrEnum):
    """Why something that came was not used."""

    UNREADABLE = "unreadable"
    """It is not in the format that it should be in."""
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    """The device has more values than are shown."""
    NO_ID = "no_id"
    """An entry of a list that does not say what it is."""
    NO_TIME = "no_time"
    WRONG_TYPE = "wrong_type"
    """A value that does not fit what the cloud says about its variable."""
    UNKNOWN_DEVICE = "unknown_device"
    UNKNOWN_POINT = "unknown_point"
    """A value of a variable that is not listed."""
    REPEATED = "repeated"
    OUTDATED = "outdated"
    """Something newer was known when it was pushed."""
    INACCURATE = "inaccurate"
    """A position that is less accurate than the user wants."""
    WRONG_SECRET = "wrong_secret"
    TOO_FAST = "too_fast"
    TOO_SLOW = "too_slow"
    COMPRESSED = "compressed"
    BROKEN_OFF = "broken_off"
    UNUSABLE = "unusable"
    """A delivery that tells nothing of the account."""


class Tally:
    """The numbers of one account since it was loaded."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.requests: Counter[tuple[Purpose, Outcome]] = Counter()
        self.drops: Counter[Drop] = Counter()

    def drop(self, reason: Drop, count: int = 1) -> None:
        """Count what was not used."""
        if count > 0:
            self.drops[reason] += count

    def answered(self, purpose: Purpose, status: int) -> None:
        """Count a request by the HTTP status of its answer."""
        if 200 <= status < 300:
            outcome = Outcome.OK
        elif status in _LIMITED:
            outcome = Outcome.LIMITED
        elif status == 404:
            outcome = Outcome.MISSING
        elif 400 <= status < 500:
            outcome = Outcome.REFUSED
        else:
            outcome = Outcome.FAILED
        self.requests[purpose, outcome] += 1

    def raised(self, purpose: Purpose, err: CloudError) -> None:
        """Count a request that ended in an error."""
        match err:
            case CloudBusy():
                outcome = Outcome.LIMITED
            case CloudMissing():
                outcome = Outcome.MISSING
            case CloudAuthError() | CloudRejected():
                outcome = Outcome.REFUSED
            case _:
                outcome = Outcome.FAILED
        self.requests[purpose, outcome] += 1
