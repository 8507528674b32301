"""Exchange what the user enters for a token that was seen to work (reference 1)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from yarl import URL

from ...cloud import Answer, Challenge, Field, Form, Input, Link, SignedIn
from ...model import CloudAuthError, CloudRejected, CloudUnreachable, Json
from .client import BASE_URL, Client
from .errors import Reply
from .identity import Identity, identify
from .models import text
from .scope import Scope
from .values import number

CLIENT = "particle"
"""Id and secret of the OAuth client that the documents suggest (reference 1.2)."""

LIFETIME = "0"
"""Seconds a token is asked to live; 0 is for ever. A token of a person cannot be
refreshed, and signing in again every 90 days needs the person (1.4, 11.1 item 7)."""

_ADDRESS = Field(
    key="base_url",
    input=Input.URL,
    required=False,
    default=BASE_URL,
    advanced=True,
)

PASSWORD_FORM = Form(
    key="particle_password",
    fields=(
        Field(key="username", input=Input.USERNAME),
        Field(key="password", input=Input.SECRET),
        _ADDRESS,
        Field(key="client_id", required=False, default=CLIENT, advanced=True),
        Field(
            key="client_secret",
            input=Input.SECRET,
            required=False,
            default=CLIENT,
            advanced=True,
        ),
    ),
)
TOKEN_FORM = Form(
    key="particle_token",
    fields=(
        Field(key="access_token", input=Input.SECRET),
        Field(key="product", required=False),
        Field(key="organization", required=False),
        _ADDRESS,
    ),
)
OTP_FORM = Form(key="particle_otp", fields=(Field(key="otp", input=Input.CODE),))

_LONGEST_TOKEN = 4096
_WRONG_CLIENT = frozenset({"invalid_client", "unauthorized_client"})
_WRONG_PASSWORD = ("wrong password", "user doesn't exist", "no user found")


async def sign_in(
    link: Link,
    form: str,
    values: Mapping[str, str],
    answer: Answer | None = None,
) -> SignedIn | Challenge:
    """Sign in with a password, a one-time code after it, or a pasted token.

    Raises:
        CloudAuthError: the credentials are wrong.
        CloudRejected: one field is wrong (`field`).
        CloudUnreachable, CloudBusy: nothing is known about the credentials.
    """
    base_url = _address(values.get("base_url") or BASE_URL)
    if form == TOKEN_FORM.key:
        scope = Scope.of(values)
        token = _pasted(values["access_token"])
        return await _finish(link, base_url, token, scope=scope)
    reply = await _grant(Client(link.session, base_url), values, answer)
    if isinstance(reply, Challenge):
        return reply
    body = reply.body if isinstance(reply.body, dict) else {}
    token = text(body.get("access_token")) or ""
    if not reply.good or not _sendable(token):
        raise CloudUnreachable("The cloud did not answer with a token")
    seconds = number(body.get("expires_in"))
    username = values["username"].strip()
    return await _finish(link, base_url, token, username=username, seconds=seconds)


async def _grant(
    client: Client, values: Mapping[str, str], answer: Answer | None
) -> Reply | Challenge:
    """Post the credentials, or the code that the cloud asked for, exactly once."""
    oauth = {
        "client_id": values.get("client_id") or CLIENT,
        "client_secret": values.get("client_secret") or CLIENT,
    }
    if answer:
        reply = await client.grant({**_code(answer), **oauth})
        _check_code(reply)
        return reply
    reply = await client.grant(
        {
            "grant_type": "password",
            "username": values["username"].strip(),
            "password": values["password"],
            "expires_in": LIFETIME,
            **oauth,
        }
    )
    return _check_password(reply) or reply


def _check_password(reply: Reply) -> Challenge | None:
    """The challenge in a refusal for a second factor (1.2)."""
    _check_client(reply)
    words = reply.words
    if reply.error == "mfa_required":
        body = reply.body if isinstance(reply.body, dict) else {}
        if mfa_token := text(body.get("mfa_token")):
            return Challenge(form=OTP_FORM, state={"mfa_token": mfa_token})
        raise CloudUnreachable("The cloud asked for a code without saying for what")
    if reply.error == "invalid_grant" or any(word in words for word in _WRONG_PASSWORD):
        raise CloudAuthError("The cloud refuses the user name or the password")
    if reply.status == HTTPStatus.UNAUTHORIZED:
        raise CloudAuthError("The cloud refuses the credentials")
    _check_success(reply)
    return None


def _check_code(reply: Reply) -> None:
    """Tell a wrong code, after which the challenge stays good, from the rest (1.3).

    How the cloud words it is not published, so any refusal is taken for it, except one
    that speaks of the token between the two steps.
    """
    _check_client(reply)
    if reply.good or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _check_success(reply)
        return
    words = reply.words
    about_token = "mfa_token" in words or "mfa token" in words
    if about_token and "otp" not in words and "code" not in words:
        raise CloudAuthError("The cloud does not wait for this code any more")
    raise CloudRejected("The code is wrong", key="invalid_otp", field="otp")


def _check_client(reply: Reply) -> None:
    if reply.error in _WRONG_CLIENT:
        raise CloudRejected(
            "The cloud does not know this OAuth client",
            key="invalid_client",
            field="client_id",
        )


def _check_success(reply: Reply) -> None:
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise CloudUnreachable(f"The cloud failed with status {reply.status}")
    if not reply.good:
        raise CloudRejected("The cloud refused to sign in")


def _code(answer: Answer) -> dict[str, str]:
    otp = "".join(answer.values.get("otp", "").split())
    if not otp:
        raise CloudRejected("A code is needed", key="invalid_otp", field="otp")
    return {
        "grant_type": "urn:custom:mfa-otp",
        "mfa_token": answer.challenge.state["mfa_token"],
        "otp": otp,
    }


async def _finish(
    link: Link,
    base_url: str,
    token: str,
    *,
    scope: Scope | None = None,
    username: str | None = None,
    seconds: float | None = None,
) -> SignedIn:
    """See that a token works, and whose it is, before anything is saved."""
    scope = await _numbered(Client(link.session, base_url, token), scope or Scope())
    client = Client(link.session, base_url, token, scope=scope)
    try:
        identity = await identify(client, username)
    except CloudRejected as err:
        raise _explained(err, scope) from None
    data: dict[str, Json] = {
        "access_token": token,
        "expires_at": _expiry(identity, seconds),
        "username": identity.username,
        "base_url": base_url,
        **({"product": scope.product} if scope.product else {}),
        **({"organization": scope.organization} if scope.organization else {}),
    }
    return SignedIn(account=identity.account, data=data)


async def _numbered(client: Client, scope: Scope) -> Scope:
    """A product by its number, however it was named, so that its id does not change."""
    product = scope.product
    if product is None or product.isdecimal():
        return scope
    try:
        found = await client.product_id(product)
    except CloudRejected:
        # Not every API user may ask for it; the slug is as good then.
        found = None
    return scope if found is None else Scope(product=found)


def _explained(err: CloudRejected, scope: Scope) -> CloudRejected:
    """Say what to enter, where the cloud only says that this is not allowed (1.6)."""
    if scope.product:
        return CloudRejected(err.reason, key="invalid_product", field="product")
    if scope.organization:
        return CloudRejected(
            err.reason, key="invalid_organization", field="organization"
        )
    if "api user" in err.reason.lower():
        return CloudRejected(err.reason, key="scope_needed", field="product")
    return err


def _expiry(identity: Identity, seconds: float | None) -> str | None:
    """When a token ends, in ISO-8601: the cloud's word, or counted from its lifetime.

    A lifetime that is 0 or absent means that it does not (1.2).
    """
    moment = identity.expires_at
    if not identity.known_lifetime and seconds:
        moment = datetime.now(UTC) + timedelta(seconds=max(0, min(seconds, 1e9)))
    return moment.isoformat() if moment else None


def _pasted(token: str) -> str:
    token = token.strip()
    if not _sendable(token):
        raise CloudAuthError("This cannot be an access token")
    return token


def _sendable(token: str) -> bool:
    """Whether a token can stand in a header."""
    printable = token.isascii() and token.isprintable()
    return 0 < len(token) <= _LONGEST_TOKEN and printable and " " not in token


def _address(value: str) -> str:
    """The base address, without anything that requests would not keep."""
    wrong = CloudRejected("Not a web address", key="invalid_url", field="base_url")
    try:
        url = URL(value.strip())
    except ValueError:
        raise wrong from None
    if url.scheme not in {"http", "https"} or not url.host or url.user:
        raise wrong
    return str(url.with_query(None).with_fragment(None)).rstrip("/")
