"""What a vendor implements so that its cloud becomes Home Assistant devices."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
import ssl
from typing import Final, Protocol, runtime_checkable

from aiohttp import (
    ClientConnectionError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ServerDisconnectedError,
)

from .model import (
    Account,
    Command,
    HistoryQuery,
    Json,
    Option,
    Ref,
    Sample,
    Snapshot,
    Tally,
    Update,
)

type Feed = Callable[[], AbstractAsyncContextManager[AsyncIterator[Update]]]
"""One connection of a push source.

Entering returns when the subscription is accepted, iterating listens, leaving closes the
socket at once. A feed never retries: it ends with a `CloudError` when it breaks, and
with an ordinary end of iteration when the other side closed as expected.
"""


@runtime_checkable
class Prompt(Protocol):
    """Updates of a feed that can also be handed over, without waking a task for each."""

    async def hand_to(self, sink: Callable[[Update], None]) -> None:
        """Give each update to `sink` at once; end as iterating does, or as `sink` raises."""


class Reader(Protocol):
    """Reads points that cost the user something each time."""

    def interval(self, refs: Collection[Ref]) -> timedelta:
        """How long to wait until the next round with these points."""

    def read(
        self, refs: Collection[Ref], *, asked: bool = False
    ) -> AsyncIterator[Update]:
        """Read what of these points is due, and tell each at once: all may take minutes.

        What somebody `asked` for now is read in any case. What failed is not told.

        Raises:
            CloudAuthError: the credentials are refused.
            CloudUnreachable, CloudBusy: the cloud failed before anything was read.
        """


class History(Protocol):
    """Tells what was."""

    async def query(self, query: HistoryQuery) -> tuple[Sample, ...]:
        """Return the samples, oldest first, paged through to the end or the limit.

        Raises:
            CloudRejected: the query makes no sense; `field` says which part.
            CloudMissing: no such device or point.
        """


WEBHOOK: Final = "webhook"
"""Key of what `connect` is told about the address for deliveries, while there is one.

An object of which only `since` (ISO 8601) is a cloud's business: when it was made.
"""


LAST_DELIVERY: Final = "webhook/last"
"""Key of the account's point that tells when something was delivered last."""


class Receiver(Protocol):
    """Takes what the vendor delivers by itself to an address of Home Assistant's.

    Who delivers has proven to know the account's secret before this is asked.
    """

    def receive(self, body: bytes) -> Update:
        """Read one delivery; what was delivered or listed before is left out.

        Raises:
            CloudRejected: it tells nothing of this account; `key` says why.
        """


class Cloud(Protocol):
    """One account at one vendor.

    Every method may raise the `CloudError` whose docstring fits, and nothing else.
    """

    @property
    def accepts(self) -> Collection[type[Command]]:
        """The commands that `execute` understands."""

    @property
    def reader(self) -> Reader | None:
        """Present when some points are billed."""

    @property
    def history(self) -> History | None:
        """Present when the cloud keeps what was."""

    @property
    def receiver(self) -> Receiver | None:
        """Present when the vendor can deliver to an address that the user gives it."""

    def diagnostics(self) -> Mapping[str, Json]:
        """Counters and peculiarities for a bug report; nothing secret, no locations."""

    async def identify(self) -> Account:
        """Ask who the credentials belong to."""

    async def snapshot(self) -> Snapshot:
        """List all devices with their points and the readings that the listing carries."""

    def feeds(self) -> Mapping[str, Feed]:
        """Push sources by name; empty for a cloud that is only polled."""

    async def execute(self, command: Command) -> Json:
        """Carry out a command once, never repeating it, and return the cloud's answer.

        Raises:
            CloudRejected: this cloud does not accept such a command, or refused it.
        """

    async def close(self) -> None:
        """Release everything except the session, which belongs to the caller."""


class Input(StrEnum):
    """How a field is typed in."""

    TEXT = "text"
    USERNAME = "username"
    SECRET = "secret"
    """Hidden, and never filled in again after an error."""
    CODE = "code"
    """A one-time code."""
    URL = "url"
    """An address; plain http and ws are taken only for hosts of the local network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of a form; its texts are translations under the form's step."""

    key: str
    input: Input = Input.TEXT
    required: bool = True
    default: str | None = None
    advanced: bool = False
    """Shown in a closed section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to sign in; `key` is also the step's name."""

    key: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """The cloud wants more before it signs the user in, for example a one-time code.

    `state` is handed back to `sign_in` together with the answers.
    """

    form: Form
    state: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the user entered for a challenge."""

    challenge: Challenge
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What is saved for the account: never a password that was exchanged for a token."""

    account: Account
    data: Mapping[str, Json] = field(repr=False)


class SignIn(Protocol):
    """Check a filled form against the cloud."""

    async def __call__(
        self,
        link: Link,
        form: str,
        values: Mapping[str, str],
        answer: Answer | None = None,
    ) -> SignedIn | Challenge:
        """Sign in once; a refused login is never repeated by itself.

        Raises:
            CloudAuthError: the credentials are wrong.
            CloudRejected: one field is wrong (`field`), in words in `reason`.
            CloudUnreachable, CloudBusy: nothing is known about the credentials.
        """


class Memory(Protocol):
    """Keeps a cloud's own notes across restarts, one document for each account."""

    async def load(self) -> Mapping[str, Json]:
        """Return what was kept last; empty the first time."""

    def save(self, collect: Callable[[], Mapping[str, Json]]) -> None:
        """Keep what `collect` returns, soon and at the latest when the host stops."""


class NoMemory:
    """Keeps nothing: for sign-ins and for tests."""

    async def load(self) -> Mapping[str, Json]:
        """Return nothing."""
        return {}

    def save(self, collect: Callable[[], Mapping[str, Json]]) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What the host lends a cloud: ways into the network, a memory, and a tally."""

    session: ClientSession
    tls: ssl.SSLContext
    memory: Memory = field(default_factory=NoMemory)
    account_id: str = "account"
    """Id for the `Device` that stands for the account itself."""
    tally: Tally = field(default_factory=Tally)
    """Where a cloud counts its requests and what it dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One entry of the registry: everything the core knows about a vendor."""

    key: str
    name: str
    forms: tuple[Form, ...]
    """Ways to sign in; with more than one the user chooses from a menu."""
    poll_fast: timedelta
    """Time between listings while no push source is alive."""
    poll_slow: timedelta
    """Time between listings while all push sources are alive."""
    sign_in: SignIn
    connect: Callable[[Link, Mapping[str, Json]], Cloud]
    """Make the cloud of a saved account; does no input or output.

    The mapping holds what `sign_in` returned and the user's choices.
    """
    choices: tuple[Option, ...] = ()
    """What the user may choose; texts are translations under the options."""
    push_field: str | None = None
    """Key of the field with the address that push sources connect to, if there are any."""


async def send_once(
    request: ClientRequest, handler: ClientHandlerType
) -> ClientResponse:
    """Middleware for requests that must not be sent again when a connection is cut.

    An aiohttp session does that by itself for every method that HTTP calls idempotent,
    but some reads cost money, and a write may have been carried out.
    """
    try:
        return await handler(request)
    except (ClientOSError, ServerDisconnectedError) as err:
        raise ClientConnectionError(type(err).__name__) from None
