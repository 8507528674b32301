"""Tells the user, as repair issues, what they can put right at an account."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import CloudConfigEntry


@callback
def async_follow_notices(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Show an issue for each notice of the account for as long as it is reported."""
    coordinator = entry.runtime_data.coordinator
    shown: set[str] = set()

    @callback
    def follow() -> None:
        reported = {
            f"{notice.key}_{entry.entry_id}": notice for notice in coordinator.notices
        }
        for issue_id, notice in reported.items():
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue_id,
                is_fixable=False,
                severity=(
                    ir.IssueSeverity.ERROR
                    if notice.severe
                    else ir.IssueSeverity.WARNING
                ),
                translation_key=notice.key,
                translation_placeholders={
                    "account": entry.title,
                    **dict(notice.placeholders),
                },
            )
        for issue_id in shown - reported.keys():
            ir.async_delete_issue(hass, DOMAIN, issue_id)
        shown.clear()
        shown.update(reported)

    @callback
    def forget() -> None:
        for issue_id in shown:
            ir.async_delete_issue(hass, DOMAIN, issue_id)

    follow()
    entry.async_on_unload(coordinator.async_listen_notices(follow))
    entry.async_on_unload(forget)
