"""What can be chosen about the simulated Particle cloud."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

CLIENTS = {
    "particle": "particle",
    "particle-api": "particle-api",
    "particle-cli": "particle-cli",
    "CLI2": "particle-cli",
}
"""Client ids that the cloud knows, with their secrets (reference 1.2)."""

LOCAL_CLIENTS = {
    "CLI2": "client_secret_here",
    "particle-collider": "particle-collider",
    "spark-server": "spark-server",
}
"""Client ids that a local cloud knows (reference 12.3)."""


class Era(StrEnum):
    """In which year's words variables and functions answer (reference 3.1, 3.2, 4)."""

    TODAY = "today"
    Y2015 = "2015"
    Y2022 = "2022"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The choices; every field is a keyword of `ParticleCloud`. Times are seconds."""

    # Who may come in
    username: str = "maker@example.com"
    password: str = field(default="one-red-bicycle", repr=False)
    otp: str | None = field(default=None, repr=False)
    """The one-time code of the account; None while it has no second factor."""
    token_lifetime: int = 0
    """Of the household's first token; 0 is for ever."""
    clients: Mapping[str, str] | None = None
    default_lifetime: int = 7_776_000
    mfa_lifetime: float = 900.0
    mfa_keeps_lifetime: bool = True
    """Whether `expires_in` of the first step survives the second one."""
    api_user_status: int = 400
    """With which status an API user is refused where only people may go."""

    # How answers look
    local: bool = False
    """Answer like a self-hosted local cloud (reference 12)."""
    local_dies: bool = False
    """Whether opening a stream of the first version ends a local cloud (reference 12.1):
    it then answers nothing until its faults are cleared."""
    era: Era = Era.TODAY
    soft_errors: bool = False
    """Tell of a device that does not answer with status 200 and `ok: false`."""
    list_has_maps: bool = False
    """Whether the device list carries functions and variables."""
    keep_maps: bool = False
    """Whether functions and variables stay known while a device is offline."""
    device_timeout: float = 0.0
    """How long the cloud waits for a device that does not answer."""
    page_size: int = 25
    bad_date_status: int = 400

    # Limits (reference 9.1)
    requests: int = 10_000
    token_requests: int = 100
    stream_opens: int = 100
    window: float = 300.0
    streams_at_once: int = 100
    stream_limit_status: int = 429
    login_failures: int = 10
    login_block: float = 1800.0
    serial_lookups: int = 50

    # Streams (reference 5)
    keepalive: float = 9.0
    keepalive_bytes: bytes = b"\n"
    newline: str = "\n"
    piece: int | None = None
    """Write frames in pieces of so many bytes, which cuts UTF-8 sequences."""
    ttl_text: bool = False
    expired_stream: Literal["silent", "close"] = "silent"
    """What becomes of a stream when its token ends."""

    # Money (reference 9.2)
    plan_limit: int | None = None
    """Operations after which the account is paused until the counter is cleared."""
    paused_status: int = 402
    bill_timeouts: bool = False

    sim_quota: float = 45.0
    """MB that each SIM card may use in a month (reference 8.3)."""
    sim_check: float = 2.0
    """How long the status check of a SIM card takes."""
    pause_disconnects: bool = False
    """Whether an account that is paused also loses its boards' connections."""

    # Boards
    unlocked_every: int | None = None
    """Every so many `loc` events of a tracker have no fix."""
    enhanced: bool = False
    """Follow each `loc` by the `loc-enhanced` that the cloud makes of it."""
    enhanced_first: bool = False
    """Deliver the `loc-enhanced` before its `loc`."""
    enhanced_source: Literal["cell", "wifi"] = "cell"
    enhanced_accuracy: float = 850.0
    """Metres by which a position without a fix may be wrong."""
    fleet_locations: bool = True
    """Whether the cloud has the newer endpoint (reference 7.4)."""
    places_latlon: bool = False
    """Whether stored positions have their latitude first, against GeoJSON."""
    places_old_words: bool = False
    """Whether stored positions call things `acc_h` and `speed`."""
    flash_seconds: float = 1.0
    """How long an update is transferred."""
    flash_fails: bool = False
    vitals_every: int = 12
    """Send vitals after so many publications of a board; 0 for never."""

    def __post_init__(self) -> None:
        """Take the era by its name too; raises ValueError for an unknown one."""
        object.__setattr__(self, "era", Era(self.era))

    @property
    def known_clients(self) -> Mapping[str, str]:
        """Client ids with their secrets."""
        if self.clients is not None:
            return self.clients
        return LOCAL_CLIENTS if self.local else CLIENTS
