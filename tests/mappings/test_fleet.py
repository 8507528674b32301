"""A definition is carried over to the devices that have what it needs."""

from dataclasses import replace

import pytest

from custom_components.iot_clouds.mappings import parse
from custom_components.iot_clouds.mappings.fleet import alike
from custom_components.iot_clouds.model import Device, Kind, Point


def _device(id_, *points, functions=(), model="Argon"):
    return Device(
        id=id_,
        name=id_.title(),
        model=model,
        functions=functions,
        points={point.key: point for point in points},
    )


def _flag(key, name="Open", kind=Kind.FLAG):
    return Point(key=key, kind=kind, name=name)


DOOR = parse(
    "m1",
    "Door",
    {
        "device": "one",
        "platform": "switch",
        "state": {"source": {"point": "property/1"}},
        "commands": {
            "on": {"set": {"point": "property/2", "value": 1}},
            "off": {"call": {"function": "close"}},
        },
    },
)
ONE = _device(
    "one",
    _flag("property/1"),
    _flag("property/2", "Door", Kind.LEVEL),
    functions=("close",),
)
TWIN = _device(
    "twin",
    _flag("property/8"),
    _flag("property/9", "Door", Kind.LEVEL),
    functions=("close", "more"),
)


def test_a_twin_gets_the_definition_with_its_own_keys():
    found = alike(DOOR, {each.id: each for each in (ONE, TWIN)})
    assert list(found) == ["twin"]
    twin = found["twin"]
    assert twin.device == "twin"
    assert twin.name == "Door"
    assert twin.state.source.point == "property/8"
    on, off = twin.commands.values()
    assert (on.act.point, on.act.value) == ("property/9", 1)
    assert off == DOOR.commands["off"]


def test_devices_with_the_very_same_keys_keep_them():
    same = replace(ONE, id="same")
    assert alike(DOOR, {"one": ONE, "same": same})["same"].state == DOOR.state


def test_a_device_that_does_not_list_its_functions_may_have_them():
    quiet = replace(TWIN, functions=())
    assert list(alike(DOOR, {"one": ONE, "twin": quiet})) == ["twin"]


@pytest.mark.parametrize(
    "other",
    [
        _device("other", _flag("property/8"), functions=("close",)),
        _device("other", _flag("property/9", "Door", Kind.LEVEL), functions=("close",)),
        replace(TWIN, id="other", functions=("open",)),
        replace(TWIN, id="other", is_account=True),
        _device(
            "other",
            _flag("property/6"),
            _flag("property/7"),
            _flag("property/9", "Door", Kind.LEVEL),
            functions=("close",),
        ),
        _device(
            "other",
            _flag("property/8", kind=Kind.TEXT),
            _flag("property/9", "Door", Kind.LEVEL),
            functions=("close",),
        ),
    ],
)
def test_a_device_that_lacks_something_or_has_it_twice_is_not_offered(other):
    assert alike(DOOR, {"one": ONE, "other": other}) == {}


def test_where_only_events_are_used_the_same_product_makes_alike():
    heard = parse(
        "m2",
        "Alarm",
        {
            "device": "one",
            "platform": "switch",
            "state": {"source": {"event": "alarm"}},
            "commands": {
                "on": {"publish": {"name": "on"}},
                "off": {"send": {"type": "off"}},
            },
        },
    )
    other = replace(TWIN, id="other", model="Photon")
    devices = {each.id: each for each in (ONE, TWIN, other)}
    assert list(alike(heard, devices)) == ["twin"]


def test_a_point_without_a_name_of_its_own_must_have_the_same_key():
    label = Point(key="property/1", kind=Kind.FLAG, label="online")
    own = replace(ONE, points={**ONE.points, "property/1": label})
    assert alike(DOOR, {"one": own, "twin": TWIN}) == {}


def test_a_source_that_is_gone_must_be_there_on_the_other_device():
    gone = replace(ONE, points={})
    assert alike(DOOR, {"one": gone, "twin": TWIN}) == {}
    same = replace(ONE, id="same")
    assert list(alike(DOOR, {"one": gone, "same": same})) == ["same"]


def test_a_definition_whose_device_is_gone_is_carried_nowhere():
    assert alike(DOOR, {"twin": TWIN}) == {}
