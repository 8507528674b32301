"""What an entity is told becomes a command in the words of the board."""

import pytest

from custom_components.iot_clouds.mappings import BadDefinition, Mapper, parse, reached
from custom_components.iot_clouds.model import (
    Act,
    Bolting,
    Call,
    Fan,
    Latch,
    Light,
    Motion,
    Opening,
    Reading,
    Ref,
    SetPoint,
    Verb,
)

from .test_engine import reading

REF = Ref("b", "mapping/m")
SAY = {"call": {"function": "f", "argument": "{value}|{whole}"}}
OPEN = {"call": {"function": "f", "argument": "open"}}


def mapper(**document):
    return Mapper([parse("m", "M", {"device": "b", **document})])


def said(mapper, command, before=None):
    plan = mapper.plan(command, before)
    return plan and plan.command.argument


def state(**more):
    return {"source": {"point": "p"}, **more}


@pytest.mark.parametrize(
    ("source", "value", "argument"),
    [
        ({}, 21.5, "21.5|22"),
        ({"scale": 0.1}, 21.5, "215|215"),
        ({"scale": 0.1, "offset": -40}, 21.5, "615|615"),
        ({"offset": 5}, 21.5, "16.5|16"),
        ({"scale": 0.3}, 0.1, "0.333333333333|0"),
        ({"scale": -2}, 3.0, "-1.5|-2"),
    ],
)
def test_a_number_is_scaled_back(source, value, argument):
    number = mapper(platform="number", state=state(**source), commands={"set": SAY})
    assert said(number, SetPoint(ref=REF, value=value)) == argument


def test_a_text_is_told_as_it_is_and_an_option_by_the_map():
    text = mapper(platform="text", commands={"set": SAY})
    assert said(text, SetPoint(ref=REF, value="hall")) == "hall|hall"
    choice = mapper(
        platform="select", state=state(map={"0": "Off"}), commands={"set": SAY}
    )
    assert said(choice, SetPoint(ref=REF, value="Off")) == "0|0"
    free = mapper(platform="select", options=["Off", "On"], commands={"set": SAY})
    assert said(free, SetPoint(ref=REF, value="On")) == "On|On"


LAMP = mapper(
    platform="light",
    level=state(scale=100 / 255),
    commands={
        "on": {"call": {"function": "f", "argument": "on"}},
        "off": {"call": {"function": "f", "argument": "off"}},
        "set_brightness": {
            "call": {"function": "f", "argument": "{whole}/{brightness}"}
        },
    },
)


@pytest.mark.parametrize(
    ("before", "wanted", "argument"),
    [
        (None, Light(on=True, brightness=100.0), "on"),
        (None, Light(on=True, brightness=50.0), "128/50"),
        (Light(on=False, brightness=50.0), Light(on=True, brightness=50.0), "on"),
        (Light(on=False, brightness=50.0), Light(on=True, brightness=20.0), "51/20"),
        (Light(on=True, brightness=50.0), Light(on=True, brightness=50.0), "128/50"),
        (Light(on=True, brightness=50.0), Light(on=False, brightness=50.0), "off"),
        (None, Light(on=True), "on"),
    ],
)
def test_a_lamp_is_told_the_one_thing_that_changes(before, wanted, argument):
    assert said(LAMP, SetPoint(ref=REF, value=wanted), before) == argument


def test_a_lamp_without_a_command_for_brightness_is_only_switched():
    lamp = mapper(platform="light", commands={"on": OPEN, "off": OPEN})
    wanted = SetPoint(ref=REF, value=Light(on=True, brightness=20.0))
    assert said(lamp, wanted) == "open"


def test_what_an_entity_cannot_do_has_no_plan():
    cover = mapper(platform="cover", commands={"open": OPEN, "close": OPEN})
    assert cover.plan(Act(ref=REF, verb=Verb.STOP)) is None
    assert cover.plan(SetPoint(ref=REF, value={"a": 1})) is None
    assert cover.plan(Act(ref=REF, verb=Verb.OPEN)).command == Call(
        device_id="b", function="f", argument="open"
    )


@pytest.mark.parametrize(
    ("command", "value", "worked"),
    [
        (SetPoint(ref=REF, value=True), True, True),
        (SetPoint(ref=REF, value=True), 1, False),
        (SetPoint(ref=REF, value=0.3), 0.1 + 0.2, True),
        (SetPoint(ref=REF, value=21), 22, False),
        (SetPoint(ref=REF, value="a"), "a", True),
        (
            SetPoint(ref=REF, value=Light(on=True, brightness=50.0)),
            Light(on=True, brightness=51.5),
            True,
        ),
        (
            SetPoint(ref=REF, value=Light(on=True, brightness=50.0)),
            Light(on=True, brightness=60.0),
            False,
        ),
        (
            SetPoint(ref=REF, value=Light(on=False, brightness=50.0)),
            Light(on=False),
            True,
        ),
        (Act(ref=REF, verb=Verb.OPEN), Opening(closed=False), True),
        (
            Act(ref=REF, verb=Verb.OPEN),
            Opening(closed=False, motion=Motion.CLOSING),
            False,
        ),
        (Act(ref=REF, verb=Verb.OPEN), Opening(position=1.0), True),
        (Act(ref=REF, verb=Verb.CLOSE), Opening(closed=True), True),
        (Act(ref=REF, verb=Verb.CLOSE), Opening(position=0.0), True),
        (Act(ref=REF, verb=Verb.CLOSE), Opening(closed=False, position=0.0), False),
        (Act(ref=REF, verb=Verb.STOP), Opening(closed=False), True),
        (Act(ref=REF, verb=Verb.STOP), Opening(motion=Motion.OPENING), False),
        (Act(ref=REF, verb=Verb.SET_POSITION, value=40), Opening(position=41.0), True),
        (Act(ref=REF, verb=Verb.SET_POSITION, value=40), Opening(), False),
        (Act(ref=REF, verb=Verb.LOCK), Latch(locked=True), True),
        (Act(ref=REF, verb=Verb.LOCK), Latch(locked=None), False),
        (Act(ref=REF, verb=Verb.UNLOCK), Latch(locked=False), True),
        (
            Act(ref=REF, verb=Verb.UNLOCK),
            Latch(locked=True, motion=Bolting.UNLOCKING),
            False,
        ),
        (
            Act(ref=REF, verb=Verb.LOCK),
            Latch(locked=False, motion=Bolting.LOCKING),
            False,
        ),
        (Act(ref=REF, verb=Verb.ON), Fan(on=True), True),
        (Act(ref=REF, verb=Verb.OFF), Fan(on=True), False),
        (Act(ref=REF, verb=Verb.SET_SPEED, value=30), Fan(on=True, speed=31.0), True),
        (Act(ref=REF, verb=Verb.SET_SPEED, value=30), Fan(on=False, speed=30.0), False),
        (Act(ref=REF, verb=Verb.SET_SPEED, value=0), Fan(on=False), True),
        (Act(ref=REF, verb=Verb.OPEN), None, False),
    ],
)
def test_whether_a_command_has_worked_is_told_by_the_state(command, value, worked):
    assert reached(command, value) is worked


def test_parts_of_two_sources_come_together_in_any_order():
    fan = mapper(
        platform="fan",
        state={"source": {"point": "on"}},
        level={"source": {"point": "rpm"}, "scale": 0.1},
        commands={"on": OPEN, "off": OPEN},
    )
    on, rpm = Ref("b", "on"), Ref("b", "rpm")
    known: dict[Ref, Reading] = {}
    shown = []
    for ref, raw, at in ((rpm, 500, 5), (on, False, 3), (rpm, 800, 6), (on, True, 7)):
        known |= fan.readings({ref: reading(raw, at)}, known)
        shown.append((known[REF].value, known[REF].at == reading(0, max(at, 5)).at))
    assert shown == [
        (Fan(on=True, speed=50.0), True),
        (Fan(on=False, speed=50.0), True),
        (Fan(on=False, speed=80.0), True),
        (Fan(on=True, speed=80.0), True),
    ]


def test_a_level_without_a_state_says_whether_something_runs():
    lamp, known = Ref("b", "p"), {}
    shown = []
    for at, raw in enumerate((0, 255, 51, None, 0)):
        known |= LAMP.readings({lamp: reading(raw, at)}, known)
        shown.append(known[REF].value)
    assert shown == [
        Light(on=False, brightness=0.0),
        Light(on=True, brightness=100.0),
        Light(on=True, brightness=20.0),
        None,
        Light(on=False, brightness=0.0),
    ]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("opening", Opening(closed=False, motion=Motion.OPENING)),
        (" OPEN ", Opening(closed=False)),
        (True, Opening(closed=False)),
        (0, Opening(closed=True)),
        ("shut", Opening(closed=True)),
        ("ajar", Opening()),
    ],
)
def test_a_cover_knows_its_words_and_what_true_means(raw, shown):
    cover = mapper(
        platform="cover", state=state(), commands={"open": OPEN, "close": OPEN}
    )
    assert cover.readings({Ref("b", "p"): reading(raw)})[REF].value == shown


def _wrong(**document):
    with pytest.raises(BadDefinition) as bad:
        parse("m", "M", {"device": "b", **document})
    return bad.value.field, bad.value.reason


def test_documents_are_refused_at_the_field_that_is_wrong():
    assert _wrong(platform="sensor") == ("state", "missing")
    assert _wrong(platform="sensor", state=state(path="x")) == ("state.path", "invalid")
    assert _wrong(platform="sensor", state=state(scale=0)) == ("state.scale", "invalid")
    assert _wrong(platform="sensor", state=state(map={"a": "b"})) == (
        "state.map",
        "invalid",
    )
    assert _wrong(platform="event", state=state()) == ("state.source.point", "invalid")
    assert _wrong(platform="select", commands={"set": SAY}) == ("options", "missing")
    assert _wrong(platform="select", options="x", commands={"set": SAY}) == (
        "options",
        "invalid",
    )
    assert _wrong(platform="select", options=[" "], commands={"set": SAY}) == (
        "options",
        "invalid",
    )
    number = {"platform": "number", "commands": {"set": SAY}}
    assert _wrong(**number, limits={"min": 5, "max": 5}) == ("limits.max", "invalid")
    assert _wrong(**number, limits={"step": 0}) == ("limits.step", "invalid")
    assert _wrong(platform="button", commands={"press": SAY}) == (
        "commands.press",
        "field",
    )
    assert _wrong(platform="switch", commands={"on": OPEN}) == (
        "commands.off",
        "missing",
    )
    cover = {"platform": "cover", "commands": {"open": OPEN, "close": OPEN}}
    assert _wrong(**cover, state=state(map={"x": "ajar"})) == ("state.map", "invalid")
    assert _wrong(**cover, level=state(map={"x": "far"})) == ("level.map", "invalid")
    assert _wrong(**cover, classes={"unit": "m"}) == ("classes.unit", "unknown")
    assert _wrong(platform="text_sensor", state=state(), level=state()) == (
        "level",
        "unknown",
    )
