"""Bearer tokens of Arduino Cloud: JWTs that last five minutes (reference 1)."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
import hashlib
import hmac
import json
import secrets
from typing import Any

from .arduino_options import Options

AUDIENCE = "https://api2.arduino.cc/iot"
USER_CLAIM = "http://arduino.cc/id"
# The vendor does not say how its tokens name the space; this is our own way.
SPACE_CLAIM = "http://arduino.cc/organization"


class TokenError(Exception):
    """The token is no good; `expired` if it once was."""

    def __init__(self, message: str, *, expired: bool = False) -> None:
        """Remember whether a new token would help."""
        super().__init__(message)
        self.expired = expired


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token allows: one user, in the personal space or in `space`."""

    user_id: str
    client_id: str
    expires: float
    serial: int
    space: str | None = None


class Tokens:
    """Issues tokens and checks them."""

    def __init__(
        self, *, clock: Callable[[], float], user_id: str, options: Options
    ) -> None:
        """Sign with a key that nobody else has."""
        self._options = options
        self._clock = clock
        self._user_id = user_id
        self._key = secrets.token_bytes(32)
        self._serial = 0
        self._revoked = 0

    @property
    def lifetime(self) -> float:
        """Seconds that a token lasts which is issued now."""
        return self._options.token_lifetime

    def issue(self, client_id: str, *, space: str | None = None) -> str:
        """Make a token for an API key."""
        self._serial += 1
        now = self._clock()
        # Claims are whole seconds unless the lifetime itself is not.
        issued = int(now) if self.lifetime == int(self.lifetime) else now
        claims: dict[str, Any] = {
            **({USER_CLAIM: self._user_id} if self._options.user_claim else {}),
            "sub": f"{client_id}@clients",
            "aud": AUDIENCE,
            "iat": issued,
            "exp": issued + self.lifetime,
            "jti": str(self._serial),
        }
        if space:
            claims[SPACE_CLAIM] = space
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        signed = f"{head}.{_encode(json.dumps(claims).encode())}"
        return f"{signed}.{self._sign(signed)}"

    def check(self, token: str) -> Grant:
        """Return what a token allows; raises TokenError."""
        signed, _, signature = token.rpartition(".")
        good = self._sign(signed)
        if not signed or not hmac.compare_digest(signature.encode(), good.encode()):
            raise TokenError("not a token of this cloud")
        claims = json.loads(_decode(signed.partition(".")[2]))
        grant = Grant(
            user_id=self._user_id,
            client_id=claims["sub"].removesuffix("@clients"),
            expires=claims["exp"],
            serial=int(claims["jti"]),
            space=claims.get(SPACE_CLAIM),
        )
        if grant.serial <= self._revoked or grant.expires <= self._clock():
            raise TokenError("token is expired", expired=True)
        return grant

    def expire(self) -> None:
        """Let every token issued so far be expired."""
        self._revoked = self._serial

    def _sign(self, text: str) -> str:
        return _encode(hmac.digest(self._key, text.encode(), hashlib.sha256))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
