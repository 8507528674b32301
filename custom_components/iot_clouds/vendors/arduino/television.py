"""A television's codes in words, and back (reference 3.3)."""

from collections.abc import Mapping

from ...model import CloudRejected, Json, Playback, Player

NO_PLAYBACK = 255

_PLAYBACKS = (
    Playback.FAST_FORWARD,
    Playback.NEXT,
    Playback.PAUSE,
    Playback.PLAY,
    Playback.PREVIOUS,
    Playback.REWIND,
    Playback.START_OVER,
    Playback.STOP,
)
"""Commands in the order of their codes."""


def _numbered(name: str, last: int) -> tuple[str, ...]:
    return tuple(f"{name}{number}" for number in range(1, last + 1))


SOURCES = (
    *_numbered("aux", 7),
    "bluray",
    "cable",
    "cd",
    *_numbered("coax", 2),
    "composite1",
    "dvd",
    "game",
    "hdradio",
    *_numbered("hdmi", 10),
    "hdmiarc",
    *_numbered("input", 10),
    "ipod",
    *_numbered("line", 7),
    "mediaplayer",
    *_numbered("optical", 2),
    "phono",
    "playstation",
    "playstation3",
    "playstation4",
    "satellite",
    "smartcast",
    "tuner",
    "tv",
    "usbdac",
    *_numbered("video", 3),
    "xbox",
)
"""Inputs in the order of their codes, 0 to 60."""


def player_of(parts: Mapping[str, Json]) -> Player | None:
    """What the parts say together; None while it is not known whether it is on."""
    on = parts.get("swi")
    if not isinstance(on, bool):
        return None
    muted = parts.get("mut")
    code = _code(parts, "pbc")
    return Player(
        on=on,
        volume=_code(parts, "vol"),
        muted=muted if isinstance(muted, bool) else None,
        playback=_at(_PLAYBACKS, code),
        source=source_of(parts),
        channel=_code(parts, "cha"),
    )


def source_of(parts: Mapping[str, Json]) -> str | None:
    """The name of the input; None for a code that has none."""
    return _at(SOURCES, _code(parts, "inp"))


def player_parts(player: Player, known: Mapping[str, Json]) -> dict[str, Json]:
    """All parts of a television; what the player does not say stays as it is known.

    Raises:
        CloudRejected: no such source.
    """
    source = _code(known, "inp") or 0
    if player.source is not None and player.source != source_of(known):
        if player.source not in SOURCES:
            raise CloudRejected("no such source", key="invalid_value", field="inp")
        source = SOURCES.index(player.source)
    volume = _code(known, "vol") if player.volume is None else player.volume
    channel = _code(known, "cha") if player.channel is None else player.channel
    muted = known.get("mut") if player.muted is None else player.muted
    return {
        "swi": player.on,
        "vol": round(min(max(volume or 0, 0), 100)),
        "mut": muted is True,
        "pbc": _playback(player, known),
        "inp": source,
        "cha": channel or 0,
    }


def _playback(player: Player, known: Mapping[str, Json]) -> int:
    if player.playback is not None:
        return _PLAYBACKS.index(player.playback)
    code = _code(known, "pbc")
    return NO_PLAYBACK if code is None else code


def _code(parts: Mapping[str, Json], name: str) -> int | None:
    value = parts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _at[T](names: tuple[T, ...], code: int | None) -> T | None:
    return names[code] if code is not None and 0 <= code < len(names) else None
