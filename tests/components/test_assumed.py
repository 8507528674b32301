"""What a command implies is only shown where it can be said in the words of its point."""

from datetime import timedelta

import pytest

from custom_components.iot_clouds.assumed import assumed, supersedes
from custom_components.iot_clouds.model import (
    Act,
    Fan,
    Kind,
    Latch,
    Opening,
    Point,
    Ref,
    Verb,
)

from .fake import NOON, reading

REF = Ref("house-1", "own/thing")


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        (Kind.COVER, Act(ref=REF, verb=Verb.SET_POSITION)),
        (Kind.COVER, Act(ref=REF, verb=Verb.LOCK)),
        (Kind.VALVE, Act(ref=REF, verb=Verb.ON)),
        (Kind.LOCK, Act(ref=REF, verb=Verb.OPEN)),
        (Kind.FAN, Act(ref=REF, verb=Verb.OPEN)),
        (Kind.TOGGLE, Act(ref=REF, verb=Verb.LOCK)),
    ],
)
@pytest.mark.parametrize("is_assumed", [True, False])
def test_an_act_that_its_point_cannot_do_implies_nothing(kind, act, is_assumed):
    point = Point(key=REF.key, kind=kind, name="Thing", assumed=is_assumed)
    assert assumed(point, act, None) is None


@pytest.mark.parametrize(
    ("kind", "verb", "after"),
    [
        (Kind.COVER, Verb.CLOSE, Opening(closed=True)),
        (Kind.LOCK, Verb.LOCK, Latch(locked=True)),
        (Kind.FAN, Verb.ON, Fan(on=True)),
    ],
)
def test_what_came_before_is_no_part_of_it_if_it_is_of_another_kind(kind, verb, after):
    point = Point(key=REF.key, kind=kind, name="Thing", assumed=True)
    reading = assumed(point, Act(ref=REF, verb=verb), "open")
    assert reading.value == after
    assert reading.assumed


@pytest.mark.parametrize(
    ("new", "old", "started", "does"),
    [
        # The newer one wins, and the later told of two that are as old.
        (reading(2, 1), reading(1, 0), None, True),
        (reading(2, 1), reading(1, 1), None, True),
        (reading(2, 0), reading(1, 1), None, False),
        (reading(1, 0), reading(1, 1), None, False),
        (reading(2, 0), reading(1, 1), 5, False),
        # What is assumed yields to what confirms it, however old that says it is.
        (reading(1, 0), reading(1, 1, assumed=True), None, True),
        (reading(2, 0), reading(1, 1, assumed=True), None, False),
        # It yields to a listing that was asked for after it.
        (reading(2, 0), reading(1, 1, assumed=True), 0, False),
        (reading(2, 0), reading(1, 1, assumed=True), 1, True),
        (reading(2, 0), reading(1, 1, assumed=True), 2, True),
    ],
)
def test_which_of_two_readings_is_believed(new, old, started, does):
    since = None if started is None else NOON + timedelta(seconds=started)
    assert supersedes(new, old, since) is does


@pytest.mark.parametrize(
    ("verbs", "act", "after"),
    [
        ({Verb.SET_POSITION}, {"verb": Verb.OPEN}, Opening(position=100, closed=False)),
        ({Verb.SET_POSITION}, {"verb": Verb.CLOSE}, Opening(position=0, closed=True)),
        (
            {Verb.SET_POSITION},
            {"verb": Verb.SET_POSITION, "value": 1},
            Opening(position=1, closed=False),
        ),
        ({Verb.OPEN}, {"verb": Verb.OPEN}, Opening(closed=False)),
        ({Verb.OPEN, Verb.STOP}, {"verb": Verb.STOP}, Opening(closed=False)),
    ],
)
def test_an_opening_that_nothing_reports_is_where_it_was_told_to_be(verbs, act, after):
    point = Point(
        key=REF.key,
        kind=Kind.COVER,
        name="Thing",
        assumed=True,
        verbs=frozenset(verbs),
    )
    assert assumed(point, Act(ref=REF, **act), None).value == after


@pytest.mark.parametrize(
    ("kind", "verb"),
    [(Kind.COVER, Verb.OPEN), (Kind.VALVE, Verb.CLOSE), (Kind.LOCK, Verb.LOCK)],
)
def test_what_has_a_source_is_not_where_it_was_told_to_be_before_that_says_so(
    kind, verb
):
    point = Point(key=REF.key, kind=kind, name="Thing", verbs=frozenset({verb}))
    assert assumed(point, Act(ref=REF, verb=verb), None) is None


@pytest.mark.parametrize(
    ("act", "after"),
    [
        ({"verb": Verb.ON}, Fan(on=True, speed=40)),
        ({"verb": Verb.OFF}, Fan(on=False, speed=40)),
        ({"verb": Verb.SET_SPEED, "value": 70}, Fan(on=True, speed=70)),
        ({"verb": Verb.SET_SPEED, "value": 0}, Fan(on=False, speed=40)),
    ],
)
def test_a_fan_that_is_switched_remembers_its_speed(act, after):
    point = Point(key=REF.key, kind=Kind.FAN, name="Thing")
    reading = assumed(point, Act(ref=REF, **act), Fan(on=True, speed=40))
    assert reading.value == after
