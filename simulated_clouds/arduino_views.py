"""Things, properties and devices as the REST interface shows them (reference 2.4 to 2.7)."""

import math
from typing import Any

from .arduino_store import UNSET, Property, Store, device_of, moment
from .world import Board, Value

CREATED = "2025-12-01T00:00:00Z"
LORA = "lora"


def thing(store: Store, board: Board, *, properties: bool) -> dict[str, Any]:
    """An ArduinoThing."""
    device = board.facts.get("device", {})
    bound = {
        f"device_{name}": device[name]
        for name in ("id", "name", "type", "fqbn")
        if name in device
    }
    listed = store.properties(board)
    shown = {"properties": properties_(store, board) if properties else []}
    return {
        "id": board.id,
        "href": f"/iot/v1/things/{board.id}",
        "name": board.name,
        "timezone": board.facts.get("timezone", "Europe/Rome"),
        "user_id": store.owner(board),
        "assistant": "NONE",
        "created_at": CREATED,
        "updated_at": CREATED,
        **bound,
        "properties_count": len(listed),
        "tags": board.facts.get("tags", {}),
        "webhook_active": False,
        **_present(board.facts, "organization_id", "deleted_at"),
        **(shown if properties else {}),
    }


def properties_(store: Store, board: Board, *, deleted: bool = False) -> list[Any]:
    """The properties of a thing, with what does not belong there in their midst."""
    shown: list[Any] = [
        property_(store, item) for item in store.properties(board, deleted=deleted)
    ]
    middle = len(shown) // 2
    return [*shown[:middle], *board.facts.get("broken_properties", ()), *shown[middle:]]


def property_(store: Store, item: Property) -> dict[str, Any]:
    """An ArduinoProperty; `last_value` is "N/A" before the first value."""
    last = store.last(item)
    access = "READ_WRITE" if item.variable.writable else "READ_ONLY"
    return {
        "id": item.id,
        "href": f"/iot/v1/things/{item.board.id}/properties/{item.id}",
        "variable_name": item.variable.name,
        "type": item.variable.type,
        "permission": access,
        "update_strategy": "ON_CHANGE",
        "update_parameter": 0,
        "thing_id": item.board.id,
        "thing_name": item.board.name,
        "tag": item.tag,
        "persist": True,
        "linked_to_trigger": False,
        "created_at": CREATED,
        "updated_at": CREATED,
        **item.fields,
        "name": item.name,
        "last_value": UNSET if last is None else _jsonable(last.value),
        **({} if last is None else {"value_updated_at": moment(last.at)}),
    }


def device(store: Store, board: Board, *, online: bool) -> dict[str, Any]:
    """An ArduinoDevicev2 with its thing inside."""
    facts = board.facts["device"]
    lora = facts.get("connection_type") == LORA
    status = "ONLINE" if online else "OFFLINE"
    seen = [
        sample.at for item in store.properties(board) if (sample := store.last(item))
    ]
    return {
        "href": f"/iot/v1/devices/{device_of(board)}",
        "user_id": store.owner(board),
        # The status of LoRa boards is not known to the cloud (reference 2.7).
        "device_status": "UNKNOWN" if lora else status,
        "ota_available": not lora,
        "ota_compatible": not lora,
        "no_sketch": False,
        "locked": False,
        "events": [],
        "tags": {},
        "created_at": CREATED,
        "updated_at": CREATED,
        **facts,
        **({"last_activity_at": moment(max(seen))} if seen else {}),
        **_present(board.facts, "organization_id"),
        "thing": thing(store, board, properties=False),
    }


def _jsonable(value: Value) -> Value:
    """What JSON can carry; a sensor that failed sends NaN (reference 3.4, rule 3)."""
    if isinstance(value, float) and not math.isfinite(value):
        return UNSET
    if isinstance(value, dict):
        return {name: _jsonable(each) for name, each in value.items()}
    return value


def _present(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: facts[name] for name in names if name in facts}
