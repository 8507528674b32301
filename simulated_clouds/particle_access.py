"""Who may do what in the simulated Particle cloud: people, API users, tokens."""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
import secrets

from aiohttp import web

from .particle_answers import Answers
from .particle_options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account of a human; `id` is what events carry as `userid`."""

    username: str
    password: str = field(repr=False)
    otp: str | None = field(default=None, repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    products: frozenset[int] = frozenset()
    """Products whose team the person is in."""
    orgs: frozenset[str] = frozenset()
    """Slugs of the organizations that the person is a member of."""


@dataclass(slots=True, kw_only=True)
class Token:
    """An access token; one with `scopes` is an API user's. Times in epoch seconds."""

    value: str = field(repr=False)
    username: str
    client: str
    expires_at: float | None = None
    scopes: tuple[str, ...] | None = None
    products: frozenset[int] = frozenset()
    orgs: frozenset[str] = frozenset()


def basic(request: web.Request) -> tuple[str, str] | None:
    """Return the user and password of a Basic header, if there is one."""
    kind, _, code = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(code).decode().partition(":")
    except binascii.Error, UnicodeDecodeError:
        return None
    return user, password


class Access:
    """The people and the tokens that are good."""

    def __init__(
        self, options: Options, answers: Answers, clock: Callable[[], float]
    ) -> None:
        """Start without anybody."""
        self._answers = answers
        self._clock = clock
        self._options = options
        self.people: dict[str, Person] = {}
        self.tokens: dict[str, Token] = {}

    def add_person(
        self,
        username: str,
        password: str,
        *,
        otp: str | None = None,
        products: Iterable[int] = (),
        orgs: Iterable[str] = (),
    ) -> Person:
        """Open an account."""
        person = Person(
            username=username,
            password=password,
            otp=otp,
            products=frozenset(products),
            orgs=frozenset(orgs),
        )
        self.people[username] = person
        return person

    def add_api_user(
        self,
        scopes: Iterable[str],
        products: Iterable[int],
        orgs: Iterable[str] = (),
    ) -> Token:
        """Make an API user of some products, with its only token (reference 1.7).

        One of an organization is given its slug and the ids of all its products.
        """
        return self._keep(
            Token(
                value=secrets.token_hex(20),
                username=f"home+{secrets.token_hex(5)}@api.particle.io",
                client="",
                scopes=tuple(scopes),
                products=frozenset(products),
                orgs=frozenset(orgs),
            )
        )

    def rescope(self, username: str, scopes: Iterable[str]) -> Token | None:
        """Change what an API user may do, which replaces its token (reference 1.7)."""
        for token in self.tokens.values():
            if token.username == username and token.scopes is not None:
                self.revoke(token.value)
                value = secrets.token_hex(20)
                return self._keep(replace(token, value=value, scopes=tuple(scopes)))
        return None

    def issue(
        self, person: Person, *, client: str = "particle", lifetime: int = 0
    ) -> Token:
        """Give a person a token; a lifetime of 0 is for ever."""
        return self._keep(
            Token(
                value=secrets.token_hex(20),
                username=person.username,
                client=client,
                expires_at=self._clock() + lifetime if lifetime else None,
                products=person.products,
                orgs=person.orgs,
            )
        )

    def login(self, username: str, password: str) -> Person | None:
        """Return the person whose password this is."""
        person = self.people.get(username)
        if person is None:
            return None
        good = secrets.compare_digest(person.password.encode(), password.encode())
        return person if good else None

    def expire(self) -> None:
        """Let every token of a person end now."""
        for token in self.tokens.values():
            if token.scopes is None:
                token.expires_at = self._clock()

    def revoke(self, value: str) -> None:
        """Forget a token; an unknown one is no error."""
        self.tokens.pop(value, None)

    def revoke_all(self, username: str) -> None:
        """Forget all tokens of a person."""
        self.tokens = {
            value: token
            for value, token in self.tokens.items()
            if token.username != username
        }

    def good(self, token: Token) -> bool:
        """Whether a token is still known and not expired."""
        return token.value in self.tokens and not self._expired(token)

    async def caller(self, request: web.Request) -> Token:
        """Return the token of a request.

        Raises:
            Refused: there is none, or it is not good (reference 1.6).
        """
        value = await _sent(request)
        if value is None:
            raise self._answers.no_token().refused()
        token = self.tokens.get(value)
        if token is None or self._expired(token):
            raise self._answers.bad_token(expired=token is not None).refused()
        return token

    async def person(self, request: web.Request) -> Token:
        """Return the token of a request by a human; raises `Refused` for others."""
        token = await self.caller(request)
        if token.scopes is not None:
            raise self._answers.people_only().refused()
        return token

    async def member(self, request: web.Request, product: int, scope: str) -> Token:
        """Return the token of a request to a product; raises `Refused` for others."""
        token = await self.caller(request)
        if product not in token.products:
            raise self._answers.no_product(str(product)).refused()
        if token.scopes is not None and scope not in token.scopes:
            raise self._answers.no_scope(scope).refused()
        return token

    async def affiliate(
        self, request: web.Request, org: str, scope: str | None = None
    ) -> Token:
        """Return the token of a request to an organization; raises `Refused`."""
        token = await self.caller(request)
        if org not in token.orgs:
            raise self._answers.no_organization(org).refused()
        if scope and token.scopes is not None and scope not in token.scopes:
            raise self._answers.no_scope(scope).refused()
        return token

    def _keep(self, token: Token) -> Token:
        self.tokens[token.value] = token
        return token

    def _expired(self, token: Token) -> bool:
        return token.expires_at is not None and token.expires_at <= self._clock()


async def _sent(request: web.Request) -> str | None:
    """Find the token: header, or where it still may be (reference 1.1)."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and value:
        return value.strip()
    if request.method == "GET":
        return request.query.get("access_token")
    if request.method in {"POST", "PUT"} and "form" in request.content_type:
        field = (await request.post()).get("access_token")
        return field if isinstance(field, str) else None
    return None
