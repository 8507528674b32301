"""Which version of MQTT Home Assistant's own integration speaks, and that it keeps to it."""

from typing import Any

from homeassistant.core import HomeAssistant

from .processes import BrokenRunError

DOMAIN = "mqtt"

NEWEST = "5"
"""What Home Assistant changes to by itself wherever the broker speaks it."""


def keep_version(domain: str, steps: list[dict[str, Any]]) -> None:
    """Let the account that these steps make keep an older version, until the process ends.

    It is as if the broker had none but that. The integration must be imported already.
    """
    if domain == DOMAIN and steps[-1]["protocol"] != NEWEST:
        # Not before it is wanted: our side has nothing of it in its memory.
        from homeassistant.components import mqtt  # noqa: PLC0415

        mqtt.try_connection = _refused


def _refused(user_input: dict[str, Any]) -> bool:
    return False


def check_version(
    hass: HomeAssistant, domain: str, steps: list[dict[str, Any]]
) -> None:
    """See that the account speaks the version that was chosen.

    Raises:
        BrokenRunError: it does not.
    """
    if domain != DOMAIN:
        return
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    spoken, chosen = entry.data["protocol"], steps[-1]["protocol"]
    if spoken != chosen:
        raise BrokenRunError(f"MQTT {spoken} is spoken instead of {chosen}")
