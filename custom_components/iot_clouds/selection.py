"""Drops what a cloud tells about devices that the user has left out."""

from collections.abc import Mapping
from dataclasses import replace

from homeassistant.core import callback

from .model import Snapshot, Update


class Selection:
    """Which devices of an account are imported: all but those with these ids.

    `names` are the names of the ones that are left out, by id, as they were listed last.
    """

    def __init__(self, left_out: frozenset[str]) -> None:
        """Know no names yet."""
        self.left_out = left_out
        self.names: Mapping[str, str] = {}

    @callback
    def listing(self, snapshot: Snapshot) -> Snapshot:
        """What a listing says about the imported devices."""
        ids = self.left_out
        if not ids:
            return snapshot
        devices, names = {}, {}
        for device_id, device in snapshot.devices.items():
            if device_id in ids:
                names[device_id] = device.name
            else:
                devices[device_id] = device
        self.names = names if snapshot.complete else {**self.names, **names}
        return replace(
            snapshot,
            devices=devices,
            readings={
                ref: reading
                for ref, reading in snapshot.readings.items()
                if ref.device_id not in ids
            },
            events=tuple(each for each in snapshot.events if each.device_id not in ids),
        )

    @callback
    def news(self, update: Update) -> Update:
        """What is pushed or read about the imported devices."""
        ids = self.left_out
        if not ids:
            return update
        return replace(
            update,
            readings={
                ref: reading
                for ref, reading in update.readings.items()
                if ref.device_id not in ids
            },
            online={key: on for key, on in update.online.items() if key not in ids},
            events=tuple(each for each in update.events if each.device_id not in ids),
        )
