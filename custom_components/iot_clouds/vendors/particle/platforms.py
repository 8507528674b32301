"""The hardware that Particle sells, by the `platform_id` of a device (reference 2.4)."""

from typing import NamedTuple


class Platform(NamedTuple):
    """One kind of board; `sleeps` where it may be off the air by design."""

    key: str
    model: str
    sleeps: bool = False
    tracks: bool = False
    """Runs the Tracker firmware, which publishes `loc`."""


PLATFORMS = {
    0: Platform("core", "Core"),
    3: Platform("gcc", "GCC"),
    6: Platform("photon", "Photon"),
    8: Platform("p1", "P1"),
    10: Platform("electron", "Electron", sleeps=True),
    11: Platform("esp32", "ESP32"),
    12: Platform("argon", "Argon"),
    13: Platform("boron", "Boron", sleeps=True),
    14: Platform("xenon", "Xenon"),
    15: Platform("esomx", "E-SoM-X", sleeps=True),
    22: Platform("asom", "A-SoM"),
    23: Platform("bsom", "B-SoM", sleeps=True),
    24: Platform("xsom", "X-SoM"),
    25: Platform("b5som", "B5-SoM", sleeps=True),
    26: Platform("tracker", "Asset Tracker / Monitor One", sleeps=True, tracks=True),
    28: Platform("trackerm", "Tracker-M", sleeps=True, tracks=True),
    31: Platform("raspi", "Raspberry Pi"),
    32: Platform("p2", "Photon 2 / P2"),
    35: Platform("msom", "M-SoM", sleeps=True),
    37: Platform("electron2", "Electron 2", sleeps=True),
    38: Platform("sulu", "Sulu", sleeps=True),
    42: Platform("tachyon", "Tachyon", sleeps=True),
    43: Platform("linux", "Linux"),
    82: Platform("oak", "Oak"),
    88: Platform("duo", "Duo"),
    103: Platform("bluz", "Bluz"),
}
