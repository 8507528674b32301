"""Tells the user, as repair issues, what a cloud says that they should put right."""

from homeassistant.core import HomeAssistant, callback

from .coordinator import CloudConfigEntry
from .issues import Issues


@callback
def async_follow_notices(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Show an issue for each notice of the account for as long as it is reported."""
    coordinator = entry.runtime_data.coordinator
    issues = Issues(hass, entry)

    @callback
    def follow() -> None:
        reported = {
            f"{notice.key}_{entry.entry_id}": notice for notice in coordinator.notices
        }
        for issue_id, notice in reported.items():
            said = dict(notice.placeholders)
            issues.show(issue_id, notice.key, said, severe=notice.severe)
        issues.keep_only({*reported})

    follow()
    entry.async_on_unload(coordinator.async_listen_notices(follow))
