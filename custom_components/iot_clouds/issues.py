"""Shows the repair issues of an account, and takes them back with it."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import CloudConfigEntry
from .repairs import FIXES

LEARN_MORE: Final = (
    "https://github.com/iot-clouds/iot-clouds/blob/main/docs/troubleshooting.md#repairs"
)


class Issues:
    """The issues of one kind of cause that an account shows at the moment.

    They are not kept over a restart: whoever finds the cause shows them again.
    """

    def __init__(self, hass: HomeAssistant, entry: CloudConfigEntry) -> None:
        """Show nothing yet; whatever is shown leaves with the account."""
        self._hass = hass
        self._entry = entry
        self._shown: dict[str, Mapping[str, str]] = {}
        entry.async_on_unload(self._forget)

    @property
    def shown(self) -> set[str]:
        """Ids of what is shown."""
        return {*self._shown}

    @callback
    def show(
        self,
        issue_id: str,
        key: str,
        placeholders: Mapping[str, str],
        *,
        severe: bool = False,
        **data: str,
    ) -> None:
        """Show an issue, or what it says now; `data` is for its repair.

        One that is gone because it was repaired is shown again.
        """
        said = {"account": self._entry.title, **placeholders}
        there = ir.async_get(self._hass).async_get_issue(DOMAIN, issue_id)
        if there and self._shown.get(issue_id) == said:
            return
        self._shown[issue_id] = said
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={"issue": key, "entry_id": self._entry.entry_id, **data},
            is_fixable=key in FIXES,
            learn_more_url=LEARN_MORE,
            severity=ir.IssueSeverity.ERROR if severe else ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders=said,
        )

    @callback
    def keep_only(self, issue_ids: set[str]) -> None:
        """Take back every other issue."""
        for issue_id in self._shown.keys() - issue_ids:
            del self._shown[issue_id]
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    @callback
    def _forget(self) -> None:
        self.keep_only(set())
