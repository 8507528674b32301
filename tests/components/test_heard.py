"""What devices published lately is kept within bounds, and in memory only."""

import pytest

from custom_components.iot_clouds.heard import Heard, is_small
from custom_components.iot_clouds.model import Event

from .fake import NOON


@pytest.fixture
def heard():
    return Heard()


def _event(name, data, device_id="board-1", **more):
    return Event(device_id=device_id, name=name, data=data, at=NOON, id="", **more)


def test_the_last_three_payloads_of_a_name_are_kept(heard):
    for number in range(5):
        heard.async_hear(_event("t", number))
    assert heard.payloads("board-1", "t") == [2, 3, 4]


def test_names_are_told_for_each_device_the_latest_first(heard):
    for name in ("a", "b", "c", "a"):
        heard.async_hear(_event(name, 1))
    heard.async_hear(_event("d", 1, device_id="board-2"))
    assert heard.names("board-1") == ["a", "c", "b"]
    assert heard.names("board-2") == ["d"]
    assert heard.payloads("board-2", "a") == []


def test_what_was_heard_longest_ago_is_forgotten_first(heard):
    heard.async_hear(_event("first", 1))
    heard.async_hear(_event("second", 1))
    for number in range(198):
        heard.async_hear(_event(str(number), 1))
    heard.async_hear(_event("first", 2))
    heard.async_hear(_event("last", 1))
    names = heard.names("board-1")
    assert len(names) == 200
    assert "first" in names
    assert "second" not in names
    assert heard.payloads("board-1", "second") == []


def test_of_what_is_too_large_only_the_name_is_kept(heard):
    heard.async_hear(_event("cut", None, truncated=True))
    heard.async_hear(_event("long", "x" * 4097))
    assert heard.names("board-1") == ["long", "cut"]
    assert heard.payloads("board-1", "long") == []
    assert heard.payloads("board-1", "cut") == []


@pytest.mark.parametrize(
    ("data", "small"),
    [
        (None, True),
        (True, True),
        (21.5, True),
        ("x" * 4096, True),
        ("x" * 4097, False),
        ([0] * 256, True),
        ([0] * 257, False),
        ({str(number): 0 for number in range(256)}, True),
        ({str(number): 0 for number in range(257)}, False),
        ({"x" * 4097: 0}, False),
        ({"a": {"b": ["x" * 4000, {"c": "y" * 100}]}}, False),
        ([[0] * 200, [0] * 200], False),
        ({"a": [1, {"b": "x"}]}, True),
    ],
)
def test_parts_and_characters_of_a_payload_are_counted(data, small):
    assert is_small(data) is small
