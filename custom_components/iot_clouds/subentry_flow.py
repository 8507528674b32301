"""The flow in which the user makes an entity of their own, and changes it later."""

from collections.abc import Iterable
from typing import Any

import probatio

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_DEVICE, CONF_NAME
from homeassistant.data_entry_flow import AbortFlow

from . import command_form, state_form
from .coordinator import CloudConfigEntry
from .mappings import SHAPES, BadDefinition, Definition, Order, State, Verb, dump, parse
from .model import Device
from .offered import boolean_names, device_names, writable_names

MADE = ("button", "switch")
"""What the flow can make so far; sheets can make everything."""


class MappingFlow(ConfigSubentryFlow):
    """Asks for a device, what to make on it, its commands, and where its state is.

    Changing an entity asks the same, beginning with its commands; what was said before is
    filled in.
    """

    _device_id: str
    _platform: str
    _kind: str
    _name = ""
    _state: State | None = None
    _confirm: float | None = None

    def __init__(self) -> None:
        """Know nothing yet."""
        self._commands: dict[Verb, Order] = {}

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which device."""
        names = device_names(self.hass, self._entry)
        if not names:
            return self.async_abort(reason="no_devices")
        if user_input is not None:
            self._device_id = user_input[CONF_DEVICE]
            return await self.async_step_make()
        return self.async_show_form(
            step_id="user",
            data_schema=probatio.Schema(
                {probatio.Required(CONF_DEVICE): command_form.choice(names)}
            ),
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take what was said before, and ask about the commands."""
        subentry = self._get_reconfigure_subentry()
        try:
            before = parse(subentry.subentry_id, subentry.title, subentry.data)
        except BadDefinition:
            return self.async_abort(reason="not_readable")
        self._device_id, self._platform = before.device, before.platform
        self._name, self._commands = before.name, dict(before.commands)
        self._state, self._confirm = before.state, before.confirm
        return await self.async_step_kind()

    async def async_step_make(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to make."""
        return self._show_menu("make", MADE)

    async def async_step_button(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Make a button."""
        self._platform = "button"
        return await self.async_step_kind()

    async def async_step_switch(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Make a switch."""
        self._platform = "switch"
        return await self.async_step_kind()

    async def async_step_kind(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how the device is told what to do, where there are several ways."""
        accepts = self._entry.runtime_data.coordinator.cloud.accepts
        writable = writable_names(self.hass, self._entry, self._device)
        kinds = command_form.kinds_of(accepts, writable)
        if not kinds:
            return self.async_abort(reason="no_commands")
        if len(kinds) == 1:
            return await self._async_use(kinds[0])
        return self._show_menu("kind", kinds)

    async def async_step_send(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Use commands with options."""
        return await self._async_use("send")

    async def async_step_call(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Use functions of the device."""
        return await self._async_use("call")

    async def async_step_publish(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Use events."""
        return await self._async_use("publish")

    async def async_step_set(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Use values that are written."""
        return await self._async_use("set")

    async def _async_use(self, kind: str) -> SubentryFlowResult:
        """Ask about the first command."""
        self._kind = kind
        return await self._async_ask_next(None)

    async def async_step_press(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what happens when the button is pressed."""
        return await self._async_step_command(Verb.PRESS, user_input)

    async def async_step_on(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what turns the switch on."""
        return await self._async_step_command(Verb.ON, user_input)

    async def async_step_off(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what turns the switch off."""
        return await self._async_step_command(Verb.OFF, user_input)

    async def _async_step_command(
        self, verb: Verb, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Ask about one command; with the first one also for the name."""
        named = verb is SHAPES[self._platform].verbs[0]
        errors: dict[str, str] = {}
        if user_input is not None:
            order, errors = command_form.entered_order(self._kind, user_input)
            if named:
                self._name = user_input[CONF_NAME].strip()
                if not self._name:
                    errors[CONF_NAME] = "empty"
            if order and not errors:
                self._commands[verb] = order
                return await self._async_ask_next(verb)
        else:
            user_input = command_form.filled(self._kind, self._commands.get(verb))
            user_input[CONF_NAME] = self._name
        schema = command_form.schema(
            self._kind,
            functions=self._device.functions,
            writable=writable_names(self.hass, self._entry, self._device),
            named=named,
        )
        return self._show_form(verb, schema, user_input, errors)

    async def async_step_state(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where the state comes from."""
        errors: dict[str, str] = {}
        sources = boolean_names(self.hass, self._entry, self._device)
        if user_input is not None:
            self._state, self._confirm, errors = state_form.entered_state(user_input)
            if not errors:
                return self._finish()
        elif self.source == SOURCE_RECONFIGURE or not sources:
            user_input = state_form.filled(self._state, self._confirm, sources)
        return self._show_form("state", state_form.schema(sources), user_input, errors)

    async def _async_ask_next(self, asked: Verb | None) -> SubentryFlowResult:
        """Ask about the command after this one, then about the state."""
        shape = SHAPES[self._platform]
        position = shape.verbs.index(asked) + 1 if asked else 0
        if position < len(shape.verbs):
            return await self._async_step_command(shape.verbs[position], None)
        if shape.reads:
            return await self.async_step_state()
        return self._finish()

    def _finish(self) -> SubentryFlowResult:
        """Save what was said."""
        document = dump(
            Definition(
                id="",
                name=self._name,
                device=self._device_id,
                platform=self._platform,
                state=self._state,
                commands=self._commands,
                confirm=self._confirm,
            )
        )
        if self.source != SOURCE_RECONFIGURE:
            return self.async_create_entry(title=self._name, data=document)
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            title=self._name,
            data=document,
        )

    @property
    def _entry(self) -> CloudConfigEntry:
        """The account, which must be loaded."""
        entry: CloudConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow("not_loaded")
        return entry

    @property
    def _device(self) -> Device:
        """The device as the cloud lists it."""
        device = self._entry.runtime_data.coordinator.listed.get(self._device_id)
        if device is None:
            raise AbortFlow("no_device")
        return device

    def _show_menu(self, step_id: str, options: Iterable[str]) -> SubentryFlowResult:
        return self.async_show_menu(
            step_id=step_id,
            menu_options=[*options],
            description_placeholders=self._words(),
        )

    def _show_form(
        self,
        step_id: str,
        schema: probatio.Schema,
        shown: dict[str, Any] | None,
        errors: dict[str, str],
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
            description_placeholders=self._words(),
        )

    def _words(self) -> dict[str, str]:
        """Placeholders of the texts."""
        device = self._device
        names = device_names(self.hass, self._entry)
        return {"device": names.get(device.id, device.name)}
