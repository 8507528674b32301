"""Values are what their declared type promises, whatever JSON they come in."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.iot_clouds.model import Kind, Reading
from custom_components.iot_clouds.vendors.particle.values import (
    clean,
    coercion,
    is_known,
    kind_of,
    moment,
    reading,
    to_double,
    to_int,
)

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("declared", "value", "expected"),
    [
        ("int32", 46, 46),
        ("int32", 46.0, 46),
        ("int32", "-46", -46),
        ("int32", "25.5", 25.5),
        ("int32", "1e3", 1000),
        ("uint32", 4294967295, 4294967295),
        # What has more bits would keep all notes from being written.
        ("uint64", "18446744073709551615", 1.8446744073709552e19),
        ("int32", -1e300, -1e300),
        ("double", 60, 60.0),
        ("double", 90.7249984741211, 90.7249984741211),
        ("double", " 25.34 ", 25.34),
        ("double", ".5", 0.5),
        ("float", 1, 1.0),
        ("bool", True, True),
        ("bool", 0, False),
        ("boolean", 1.0, True),
        ("bool", "TRUE", True),
        ("bool", " false ", False),
        ("bool", "1", True),
        ("string", "status=closed|time=3h", "status=closed|time=3h"),
        ("string", "", ""),
        ("string", 12, "12"),
        ("string", True, "true"),
        ("string", {"a": [1]}, '{"a": [1]}'),
        ("mystery", "raw", "raw"),
    ],
)
def test_a_value_is_read_by_its_declared_type(
    declared: str, value: Any, expected: Any
) -> None:
    read = coercion(declared)(value)
    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("int32", None),
        ("int32", True),
        ("int32", "twelve"),
        ("int32", "1_0"),
        ("int32", ""),
        ("int32", [1]),
        ("double", "nan"),
        ("double", "inf"),
        ("double", "1e999"),
        ("double", float("inf")),
        ("double", 10**400),
        ("double", "data:image/png;base64,AAAA"),
        ("double", "٣"),
        ("bool", 2),
        ("bool", "maybe"),
        ("bool", None),
        ("bool", {}),
        ("bool", []),
        ("string", None),
    ],
)
def test_what_does_not_fit_the_type_is_no_value(declared: str, value: Any) -> None:
    assert coercion(declared)(value) is None


@pytest.mark.parametrize(
    ("declared", "kind", "known"),
    [
        ("int32", Kind.MEASURE, True),
        ("double", Kind.MEASURE, True),
        ("bool", Kind.FLAG, True),
        ("boolean", Kind.FLAG, True),
        ("string", Kind.TEXT, True),
        ("mystery", Kind.TEXT, False),
        ("", Kind.TEXT, False),
    ],
)
def test_the_type_decides_what_a_person_sees(
    declared: str, kind: Kind, known: bool
) -> None:
    assert kind_of(declared) is kind
    assert is_known(declared) is known


def test_a_string_too_long_for_a_state_is_kept_whole_beside_it() -> None:
    assert reading("x" * 256, AT) == Reading(
        value="x" * 255, at=AT, attributes={"full_text": "x" * 256}
    )
    assert reading("x" * 255, AT) == Reading(value="x" * 255, at=AT)


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert clean("a\ud800b") == "a\ufffdb"
    assert clean("°€😀") == "°€😀"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-07-28T16:53:05.616Z", datetime(2026, 7, 28, 16, 53, 5, 616000, UTC)),
        ("2026-07-28T18:53:05+02:00", datetime(2026, 7, 28, 16, 53, 5, 0, UTC)),
        ("2026-07-28T16:53:05", datetime(2026, 7, 28, 16, 53, 5, 0, UTC)),
        ("0001-01-01T00:00:00+12:00", None),
        ("yesterday", None),
        (1584484345, None),
        (None, None),
    ],
)
def test_times_are_aware_and_in_utc(written: Any, expected: datetime | None) -> None:
    assert moment(written) == expected


@pytest.mark.parametrize("coerce", [to_double, to_int], ids=["double", "int"])
def test_a_long_text_of_digits_is_no_number_and_quickly_so(coerce) -> None:
    assert coerce("1" * 200_000 + "x") is None
    assert coerce("1" * 200_000) is None
