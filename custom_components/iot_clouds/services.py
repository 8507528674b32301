"""The actions: write, call a function, publish, send a command, look back, refresh."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
import json
import time
from typing import Any

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
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv

from .const import DOMAIN
from .coordinator import CloudCoordinator
from .history import HISTORY_SCHEMA, async_get_history
from .model import Call, Command, Publish, Ref, Send, SetPoint
from .targets import account_of, device_of, point_of, wrong

ATTR_ANYWAY = "anyway"
ATTR_ARGUMENT = "argument"
ATTR_DATA = "data"
ATTR_FUNCTION = "function"
ATTR_NEGATIVE_IS_ERROR = "negative_is_error"
ATTR_OPTIONS = "options"
ATTR_TYPE = "type"
ATTR_VALUE = "value"
ATTR_WAIT = "wait"
ATTR_WAIT_FOR = "wait_for"

LONGEST_WAIT = 30
"""Seconds for which an action may wait for an answer of a device."""


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
    # Together, so that a cloud which can write several values at once does.
    outcomes = await asyncio.gather(
        *(
            coordinator.async_execute(SetPoint(ref=ref, value=value))
            for coordinator, ref in targets
        ),
        return_exceptions=True,
    )
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return dict.fromkeys(call.data[ATTR_ENTITY_ID], value)


async def _call_function(call: ServiceCall) -> ServiceResponse:
    """Call a function of a device and return what it returned."""
    coordinator, device = device_of(call.hass, call.data[ATTR_DEVICE_ID])
    function = call.data[ATTR_FUNCTION]
    if device.functions and function not in device.functions:
        raise wrong(
            "unknown_function",
            function=function,
            device=device.name,
            functions=", ".join(device.functions),
        )
    command = Call(
        device_id=device.id, function=function, argument=call.data[ATTR_ARGUMENT]
    )
    started = time.monotonic()
    returned = await _execute(coordinator, command)
    took = round((time.monotonic() - started) * 1000)
    if (
        call.data[ATTR_NEGATIVE_IS_ERROR]
        and isinstance(returned, int | float)
        and returned < 0
    ):
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="function_failed",
            translation_placeholders={
                "function": function,
                "device": device.name,
                "value": str(returned),
            },
        )
    return {"return_value": returned, "round_trip_ms": took}


async def _publish_event(call: ServiceCall) -> ServiceResponse:
    """Publish an event in the name of an account."""
    command = Publish(name=call.data[ATTR_NAME], data=call.data[ATTR_DATA])
    return _answer(
        "answer",
        await _execute(account_of(call.hass, call.data[ATTR_CONFIG_ENTRY_ID]), command),
    )


async def _send_command(call: ServiceCall) -> ServiceResponse:
    """Send a command with options to a device, and return what it says to that."""
    coordinator, device = device_of(call.hass, call.data[ATTR_DEVICE_ID])
    wait = call.data.get(ATTR_WAIT) or None
    wait_for = call.data.get(ATTR_WAIT_FOR) or None
    if wait_for and wait is None:
        raise wrong("needs_wait", field=ATTR_WAIT_FOR, other=ATTR_WAIT)
    command = Send(
        device_id=device.id,
        type=call.data[ATTR_TYPE],
        options=call.data[ATTR_OPTIONS],
        wait=wait,
        wait_for=wait_for,
        anyway=call.data[ATTR_ANYWAY],
    )
    if wait is None:
        return _answer("answer", await _execute(coordinator, command))
    answer: ServiceResponse = await _execute(coordinator, command)
    # What was read while waiting also belongs to entities.
    coordinator.async_relist()
    return answer


async def _refresh(call: ServiceCall) -> ServiceResponse:
    """List an account now."""
    coordinator = account_of(call.hass, call.data[ATTR_CONFIG_ENTRY_ID])
    await coordinator.async_refresh()
    if not coordinator.last_update_success:
        failed = coordinator.last_exception
        key, placeholders = "refresh_failed", None
        if isinstance(failed, HomeAssistantError) and failed.translation_key:
            key, placeholders = failed.translation_key, failed.translation_placeholders
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
        ) from failed
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
            probatio.Optional(ATTR_NEGATIVE_IS_ERROR, default=False): cv.boolean,
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
            probatio.Optional(ATTR_WAIT): probatio.All(
                probatio.Coerce(float), probatio.Range(min=0, max=LONGEST_WAIT)
            ),
            probatio.Optional(ATTR_WAIT_FOR): cv.string,
            probatio.Optional(ATTR_ANYWAY, default=False): cv.boolean,
        },
    ),
    "get_history": _Action(handler=async_get_history, schema=HISTORY_SCHEMA),
    "refresh": _Action(
        handler=_refresh, schema={probatio.Required(ATTR_CONFIG_ENTRY_ID): cv.string}
    ),
}


def _writable(hass: HomeAssistant, entity_id: str) -> tuple[CloudCoordinator, Ref]:
    """The writable point behind an entity."""
    found = point_of(hass, entity_id)
    if found is None or not found[2].writable:
        raise wrong("not_writable", entity=entity_id)
    coordinator, device, point = found
    return coordinator, device.ref(point.key)


async def _execute(coordinator: CloudCoordinator, command: Command) -> Any:
    """Carry out a command that not every cloud knows."""
    if type(command) not in coordinator.cloud.accepts:
        raise wrong("not_supported", account=coordinator.config_entry.title)
    return await coordinator.async_execute(command)


def _answer(key: str, result: Any) -> ServiceResponse:
    return {key: result}
