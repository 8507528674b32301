"""The flow in which the user makes entities of their own."""

from typing import Any

REPORT = '{"temperature": 21.5, "door": "open", "pump": 0, "humidity": 40}'

FROM_REPORT = {"source": "point:variable/report"}
FROM_DOOR = {"source": "point:variable/door"}
FROM_NOTHING = {"source": "none"}
FROM_SKY = {"source": "none", "event": "sky"}
OTHER = {"proposals": ["other"]}


def step(name: str) -> dict[str, str]:
    """The choice of an item of a menu."""
    return {"next_step_id": name}


SAVE = step("save")


def suggested(flow: Any) -> dict[str, Any]:
    """What the fields of a form are filled with."""
    found = {}
    for marker in flow["data_schema"].schema:
        said = (marker.description or {}).get("suggested_value")
        if said is not None:
            found[str(marker)] = said
    return found


def fields(flow: Any) -> list[str]:
    """The fields of a form."""
    return [str(marker) for marker in flow["data_schema"].schema]


def choices(flow: Any, field: str) -> list[Any]:
    """What a field can be chosen from."""
    (selector,) = [
        selector
        for marker, selector in flow["data_schema"].schema.items()
        if marker == field
    ]
    return [
        (option["value"], option["label"]) if isinstance(option, dict) else option
        for option in selector.config["options"]
    ]
