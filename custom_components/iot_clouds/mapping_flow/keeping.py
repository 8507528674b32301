"""Keeps definitions as subentries of their account."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from ..const import SUBENTRY_MAPPING
from ..coordinator import CloudConfigEntry
from ..model import Json

type Document = Mapping[str, Json]


@callback
def async_keep(
    hass: HomeAssistant, entry: CloudConfigEntry, kept: Iterable[tuple[str, Document]]
) -> None:
    """Keep definitions under their names.

    What has the name, the device and the platform of one that there is takes its place,
    and remains the same entity.
    """
    for name, document in kept:
        before = next(
            (
                subentry
                for subentry in entry.subentries.values()
                if subentry.subentry_type == SUBENTRY_MAPPING
                if _same(subentry, name, document)
            ),
            None,
        )
        if before:
            hass.config_entries.async_update_subentry(entry, before, data=document)
        else:
            async_add(hass, entry, name, document)


@callback
def async_add(
    hass: HomeAssistant, entry: CloudConfigEntry, name: str, document: Document
) -> None:
    """Keep a definition as a new entity."""
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(dict(document)),
            subentry_type=SUBENTRY_MAPPING,
            title=name,
            unique_id=None,
        ),
    )


def _same(subentry: ConfigSubentry, name: str, document: Document) -> bool:
    return subentry.title == name and all(
        subentry.data.get(field) == document[field] for field in ("device", "platform")
    )
