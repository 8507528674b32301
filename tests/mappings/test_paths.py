"""JSON Pointers, against the examples of RFC 6901 and against every place of any JSON."""

from hypothesis import given
import pytest

from custom_components.iot_clouds.mappings.paths import (
    MISSING,
    branches,
    leaves,
    pointer,
    resolve,
    steps,
)

from .strategies import json_values

# The document of RFC 6901, section 5.
DOCUMENT = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_the_standard_resolve(path, expected):
    assert resolve(DOCUMENT, path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/bar",
        "/foo/2",
        "/foo/-",
        "/foo/-1",
        "/foo/00",
        "/foo/01",
        "/foo/x",
        "/foo/",
        "/foo/²",
        "/foo/" + "9" * 5000,
        "/foo/0/0",
        "//0",
        "foo",
        "/m~n",
        "/m~2n",
        "/m~",
    ],
)
def test_what_leads_nowhere_is_missing(path):
    assert resolve(DOCUMENT, path) is MISSING
    assert not MISSING


def test_a_null_is_there():
    assert resolve({"a": None}, "/a") is None


@pytest.mark.parametrize("path", ["foo", "/m~n", "/m~", "/~2"])
def test_what_is_no_pointer_is_told(path):
    with pytest.raises(ValueError):
        steps(path)


def test_an_escaped_tilde_before_a_one_is_no_slash():
    assert steps("/~01") == ("~1",)
    assert pointer(("~1", "a/b", "")) == "/~01/a~1b/"


def test_leaves_are_listed_in_the_order_of_the_document():
    tree = {"b": {"y": 1, "x": [True, None]}, "a": "text", "none": {}, "few": []}

    assert leaves(tree) == ["/b/y", "/b/x/0", "/b/x/1", "/a"]
    assert leaves(21.5) == [""]


@given(tree=json_values)
def test_every_value_resolves_by_its_pointer(tree):
    for path, value in branches(tree):
        assert resolve(tree, pointer(path)) is value
        assert steps(pointer(path)) == path
