"""Versions of iottly's agent, the program that connects a device to the cloud."""

import re

from ...model import Firmware, Kind, Point

POINT = Point(key="agent", kind=Kind.FIRMWARE, label="agent")

_TITLE = "iottly agent"
_VERSION = re.compile(r"(?<![\d.])\d{1,9}(?:\.\d{1,9})+")


def version_in(name: str | None) -> str | None:
    """The version in a file name like `iottlyagent_1.8.3_linux_AMD64.tar.gz`.

    A whole address will do as well; only its last part counts (reference 2.2).
    """
    if name is None:
        return None
    file = name.partition("?")[0].rstrip("/").rpartition("/")[2]
    found = _VERSION.search(file)
    return found[0] if found else None


def firmware_of(installed: str | None, offered: str | None) -> Firmware | None:
    """What a device runs beside what the installer holds; None if either is unknown.

    The agent is installed by hand. One that is newer than the installer is up to date.
    """
    if installed is None or offered is None:
        return None
    has, could_have = _numbers(installed), _numbers(offered)
    if has is None or could_have is None:
        return None
    latest = offered if could_have > has else installed
    return Firmware(installed=installed, latest=latest, title=_TITLE)


def _numbers(version: str) -> list[int] | None:
    """A version to compare by; zeros at its end mean nothing."""
    if (found := _VERSION.search(version)) is None:
        return None
    numbers = [int(number) for number in found[0].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers
