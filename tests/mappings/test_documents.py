"""Definitions and the documents that they are kept as."""

import copy
import json
from types import MappingProxyType
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.iot_clouds.mappings import (
    BadDefinition,
    Calling,
    Definition,
    EventSource,
    Order,
    PointSource,
    Publishing,
    Sending,
    Setting,
    State,
    Success,
    dump,
    parse,
)
from custom_components.iot_clouds.model import Verb

PUMP = {
    "device": "cellar",
    "platform": "switch",
    "state": {
        "source": {"point": "message/pump/state"},
        "map": {"open": True, "0": False},
    },
    "commands": {
        "on": {"send": {"type": "pump", "options": {"state": "on", "for": [1, 2.5]}}},
        "off": {
            "call": {"function": "pump", "argument": "off"},
            "success": {"at_least": 0},
        },
    },
    "confirm": 30,
}


def test_a_whole_document_becomes_a_definition():
    assert parse("m1", "Pump", PUMP) == Definition(
        id="m1",
        name="Pump",
        device="cellar",
        platform="switch",
        state=State(
            source=PointSource(point="message/pump/state"),
            map={"open": True, "0": False},
        ),
        commands={
            Verb.ON: Order(
                act=Sending(type="pump", options={"state": "on", "for": [1, 2.5]})
            ),
            Verb.OFF: Order(
                act=Calling(function="pump", argument="off"),
                success=Success(at_least=0),
            ),
        },
        confirm=30,
    )


def test_a_document_may_leave_out_what_is_empty():
    document = {
        "device": "cellar",
        "platform": "switch",
        "commands": {
            "on": {"publish": {"name": "pump"}},
            "off": {"send": {"type": "stop"}},
        },
    }
    definition = parse("m1", "Pump", document)
    assert definition.state is None
    assert definition.confirm is None
    assert definition.commands == {
        Verb.ON: Order(act=Publishing(name="pump", data="")),
        Verb.OFF: Order(act=Sending(type="stop", options={})),
    }


def test_a_document_is_read_as_home_assistant_keeps_it():
    kept = MappingProxyType(json.loads(json.dumps(PUMP)))
    assert parse("m1", "Pump", kept) == parse("m1", "Pump", PUMP)


def _changed(path: str, value: object) -> dict:
    document = copy.deepcopy(PUMP)
    node: Any = document
    *way, last = path.split(".")
    for key in way:
        node = node[key]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ("device", ..., "device", "missing"),
        ("device", "", "device", "invalid"),
        ("device", 7, "device", "invalid"),
        ("platform", ..., "platform", "missing"),
        ("platform", "toaster", "platform", "unknown"),
        ("colour", "red", "colour", "unknown"),
        ("state", "on", "state", "invalid"),
        ("state.source", ..., "state.source", "missing"),
        ("state.source", {}, "state.source", "missing"),
        ("state.source.event", "b", "state.source.event", "unknown"),
        ("state.source.point", "", "state.source.point", "invalid"),
        ("state.source.point", "mapping/m2", "state.source.point", "invalid"),
        ("state.source.topic", "x", "state.source.topic", "unknown"),
        ("state.map", [], "state.map", "invalid"),
        ("state.map.open", "perhaps", "state.map", "invalid"),
        ("state.colour", 2, "state.colour", "unknown"),
        ("commands", ..., "commands", "missing"),
        ("commands", [], "commands", "invalid"),
        ("commands.off", ..., "commands.off", "missing"),
        ("commands.toggle", {}, "commands.toggle", "unknown"),
        ("commands.on", {}, "commands.on", "missing"),
        ("commands.on.call", {"function": "f"}, "commands.on.call", "unknown"),
        ("commands.on.delay", 3, "commands.on.delay", "unknown"),
        ("commands.on.send.type", ..., "commands.on.send.type", "missing"),
        ("commands.on.send.type", "  ", "commands.on.send.type", "invalid"),
        ("commands.on.send.options", ["a"], "commands.on.send.options", "invalid"),
        (
            "commands.on.send.options",
            {"a": float("nan")},
            "commands.on.send.options",
            "invalid",
        ),
        (
            "commands.on.send.options",
            {"a": {1: 2}},
            "commands.on.send.options",
            "invalid",
        ),
        ("commands.on.send.wait", 3, "commands.on.send.wait", "unknown"),
        ("commands.off.call.argument", 7, "commands.off.call.argument", "invalid"),
        (
            "commands.off.success.at_least",
            "0",
            "commands.off.success.at_least",
            "invalid",
        ),
        (
            "commands.off.success.at_least",
            True,
            "commands.off.success.at_least",
            "invalid",
        ),
        ("commands.off.success.equals", 1, "commands.off.success.equals", "unknown"),
        ("confirm", 0, "confirm", "invalid"),
        ("confirm", "30", "confirm", "invalid"),
        ("confirm", float("inf"), "confirm", "invalid"),
    ],
)
def test_a_wrong_document_is_refused_with_the_field_that_is_wrong(
    path, value, field, reason
):
    with pytest.raises(BadDefinition) as caught:
        parse("m1", "Pump", _changed(path, value))
    assert (caught.value.field, caught.value.reason) == (field, reason)
    assert str(caught.value) == f"{field}: {reason}"


@pytest.mark.parametrize("extra", ["state", "confirm"])
def test_a_button_has_no_state_and_nothing_to_confirm(extra):
    document = {
        "device": "cellar",
        "platform": "button",
        "commands": {"press": {"set": {"point": "variable/pump", "value": True}}},
    }
    assert parse("m1", "Go", document).commands == {
        Verb.PRESS: Order(act=Setting(point="variable/pump", value=True))
    }
    with pytest.raises(BadDefinition) as caught:
        parse("m1", "Go", document | {extra: PUMP[extra]})
    assert caught.value.field == extra


def test_without_a_source_there_is_nothing_that_could_confirm():
    with pytest.raises(BadDefinition) as caught:
        parse("m1", "Pump", _changed("state", ...))
    assert caught.value.field == "confirm"


# What stands in braces is the name of a field, and the commands here have none.
literals = st.text().map(lambda text: text.replace("{", "("))
texts = st.text(min_size=1).filter(str.strip)
keys = texts.filter(lambda key: not key.startswith("mapping/"))
plain = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | literals
jsons = st.recursive(
    plain | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)
acts = st.one_of(
    st.builds(
        Sending, type=texts, options=st.dictionaries(st.text(), jsons, max_size=3)
    ),
    st.builds(Calling, function=texts, argument=literals),
    st.builds(Publishing, name=texts, data=literals),
    st.builds(Setting, point=keys, value=jsons),
)
orders = st.builds(
    Order,
    act=acts,
    success=st.none() | st.builds(Success, at_least=st.integers(-(2**63), 2**64 - 1)),
)
states = st.builds(
    State,
    source=st.builds(PointSource, point=keys) | st.builds(EventSource, event=texts),
    map=st.none() | st.dictionaries(st.text(), st.booleans(), max_size=3),
)


@st.composite
def definitions(draw) -> Definition:
    """Any definition that can be kept."""
    if draw(st.booleans()):
        return Definition(
            id="m1",
            name="Any",
            device=draw(texts),
            platform="button",
            commands={Verb.PRESS: draw(orders)},
        )
    state = draw(st.none() | states)
    return Definition(
        id="m1",
        name="Any",
        device=draw(texts),
        platform="switch",
        state=state,
        commands={Verb.ON: draw(orders), Verb.OFF: draw(orders)},
        confirm=draw(st.none() | st.floats(0.1, 600)) if state else None,
    )


@settings(deadline=None)
@given(definitions())
def test_what_is_written_is_read_again_as_the_same(definition):
    document = json.loads(json.dumps(dump(definition)))
    assert parse("m1", "Any", document) == definition


@settings(deadline=None)
@given(jsons | st.dictionaries(st.sampled_from([*PUMP]), jsons))
def test_whatever_is_no_document_is_refused_and_breaks_nothing(document):
    with pytest.raises(BadDefinition):
        parse("m1", "Any", document)
