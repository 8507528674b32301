"""What differs between plans, and what the vendor leaves open; may change while running."""

from dataclasses import dataclass, fields
from typing import Any

LIFETIME = 300


@dataclass(slots=True, kw_only=True)
class Options:
    """How one simulated Arduino Cloud behaves."""

    rate_limit: int = 10
    """Requests a second: 1 or 10, by plan (reference 2.3); token requests count."""
    token_lifetime: float = LIFETIME
    """Seconds that a new token lasts."""
    user_claim: bool = True
    """Whether tokens name their user; without it nobody can sign in to MQTT."""
    ends_with_token: bool = True
    """Close a session when its token ends (reference 5.5)."""
    read_only_refused: bool = True
    """A command for a READ_ONLY property is a 400; else the board just ignores it."""
    several_refused: bool = False
    """A publish of several properties of a thing is a 400; single ones are taken."""
    mqtt_writes_reach_board: bool = False
    """A command by MQTT reaches the board, not only dashboards (reference 5.6)."""
    offline_waits: bool = False
    """A command for a board that is offline is its last value only when it has it."""

    def change(self, changes: dict[str, Any]) -> None:
        """Set some of them; raises ValueError for what is none or has another type."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"no option {name}")
            if isinstance(known[name], bool) is not isinstance(value, bool):
                raise ValueError(f"{name} has another type")
            if not isinstance(value, (int, float)):
                raise ValueError(f"{name} is not a number")  # noqa: TRY004
        for name, value in changes.items():
            setattr(self, name, value)
