from datetime import UTC, datetime, timedelta, timezone

import pytest

from custom_components.iot_clouds.vendors.iottly.dates import is_naive, parse_date

MOMENT = datetime(2017, 9, 20, 0, 33, 27, 230_000, tzinfo=UTC)
SECOND = datetime(2017, 9, 20, 0, 33, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"$date": "2017-09-20T00:33:27.230Z"}, MOMENT),
        ({"$date": "2017-09-20T00:33:27Z"}, SECOND),
        ({"$date": 1505867607230}, MOMENT),
        ({"$date": {"$numberLong": "1505867607230"}}, MOMENT),
        ({"$date": "2017-09-20T02:33:27.230+02:00"}, MOMENT),
        ("2017-09-20T00:33:27.230", MOMENT),
        ("2017-09-20T00:33:27", SECOND),
        ("2017-09-20T00:33:27.230999", MOMENT),
        ("2017-09-20T02:33:27.230456+02:00", MOMENT),
        (" 2017-09-20T00:33:27.230Z\n", MOMENT),
        (1505867607230, MOMENT),
        ({"$date": "1970-01-01T00:00:00Z"}, datetime(1970, 1, 1, tzinfo=UTC)),
        ({"$date": -1000}, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_every_form_of_a_date_is_read_in_utc_and_cut_to_milliseconds(value, expected):
    assert parse_date(value) == expected
    assert parse_date(value).tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "yesterday",
        [],
        {},
        {"$date": None},
        {"$date": {"$date": "2017-09-20T00:33:27Z"}},
        {"$date": {"$numberLong": "many"}},
        {"$date": 10**30},
        float("nan"),
        float("inf"),
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_no_date_is_none(value):
    assert parse_date(value) is None


def test_a_date_without_zone_belongs_to_the_zone_of_the_server():
    zone = timezone(timedelta(hours=2))
    assert parse_date("2017-09-20T02:33:27.230", zone) == MOMENT
    assert parse_date("2017-09-20T00:33:27.230Z", zone) == MOMENT


@pytest.mark.parametrize(
    ("value", "naive"),
    [
        ("2018-07-27T17:50:04.968", True),
        ("2018-07-27T17:50:04.968Z", False),
        ("soon", False),
        (1505867607230, False),
    ],
)
def test_only_text_without_a_zone_is_naive(value, naive):
    assert is_naive(value) is naive
