"""The steps in which the user says what an entity is, what it is told, and looks at it."""

from collections.abc import Collection
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SubentryFlowResult,
    UnknownSubEntry,
)

from ..mappings import dump
from ..mappings.shapes import FIELDS
from ..model import Verb
from ..offered import writable_names
from . import command_form, entity_form, sources
from .base import Steps
from .draft import Draft
from .keeping import async_add
from .summary import async_commands, states


class CommandSteps(Steps):
    """Asks for the form of an entity, then for one command after another."""

    _way: str = ""
    _kind: str
    _verbs: list[Verb]

    @property
    def ways(self) -> list[str]:
        """The kinds of commands that this device can be sent."""
        accepts = self.entry.runtime_data.coordinator.cloud.accepts
        writable = writable_names(self.hass, self.entry, self.device)
        return command_form.kinds_of(accepts, writable)

    async def async_step_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what the entity shows, and what else it can do."""
        draft, ways = self.draft, self.ways
        if draft.shape.verbs and not ways:
            return self.async_abort(reason="no_commands")
        said = sources.payloads(self.entry, draft.device, draft.source)
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = entity_form.enter(draft, user_input)
            if not errors:
                self._way = user_input.get(entity_form.CONF_WAY, self._way)
                self._choose(user_input.get(entity_form.CONF_OPTIONAL, ()))
                if draft.level_source:
                    return await self.async_step_level()
                return await self._async_next()
        choices = entity_form.Choices(
            paths=sources.paths(said[-1]) if said else {},
            sources=sources.sources(self.hass, self.entry, self.device),
            ways=ways if self.source != SOURCE_RECONFIGURE else (),
            has_source=draft.source is not None,
        )
        return self.show_form(
            "entity",
            entity_form.schema(draft.shape, choices),
            user_input or entity_form.filled(draft),
            errors,
            payload=sources.block(said[-1]) if said else "",
            **entity_form.words(draft),
        )

    async def async_step_level(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where the percentage is in its source."""
        level = self.draft.part("level")
        device, source = self.draft.device, self.draft.level_source
        await sources.async_read(self.entry, device, source)
        said = sources.payloads(self.entry, device, source)
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = entity_form.enter_level(self.draft, user_input)
            if not errors:
                return await self._async_next()
        return self.show_form(
            "level",
            entity_form.level_schema(sources.paths(said[-1]) if said else {}),
            user_input or level,
            errors,
            payload=sources.block(said[-1]) if said else "",
        )

    async def async_step_command(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask about one command; about another kind of it anew."""
        verb, ways = self._verbs[0], self.ways
        errors: dict[str, str] = {}
        if user_input is not None:
            kind = user_input.pop(entity_form.CONF_WAY, self._kind)
            if kind == self._kind:
                errors = self._enter(verb, kind, user_input)
                if not errors:
                    self._verbs.pop(0)
                    return await self._async_next()
            else:
                self._kind, user_input = kind, None
        else:
            self._kind = self._usual(verb, ways)
        fields = FIELDS.get(verb, frozenset())
        if user_input is None:
            order = self.draft.command(verb)
            user_input = command_form.filled(self._kind, order, bool(fields))
        return self.show_form(
            "command",
            command_form.schema(
                self._kind,
                ways=ways,
                functions=self.device.functions,
                writable=writable_names(self.hass, self.entry, self.device),
            ),
            user_input,
            errors,
            verb=await self.async_word(verb),
            fields=" ".join(f"`{{{field}}}`" for field in sorted(fields)),
        )

    async def async_step_check(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what was made, and ask whether to keep it."""
        definition = self.draft.definition()
        device = self.draft.device
        said = sources.payloads(self.entry, device, self.draft.source)
        levels = sources.payloads(self.entry, device, self.draft.level_source)
        return self.show_menu(
            "check",
            ("save", "entity"),
            name=definition.name,
            states=states(definition, said, levels[-1] if levels else None),
            commands=await async_commands(definition, self.async_word),
        )

    async def async_step_save(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Keep what was made."""
        return self.create(self.draft)

    def create(self, *drafts: Draft) -> SubentryFlowResult:
        """Keep entities; what is changed stays the same one."""
        made = [draft.definition() for draft in drafts]
        if self.source == SOURCE_RECONFIGURE:
            try:
                subentry = self._get_reconfigure_subentry()
            except UnknownSubEntry:
                return self.async_abort(reason="gone")
            return self.async_update_and_abort(
                self._get_entry(),
                subentry,
                title=made[0].name,
                data=dump(made[0]),
            )
        for each in made[1:]:
            async_add(self.hass, self.entry, each.name, dump(each))
        return self.async_create_entry(title=made[0].name, data=dump(made[0]))

    def _choose(self, optional: Collection[str]) -> None:
        """Ask for the commands that are needed and for those that are wanted."""
        shape = self.draft.shape
        wanted = [verb for verb in shape.optional if verb.value in optional]
        self._verbs = [*shape.verbs, *wanted]
        commands = self.draft.part("commands")
        names = {verb.value for verb in self._verbs}
        self.draft.put("commands", {k: v for k, v in commands.items() if k in names})

    def _usual(self, verb: Verb, ways: list[str]) -> str:
        """The kind of command that is asked about first."""
        kinds = [kind for kind in self.draft.command(verb) if kind in ways]
        if not kinds and self._way in ways:
            kinds = [self._way]
        return kinds[0] if kinds else ways[0]

    def _enter(self, verb: Verb, kind: str, entered: dict[str, Any]) -> dict[str, str]:
        """Have the draft say what was entered; returns what is wrong by field."""
        before = self.draft.part("commands")
        order = command_form.entered_order(kind, entered)
        self.draft.put("commands", {**before, verb.value: order})
        if wrong := self.draft.fault():
            self.draft.put("commands", before)
            return command_form.fault(kind, wrong, verb.value)
        self._way = kind
        return {}

    async def _async_next(self) -> SubentryFlowResult:
        """Ask about the next command; when there is none any more, show it all."""
        if self._verbs:
            return await self.async_step_command()
        return await self.async_step_check()
