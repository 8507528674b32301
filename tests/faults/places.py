"""Where a fault can strike: what is asked there, as each simulated cloud names it."""

from dataclasses import dataclass
from enum import StrEnum

from simulated_clouds.faults import Kind

EVERY_REQUEST = ""


class Place(StrEnum):
    """A use of a cloud."""

    SETUP = "set-up"
    POLL = "poll"
    FEED_CONNECT = "feed connect"
    FEED_RUNNING = "feed running"
    TOKEN = "token renewal"
    COMMAND = "command"
    WEBHOOK = "webhook"
    RELOAD = "reload"
    SHUTDOWN = "shutdown"


PATHS: dict[str, dict[Place, str]] = {
    "arduino": {
        Place.SETUP: EVERY_REQUEST,
        Place.POLL: r"^GET /iot/v2/",
        Place.FEED_CONNECT: r"^GET /mqtt|^MQTT CONNECT",
        Place.FEED_RUNNING: r"^MQTT PUBLISH",
        Place.TOKEN: r"^POST /iot/v1/clients/token",
        Place.COMMAND: r"^PUT /iot/v2/things/.*/publish",
        Place.RELOAD: EVERY_REQUEST,
        Place.SHUTDOWN: EVERY_REQUEST,
    },
    "particle": {
        Place.SETUP: EVERY_REQUEST,
        Place.POLL: r"^GET /v1/(devices|user)(\?|$)",
        Place.FEED_CONNECT: r"^GET /v1/.*events",
        Place.FEED_RUNNING: r"^SSE ",
        Place.COMMAND: r"^POST /v1/devices/",
        Place.RELOAD: EVERY_REQUEST,
        Place.SHUTDOWN: EVERY_REQUEST,
    },
    "iottly": {
        Place.SETUP: EVERY_REQUEST,
        Place.POLL: r"^(GET|POST) /",
        Place.COMMAND: r"^POST /.*/(command|cmd)",
        Place.WEBHOOK: r"^WEBHOOK ",
        Place.RELOAD: EVERY_REQUEST,
        Place.SHUTDOWN: EVERY_REQUEST,
    },
}

NOT_THERE: dict[tuple[str, Place], str] = {
    ("arduino", Place.WEBHOOK): "Arduino Cloud's webhooks are not used",
    ("particle", Place.WEBHOOK): "Particle's webhooks are not used",
    ("particle", Place.TOKEN): "a token is not renewed: its end asks to sign in again",
    ("iottly", Place.FEED_CONNECT): "iottly has no feed",
    ("iottly", Place.FEED_RUNNING): "iottly has no feed",
    ("iottly", Place.TOKEN): "an API key is not renewed",
}
"""Places that a cloud does not have."""

ONLY_ON_PUSH = frozenset({Kind.DUPLICATE, Kind.REORDER})
"""Faults of the order of what comes by itself; an answer has no order."""

PUSHES = frozenset({Place.FEED_RUNNING, Place.WEBHOOK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One fault at one place of one cloud."""

    cloud: str
    place: Place
    kind: Kind

    def __str__(self) -> str:
        """As tests and the table call it."""
        return f"{self.cloud}-{self.place.replace(' ', '-')}-{self.kind}"

    @property
    def path(self) -> str:
        """Where the fault strikes, as `simulated_clouds.faults.Fault` has it."""
        return PATHS[self.cloud][self.place]

    @property
    def reason_against(self) -> str | None:
        """Why there is nothing to try, or None."""
        if reason := NOT_THERE.get((self.cloud, self.place)):
            return reason
        pushed = self.place in PUSHES
        if self.kind in ONLY_ON_PUSH and not pushed:
            return "only what is pushed can come twice or in another order"
        return _REASONS.get((self.cloud, self.place, self.kind))


_REASONS: dict[tuple[str, Place, Kind], str] = {
    **{
        ("particle", Place.FEED_RUNNING, kind): (
            "a stream that runs has no status any more; it ends or it is silent"
        )
        for kind in (Kind.UNAUTHORIZED, Kind.RATE_LIMIT, Kind.SERVER_ERROR)
    },
    **{
        ("iottly", Place.WEBHOOK, kind): "here iottly asks, and Home Assistant answers"
        for kind in (
            Kind.UNAUTHORIZED,
            Kind.RATE_LIMIT,
            Kind.SERVER_ERROR,
            Kind.EXPIRED_TOKEN,
        )
    },
    **{
        ("iottly", place, Kind.EXPIRED_TOKEN): "an API key does not expire"
        for place in (
            Place.SETUP,
            Place.POLL,
            Place.COMMAND,
            Place.RELOAD,
            Place.SHUTDOWN,
        )
    },
}

CELLS = [
    Cell(cloud=cloud, place=place, kind=kind)
    for cloud in PATHS
    for place in Place
    for kind in Kind
]
