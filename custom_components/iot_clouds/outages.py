"""Tells, as a repair issue, that live updates stay away although the cloud answers."""

from collections.abc import Mapping
from datetime import timedelta
import math
from typing import Any, Final

from yarl import URL

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .cloud import Vendor
from .coordinator import CloudConfigEntry
from .issues import Issues

ISSUE: Final = "feed_down"

PATIENCE = timedelta(minutes=15)
"""Three of the longest waits between two attempts: a cloud that was away, or restarts,
is back by then."""


class _Outage:
    """Counts how long polls succeed while a feed is down.

    While the cloud as a whole does not answer, the account itself says so, and the time
    after that counts anew. A feed that was refused waits for somebody to sign in again,
    and what the cloud knows better it tells by a notice.
    """

    def __init__(self, hass: HomeAssistant, entry: CloudConfigEntry) -> None:
        """Begin with what is so now."""
        runtime = entry.runtime_data
        self._hass = hass
        self._coordinator = runtime.coordinator
        self._feeds = runtime.feeds
        self._issues = Issues(hass, entry)
        self._issue_id = f"{ISSUE}_{entry.entry_id}"
        self._said = {
            "address": _address(runtime.vendor, entry.data),
            "minutes": str(math.ceil(runtime.vendor.poll_fast.total_seconds() / 60)),
        }
        self._timer: CALLBACK_TYPE | None = None
        entry.async_on_unload(self._feeds.async_listen(self._heard))
        entry.async_on_unload(self._coordinator.async_add_listener(self._look))
        entry.async_on_unload(self._coordinator.async_listen_notices(self._look))
        entry.async_on_unload(self._end)
        self._look()

    @callback
    def _heard(self, name: str) -> None:
        self._look()

    @callback
    def _look(self) -> None:
        explained = any(each.explains_feeds for each in self._coordinator.notices)
        answers = self._coordinator.last_update_success
        if explained or not answers or not self._feeds.down:
            self._end()
        elif self._timer is None:
            self._wait()

    @callback
    def _wait(self) -> None:
        self._timer = async_call_later(
            self._hass, PATIENCE, HassJob(self._ring, cancel_on_shutdown=True)
        )

    @callback
    def _ring(self, _: object) -> None:
        # What is connected just now may be what somebody has repaired a moment ago.
        if not all(self._feeds.live.values()):
            self._issues.show(self._issue_id, ISSUE, self._said)
        # What was repaired, and has broken again before it was over, is told again.
        self._wait()

    @callback
    def _end(self) -> None:
        self._issues.keep_only(set())
        if self._timer:
            self._timer()
            self._timer = None


@callback
def async_follow_outages(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Show an issue while a feed of the account is down for long."""
    _Outage(hass, entry)


def _address(vendor: Vendor, data: Mapping[str, Any]) -> str:
    """Host and port that have to be reached; the cloud's name if it has none."""
    for form in vendor.forms:
        for field in form.fields:
            if field.key == vendor.push_field:
                url = URL(str(data.get(field.key) or field.default))
                return f"{url.host}:{url.port}"
    return vendor.name
