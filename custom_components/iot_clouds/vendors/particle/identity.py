"""Find out who a token belongs to, and for how long it is good (reference 1.5, 1.8)."""

from dataclasses import dataclass, field
from datetime import datetime

from ...model import Account, CloudUnreachable
from .client import Client
from .models import text
from .scope import Scope
from .values import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A token's owner. `expires_at` is None for a token that never ends.

    `known_lifetime` is False where the cloud cannot tell, as a local one cannot.
    """

    account: Account = field(repr=False)
    username: str | None = field(repr=False)
    expires_at: datetime | None
    known_lifetime: bool


async def identify(client: Client, username: str | None = None) -> Identity:
    """Ask the cloud; `username` is what the user signed in with, if so.

    A local cloud has no endpoint that knows: there the account is the cloud's address,
    with the user name where there is one, and the device list proves the token.

    Raises:
        CloudAuthError, CloudUnreachable, CloudBusy, CloudRejected: nobody was found.
    """
    if not client.scope.personal:
        return await _scoped(client)
    token = await client.token_info()
    user = await client.user()
    if user is None:
        await client.devices()
        found = None
    elif not (found := text(user.get("username"))):
        raise CloudUnreachable("The cloud did not say who the token belongs to")
    return Identity(
        account=_local(client, username) if found is None else _known(found),
        username=found or username,
        expires_at=moment(token.get("expires_at")) if token else None,
        known_lifetime=token is not None,
    )


async def _scoped(client: Client) -> Identity:
    """An API user may not ask who it is: the list of its scope proves the token (1.7)."""
    await client.devices()
    scope = client.scope
    return Identity(
        account=Account(id=scope.account, title=title(scope)),
        username=None,
        expires_at=None,
        known_lifetime=False,
    )


def _known(username: str) -> Account:
    return Account(id=username.lower(), title=title(Scope(), username))


def _local(client: Client, username: str | None) -> Account:
    if not username:
        return Account(id=client.authority, title="Particle (local cloud)")
    whole = f"{username}@{client.authority}"
    return Account(id=whole.lower(), title=title(Scope(), username))


def title(scope: Scope, username: str | None = None) -> str:
    """Tell accounts apart without an email address: titles are logged."""
    if scope.product:
        return f"Particle product {scope.product}"
    if scope.organization:
        return f"Particle organization {scope.organization}"
    return f"Particle ({username.partition('@')[0]})" if username else "Particle"
