"""Says in words what a definition shows now and what it would send."""

from collections.abc import Awaitable, Callable, Sequence

from ..mappings import Definition
from ..model import Verb
from . import trying
from .making import spoken
from .sources import code, short


def states(definition: Definition, said: Sequence[object], level: object) -> str:
    """A list in Markdown: what was sent lately, and the state that it makes."""
    unit = definition.classes.unit
    lines = []
    for payload in said or ([None] if level is not None else []):
        state = spoken(trying.shown(definition, payload, level))
        told = payload if payload is not None else level
        lines.append(f"- {code(short(told))} → **{state}{f' {unit}' if unit else ''}**")
    return "\n".join(lines) or "-"


async def async_commands(
    definition: Definition, word: Callable[[Verb], Awaitable[str]]
) -> str:
    """A list in Markdown: what is sent for each thing that the entity can be told."""
    lines = [
        f"- {await word(verb)}: {code(trying.written(command))}"
        for verb, command in trying.sent(definition)
    ]
    return "\n".join(lines) or "-"
