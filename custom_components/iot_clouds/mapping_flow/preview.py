"""Shows in the form itself what an entity would show, while the user fills it in."""

from collections.abc import Mapping
from typing import Any, Protocol

import probatio

from homeassistant.components import websocket_api
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..coordinator import CloudConfigEntry
from ..model import Event, Kind, Ref
from . import entity_form, sources, trying
from .draft import Draft
from .making import spoken


class Previewed(Protocol):
    """A flow that shows the form of an entity."""

    flow_id: str
    draft: Draft

    @property
    def entry(self) -> CloudConfigEntry:
        """The account that it is about."""

    @property
    def fields(self) -> probatio.Schema:
        """The fields of its form."""


_FLOWS: HassKey[dict[str, Previewed]] = HassKey(f"{DOMAIN}_previewed")

_FLAGS = frozenset({Kind.FLAG, Kind.TOGGLE})


@callback
def async_register(hass: HomeAssistant) -> None:
    """Let forms ask for previews."""
    websocket_api.async_register_command(hass, _ws_start_preview)


@callback
def async_remember(hass: HomeAssistant, flow: Previewed) -> None:
    """Let the form of this flow ask for previews."""
    hass.data.setdefault(_FLOWS, {})[flow.flow_id] = flow


@callback
def async_forget(hass: HomeAssistant, flow: Previewed) -> None:
    """The flow is over."""
    hass.data.get(_FLOWS, {}).pop(flow.flow_id, None)


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/start_preview",
        probatio.Required("flow_id"): str,
        probatio.Required("flow_type"): "config_subentries_flow",
        probatio.Required("user_input"): dict,
    }
)
@websocket_api.require_admin
@callback
def _ws_start_preview(
    hass: HomeAssistant,
    connection: websocket_api.ActiveConnection,
    message: dict[str, Any],
) -> None:
    """Tell the state now and whenever its source says something, or what is wrong."""
    id_ = message["id"]
    flow = hass.data.get(_FLOWS, {}).get(message["flow_id"])
    try:
        entry = flow.entry if flow else None
    except AbortFlow:
        entry = None
    if flow is None or entry is None:
        connection.send_error(id_, websocket_api.ERR_NOT_FOUND, "Flow not found")
        return
    draft = flow.draft.copy()
    if errors := _entered(flow, draft, message["user_input"]):
        connection.send_message(
            {
                "id": id_,
                "type": websocket_api.TYPE_RESULT,
                "success": False,
                "error": {"code": "invalid_user_input", "message": errors},
            }
        )
        return

    @callback
    def tell() -> None:
        connection.send_message(websocket_api.event_message(id_, _state(entry, draft)))

    connection.subscriptions[id_] = _listen(entry, draft, tell)
    connection.send_result(id_)
    tell()


def _entered(
    flow: Previewed, draft: Draft, entered: Mapping[str, Any]
) -> dict[str, str]:
    """Have the draft say what was entered so far; the name may come last."""
    try:
        found = flow.fields({"name": "-", **entered})
    except probatio.MultipleInvalid as err:
        fields = [str(each.path[0]) for each in err.errors if each.path]
        return {each: "not_valid" if each in entered else "empty" for each in fields}
    return entity_form.enter(draft, {**found, "name": found["name"] or "-"})


def _state(entry: CloudConfigEntry, draft: Draft) -> dict[str, Any]:
    """What the entity shows for what its source said last."""
    definition = draft.provisional()
    said = sources.payloads(entry, draft.device, draft.source)
    shown = trying.shown(definition, said[-1] if said else None)
    platform = "binary_sensor" if definition.shape.reads in _FLAGS else "sensor"
    attributes = {
        "friendly_name": definition.name,
        "device_class": definition.classes.device_class,
        "unit_of_measurement": definition.classes.unit,
    }
    return {
        "entity_id": f"{platform}.preview",
        "state": spoken(shown),
        "attributes": {key: value for key, value in attributes.items() if value},
    }


def _listen(
    entry: CloudConfigEntry, draft: Draft, tell: CALLBACK_TYPE
) -> CALLBACK_TYPE:
    """Hear when the source says something."""
    coordinator = entry.runtime_data.coordinator
    source = draft.source or {}
    if "point" in source:
        ref = Ref(draft.device, str(source["point"]))
        return coordinator.async_add_listener(tell, ref)

    @callback
    def heard(event: Event) -> None:
        if event.name == source.get("event"):
            tell()

    return coordinator.published.async_listen(draft.device, heard)
