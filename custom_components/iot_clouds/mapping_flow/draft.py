"""What was said of an entity so far: a document that need not be whole yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..mappings import SHAPES, BadDefinition, Definition, Shape, dump, parse
from ..model import Json, Verb

type Source = Mapping[str, Json]
"""Part of a document: {"point": key} or {"event": name}."""

_ANY_COMMAND: Json = {"publish": {"name": "any"}}


@dataclass(slots=True, kw_only=True)
class Draft:
    """A definition on its way; `document` has the shape that definitions are kept in."""

    device: str
    name: str = ""
    document: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def of(cls, definition: Definition) -> Draft:
        """What a definition says."""
        return cls(
            device=definition.device, name=definition.name, document=dump(definition)
        )

    @property
    def platform(self) -> str:
        """What is made."""
        return str(self.document["platform"])

    @property
    def shape(self) -> Shape:
        """What that needs."""
        return SHAPES[self.platform]

    @property
    def source(self) -> Source | None:
        """Where the state comes from."""
        return self._source("state")

    @property
    def level_source(self) -> Source | None:
        """Where the percentage comes from."""
        return self._source("level")

    def part(self, name: str) -> dict[str, Json]:
        """A copy of an object in the document; empty if it is not there."""
        found = self.document.get(name)
        return dict(found) if isinstance(found, dict) else {}

    def put(self, name: str, value: Json) -> None:
        """Have the document say this; nothing is said of what is empty."""
        if value in (None, {}, []):
            self.document.pop(name, None)
        else:
            self.document[name] = value

    def follow(self, source: Source | None) -> None:
        """Have the state come from here, or from nowhere."""
        state = self.part("state")
        self.put("state", {**state, "source": dict(source)} if source else None)
        if source is None and not self.part("level"):
            self.put("confirm", None)

    def command(self, verb: Verb) -> dict[str, Json]:
        """What is sent for a verb; empty if that is not known yet."""
        found = self.part("commands").get(verb.value)
        return dict(found) if isinstance(found, dict) else {}

    def definition(self) -> Definition:
        """The definition.

        Raises:
            BadDefinition: it is not whole, or wrong; says which field.
        """
        return parse("", self.name, {**self.document, "device": self.device})

    def provisional(self) -> Definition:
        """The definition as if the commands that are to come were known already.

        Raises:
            BadDefinition: something is wrong with what was said so far.
        """
        commands = self.part("commands")
        wanted = {verb.value: _ANY_COMMAND for verb in self.shape.verbs}
        document = {**self.document, "device": self.device}
        if wanted:
            document["commands"] = {**wanted, **commands}
        return parse("", self.name, document)

    def fault(self) -> BadDefinition | None:
        """What is wrong with what was said so far."""
        try:
            self.provisional()
        except BadDefinition as err:
            return err
        return None

    def _source(self, part: str) -> Source | None:
        found = self.part(part).get("source")
        return found if isinstance(found, dict) and found else None
