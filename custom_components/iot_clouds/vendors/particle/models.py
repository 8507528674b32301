"""Particle's own shapes, read leniently: fields come and go without notice (reference 0)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
import re
from typing import Self

from ...model import Json
from .values import clean, moment

API = "api"
"""The `coreid` of what was published over REST; local clouds say null instead."""

INTERNAL = "particle-internal"
"""The `coreid` of what the cloud itself publishes (5.2)."""

LONGEST_ID = 64
"""Characters of a device's id."""

_ID = re.compile(rf"(?!\.+$)[0-9A-Za-z_.-]{{1,{LONGEST_ID}}}")
"""24 hexadecimal digits at the vendor (2.2). Whatever could mean something in a path or
follow after a prefix is no id, whoever lists it."""

_LONGEST = 255

type Fields = Mapping[str, Json]


def text(value: Json) -> str | None:
    """A string with something in it, or None."""
    return clean(value) if isinstance(value, str) and value.strip() else None


def label(value: Json) -> str | None:
    """A name, a version or a number: one line of text, cut where it has no end."""
    told = text(value[:_LONGEST]) if isinstance(value, str) else None
    return " ".join(told.split()) or None if told else None


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
        clean(name): label(declared) or ""
        for name, declared in value.items()
        if name.strip() and len(name) <= _LONGEST
    }


def _functions(value: Json) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    names = {
        text(item) for item in value if isinstance(item, str) and len(item) <= _LONGEST
    }
    return tuple(sorted(filter(None, names)))


def product_number(value: Json) -> int | None:
    """A product's number, or a firmware's; they are whole and not negative."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 16:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 10**15 else None


def _either[T](newer: T | None, older: T | None) -> T | None:
    return older if newer is None else newer


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What a product knows of its device; each is None where nobody said (2.2)."""

    installed: int | None = None
    targeted: int | None = None
    desired: int | None = None
    updates_enabled: bool | None = None
    blocked: bool | None = None
    """Quarantined, or denied to connect."""
    groups: tuple[str, ...] | None = None

    @classmethod
    def parse(cls, body: Fields) -> Self:
        """Read the fields that a device of a product has more than others."""
        flags = [
            flag
            for key in ("quarantined", "denied")
            if isinstance(flag := body.get(key), bool)
        ]
        enabled = body.get("firmware_updates_enabled")
        return cls(
            installed=product_number(body.get("firmware_version")),
            targeted=product_number(body.get("targeted_firmware_release_version")),
            desired=product_number(body.get("desired_firmware_version")),
            updates_enabled=enabled if isinstance(enabled, bool) else None,
            blocked=any(flags) if flags else None,
            groups=_functions(body.get("groups")),
        )

    def over(self, older: Membership) -> Membership:
        """This one, with what it does not say filled from an older one."""
        return Membership(
            installed=_either(self.installed, older.installed),
            targeted=_either(self.targeted, older.targeted),
            desired=_either(self.desired, older.desired),
            updates_enabled=_either(self.updates_enabled, older.updates_enabled),
            blocked=_either(self.blocked, older.blocked),
            groups=_either(self.groups, older.groups),
        )


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
    product: str | None = None
    """Number of the product it belongs to, where it does."""
    iccid: str | None = field(default=None, repr=False)
    membership: Membership = field(default_factory=Membership)

    @classmethod
    def parse(cls, body: Json, prefix: str = "") -> Self | None:
        """Read one device; None for something that has no sensible id.

        Its own id follows after `prefix`.
        """
        if not isinstance(body, dict):
            return None
        told = body.get("id")
        device_id = told.lower() if isinstance(told, str) else ""
        if not _ID.fullmatch(device_id):
            return None
        name = label(body.get("name"))
        return cls(
            id=f"{prefix}{device_id}",
            name=None if name == "null" else name,
            platform_id=_platform(body.get("platform_id")),
            online=_online(body),
            cellular=body.get("cellular") is True,
            safe_mode=body.get("status") == "safe_mode",
            serial=label(body.get("serial_number")),
            mac=label(body.get("mac_wifi")),
            system_version=label(body.get("system_firmware_version"))
            or label(body.get("current_build_target")),
            last_handshake=label(body.get("last_handshake_at")),
            definition=Definition.parse(body),
            product=_product(body),
            iccid=label(body.get("iccid")) or label(body.get("last_iccid")),
            membership=Membership.parse(body),
        )


def _product(body: Fields) -> str | None:
    """A device outside of products has its platform's number there (2.2)."""
    told = product_number(body.get("product_id"))
    return None if told is None or told == body.get("platform_id") else str(told)


def _platform(value: Json) -> int | None:
    # A local cloud says -1 until the board has connected once (reference 12.3).
    return None if isinstance(value, str) else product_number(value)


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
