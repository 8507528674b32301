"""What a bug report needs to know about an account, and nothing that is anyone's business.

Whatever is shown is chosen here, piece by piece: numbers, yes or no, and words that stand
in Home Assistant or in this integration. Names, values, places, addresses and credentials
are not hidden, they are never taken. Only a cloud's own part is made elsewhere; what it
tells is searched for what it must not contain.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from homeassistant.components.diagnostics import REDACTED
from homeassistant.components.sensor.const import NON_NUMERIC_DEVICE_CLASSES
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .adjust import adjustments
from .cloud import Input, Vendor
from .const import CONF_VENDOR
from .coordinator import CloudConfigEntry, CloudCoordinator
from .devices import device_id_of
from .mapped import kept_mappings
from .model import (
    COMMON,
    Amount,
    Choice,
    Device,
    Json,
    Point,
    Reading,
    Toggle,
    left_out,
)
from .rules import CLASSES, STATE_CLASSES, UNITS
from .vendors import VENDORS

OTHER = "other"
"""Stands for a class or unit that Home Assistant does not know: it may be anything."""

SHORTEST = 4
"""Letters that a text must have to be searched for in what a cloud tells."""

_KNOWN_CLASSES = frozenset().union(*CLASSES.values(), NON_NUMERIC_DEVICE_CLASSES)
_KNOWN_UNITS = frozenset().union(*UNITS.values())


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: CloudConfigEntry
) -> dict[str, Any]:
    """Tell about an account and all its devices."""
    report = _account(entry)
    if entry.state is ConfigEntryState.LOADED:
        coordinator = entry.runtime_data.coordinator
        report["devices"] = [
            _device(coordinator, device) for device in coordinator.data.values()
        ]
    return report


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: CloudConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Tell about an account and one of its devices, as far as it is listed."""
    report = _account(entry)
    if entry.state is ConfigEntryState.LOADED:
        coordinator = entry.runtime_data.coordinator
        listed = coordinator.data.get(device_id_of(device) or "")
        report["device"] = _device(coordinator, listed) if listed else None
    return report


def _account(entry: CloudConfigEntry) -> dict[str, Any]:
    """Everything but the devices; little of it while the account is not loaded."""
    vendor = VENDORS[entry.data[CONF_VENDOR]]
    report: dict[str, Any] = {
        "vendor": vendor.key,
        "state": entry.state.value,
        "reason": entry.error_reason_translation_key,
        "own_addresses": _own_addresses(vendor, entry.data),
        "options": _options(vendor, entry.options),
        "left_out": len(left_out(entry.options)),
        "adjusted_points": len(adjustments(entry.options)),
        "mappings": len(kept_mappings(entry)),
    }
    if entry.state is not ConfigEntryState.LOADED:
        return report
    return report | _running(entry)


def _running(entry: CloudConfigEntry) -> dict[str, Any]:
    """How a loaded account fares."""
    runtime = entry.runtime_data
    coordinator = runtime.coordinator
    return {
        "polls": {
            **_polls(coordinator),
            "complete": coordinator.complete,
            "reachable": coordinator.reachable,
        },
        "reads": _polls(runtime.reads) if runtime.reads else None,
        "feeds": [
            {
                "live": live,
                "seconds": round(runtime.feeds.steady(name)),
                "reconnects": runtime.feeds.reconnects[name],
                "last_failure": runtime.feeds.failures.get(name),
            }
            for name, live in runtime.feeds.live.items()
        ],
        "counters": {
            **coordinator.counters.told(),
            "events": coordinator.published.told,
        },
        "cloud": _searched(
            {**coordinator.cloud.diagnostics()},
            _private(entry.data, coordinator.data.values()),
        ),
    }


def _own_addresses(vendor: Vendor, data: Mapping[str, Any]) -> list[str]:
    """Which addresses are not the vendor's own, without telling them."""
    return sorted(
        {
            field.key
            for form in vendor.forms
            for field in form.fields
            if field.input is Input.URL
            and data.get(field.key, field.default) != field.default
        }
    )


def _options(vendor: Vendor, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are choices between things we know."""
    chosen: dict[str, Any] = {}
    for choice in (*COMMON, *vendor.choices):
        match choice, options.get(choice.key):
            case Choice(values=values), str(value) if value in values:
                chosen[choice.key] = value
            case (Toggle(), bool(value)) | (Amount(), int(value)):
                chosen[choice.key] = value
    return chosen


def _polls(coordinator: DataUpdateCoordinator[Any]) -> dict[str, Any]:
    """How a coordinator fares; of its last error only the kind is told."""
    interval = coordinator.update_interval
    error = coordinator.last_exception
    return {
        "interval": interval.total_seconds() if interval else None,
        "last_ok": coordinator.last_update_success,
        "last_error": type(error.__cause__ or error).__name__ if error else None,
    }


def _device(coordinator: CloudCoordinator, device: Device) -> dict[str, Any]:
    now = dt_util.utcnow()
    listed = coordinator.listed.get(device.id, device).points
    return {
        "online": device.online,
        "sleeps": device.sleeps,
        "functions": len(device.functions),
        "points": [
            {
                **_point(point),
                "adjusted": listed.get(key) != point,
                **_freshness(coordinator.readings.get(device.ref(key)), now),
            }
            for key, point in device.points.items()
            if point.subentry_id is None
        ],
    }


def _point(point: Point) -> dict[str, Any]:
    """What a point is, in words of Home Assistant."""
    return {
        "kind": point.kind.value,
        "device_class": _known(point.device_class, _KNOWN_CLASSES),
        "state_class": _known(point.state_class, STATE_CLASSES),
        "unit": _known(point.unit, _KNOWN_UNITS),
        "category": point.category.value if point.category else None,
        "writable": point.writable,
        "billed": point.billed,
        "enabled": point.enabled,
        "period": point.period,
    }


def _freshness(reading: Reading | None, now: datetime) -> dict[str, Any]:
    """Whether there is a value and for how many seconds, but not which."""
    if reading is None:
        return {"known": False, "assumed": False, "age": None}
    return {
        "known": reading.value is not None,
        "assumed": reading.assumed,
        "age": round((now - reading.at).total_seconds()),
    }


def _known(word: str | None, words: Collection[str]) -> str | None:
    return word if word is None or word in words else OTHER


def _private(data: Mapping[str, Any], devices: Collection[Device]) -> set[str]:
    """Texts that a cloud's own part must not contain."""
    texts = [value for key, value in data.items() if key != CONF_VENDOR]
    for device in devices:
        texts += [device.name, device.serial, device.mac, device.url]
    return {text for text in texts if isinstance(text, str) and len(text) >= SHORTEST}


def _searched(node: Json, private: Collection[str]) -> Json:
    """The same without texts that contain something private."""
    match node:
        case str() if any(text in node for text in private):
            return REDACTED
        case list():
            return [_searched(item, private) for item in node]
        case dict():
            return {
                str(_searched(key, private)): _searched(value, private)
                for key, value in node.items()
            }
    return node
