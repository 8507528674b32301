"""How soon the next poll comes."""

import pytest

from custom_components.iot_clouds.vendors.iottly.pace import Pace


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock)


def seconds(pace, *, crowded=False, delivered=False):
    return pace.wait(crowded=crowded, delivered=delivered).total_seconds()


def test_polls_come_less_often_the_longer_nothing_happens(pace, clock):
    waits = []
    for _ in range(7):
        waits.append(seconds(pace))
        clock.now += waits[-1]
    assert waits == [10, 20, 40, 80, 120, 120, 120]


def test_asking_twice_changes_nothing(pace, clock):
    clock.now += 30
    assert seconds(pace) == seconds(pace) == 40


def test_a_message_makes_polls_short_again(pace, clock):
    clock.now += 5000
    assert seconds(pace) == 120
    pace.stir()
    assert seconds(pace) == 10


def test_for_a_minute_after_a_command_polls_are_short(pace, clock):
    clock.now += 5000
    pace.command()
    clock.now += 59
    assert seconds(pace) == 10
    clock.now += 1
    assert seconds(pace) == 120


def test_polls_are_rare_while_messages_come_by_themselves(pace):
    pace.command()
    assert seconds(pace, delivered=True) == 300


def test_a_large_project_is_never_polled_in_a_hurry(pace, clock):
    pace.command()
    assert seconds(pace, crowded=True) == 30
    clock.now += 100
    assert seconds(pace, crowded=True) == 80
