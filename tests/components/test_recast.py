"""A value is shown as another kind, and written back in its cloud's own words."""

from hypothesis import given, strategies as st
import pytest

from custom_components.iot_clouds.model import Kind, Light
from custom_components.iot_clouds.recast import OTHERS, seen, written

ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40)
)


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("21.5", Kind.MEASURE, 21.5),
        (" 7 ", Kind.MEASURE, 7),
        ("1e3", Kind.LEVEL, 1000.0),
        ("21.5 °C", Kind.MEASURE, 21.5),
        ("nan", Kind.MEASURE, None),
        ("-inf", Kind.MEASURE, None),
        ("warm", Kind.MEASURE, None),
        ("", Kind.MEASURE, None),
        (True, Kind.MEASURE, None),
        (1, Kind.FLAG, True),
        (0.0, Kind.TOGGLE, False),
        (2, Kind.FLAG, None),
        ("ON", Kind.FLAG, True),
        ("closed", Kind.FLAG, False),
        ("ajar", Kind.FLAG, None),
        (404, Kind.TEXT, "404"),
        (3.0, Kind.TEXT, "3"),
        ("as it is", Kind.TEXT, "as it is"),
        (None, Kind.MEASURE, None),
    ],
)
def test_a_value_is_shown_as_another_kind_or_as_unknown(value, kind, shown):
    found = seen(value, kind)
    assert found == shown
    assert type(found) is type(shown)


@pytest.mark.parametrize(
    ("value", "native", "sent"),
    [
        (True, Kind.LEVEL, 1),
        (False, Kind.LEVEL, 0),
        (22.0, Kind.ENTRY, "22"),
        (22.5, Kind.ENTRY, "22.5"),
        (7, Kind.ENTRY, "7"),
        ("text", Kind.ENTRY, "text"),
        (Light(on=True), Kind.LEVEL, Light(on=True)),
    ],
)
def test_what_is_written_has_the_clouds_own_type(value, native, sent):
    found = written(value, native)
    assert found == sent
    assert type(found) is type(sent)


@given(
    ANYTHING, st.sampled_from([*{each for all_ in OTHERS.values() for each in all_}])
)
def test_no_value_is_too_odd_to_be_shown(value, kind):
    types = {
        Kind.MEASURE: (int, float),
        Kind.LEVEL: (int, float),
        Kind.FLAG: (bool,),
        Kind.TOGGLE: (bool,),
        Kind.TEXT: (str, bool),
    }
    found = seen(value, kind)
    assert found is None or isinstance(found, types[kind])
