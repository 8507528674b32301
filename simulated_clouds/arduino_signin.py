"""The token endpoint: an API key for a bearer token (reference 1.1, 1.2, 1.5)."""

from dataclasses import dataclass, field
import hmac

from aiohttp import web

from .arduino_answers import error, too_many
from .arduino_options import Options
from .arduino_rest import SPACE
from .arduino_tokens import AUDIENCE, Tokens
from .server import RateLimit

FORM = "application/x-www-form-urlencoded"
# A client that keeps to one request a second must not fail for the jitter of its clock.
WINDOW = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key, and the shared spaces that it may ask tokens for."""

    id: str
    secret: str = field(repr=False)
    spaces: frozenset[str]


class PlanLimit(RateLimit):
    """As many requests a second as the plan allows at the moment."""

    def __init__(self, options: Options) -> None:
        """Count nothing yet."""
        super().__init__(options.rate_limit, WINDOW)
        self._options = options

    def allow(self, key: str = "") -> bool:
        """Count one request unless it is over the limit."""
        self.limit = self._options.rate_limit
        return super().allow(key)


class SignIn:
    """Answers `POST /iot/v1/clients/token`."""

    def __init__(self, tokens: Tokens, key: Key, limit: RateLimit) -> None:
        """Token requests count like all others."""
        self._tokens = tokens
        self._key = key
        self._limit = limit

    async def handle(self, request: web.Request) -> web.Response:
        """Check each field, and give a token."""
        if request.content_type != FORM:
            return error(400, "body is not a form")
        form = {key: str(value) for key, value in (await request.post()).items()}
        if not self._limit.allow(form.get("client_id", "")):
            return too_many()
        if form.get("grant_type") != "client_credentials":
            return error(400, "grant_type is not client_credentials")
        if not self._known(form):
            return error(401, "client is not known")
        if form.get("audience") != AUDIENCE:
            return error(401, "audience is not allowed")
        return self._grant(form.get("organization_id"), request.headers.get(SPACE))

    def _known(self, form: dict[str, str]) -> bool:
        return form.get("client_id") == self._key.id and hmac.compare_digest(
            form.get("client_secret", "").encode(), self._key.secret.encode()
        )

    def _grant(self, field_: str | None, header: str | None) -> web.Response:
        """The space comes as a field, as a header, or as both (reference 1.1)."""
        spaces = {space for space in (field_, header) if space}
        if len(spaces) > 1:
            return error(400, "organization_id and X-Organization differ")
        if not spaces <= self._key.spaces:
            return error(403, "the key does not belong to this space")
        token = self._tokens.issue(self._key.id, space=next(iter(spaces), None))
        return web.json_response(
            {
                "access_token": token,
                "expires_in": self._tokens.lifetime,
                "token_type": "Bearer",
            }
        )
