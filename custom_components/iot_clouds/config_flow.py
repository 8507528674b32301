"""The account flow: choose a cloud, sign in, and save what proved to work."""

from collections.abc import Mapping
from functools import partialmethod
from typing import Any, override

import probatio

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from . import async_link
from .cloud import Answer, Challenge, Field, Form, Input, SignedIn, Vendor
from .const import CONF_VENDOR, DOMAIN, LOGGER, SUBENTRY_MAPPING
from .coordinator import CloudConfigEntry
from .hosts import address_error
from .mapping_flow import MappingFlow
from .model import CloudAuthError, CloudBusy, CloudError, CloudRejected
from .options_flow import IotCloudsOptionsFlow
from .vendors import VENDORS

ADVANCED = "advanced"

_SELECTORS = {
    Input.TEXT: TextSelectorConfig(autocomplete="off"),
    Input.USERNAME: TextSelectorConfig(autocomplete="username"),
    Input.SECRET: TextSelectorConfig(
        type=TextSelectorType.PASSWORD, autocomplete="current-password"
    ),
    Input.CODE: TextSelectorConfig(autocomplete="one-time-code"),
    Input.URL: TextSelectorConfig(type=TextSelectorType.URL, autocomplete="off"),
}


class IotCloudsConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds an account, signs it in again, or changes how it is reached.

    The three ways share the vendor's form; `self.source` tells them apart at the end.
    """

    VERSION = 1
    MINOR_VERSION = 1

    _vendor: Vendor
    _form: Form
    _entered: dict[str, Any]
    _values: dict[str, str]
    _challenge: Challenge

    @staticmethod
    @override
    @callback
    def async_get_options_flow(config_entry: CloudConfigEntry) -> IotCloudsOptionsFlow:
        """Change the options of an account."""
        return IotCloudsOptionsFlow()

    @classmethod
    @override
    @callback
    def async_get_supported_subentry_types(
        cls, config_entry: CloudConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Let the user make entities of their own."""
        return {SUBENTRY_MAPPING: MappingFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which cloud."""
        return self.async_show_menu(step_id="user", menu_options=list(VENDORS))

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Sign in again after the cloud refused the saved credentials."""
        return await self._async_step_vendor(entry_data[CONF_VENDOR])

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the credentials or the address of an account."""
        entry = self._get_reconfigure_entry()
        return await self._async_step_vendor(entry.data[CONF_VENDOR])

    async def _async_step_vendor(
        self, key: str, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how to sign in, where there are several ways."""
        vendor = VENDORS[key]
        if len(vendor.forms) == 1:
            return await self._async_step_form(key, vendor.forms[0].key)
        return self.async_show_menu(
            step_id=vendor.key, menu_options=[form.key for form in vendor.forms]
        )

    async def _async_step_form(
        self, vendor: str, key: str, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the credentials and check them."""
        self._vendor = VENDORS[vendor]
        form = next(form for form in self._vendor.forms if form.key == key)
        self._form = form
        errors: dict[str, str] = {}
        if user_input is not None:
            self._entered = user_input
            self._values = _flat(form, user_input)
            errors = _wrong_addresses(form, self._values)
            if not errors:
                result = await self._async_sign_in(errors)
                if result:
                    return result
        return self._show(form, form.key, errors, user_input)

    async def async_step_challenge(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for what the cloud wants besides the credentials, such as a code.

        What the cloud does not wait for any more begins anew with the credentials.
        """
        errors: dict[str, str] = {}
        if user_input is not None:
            values = _flat(self._challenge.form, user_input)
            answer = Answer(challenge=self._challenge, values=values)
            result = await self._async_sign_in(errors, answer)
            if result:
                return result
            if errors.get("base") == "invalid_auth":
                errors["base"] = "sign_in_again"
                return self._show(self._form, self._form.key, errors, self._entered)
        return self._show(self._challenge.form, "challenge", errors, None)

    async def _async_sign_in(
        self, errors: dict[str, str], answer: Answer | None = None
    ) -> ConfigFlowResult | None:
        """Sign in once; without a result `errors` says why."""
        try:
            outcome = await self._vendor.sign_in(
                async_link(self.hass), self._form.key, self._values, answer
            )
        except CloudAuthError:
            errors["base"] = "invalid_auth"
        except CloudBusy:
            errors["base"] = "busy"
        except CloudRejected as err:
            errors[_place(self._form, answer, err.field)] = err.key or "rejected"
        except CloudError:
            errors["base"] = "cannot_connect"
        except Exception:  # noqa: BLE001 - a form must answer, whatever happened
            LOGGER.exception("Unexpected error while signing in")
            errors["base"] = "unknown"
        else:
            if isinstance(outcome, SignedIn):
                return await self._async_finish(outcome)
            self._challenge = outcome
            return await self.async_step_challenge()
        return None

    async def _async_finish(self, signed_in: SignedIn) -> ConfigFlowResult:
        """Save an account whose credentials were just proven."""
        account = signed_in.account
        data = {CONF_VENDOR: self._vendor.key, **signed_in.data}
        await self.async_set_unique_id(f"{self._vendor.key}_{account.id}")
        if self.source == SOURCE_REAUTH:
            entry = self._get_reauth_entry()
        elif self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
        else:
            self._abort_if_unique_id_configured()
            return self.async_create_entry(title=account.title, data=data)
        self._abort_if_unique_id_mismatch(reason="wrong_account")
        return self.async_update_reload_and_abort(entry, data=data)

    def _show(
        self,
        form: Form,
        step_id: str,
        errors: dict[str, str],
        user_input: dict[str, Any] | None,
    ) -> ConfigFlowResult:
        """Show a form, filled with what is known and no secret."""
        if user_input is None and form is self._form:
            user_input = self._saved(form)
        secret = {field.key for field in form.fields if field.input is Input.SECRET}
        known = {
            key: value for key, value in (user_input or {}).items() if key not in secret
        }
        if isinstance(inner := known.get(ADVANCED), dict):
            known[ADVANCED] = {k: v for k, v in inner.items() if k not in secret}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(_schema(form), known),
            errors=errors,
        )

    def _saved(self, form: Form) -> dict[str, Any]:
        """What an existing account was connected with, in the form's shape."""
        if self.source == SOURCE_REAUTH:
            data = self._get_reauth_entry().data
        elif self.source == SOURCE_RECONFIGURE:
            data = self._get_reconfigure_entry().data
        else:
            return {}
        saved: dict[str, Any] = {ADVANCED: {}}
        for field in form.fields:
            if field.key in data:
                place = saved[ADVANCED] if field.advanced else saved
                place[field.key] = data[field.key]
        return saved


def add_steps(vendor: Vendor) -> None:
    """Give the flow a step for each form of a vendor, and for the choice between them."""
    flow = IotCloudsConfigFlow
    if len(vendor.forms) > 1:
        step = partialmethod(flow._async_step_vendor, vendor.key)  # noqa: SLF001
        setattr(flow, f"async_step_{vendor.key}", step)
    for form in vendor.forms:
        step = partialmethod(flow._async_step_form, vendor.key, form.key)  # noqa: SLF001
        setattr(flow, f"async_step_{form.key}", step)


for _vendor in VENDORS.values():
    add_steps(_vendor)


def _schema(form: Form) -> probatio.Schema:
    """The form's fields, the advanced ones in a closed section."""
    plain = {_marker(f): _selector(f) for f in form.fields if not f.advanced}
    advanced = {_marker(f): _selector(f) for f in form.fields if f.advanced}
    if advanced:
        plain[probatio.Required(ADVANCED)] = section(
            probatio.Schema(advanced), {"collapsed": True}
        )
    return probatio.Schema(plain)


def _marker(field: Field) -> probatio.Marker:
    default = probatio.UNDEFINED if field.default is None else field.default
    if field.required:
        return probatio.Required(field.key, default=default)
    return probatio.Optional(field.key, default=default)


def _selector(field: Field) -> Any:
    return TextSelector(_SELECTORS[field.input])


def _flat(form: Form, user_input: Mapping[str, Any]) -> dict[str, str]:
    """The entered values without the section; pasted blanks go, but not in secrets."""
    entered = {**user_input, **user_input.get(ADVANCED, {})}
    return {
        field.key: value if field.input is Input.SECRET else value.strip()
        for field in form.fields
        if (value := entered.get(field.key))
    }


def _place(form: Form, answer: Answer | None, field: str | None) -> str:
    """Where to show an error: at its field, if the form shows that at the top level."""
    fields = answer.challenge.form.fields if answer else form.fields
    plain = {each.key for each in fields if not each.advanced}
    return field if field in plain else "base"


def _wrong_addresses(form: Form, values: Mapping[str, str]) -> dict[str, str]:
    """Refuse addresses that are none, or that would show credentials to a network."""
    for field in form.fields:
        if field.input is Input.URL and (value := values.get(field.key)):
            if error := address_error(value):
                return {"base": error}
    return {}
