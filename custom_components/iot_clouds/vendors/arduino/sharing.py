"""Keeps what clients have in common: their limiter, and what one learned for the next."""

from weakref import WeakKeyDictionary

from aiohttp import ClientSession

from .client import Credentials
from .handover import Handover
from .limiter import Limiter

_limiters: WeakKeyDictionary[ClientSession, dict[tuple[object, ...], Limiter]] = (
    WeakKeyDictionary()
)
_handovers: WeakKeyDictionary[ClientSession, Handover] = WeakKeyDictionary()


def shared_limiter(
    session: ClientSession, base_url: str, credentials: Credentials, interval: float
) -> Limiter:
    """The limiter that all clients of one API key and space share.

    The cloud counts the requests of the key, and an account that was just checked in a
    form is set up by another client within the same second.
    """
    limiters = _limiters.setdefault(session, {})
    key = (base_url, credentials.client_id, credentials.organization_id, interval)
    return limiters.setdefault(key, Limiter(interval))


def shared_handover(session: ClientSession) -> Handover:
    """Where a check in a form leaves what it learned for the set-up that follows it."""
    return _handovers.setdefault(session, Handover())
