"""Tells, as repair issues, which entities of the user's own have lost what they need."""

from collections.abc import Callable, Iterator
from typing import Final

from homeassistant.core import HomeAssistant, callback

from .coordinator import CloudConfigEntry, CloudCoordinator
from .issues import Issues
from .mappings import Definition
from .model import Device
from .replacing import lost_function, lost_source

type _Search = Callable[[Definition, Device], str | None]

_SEARCHES: Final[tuple[tuple[str, _Search], ...]] = (
    ("source_gone", lost_source),
    ("function_gone", lost_function),
)
"""Keys of issues with what finds their cause. Nobody lists the events of a device, so
that an event that never comes again cannot be told from one that is rare."""


@callback
def async_follow_sources(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Show an issue for each mapping whose source or function its device has no more.

    A listing with holes proves nothing, and neither does a device that is gone itself.
    """
    coordinator = entry.runtime_data.coordinator
    issues = Issues(hass, entry)

    @callback
    def follow() -> None:
        if not coordinator.last_update_success or not coordinator.complete:
            return
        kept = set()
        for key, definition, device, lost in _lost(coordinator):
            issue_id = f"{key}_{definition.id}"
            said = {"name": definition.name, "device": device.name, "lost": lost}
            issues.show(issue_id, key, said, subentry_id=definition.id)
            kept.add(issue_id)
        issues.keep_only(kept)

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


def _lost(
    coordinator: CloudCoordinator,
) -> Iterator[tuple[str, Definition, Device, str]]:
    """Issue, definition, device, and what is lost, by its name there."""
    for definition in coordinator.mapped.definitions.values():
        device = coordinator.listed.get(definition.device)
        for key, search in _SEARCHES if device else ():
            if device and (lost := search(definition, device)) is not None:
                yield key, definition, device, lost.rpartition("/")[2]
