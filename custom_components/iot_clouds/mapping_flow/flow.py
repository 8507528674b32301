"""The steps in which the user defines one entity, from its device to its commands."""

from collections.abc import Sequence
from functools import partialmethod
from typing import Any, Final

import probatio

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICE, CONF_NAME
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..mappings import SHAPES, BadDefinition, parse
from ..mappings.proposals import Proposal, propose
from ..model import Kind
from ..offered import device_names
from . import making, sources
from .command_steps import CommandSteps
from .draft import Draft
from .fleet_steps import FleetSteps
from .selecting import choice

CONF_SOURCE: Final = "source"
CONF_EVENT: Final = "event"
CONF_PROPOSALS: Final = "proposals"
OTHER: Final = "other"
"""Choice of something else than what is proposed."""
MOST: Final = 30
"""Proposals that are shown."""


class MappingFlow(FleetSteps, CommandSteps):
    """Makes an entity of what a device sends, and of what it can be told.

    Changing an entity asks the same, but for its device and for what it is; what was
    said before is filled in.
    """

    _proposals: Sequence[Proposal] = ()

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to do."""
        if not device_names(self.hass, self.entry):
            return self.async_abort(reason="no_devices")
        steps = ["device", "import"]
        if self.entry.runtime_data.coordinator.mapped.definitions:
            steps = ["device", "copy", "import", "export"]
        return self.async_show_menu(step_id="user", menu_options=steps)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take what was said before, and ask about the source."""
        subentry = self._get_reconfigure_subentry()
        try:
            before = parse(subentry.subentry_id, subentry.title, subentry.data)
        except BadDefinition:
            return self.async_abort(reason="not_readable")
        self.draft = Draft.of(before)
        if self.draft.shape.reads is None:
            return await self.async_step_entity()
        return await self.async_step_source()

    async def async_step_device(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which device."""
        if user_input is not None:
            self.draft = Draft(device=user_input[CONF_DEVICE])
            return await self.async_step_source()
        names = device_names(self.hass, self.entry)
        fields = probatio.Schema({probatio.Required(CONF_DEVICE): choice(names)})
        return self.async_show_form(
            step_id="device", data_schema=fields, last_step=False
        )

    async def async_step_source(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where the state comes from."""
        errors: dict[str, str] = {}
        offered = self._offered()
        if user_input is not None:
            source = sources.chosen(user_input[CONF_SOURCE])
            if name := user_input.get(CONF_EVENT, "").strip():
                source = {"event": name}
            if source or not self._observes:
                await sources.async_read(self.entry, self.draft.device, source)
                self.draft.follow(source)
                if self._is_known:
                    return await self.async_step_entity()
                return await self.async_step_proposals()
            errors[CONF_SOURCE] = "needs_source"
        elif (
            self._is_known and (now := sources.choice_of(self.draft.source)) in offered
        ):
            user_input = {CONF_SOURCE: now}
        fields = {
            probatio.Required(CONF_SOURCE): choice(offered, "mapping_source"),
            probatio.Optional(CONF_EVENT): TextSelector(),
        }
        return self.show_form("source", probatio.Schema(fields), user_input, errors)

    async def async_step_proposals(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what the source sent last, and ask which proposals are taken."""
        said = sources.payloads(self.entry, self.draft.device, self.draft.source)
        if user_input is None:
            self._proposals = self._propose(said)
            if not self._proposals:
                return await self.async_step_make()
            user_input = {CONF_PROPOSALS: ["0"]}
            errors: dict[str, str] = {}
        else:
            chosen = user_input[CONF_PROPOSALS]
            name = user_input.get(CONF_NAME, "").strip()
            errors = self._misfits(chosen, name)
            if not errors:
                if OTHER in chosen:
                    return await self.async_step_make()
                return self._take(chosen, name)
        return self.show_form(
            "proposals",
            self._proposals_schema(),
            user_input,
            errors,
            payload=sources.block(said[-1] if said else ""),
        )

    async def async_step_make(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to make."""
        source = self.draft.source
        can = [
            platform
            for platform, shape in SHAPES.items()
            if (source is not None or not shape.observes)
            and (shape.kind is not Kind.MESSAGE or (source and "event" in source))
            and (not shape.verbs or self.ways)
        ]
        if not can:
            return self.async_abort(reason="no_commands")
        return self.show_menu("make", can)

    async def _async_make(
        self, platform: str, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Make this, as the proposals have it if one fits."""
        draft, shape = self.draft, SHAPES[platform]
        source = draft.source if shape.reads else None
        proposal = making.fitting(self._proposals, shape)
        draft.document = {"platform": platform}
        if source is not None and proposal is not None:
            draft.document |= making.begun(proposal, shape, dict(source))
            draft.name = proposal.name
        else:
            draft.follow(source)
        return await self.async_step_entity()

    @property
    def _is_known(self) -> bool:
        """Whether it is said already what is made."""
        return "platform" in self.draft.document

    @property
    def _observes(self) -> bool:
        """Whether what is made is nothing without a source."""
        return self._is_known and self.draft.shape.observes

    def _offered(self) -> dict[str, str]:
        """The sources that can be chosen, that of now among them if it may be there."""
        draft = self.draft
        found = sources.sources(self.hass, self.entry, self.device)
        if draft.source and "event" in draft.source:
            found.setdefault(
                sources.choice_of(draft.source), str(draft.source["event"])
            )
        if self._is_known and draft.shape.kind is Kind.MESSAGE:
            found = {
                each: name for each, name in found.items() if sources.is_event(each)
            }
        return {**found, sources.NOTHING: sources.NOTHING}

    def _propose(self, said: list[object]) -> list[Proposal]:
        source = self.draft.source
        if source is None or not said:
            return []
        name = sources.name_of(self.hass, self.entry, self.device, source)
        return propose(said[-1], name, history=said[:-1])[:MOST]

    def _proposals_schema(self) -> probatio.Schema:
        options = [
            SelectOptionDict(value=str(number), label=making.label_of(each))
            for number, each in enumerate(self._proposals)
        ]
        options.append(SelectOptionDict(value=OTHER, label=OTHER))
        picker = SelectSelector(
            SelectSelectorConfig(
                options=options,
                multiple=True,
                mode=SelectSelectorMode.LIST,
                translation_key="mapping_proposal",
            )
        )
        return probatio.Schema(
            {
                probatio.Required(CONF_PROPOSALS): picker,
                probatio.Optional(CONF_NAME): TextSelector(),
            }
        )

    def _misfits(self, chosen: list[str], name: str) -> dict[str, str]:
        """What is wrong with a choice of proposals, by field."""
        if not chosen:
            return {CONF_PROPOSALS: "none_chosen"}
        if OTHER in chosen and len(chosen) > 1:
            return {CONF_PROPOSALS: "other_alone"}
        return {CONF_NAME: "one_name"} if name and len(chosen) > 1 else {}

    def _take(self, chosen: list[str], name: str) -> SubentryFlowResult:
        """Make an entity of each of these proposals."""
        taken = [self._proposals[int(number)] for number in chosen]
        source = dict(self.draft.source or {})
        drafts = [
            Draft(
                device=self.draft.device,
                name=name or proposal.name,
                document=making.document_of(proposal, source),
            )
            for proposal in taken
        ]
        return self.create(*drafts)


for _platform in SHAPES:
    setattr(
        MappingFlow,
        f"async_step_{_platform}",
        partialmethod(MappingFlow._async_make, _platform),  # noqa: SLF001
    )
