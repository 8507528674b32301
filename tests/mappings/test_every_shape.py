"""Documents of every shape come back as they were, and no message breaks what they make."""

from hypothesis import given, settings, strategies as st

from custom_components.iot_clouds.mappings import SHAPES, Mapper, dump, parse
from custom_components.iot_clouds.mappings.sheets import read, write
from custom_components.iot_clouds.model import Device, Event, Kind, Point, Ref, SetPoint

from .test_engine import reading

texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12
).filter(lambda text: bool(text.strip()))
numbers = st.floats(-1e6, 1e6).filter(lambda number: abs(number) > 1e-3)
paths = st.lists(texts, max_size=3).map(
    lambda keys: "".join(
        f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys
    )
)
SOURCES = {
    "text": texts,
    "flag": st.booleans(),
    "number": numbers,
}


def _meanings(shape):
    if shape.words:
        return st.sampled_from(shape.words)
    match shape.reads:
        case Kind.FLAG | Kind.TOGGLE:
            return st.booleans()
        case Kind.MEASURE | Kind.LEVEL:
            return numbers
    return texts


@st.composite
def states(draw, shape, *, events):
    key = "event" if events else "point"
    state = {"source": {key: draw(texts.filter(lambda text: "mapping/" not in text))}}
    if path := draw(paths):
        state["path"] = path
    if shape is not None and draw(st.booleans()):
        state["map"] = draw(
            st.dictionaries(texts, _meanings(shape), min_size=1, max_size=3)
        )
    if draw(st.booleans()):
        state["scale"] = draw(numbers)
        state["offset"] = draw(numbers)
    return state


COMMANDS = st.one_of(
    st.builds(lambda name: {"call": {"function": name, "argument": "go"}}, texts),
    st.builds(lambda name: {"publish": {"name": name, "data": "1"}}, texts),
    st.builds(
        lambda name, options: {"send": {"type": name, "options": options}},
        texts,
        st.dictionaries(texts, st.booleans() | numbers, max_size=2),
    ),
)


@st.composite
def documents(draw):
    platform = draw(st.sampled_from(sorted(SHAPES)))
    shape = SHAPES[platform]
    document = {"device": "board", "platform": platform}
    if shape.reads and (shape.observes or draw(st.booleans())):
        events = shape.kind is Kind.MESSAGE or draw(st.booleans())
        document["state"] = draw(states(shape, events=events))
    if shape.level and draw(st.booleans()):
        document["level"] = draw(states(None, events=False))
    if shape.limits and draw(st.booleans()):
        document["limits"] = {"min": -5.5, "max": 30.0, "step": 0.5}
    if platform == "select":
        document["options"] = draw(st.lists(texts, min_size=1, max_size=3, unique=True))
    if shape.verbs:
        verbs = (
            [*shape.verbs, *draw(st.lists(st.sampled_from(shape.optional)))]
            if shape.optional
            else [*shape.verbs]
        )
        document["commands"] = {verb.value: draw(COMMANDS) for verb in verbs}
    return document


@settings(max_examples=300, deadline=None)
@given(documents(), texts)
def test_a_document_comes_back_as_it_was_also_by_way_of_a_sheet(document, name):
    made = parse("m", name.strip(), document)
    assert parse("m", made.name, dump(made)) == made
    [row] = read(write([made], {"board": "Board"}), {"board": "Board"})
    assert parse("m", row.name, row.document) == made


payloads = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(documents(), payloads, st.booleans())
def test_whatever_is_said_makes_a_state_of_the_right_kind_or_none(
    document, said, written
):
    made = parse("m", "M", document)
    mapper = Mapper([made])
    listed = {
        source.point: Point(key=source.point, kind=Kind.TEXT, name="x")
        for source in made.sources
        if hasattr(source, "point")
    }
    board = Device(id="board", name="Board", points=listed)
    device = mapper.devices({"board": board}, {"board": board})["board"]
    point = device.points["mapping/m"]
    assert point.kind is SHAPES[made.platform].kind
    current = {}
    for source in made.sources:
        if hasattr(source, "point"):
            changed = {Ref("board", source.point): reading(said)}
            current |= mapper.readings(changed, current)
        else:
            event = Event(
                device_id="board",
                name=source.event,
                data=said,
                at=reading(0).at,
                id="e",
            )
            current |= mapper.events([event], current)
            told = mapper.happened(event)
            assert all(not type_ or type_ in point.options for type_ in told.values())
    for each in current.values():
        assert each.at == reading(0).at
    if point.kind in {Kind.TOGGLE, Kind.LEVEL, Kind.ENTRY}:
        value = {Kind.TOGGLE: written, Kind.LEVEL: 1.5, Kind.ENTRY: "x"}[point.kind]
        assert mapper.plan(SetPoint(ref=Ref("board", "mapping/m"), value=value))
