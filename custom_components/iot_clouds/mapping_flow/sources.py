"""What the state of an entity can come from, and what was sent there last."""

from contextlib import suppress
import json

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..coordinator import CloudConfigEntry
from ..mappings.paths import branches, pointer
from ..mappings.payloads import parse
from ..mappings.states import text_of
from ..model import Device, Json, Ref
from ..offered import readable_names
from .draft import Source

NOTHING = "none"
"""Choice of no source."""

MOST_PATHS = 200
_LONGEST_VALUE = 40
_LONGEST_PAYLOAD = 1024
_POINT = "point:"
_EVENT = "event:"


def choice_of(source: Source | None) -> str:
    """A source as it is chosen from a list."""
    if source is None:
        return NOTHING
    if "point" in source:
        return f"{_POINT}{source['point']}"
    return f"{_EVENT}{source['event']}"


def chosen(choice: str) -> Source | None:
    """The source that was chosen from a list."""
    if choice == NOTHING:
        return None
    if is_event(choice):
        return {"event": choice.removeprefix(_EVENT)}
    return {"point": choice.removeprefix(_POINT)}


def is_event(choice: str) -> bool:
    """Whether a source in a list is an event."""
    return choice.startswith(_EVENT)


def sources(
    hass: HomeAssistant, entry: CloudConfigEntry, device: Device
) -> dict[str, str]:
    """What can be chosen, with what it says now: variables, and events heard lately."""
    found: dict[str, str] = {}
    for key, name in readable_names(hass, entry, device).items():
        source: Source = {"point": key}
        found[choice_of(source)] = _told(name, payloads(entry, device.id, source))
    for name in entry.runtime_data.heard.names(device.id):
        source = {"event": name}
        found[choice_of(source)] = _told(name, payloads(entry, device.id, source))
    return found


async def async_read(
    entry: CloudConfigEntry, device_id: str, source: Source | None
) -> None:
    """Read a variable now that nobody has read yet because that costs something.

    Whoever chose it wants to see what it says. One that cannot be read says nothing.
    """
    runtime = entry.runtime_data
    device = runtime.coordinator.listed.get(device_id)
    if not source or "point" not in source or not runtime.reads or not device:
        return
    point = device.points.get(str(source["point"]))
    unread = point and point.billed and not payloads(entry, device_id, source)
    if unread and device.online is not False:
        with suppress(HomeAssistantError):
            await runtime.reads.async_read(Ref(device_id, str(source["point"])))


def name_of(
    hass: HomeAssistant, entry: CloudConfigEntry, device: Device, source: Source
) -> str:
    """What a source is called."""
    if "event" in source:
        return str(source["event"])
    key = str(source["point"])
    return readable_names(hass, entry, device).get(key, key)


def payloads(
    entry: CloudConfigEntry, device_id: str, source: Source | None
) -> list[object]:
    """What a source said lately, the newest last."""
    if source is None:
        return []
    runtime = entry.runtime_data
    if "event" in source:
        return [*runtime.heard.payloads(device_id, str(source["event"]))]
    ref = Ref(device_id, str(source["point"]))
    reading = runtime.coordinator.readings.get(ref)
    return [] if reading is None or reading.value is None else [reading.value]


def paths(raw: object) -> dict[str, str]:
    """The parts of a payload by their path, with their values."""
    found: dict[str, str] = {}
    for path, value in branches(parse(raw).tree):
        if path and len(found) < MOST_PATHS:
            found[pointer(path)] = f"{pointer(path)}: {_short(value)}"
    return found


def block(raw: object) -> str:
    """A payload as a block of code in Markdown, cut where it is long."""
    text = raw if isinstance(raw, str) else text_of(parse(raw).tree) or ""
    if len(text) > _LONGEST_PAYLOAD:
        text = f"{text[:_LONGEST_PAYLOAD]}…"
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def code(text: str) -> str:
    """A text as code within a line of Markdown."""
    text = " ".join(text.split())
    fence = "`"
    while fence in text:
        fence += "`"
    blank = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def short(raw: object) -> str:
    """The beginning of a payload, on one line."""
    return _short(parse(raw).tree if not isinstance(raw, str) else raw)


def _told(name: str, said: list[object]) -> str:
    return f"{name}: {short(said[-1])}" if said else name


def _short(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
