"""Particle's own shapes, read leniently: fields come and go without notice (reference 0)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ...model import Json
from .values import clean, moment

API = "api"
"""The `coreid` of what was published over REST; local clouds say null instead."""

type Fields = Mapping[str, Json]


def text(value: Json) -> str | None:
    """A string with something in it, or None."""
    return clean(value) if isinstance(value, str) and value.strip() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a firmware exposes: names of variables with their types, and functions.

    Either is None where the cloud does not say, as it may for an offline device.
    """

    variables: Mapping[str, str] | None = None
    functions: tuple[str, ...] | None = None

    @classmethod
    def parse(cls, body: Fields) -> Self:
        """Read the two maps of a device."""
        return cls(
            variables=_variables(body.get("variables")),
            functions=_functions(body.get("functions")),
        )

    def over(self, older: Definition) -> Definition:
        """This one, with what it does not say filled from an older one."""
        return Definition(
            variables=older.variables if self.variables is None else self.variables,
            functions=older.functions if self.functions is None else self.functions,
        )

    @property
    def complete(self) -> bool:
        """Whether the cloud told both maps."""
        return self.variables is not None and self.functions is not None


def _variables(value: Json) -> Mapping[str, str] | None:
    if not isinstance(value, dict):
        return None
    return {
        clean(name): declared if isinstance(declared, str) else ""
        for name, declared in value.items()
        if name.strip()
    }


def _functions(value: Json) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(sorted({name for item in value if (name := text(item))}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One device of the list or of the detail (reference 2.2)."""

    id: str
    name: str | None
    platform_id: int | None
    online: bool | None
    cellular: bool
    safe_mode: bool
    serial: str | None = field(repr=False)
    mac: str | None = field(repr=False)
    system_version: str | None
    last_handshake: str | None
    definition: Definition

    @classmethod
    def parse(cls, body: Json) -> Self | None:
        """Read one device; None for something that has no id."""
        if not isinstance(body, dict) or not (device_id := text(body.get("id"))):
            return None
        name = text(body.get("name"))
        return cls(
            id=device_id.lower(),
            name=None if name == "null" else name,
            platform_id=_platform(body.get("platform_id")),
            online=_online(body),
            cellular=body.get("cellular") is True,
            safe_mode=body.get("status") == "safe_mode",
            serial=text(body.get("serial_number")),
            mac=text(body.get("mac_wifi")),
            system_version=text(body.get("system_firmware_version"))
            or text(body.get("current_build_target")),
            last_handshake=text(body.get("last_handshake_at")),
            definition=Definition.parse(body),
        )


def _platform(value: Json) -> int | None:
    # A local cloud says -1 until the board has connected once (reference 12.3).
    valid = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if valid and isinstance(value, int) else None


def _online(body: Fields) -> bool | None:
    """`online` or its deprecated twin; None when neither is there (reference 2.2)."""
    told = [
        flag
        for key in ("online", "connected")
        if isinstance(flag := body.get(key), bool)
    ]
    return any(told) if told else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event of a stream (reference 5.2); `stamp` is its time as the cloud wrote it."""

    name: str
    source: str
    data: Json = field(repr=False)
    stamp: str
    published: datetime | None

    @classmethod
    def parse(cls, name: str, body: Json) -> Self | None:
        """Read the JSON of an event; None for what is not an object."""
        if not isinstance(body, dict):
            return None
        stamp = body.get("published_at")
        return cls(
            name=name,
            source=(text(body.get("coreid")) or API).lower(),
            data=body.get("data"),
            stamp=stamp if isinstance(stamp, str) else "",
            published=moment(stamp),
        )
