"""Signing in and out of the simulated Particle cloud (reference 1)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
import secrets

from aiohttp import web

from .particle_access import Person, Token, basic
from .particle_answers import Refused, Said, iso
from .particle_core import Core
from .server import RateLimit

FORM = "application/x-www-form-urlencoded"
OTP_GRANT = "urn:custom:mfa-otp"
OK = {"ok": True}


class Challenges:
    """Second factors that are asked for; a wrong code leaves its challenge good."""

    def __init__(self, clock: Callable[[], float], lifetime: float) -> None:
        """Ask for nothing yet."""
        self._clock = clock
        self._lifetime = lifetime
        self._open: dict[str, tuple[Person, int, float]] = {}

    def ask(self, person: Person, lifetime: int) -> str:
        """Return the `mfa_token` of a new challenge."""
        value = secrets.token_hex(20)
        self._open[value] = person, lifetime, self._clock() + self._lifetime
        return value

    def get(self, value: str) -> tuple[Person, int] | None:
        """Return who is asked, and for how long the token shall live."""
        person, lifetime, until = self._open.get(value, (None, 0, 0.0))
        if person is None or until <= self._clock():
            return None
        return person, lifetime

    def close(self, value: str) -> None:
        """Forget a challenge that was met."""
        self._open.pop(value, None)


class OAuth:
    """`/oauth/token`, `/v1/access_tokens` and `/v1/user`."""

    def __init__(self, core: Core) -> None:
        """Start with nobody blocked."""
        self._core = core
        options = core.options
        self._limit = RateLimit(options.token_requests, options.window, core.clock)
        self._challenges = Challenges(core.clock, options.mfa_lifetime)
        self._failures: dict[str, int] = {}
        self._blocked: dict[str, float] = {}

    def routes(self) -> Iterable[web.RouteDef]:
        """Paths of the real cloud; a local one has only some."""
        yield web.post("/oauth/token", self.token)
        if not self._core.options.local:
            yield web.get("/v1/access_tokens/current", self.current)
            yield web.delete("/v1/access_tokens/current", self.sign_out)
            yield web.delete("/v1/access_tokens", self.sign_out_everywhere)
            yield web.get("/v1/user", self.user)
        yield web.delete("/v1/access_tokens/{token}", self.revoke)

    async def token(self, request: web.Request) -> web.Response:
        """Answer a grant; ten failures in a row block the address for half an hour."""
        address = request.remote or ""
        blocked = self._blocked.get(address, 0.0) > self._core.clock()
        if blocked or not self._limit.allow(address):
            return self._core.answers.too_many().response()
        try:
            response = await self._grant(request)
        except Refused as refused:
            if refused.status != 403:
                self._count_failure(address)
            raise
        self._failures.pop(address, None)
        return response

    def _count_failure(self, address: str) -> None:
        self._failures[address] = self._failures.get(address, 0) + 1
        if self._failures[address] >= self._core.options.login_failures:
            del self._failures[address]
            until = self._core.clock() + self._core.options.login_block
            self._blocked[address] = until

    async def _grant(self, request: web.Request) -> web.Response:
        if request.content_type != FORM:
            raise _invalid(f"The request must be a POST with {FORM}").refused()
        form = {key: str(value) for key, value in (await request.post()).items()}
        client = self._client(request, form)
        match form.get("grant_type"):
            case "password":
                return self._password(form, client)
            case grant if grant == OTP_GRANT and not self._core.options.local:
                return self._code(form, client)
            case "refresh_token":
                raise self._core.answers.refresh_refused().refused()
            case _:
                raise _invalid("The grant_type is invalid or missing").refused()

    def _client(self, request: web.Request, form: Mapping[str, str]) -> str:
        name = form.get("client_id", "")
        secret = form.get("client_secret", "")
        if header := basic(request):
            name, secret = header
        if not secret or self._core.options.known_clients.get(name) != secret:
            raise self._core.answers.bad_client().refused()
        return name

    def _password(self, form: Mapping[str, str], client: str) -> web.Response:
        lifetime = self._lifetime(form)
        person = self._core.access.login(
            form.get("username", ""), form.get("password", "")
        )
        if person is None:
            raise self._core.answers.wrong_password().refused()
        if person.otp is None:
            return self._issue(person, client, lifetime)
        body = {
            "error": "mfa_required",
            "error_description": "Multi-factor authentication required",
            "mfa_token": self._challenges.ask(person, lifetime),
        }
        raise Said(403, body).refused()

    def _code(self, form: Mapping[str, str], client: str) -> web.Response:
        value = form.get("mfa_token", "")
        challenge = self._challenges.get(value)
        if challenge is None:
            raise _grant("The mfa_token is invalid or has expired").refused()
        person, lifetime = challenge
        if form.get("otp", "").strip() != person.otp:
            raise _grant("The one-time password is invalid").refused()
        self._challenges.close(value)
        if not self._core.options.mfa_keeps_lifetime:
            lifetime = self._core.options.default_lifetime
        return self._issue(person, client, lifetime)

    def _lifetime(self, form: Mapping[str, str]) -> int:
        """Return the wanted lifetime in seconds; 0 is for ever."""
        if until := form.get("expires_at"):
            try:
                end = datetime.fromisoformat(until)
            except ValueError as err:
                raise _invalid("expires_at is not an ISO-8601 date").refused() from err
            at = end if end.tzinfo else end.replace(tzinfo=UTC)
            lifetime = int(at.timestamp() - self._core.clock())
            if lifetime <= 0:
                raise _invalid("expires_at is in the past").refused()
            return lifetime
        seconds = form.get("expires_in", str(self._core.options.default_lifetime))
        if not seconds.isdecimal():
            raise _invalid("expires_in is not a number of seconds").refused()
        return int(seconds)

    def _issue(self, person: Person, client: str, lifetime: int) -> web.Response:
        token = self._core.access.issue(person, client=client, lifetime=lifetime)
        refresh = secrets.token_hex(20)
        body = self._core.answers.token(token.value, lifetime, refresh)
        return Said(200, body).response()

    async def current(self, request: web.Request) -> web.Response:
        """Tell about the token itself; API users may ask too."""
        token = await self._core.access.caller(request)
        until = token.expires_at
        body = {
            "expires_at": None if until is None else iso(until),
            "client": token.client,
            "scopes": list(token.scopes or ()),
            "orgs": self._orgs(token),
        }
        return Said(200, body).response()

    def _orgs(self, token: Token) -> list[dict[str, str]]:
        """Organizations that an API user is of; a person's token names none."""
        known = self._core.catalog.organizations
        if token.scopes is None:
            return []
        return [{"id": known[slug].id, "slug": slug} for slug in sorted(token.orgs)]

    async def sign_out(self, request: web.Request) -> web.Response:
        """Revoke the token that is used."""
        token = await self._core.access.person(request)
        self._core.access.revoke(token.value)
        self._core.streams.wake()
        return Said(200, OK).response()

    async def sign_out_everywhere(self, request: web.Request) -> web.Response:
        """Revoke all tokens of a person."""
        token = await self._core.access.person(request)
        self._core.access.revoke_all(token.username)
        self._core.streams.wake()
        return Said(200, OK).response()

    async def revoke(self, request: web.Request) -> web.Response:
        """Revoke the token in the path, which is credential enough (reference 1.5)."""
        if self._core.options.local:
            user, password = basic(request) or ("", "")
            if self._core.access.login(user, password) is None:
                body = {"error": "User doesn't exist", "ok": False}
                return Said(404, body).response()
        self._core.access.revoke(request.match_info["token"])
        self._core.streams.wake()
        return Said(200, OK).response()

    async def user(self, request: web.Request) -> web.Response:
        """Tell who the token belongs to (reference 1.8)."""
        token = await self._core.access.person(request)
        person = self._core.access.people[token.username]
        names = {"first_name": "Ada", "last_name": "Maker", "business_account": False}
        body = {
            "username": person.username,
            "subscription_ids": [],
            "account_info": names,
            "mfa": {"enabled": person.otp is not None},
            "wifi_device_count": 0,
            "cellular_device_count": 0,
        }
        return Said(200, body).response()


def _invalid(description: str) -> Said:
    body = {"error": "invalid_request", "error_description": description}
    return Said(400, body)


def _grant(description: str) -> Said:
    body = {"error": "invalid_grant", "error_description": description}
    return Said(400, body)
