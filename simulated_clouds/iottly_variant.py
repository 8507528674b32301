"""What the documents of iottly leave open, as switches of the simulated cloud."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self, get_args, get_origin

from . import iottly_dates as dates


@dataclass(frozen=True, slots=True, kw_only=True)
class IottlyVariant:
    """One reading of the protocol (reference 10); the defaults are the likeliest.

    A client must get along with every combination. Raises ValueError for a value that
    a switch does not have.
    """

    header: Literal["Authentication", "Authorization"] = "Authentication"
    """Which request header holds the key (1.2)."""
    refusal: Literal[401, 403] = 401
    """Answer to a wrong key: 401 with an error, or 403 with an empty object (1.5)."""
    handlers: Literal["hosted", "public"] = "hosted"
    """Mistakes get the documented 400/403, or the public source's 500 (section 7)."""
    validation: Literal["error", "fields"] = "error"
    """Body of a 400: an error text, or messages by field (1.5)."""

    inspect: Literal["current", "2017"] = "current"
    """Shape of the project's description (2.2)."""
    free_board: Literal["empty", "null", "missing"] = "empty"
    """What a license without a device has for a board (2.3)."""
    single_license: Literal["keyed", "bare"] = "keyed"
    """Shape of the answer for one license (2.3)."""
    props: bool = True
    """Whether the device properties exist; without them 404 (2.4)."""
    unlisted: frozenset[str] = frozenset()
    """Ids of boards that the properties count but could not read (2.4)."""

    messages: Literal["current", "flat"] = "current"
    """Form of messages: flat is the one of before mid-2017, without `type`, `payload`
    and the device's own time (3.1)."""
    order: Literal["ascending", "descending"] = "ascending"
    """Time order of the history (3.4)."""
    dates: Literal["iso", "trimmed", "milliseconds", "number_long"] = "iso"
    """Form of a date in the history (3.3); trimmed has no fraction in whole seconds."""
    date_filter: Literal["supported", "empty", "bad_request", "html_error"] = "empty"
    """What a date or an object id in `queryJson` does (3.5)."""
    above_limit: Literal["clamp", "bad_request"] = "clamp"
    """What `numMessages` above 100 does (2.7)."""
    history_empty: Literal["list", "not_found"] = "list"
    """Answer of a history without messages (2.7)."""

    pages: bool = True
    """Whether there is the paginated endpoint; without it 404 (section 7)."""
    page_empty: Literal["json_404", "html_404", "list"] = "json_404"
    """Answer of a page without messages (2.8)."""
    page_from: Literal["iso", "iso_z", "epoch_ms", "epoch_s", "ignored"] = "iso"
    """Form of `from` and `to`; any other is a 400 (3.6)."""
    page_zone: str = "UTC"
    """Zone of times that name none (3.3)."""
    first_page: Literal[0, 1] = 1
    """Number of the first page (2.8)."""

    oddities: bool = False
    """Whether the history holds old and malformed messages (3.1)."""
    disconnect_stored: bool = True
    """Whether losing a board is an agent message (3.2)."""

    command_status: Literal[200, 400, 403, 500] = 200
    """Answer to every command; above 200 nothing reaches the board."""
    command_body: Literal["status", "empty"] = "status"
    """Body of an accepted command (2.6)."""
    offline: Literal["lost", "queued"] = "lost"
    """What happens to a command for a board that is offline (section 4)."""
    replies: Literal["natural", "echo", "receivedcmd", "none"] = "natural"
    """What boards say to a command: as their program does, or always the same."""
    reply_delay: float = 0.2
    """Seconds from a command to the board's reaction."""

    webhook_dates: Literal["offset", "naive", "mongo"] = "offset"
    """Form of dates in webhooks: with microseconds and zone, as pages, as history."""

    def __post_init__(self) -> None:
        """Refuse values that a switch does not have."""
        for switch in fields(self):
            value = getattr(self, switch.name)
            if get_origin(switch.type) is Literal:
                allowed = get_args(switch.type)
                if value not in allowed or type(value) not in map(type, allowed):
                    raise ValueError(f"{switch.name} must be one of {allowed}")
            elif switch.type is bool and not isinstance(value, bool):
                raise ValueError(f"{switch.name} must be true or false")
        if isinstance(self.reply_delay, str | bool) or not self.reply_delay >= 0:
            raise ValueError("reply_delay must be seconds")
        try:
            dates.zone(self.page_zone)
        except (KeyError, OSError) as err:
            raise ValueError("page_zone is not known here") from err

    def switched(self, **switches: Any) -> Self:
        """Return a copy with some switches set otherwise; raises ValueError."""
        if "unlisted" in switches:
            switches["unlisted"] = frozenset(switches["unlisted"])
        try:
            return replace(self, **switches)
        except TypeError as err:
            raise ValueError(str(err)) from err


DOCUMENTED = IottlyVariant(
    order="descending",
    date_filter="supported",
    above_limit="bad_request",
    command_body="empty",
)
"""What the text of the documents says, to the letter, where it says anything."""

PUBLIC_CORE = IottlyVariant(
    refusal=403,
    handlers="public",
    validation="fields",
    inspect="2017",
    props=False,
    messages="flat",
    dates="milliseconds",
    pages=False,
    disconnect_stored=False,
)
"""What the handlers do whose source is public, frozen in 2017 (section 7).

They know neither licenses nor properties; without either there would be no devices, so
the licenses stay.
"""
