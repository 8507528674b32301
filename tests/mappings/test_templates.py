"""Arguments of commands with values filled in."""

from hypothesis import given, strategies as st
import pytest

from custom_components.iot_clouds.mappings.templates import (
    BadTemplate,
    check,
    fill,
    fill_text,
)

FIELDS = {"value": 21.0, "brightness": 40, "name": "hall", "on": True}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{value}", 21.0),
        ("{brightness}", 40),
        ("{on}", True),
        ("set,{value},{name}", "set,21,hall"),
        ("{on}!", "true!"),
        ('{"level": {brightness}}', '{"level": 40}'),
        ('{"a": {"b": {value}}}', '{"a": {"b": 21}}'),
        ("no field", "no field"),
        ("", ""),
        ({"to": "{value}", "list": ["{name}", 5]}, {"to": 21.0, "list": ["hall", 5]}),
        (7, 7),
        (None, None),
    ],
)
def test_fields_are_filled_in_and_everything_else_stays(template, filled):
    found = fill(template, FIELDS)
    assert found == filled
    assert type(found) is type(filled)
    check(template, frozenset(FIELDS))


def test_an_argument_is_always_a_text():
    assert fill_text("{value}", FIELDS) == "21"
    assert fill_text("{brightness}%", FIELDS) == "40%"


@pytest.mark.parametrize(
    "template", ["{valu}", ["{value}", "{x}"], {"a": {"b": "go {there}"}}]
)
def test_a_field_that_there_is_not_is_told(template):
    with pytest.raises(BadTemplate):
        check(template, frozenset(FIELDS))


@given(st.text())
def test_a_text_without_fields_is_sent_as_it_is(text):
    template = text.replace("{", "<")
    check(template, frozenset())
    assert fill_text(template, {}) == template
