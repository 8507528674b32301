"""Points, readings and commands that follow from definitions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.iot_clouds.mappings import (
    Calling,
    Definition,
    EventSource,
    Mapper,
    Order,
    PointSource,
    Publishing,
    Sending,
    Setting,
    State,
    Success,
)
from custom_components.iot_clouds.model import (
    Call,
    Device,
    Event,
    Kind,
    Light,
    Point,
    Press,
    Publish,
    Reading,
    Ref,
    Send,
    SetPoint,
    Verb,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STATE = Point(key="message/pump", kind=Kind.FLAG, name="Pump state", period=60)
CELLAR = Device(id="cellar", name="Cellar", points={STATE.key: STATE})
ATTIC = Device(id="attic", name="Attic")
SOURCE = Ref("cellar", "message/pump")
PUMP = Ref("cellar", "mapping/m1")


def switch(**more) -> Definition:
    """A pump that is switched by commands and shown by a message."""
    given = {
        "id": "m1",
        "name": "Pump",
        "device": "cellar",
        "platform": "switch",
        "state": State(source=PointSource(point="message/pump")),
        "commands": {
            Verb.ON: Order(act=Sending(type="pump", options={"state": "on"})),
            Verb.OFF: Order(act=Calling(function="pump", argument="off")),
        },
    }
    return Definition(**{**given, **more})


def button(act) -> Definition:
    """A button that carries out one command."""
    return Definition(
        id="b1",
        name="Go",
        device="cellar",
        platform="button",
        commands={Verb.PRESS: Order(act=act)},
    )


def reading(value, seconds=0, **more) -> Reading:
    """A reading so many seconds after noon."""
    return Reading(value=value, at=NOON + timedelta(seconds=seconds), **more)


def event(name, data, *, device="cellar", seconds=0, truncated=False) -> Event:
    """An event so many seconds after noon."""
    return Event(
        device_id=device,
        name=name,
        data=data,
        at=NOON + timedelta(seconds=seconds),
        id="1",
        truncated=truncated,
    )


def test_a_definition_adds_a_point_to_its_device_and_to_no_other():
    listed = {"cellar": CELLAR, "attic": ATTIC}
    devices = Mapper([switch()]).devices(listed, listed)
    assert devices["attic"] is ATTIC
    assert devices["cellar"].points == {
        "message/pump": STATE,
        "mapping/m1": Point(
            key="mapping/m1",
            kind=Kind.TOGGLE,
            name="Pump",
            writable=True,
            period=60,
            subentry_id="m1",
        ),
    }
    assert [*CELLAR.points] == ["message/pump"]


def test_a_button_is_an_action_without_a_reading():
    devices = Mapper([button(Publishing(name="go"))]).devices(
        {"cellar": CELLAR}, {"cellar": CELLAR}
    )
    assert devices["cellar"].points["mapping/b1"] == Point(
        key="mapping/b1", kind=Kind.ACTION, name="Go", subentry_id="b1"
    )


def test_a_switch_without_a_source_says_that_nothing_reports_it():
    devices = Mapper([switch(state=None)]).devices(
        {"cellar": CELLAR}, {"cellar": CELLAR}
    )
    point = devices["cellar"].points["mapping/m1"]
    assert (point.assumed, point.period, point.lost) == (True, None, False)


def test_the_state_of_a_switch_that_follows_events_is_not_assumed():
    state = State(source=EventSource(event="pump"))
    devices = Mapper([switch(state=state)]).devices(
        {"cellar": CELLAR}, {"cellar": CELLAR}
    )
    point = devices["cellar"].points["mapping/m1"]
    assert (point.assumed, point.lost) == (False, False)


def test_a_source_that_is_not_listed_is_lost_but_one_that_is_hidden_is_not():
    hidden = replace(CELLAR, points={})
    mapper = Mapper([switch()])
    gone = mapper.devices({"cellar": hidden}, {"cellar": hidden})
    assert gone["cellar"].points["mapping/m1"].lost
    points = {key: replace(each, lost=True) for key, each in CELLAR.points.items()}
    unread = mapper.devices(
        {"cellar": CELLAR}, {"cellar": replace(CELLAR, points=points)}
    )
    assert unread["cellar"].points["mapping/m1"].lost
    kept = mapper.devices(gone, {"cellar": CELLAR})
    assert not kept["cellar"].points["mapping/m1"].lost
    assert kept["cellar"].points["mapping/m1"].period == 60


def test_nothing_to_add_hands_the_same_object_on():
    listed = {"cellar": CELLAR, "attic": ATTIC}
    assert Mapper().devices(listed, listed) is listed
    assert Mapper([switch(device="garage")]).devices(listed, listed) is listed
    mapper = Mapper([switch()])
    once = mapper.devices(listed, listed)
    assert mapper.devices(once, listed) is once


def test_points_of_former_definitions_go():
    devices = Mapper([switch()]).devices({"cellar": CELLAR}, {"cellar": CELLAR})
    assert Mapper().devices(devices, devices)["cellar"].points == {
        "message/pump": STATE
    }
    renamed = Mapper([switch(name="Water")]).devices(devices, devices)
    assert renamed["cellar"].points["mapping/m1"].name == "Water"


def test_a_reading_follows_its_source():
    mapper = Mapper([switch()])
    changed = {SOURCE: reading(True, 5), Ref("cellar", "other"): reading(1)}
    assert mapper.readings(changed) == {PUMP: reading(True, 5)}
    assert mapper.readings({SOURCE: reading(False, assumed=True)}) == {
        PUMP: reading(False, assumed=True)
    }
    assert mapper.readings({Ref("attic", "message/pump"): reading(True)}) == {}


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        (1, True),
        (0, False),
        ("on", True),
        ("FALSE", False),
        (1.5, None),
        ("maybe", None),
        (None, None),
        (Light(on=True), None),
        (NOON, None),
    ],
)
def test_without_a_map_a_boolean_or_a_word_for_one_is_a_state(raw, state):
    followed = Mapper([switch()]).readings({SOURCE: reading(raw)})
    assert followed == {PUMP: reading(state)}


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        ("open", True),
        ("shut", False),
        (" Open ", True),
        (1, True),
        (1.0, True),
        ("1", True),
        (0, False),
        (0.5, False),
        (True, True),
        (False, True),
        (None, None),
        (Light(on=True), None),
    ],
)
def test_a_map_knows_what_the_source_says_as_text(raw, state):
    values = {"open": True, "shut": False, "1": True, "0": False}
    values |= {"0.5": False, "false": True}
    state_of = State(source=PointSource(point="message/pump"), map=values)
    mapper = Mapper([switch(state=state_of)])
    assert mapper.readings({SOURCE: reading(raw)}) == {PUMP: reading(state)}


def test_events_of_the_device_with_the_name_are_followed_and_the_last_one_counts():
    mapper = Mapper([switch(state=State(source=EventSource(event="pump")))])
    assert mapper.events(
        [
            event("pump", True),
            event("pump", False, seconds=3),
            event("door", True, seconds=4),
            event("pump", True, device="attic", seconds=5),
            event("pump", None, seconds=6, truncated=True),
        ]
    ) == {PUMP: reading(False, 3)}


def test_two_definitions_can_follow_one_source():
    inverse = State(
        source=PointSource(point="message/pump"), map={"true": False, "false": True}
    )
    mapper = Mapper([switch(), switch(id="m2", state=inverse)])
    assert mapper.readings({SOURCE: reading(True)}) == {
        PUMP: reading(True),
        Ref("cellar", "mapping/m2"): reading(False),
    }
    assert mapper.fed_by(SOURCE) == [PUMP, Ref("cellar", "mapping/m2")]
    assert mapper.fed_by(PUMP) == []


@pytest.mark.parametrize(
    ("act", "command"),
    [
        (
            Sending(type="pump", options={"state": "on"}),
            Send(device_id="cellar", type="pump", options={"state": "on"}),
        ),
        (
            Calling(function="open", argument="now"),
            Call(device_id="cellar", function="open", argument="now"),
        ),
        (Publishing(name="go", data="1"), Publish(name="go", data="1")),
        (
            Setting(point="variable/level", value=7),
            SetPoint(ref=Ref("cellar", "variable/level"), value=7),
        ),
    ],
)
def test_pressing_carries_out_the_command_behind(act, command):
    plan = Mapper([button(act)]).plan(Press(ref=Ref("cellar", "mapping/b1")))
    assert plan is not None
    assert (plan.command, plan.success) == (command, None)


def test_switching_carries_out_the_command_for_the_value():
    mapper = Mapper([switch()])
    on = mapper.plan(SetPoint(ref=PUMP, value=True))
    off = mapper.plan(SetPoint(ref=PUMP, value=False))
    assert on.command == Send(device_id="cellar", type="pump", options={"state": "on"})
    assert off.command == Call(device_id="cellar", function="pump", argument="off")


@pytest.mark.parametrize("value", [1, "on", None, {"on": True}])
def test_a_value_that_is_no_state_has_no_command(value):
    assert Mapper([switch()]).plan(SetPoint(ref=PUMP, value=value)) is None


def test_a_switch_cannot_be_pressed_and_a_button_not_be_written():
    assert Mapper([switch()]).plan(Press(ref=PUMP)) is None
    go = Mapper([button(Publishing(name="go"))])
    assert go.plan(SetPoint(ref=Ref("cellar", "mapping/b1"), value=True)) is None


def test_only_points_of_definitions_are_made():
    mapper = Mapper([switch()])
    assert mapper.makes(PUMP)
    assert not mapper.makes(SOURCE)
    assert not mapper.makes(Ref("attic", "mapping/m1"))


@pytest.mark.parametrize(
    ("returned", "holds"),
    [(0, True), (-1, False), (7.5, True), (-0.1, False), (True, True), ("-1", True)],
)
def test_what_a_command_returned_says_whether_it_succeeded(returned, holds):
    assert Success(at_least=0).holds(returned) is holds


raws = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from(["on", "off", "1", "true", ""]),
    st.sampled_from([0.0, 1.0, 0.5]),
)
boards = st.sampled_from(["x", "y"])
points = st.sampled_from(["a", "b", "c"])
maps = st.dictionaries(
    st.sampled_from(["true", "false", "1", "0", "on", ""]), st.booleans(), max_size=4
)


def _said(raw) -> list[str]:
    """What a source says, as a person would write it into a map, best first."""
    if isinstance(raw, bool):
        return ["true", "1"] if raw else ["false", "0"]
    text = f"{raw:g}" if isinstance(raw, float) else str(raw)
    other = {"1": "true", "0": "false", "true": "1", "false": "0"}
    return [text, other[text]] if text in other else [text]


def _meant(raw) -> bool | None:
    """What a source says where nobody has said what that means."""
    if isinstance(raw, str):
        return {"on": True, "off": False, "1": True, "true": True}.get(raw)
    return bool(raw) if raw in (0, 1) else None


@settings(deadline=None)
@given(
    wanted=st.dictionaries(
        st.sampled_from(["m1", "m2", "m3"]),
        st.tuples(boards, points, st.none() | maps),
    ),
    batches=st.lists(
        st.dictionaries(st.tuples(boards, points), raws, max_size=4), max_size=6
    ),
)
def test_whatever_is_read_the_states_are_those_of_a_plain_model(wanted, batches):
    mapper = Mapper(
        switch(
            id=id_,
            device=device,
            state=State(source=PointSource(point=key), map=values),
        )
        for id_, (device, key, values) in wanted.items()
    )
    states: dict[str, object] = {}
    last: dict[tuple[str, str], object] = {}
    for number, batch in enumerate(batches):
        changed = {Ref(*ref): reading(raw, number) for ref, raw in batch.items()}
        followed = mapper.readings(changed)
        states |= {ref.key: each.value for ref, each in followed.items()}
        assert all(each.at == reading(0, number).at for each in followed.values())
        last |= batch
    expected = {}
    for id_, (device, key, values) in wanted.items():
        if (device, key) not in last:
            continue
        raw = last[device, key]
        if values is None:
            expected[f"mapping/{id_}"] = _meant(raw)
        else:
            found = [values[key] for key in _said(raw) if key in values]
            known = raw is not None and found
            expected[f"mapping/{id_}"] = found[0] if known else None
    assert states == expected


def test_what_has_no_states_follows_no_source():
    state = State(source=PointSource(point="message/pump"))
    go = replace(button(Publishing(name="go")), state=state)
    followed = Mapper([go]).readings({SOURCE: reading(True)})
    assert followed == {}
