"""The actions: write a value, call a function, publish, send a command, refresh."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
import json
from typing import Any, cast

import probatio

from homeassistant.const import (
    ATTR_CONFIG_ENTRY_ID,
    ATTR_DEVICE_ID,
    ATTR_ENTITY_ID,
    ATTR_NAME,
)
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
    service,
)

from .const import DOMAIN
from .coordinator import CloudConfigEntry, CloudCoordinator
from .devices import device_id_of, key_of
from .model import Call, Command, Device, Publish, Ref, Send, SetPoint

ATTR_ARGUMENT = "argument"
ATTR_DATA = "data"
ATTR_FUNCTION = "function"
ATTR_OPTIONS = "options"
ATTR_TYPE = "type"
ATTR_VALUE = "value"


def _text(value: Any) -> str:
    """A text as it is, anything else as JSON, which is what boards parse."""
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    """An action: who carries it out and what it takes."""

    handler: Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]
    schema: Mapping[probatio.Marker, Any]


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, once for all accounts."""
    for name, action in ACTIONS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            action.handler,
            probatio.Schema(dict(action.schema)),
            supports_response=SupportsResponse.OPTIONAL,
        )


async def _set_value(call: ServiceCall) -> ServiceResponse:
    """Write a value to the points behind these entities."""
    value = call.data[ATTR_VALUE]
    targets = [_writable(call.hass, each) for each in call.data[ATTR_ENTITY_ID]]
    for coordinator, ref in targets:
        await coordinator.async_execute(SetPoint(ref=ref, value=value))
    return dict.fromkeys(call.data[ATTR_ENTITY_ID], value)


async def _call_function(call: ServiceCall) -> ServiceResponse:
    """Call a function of a device and return what it returned."""
    coordinator, device = _device(call)
    function = call.data[ATTR_FUNCTION]
    if device.functions and function not in device.functions:
        raise _wrong(
            "unknown_function",
            function=function,
            device=device.name,
            functions=", ".join(device.functions),
        )
    command = Call(
        device_id=device.id, function=function, argument=call.data[ATTR_ARGUMENT]
    )
    return _answer("return_value", await _execute(coordinator, command))


async def _publish_event(call: ServiceCall) -> ServiceResponse:
    """Publish an event in the name of an account."""
    command = Publish(name=call.data[ATTR_NAME], data=call.data[ATTR_DATA])
    return _answer("answer", await _execute(_account(call), command))


async def _send_command(call: ServiceCall) -> ServiceResponse:
    """Send a command with options to a device."""
    coordinator, device = _device(call)
    command = Send(
        device_id=device.id, type=call.data[ATTR_TYPE], options=call.data[ATTR_OPTIONS]
    )
    return _answer("answer", await _execute(coordinator, command))


async def _refresh(call: ServiceCall) -> ServiceResponse:
    """List an account now."""
    coordinator = _account(call)
    await coordinator.async_refresh()
    if not coordinator.last_update_success:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="refresh_failed"
        ) from coordinator.last_exception
    return {"devices": len(coordinator.data)}


ACTIONS: Mapping[str, _Action] = {
    "set_value": _Action(
        handler=_set_value,
        schema={
            probatio.Required(ATTR_ENTITY_ID): cv.entity_ids,
            probatio.Required(ATTR_VALUE): object,
        },
    ),
    "call_function": _Action(
        handler=_call_function,
        schema={
            probatio.Required(ATTR_DEVICE_ID): cv.string,
            probatio.Required(ATTR_FUNCTION): cv.string,
            probatio.Optional(ATTR_ARGUMENT, default=""): _text,
        },
    ),
    "publish_event": _Action(
        handler=_publish_event,
        schema={
            probatio.Required(ATTR_CONFIG_ENTRY_ID): cv.string,
            probatio.Required(ATTR_NAME): cv.string,
            probatio.Optional(ATTR_DATA, default=""): _text,
        },
    ),
    "send_command": _Action(
        handler=_send_command,
        schema={
            probatio.Required(ATTR_DEVICE_ID): cv.string,
            probatio.Required(ATTR_TYPE): cv.string,
            probatio.Optional(ATTR_OPTIONS, default=dict): {str: object},
        },
    ),
    "refresh": _Action(
        handler=_refresh, schema={probatio.Required(ATTR_CONFIG_ENTRY_ID): cv.string}
    ),
}


def _account(call: ServiceCall) -> CloudCoordinator:
    """The loaded account that the action names."""
    entry: CloudConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID]
    )
    return entry.runtime_data.coordinator


def _device(call: ServiceCall) -> tuple[CloudCoordinator, Device]:
    """The device that the action names, which must be one that the account lists."""
    registered, entry = service.async_get_device_and_config_entry(
        call.hass, DOMAIN, call.data[ATTR_DEVICE_ID]
    )
    coordinator = cast(CloudConfigEntry, entry).runtime_data.coordinator
    device = coordinator.data.get(device_id_of(registered) or "")
    if device is None:
        raise _wrong("no_such_device", device=registered.name or "")
    return coordinator, device


def _writable(hass: HomeAssistant, entity_id: str) -> tuple[CloudCoordinator, Ref]:
    """The writable point behind an entity."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != DOMAIN:
        raise _wrong("not_ours", entity=entity_id)
    entry: CloudConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, entity.config_entry_id
    )
    registered = dr.async_get(hass).async_get(entity.device_id or "")
    coordinator = entry.runtime_data.coordinator
    device = coordinator.data.get((registered and device_id_of(registered)) or "")
    point = device.points.get(key_of(device.id, entity.unique_id)) if device else None
    if device is None or point is None or not point.writable:
        raise _wrong("not_writable", entity=entity_id)
    return coordinator, device.ref(point.key)


async def _execute(coordinator: CloudCoordinator, command: Command) -> Any:
    """Carry out a command that not every cloud knows."""
    if type(command) not in coordinator.cloud.accepts:
        raise _wrong("not_supported", account=coordinator.config_entry.title)
    return await coordinator.async_execute(command)


def _answer(key: str, result: Any) -> ServiceResponse:
    return {key: result}


def _wrong(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
