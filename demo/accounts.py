"""Connects the three accounts as a person does: through the forms of the config flow."""

from collections.abc import Mapping, Sequence
from typing import Any

from .api import Home
from .clouds import CloudClient
from .terminal import DemoError

DOMAIN = "iot_clouds"
FLOW = "/api/config/config_entries/flow"

MENU: Mapping[str, Sequence[str]] = {
    "arduino": ["arduino"],
    "particle": ["particle", "particle_password"],
    "iottly": ["iottly"],
}
"""What to choose, menu by menu, for each cloud."""

STEPS_LIMIT = 8
"""No account takes more steps than this; a form that comes again is an error."""


async def connect_account(home: Home, cloud: CloudClient) -> dict[str, Any]:
    """Add a cloud's account; returns the new entry (`entry_id`, `title`, `state`).

    Raises:
        DemoError: the flow does not end with an entry; the text has its own words.
    """
    step = await home.post(FLOW, {"handler": DOMAIN, "show_advanced_options": False})
    choices = iter(MENU[cloud.name])
    for _ in range(STEPS_LIMIT):
        match step["type"]:
            case "menu":
                answer: dict[str, Any] = {"next_step_id": next(choices, "")}
            case "form" if not step.get("errors"):
                answer = filled(step["data_schema"], cloud.info)
            case "create_entry":
                entry: dict[str, Any] = step["result"]
                return entry
            case _:
                break
        step = await home.post(f"{FLOW}/{step['flow_id']}", answer)
    said = step.get("errors") or step.get("reason") or step["type"]
    raise DemoError(f"the account of {cloud.name} was not accepted: {said}")


def filled(schema: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> Any:
    """Fill a form from what a cloud says about itself.

    Whatever is required must be known. Of the rest only addresses are given, because
    these lead to the simulated cloud instead of the real one.
    """
    values: dict[str, Any] = {}
    for field in schema:
        name = field["name"]
        if field.get("type") == "expandable":
            values[name] = filled(field["schema"], facts)
        elif (value := _fact(name, facts)) is not None:
            if field.get("required") or name.endswith("_url"):
                values[name] = value
        elif field.get("required") and "default" not in field:
            raise DemoError(
                f"the form asks for {name!r}, which the cloud does not tell"
            )
    return values


def _fact(name: str, facts: Mapping[str, Any]) -> Any:
    return facts["url"] if name == "base_url" else facts.get(name)
