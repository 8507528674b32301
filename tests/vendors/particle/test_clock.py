"""The cloud's time is ours, corrected by what the dates of answers leave possible."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.iot_clouds.vendors.particle.clock import CloudClock

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


class Both:
    """Our clock, which is so many seconds ahead, and the cloud's."""

    def __init__(self, ahead: float) -> None:
        self.true = 0.0
        self.ahead = ahead
        self.clock = CloudClock(self.own)

    def own(self) -> datetime:
        return seconds(self.true + self.ahead)

    def ask(self, there: float = 0.2, back: float = 0.2) -> None:
        """Have the cloud answer; it says whole seconds."""
        asked = self.own()
        self.true += there
        date = seconds(int(self.true)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        self.true += back
        self.clock.heard(date, asked, self.own())

    @property
    def apart(self) -> float:
        """By how many seconds the cloud's time is ahead of what is believed."""
        return (seconds(self.true) - self.clock()).total_seconds()


def test_clocks_that_may_agree_are_left_alone() -> None:
    both = Both(0)
    for n in range(50):
        both.true = n * 7.3
        both.ask(there=n / 10, back=n / 5)
        assert both.apart == 0


@pytest.mark.parametrize("ahead", [3.0, -3.0, 40.0, 3600.0, -8 * 3600.0, 365 * 86400.0])
def test_a_clock_that_is_wrong_is_seen_by_one_answer(ahead: float) -> None:
    both = Both(ahead)
    both.true = 0.9
    both.ask()
    # Rather behind than ahead, by what was on its way and what is no whole second.
    assert 0 <= both.apart <= 1.5
    for n in range(20):
        both.true = 10.05 + n * 7.1
        both.ask(0.01, 0.01)
    assert 0 <= both.apart <= 0.1


def test_a_clock_that_is_set_is_seen_by_the_next_answer() -> None:
    both = Both(3600)
    both.ask()
    both.ahead = 0
    assert both.apart > 3500
    both.ask()
    assert 0 <= both.apart <= 1.5


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "now",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 1900 00:00:00 GMT",
        "Thu, 12 Nov 2026 12:00:60 GMT",
    ],
)
def test_a_date_that_makes_no_sense_changes_nothing(date: str | None) -> None:
    clock = CloudClock(lambda: NOON)
    clock.heard(date, NOON, NOON)
    assert clock() == NOON


def test_a_clock_that_is_set_back_meanwhile_says_nothing() -> None:
    clock = CloudClock(lambda: NOON)
    clock.heard("Thu, 12 Nov 2026 11:00:00 GMT", seconds(5), NOON)
    assert clock() == NOON
