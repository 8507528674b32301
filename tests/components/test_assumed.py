"""What a command implies is only shown where it can be said in the words of its point."""

import pytest

from custom_components.iot_clouds.assumed import assumed
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
