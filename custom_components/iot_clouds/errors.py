"""The one table from what can go wrong at a cloud to what Home Assistant shows."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.update_coordinator import UpdateFailed

from .const import DOMAIN
from .model import (
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    DeviceOffline,
)


def command_error(err: CloudError) -> HomeAssistantError:
    """Translate a failed command; what the user typed wrongly is a validation error."""
    key, placeholders = _text(err)
    kind = HomeAssistantError
    if isinstance(err, CloudMissing) or (isinstance(err, CloudRejected) and err.key):
        kind = ServiceValidationError
    return kind(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


@callback
def async_refused(
    hass: HomeAssistant, entry: ConfigEntry, err: CloudError
) -> HomeAssistantError:
    """Translate what somebody waits for, and ask for new credentials if they are why.

    The account may have been unloaded, or removed, meanwhile: then nobody is asked.
    """
    if isinstance(err, CloudAuthError) and entry.state is ConfigEntryState.LOADED:
        entry.async_start_reauth(hass)
    return command_error(err)


def poll_error(
    err: CloudError, entry: ConfigEntry
) -> UpdateFailed | ConfigEntryAuthFailed:
    """Translate a failed listing: only refused credentials ask for new ones.

    Somebody may have asked for it and removed the account since: then nobody is asked.
    Raise it from `loggable(err)`, because coordinators log what they fail with.
    """
    key, placeholders = _text(err)
    if isinstance(err, CloudRejected) and err.key is None:
        # It says why in words of the cloud's own, which must not be logged.
        key, placeholders = "unreachable", {}
    gone = entry.state is ConfigEntryState.NOT_LOADED
    if isinstance(err, CloudAuthError) and not gone:
        return ConfigEntryAuthFailed(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
        )
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
        retry_after=err.retry_after if isinstance(err, CloudBusy) else None,
    )


def loggable(err: CloudError) -> CloudError:
    """The error without the cloud's own words, which may repeat what it was sent.

    People see those words when a command or a sign-in fails, but no log does.
    """
    if isinstance(err, CloudRejected):
        words = (
            f"Refused by the cloud: {err.key}" if err.key else "Refused by the cloud"
        )
        return CloudRejected(words, key=err.key, field=err.field)
    return err


def _text(err: CloudError) -> tuple[str, dict[str, str]]:
    """Translation key and placeholders of an error."""
    match err:
        case CloudAuthError():
            return "auth_failed", {}
        case CloudBusy(retry_after=seconds):
            return "busy", {"seconds": str(round(seconds))}
        case CloudRejected(key=str(key), field=field, reason=reason):
            return key, {"field": field or "", "reason": reason}
        case CloudRejected(reason=reason):
            return "rejected", {"reason": reason}
        case CloudMissing():
            return "missing", {}
        case DeviceOffline():
            return "device_offline", {}
        case _:
            return "unreachable", {}
