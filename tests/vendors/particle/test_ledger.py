"""What a month of reading costs, counted where it is billed."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from custom_components.iot_clouds.model import Json, Ref
from custom_components.iot_clouds.vendors.particle.budget import FLOOR, Budget
from custom_components.iot_clouds.vendors.particle.directory import Directory
from custom_components.iot_clouds.vendors.particle.models import Board
from custom_components.iot_clouds.vendors.particle.reader import VariableReader
from custom_components.iot_clouds.vendors.particle.shelf import Shelf

from .fake import board, read_all

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=30)
VARIABLES = dict.fromkeys(("a", "b", "c", "d", "e"), "double")
BOARDS = [f"e00fce68{number:016x}" for number in range(20)]


class Clock:
    """A time that only the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Billing:
    """The side of the cloud that writes the bill; a read takes a while."""

    def __init__(self, clock: Clock) -> None:
        self.takes = timedelta(seconds=0.5)
        self.reads: Counter[tuple[str, str]] = Counter()
        self.days: Counter[int] = Counter()
        self.offline: set[str] = set()
        self._clock = clock

    async def variable(self, device_id: str, name: str) -> Json:
        assert device_id not in self.offline
        self._clock.now += self.takes
        self.reads[device_id, name] += 1
        self.days[self._clock.now.day] += 1
        return 20.5


class Home:
    """The reader of an account, with what it keeps over restarts."""

    def __init__(self, clock: Clock, billing: Billing, plan: int) -> None:
        self.clock = clock
        self.billing = billing
        self.plan = plan
        self.notes: Mapping[str, Json] = {}
        self.restart()

    def restart(self) -> None:
        """Begin anew with nothing but the notes."""
        self.budget = Budget(self.plan, now=self.clock)
        self.shelf = Shelf()
        self.directory = Directory()
        self.reader = VariableReader(
            self.billing,
            self.directory,
            now=self.clock,
            budget=self.budget,
            shelf=self.shelf,
        )
        budget = self.notes.get("budget")
        if isinstance(budget, dict):
            self.budget.restore(budget)
        self.shelf.restore(self.notes.get("readings"))
        self.reader.restore(self.notes.get("tried"))
        self.listed()

    def stop(self) -> None:
        """Write down what the account's notebook writes down."""
        self.notes = {
            "budget": self.budget.notes(),
            "readings": self.shelf.notes(),
            "tried": self.reader.notes(),
        }

    def listed(self) -> None:
        """Learn who is online."""
        boards = [
            Board.parse(
                board(
                    each, variables=VARIABLES, online=each not in self.billing.offline
                )
            )
            for each in BOARDS
        ]
        self.directory.take_listing([each for each in boards if each], 0, complete=True)
        self.directory.devices()

    def refs(self) -> list[Ref]:
        """What an entity shows on boards that are online, as the core hands it over."""
        return [
            Ref(each, f"variable/{name}")
            for each in BOARDS
            if each not in self.billing.offline
            for name in VARIABLES
        ]

    async def live(self, until: datetime) -> None:
        """Do as the core does: a round, then as much waiting as the reader wants."""
        while self.clock.now < until:
            refs = self.refs()
            await read_all(self.reader, refs)
            self.clock.now += self.reader.interval(refs)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def billing(clock: Clock) -> Billing:
    return Billing(clock)


def shares(billing: Billing) -> float:
    """How much the variable that is read least has of the one that is read most."""
    counts = [billing.reads[each, name] for each in BOARDS for name in VARIABLES]
    return min(counts) / max(counts)


async def eventful(home: Home, until: datetime) -> None:
    """Days on which the host restarts, and another board is away for an hour or three."""
    day = 0
    while home.clock.now < until:
        day += 1
        away = {BOARDS[day % 20], BOARDS[(day * 7) % 20]}
        home.billing.offline = away
        home.listed()
        await home.live(min(until, home.clock.now + timedelta(hours=3)))
        home.billing.offline = set()
        home.listed()
        await home.live(min(until, home.clock.now + timedelta(hours=8)))
        before = home.billing.reads.total()
        for _ in range(5):
            home.stop()
            home.restart()
        assert home.billing.reads.total() == before
        await home.live(min(until, home.clock.now + timedelta(hours=13)))


async def test_twenty_boards_use_a_months_plan_up_and_no_more(
    clock: Clock, billing: Billing
) -> None:
    home = Home(clock, billing, 50_000)
    await eventful(home, END)
    assert 47_500 <= billing.reads.total() <= 50_000
    assert home.budget.plan == 50_000
    assert shares(billing) >= 0.9
    # Evenly over the days, too.
    assert max(billing.days.values()) < 1.2 * 50_000 / 30


async def test_a_plan_halved_in_mid_month_is_kept_to_the_end(
    clock: Clock, billing: Billing
) -> None:
    home = Home(clock, billing, 50_000)
    await eventful(home, START + timedelta(days=12))
    home.stop()
    home.plan = 25_000
    home.restart()
    await eventful(home, END)
    assert 23_750 <= billing.reads.total() <= 25_000
    assert shares(billing) >= 0.9
    assert billing.days[29] > 200


async def test_a_plan_halved_when_half_is_used_stops_every_read(
    clock: Clock, billing: Billing
) -> None:
    home = Home(clock, billing, 50_000)
    await eventful(home, START + timedelta(days=15))
    home.stop()
    home.plan = 25_000
    home.restart()
    await eventful(home, END)
    assert 23_750 <= billing.reads.total() <= 25_000
    assert shares(billing) >= 0.9


async def test_a_restart_of_every_round_reads_nothing_twice(
    clock: Clock, billing: Billing
) -> None:
    home = Home(clock, billing, 50_000)
    for _ in range(200):
        await read_all(home.reader, home.refs())
        home.stop()
        home.restart()
        clock.now += timedelta(minutes=1)
    # A hundred to know anything at all, then what 200 minutes of a month allow.
    assert 100 <= billing.reads.total() <= 100 + 50_000 * 300 / 43_200


async def test_without_notes_and_without_a_plan_nothing_is_read(
    clock: Clock, billing: Billing
) -> None:
    home = Home(clock, billing, 0)
    await home.live(START + timedelta(days=2))
    assert billing.reads.total() == 0
    ref = home.refs()[0]
    update = await read_all(home.reader, [ref], asked=True)
    assert update.readings[ref].value == 20.5
    assert home.budget.used == 1


async def test_few_variables_are_read_no_more_often_than_the_floor(
    clock: Clock, billing: Billing
) -> None:
    """But as often: what a round read late does not miss the one that it is due in."""
    home = Home(clock, billing, 50_000)
    billing.takes = timedelta(seconds=0.2)
    refs = home.refs()[:3]
    late = Random(7)
    while clock.now < START + timedelta(days=1):
        await read_all(home.reader, refs)
        # Home Assistant counts from the second in which a round ended, and is never
        # exact.
        clock.now = clock.now.replace(microsecond=late.randrange(10_000))
        clock.now += home.reader.interval(refs)
    assert len(billing.reads) == 3
    assert all(90 <= count <= 96 for count in billing.reads.values())
    assert timedelta(minutes=15) == FLOOR


async def test_a_new_month_begins_with_a_new_count(
    clock: Clock, billing: Billing
) -> None:
    home = Home(clock, billing, 50_000)
    await home.live(START + timedelta(days=1))
    assert 1500 < home.budget.used < 1800
    home.stop()
    clock.now = END + timedelta(seconds=1)
    home.restart()
    assert home.budget.used == 0
    await read_all(home.reader, home.refs())
    assert 0 <= home.budget.used <= 1


async def test_a_clock_that_is_not_set_yet_changes_no_count(
    clock: Clock, billing: Billing
) -> None:
    home = Home(clock, billing, 50_000)
    await home.live(START + timedelta(days=1))
    used = home.budget.used
    home.stop()
    clock.now = datetime(2000, 1, 1, tzinfo=UTC)
    home.restart()
    assert home.budget.used == used
    before = billing.reads.total()
    await read_all(home.reader, home.refs())
    assert billing.reads.total() == before
    clock.now = START + timedelta(days=2)
    await read_all(home.reader, home.refs())
    assert home.budget.used - used <= 100


@pytest.mark.parametrize(
    "notes",
    [{}, {"since": 5, "grown": "x", "used": "y", "credit": None}, {"used": 7}],
)
def test_a_count_that_makes_no_sense_is_a_new_one(
    clock: Callable[[], datetime], notes: dict[str, Json]
) -> None:
    budget = Budget(100, now=clock)
    budget.restore(notes)
    assert budget.used == 0
    assert budget.spent == 0


def test_the_forecast_goes_on_like_before(clock: Clock) -> None:
    budget = Budget(50_000, now=clock)
    assert budget.forecast() == 0
    clock.now = START + timedelta(days=10)
    for _ in range(300):
        budget.spend()
    assert budget.forecast() == 900
    for _ in range(700):
        budget.spend()
    assert budget.forecast() == 3000
    assert Budget(0, now=clock).spent == 0


@pytest.mark.parametrize(
    "day", ["2026-11-30", "2026-12-31", "2027-01-29", "2028-02-29"]
)
def test_the_last_day_of_a_month_belongs_to_no_other(clock: Clock, day: str) -> None:
    """What is left of the plan is for the twelve hours that are left."""
    clock.now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    left = (_first_of_next(clock.now) - clock.now).total_seconds()
    budget = Budget(86_400, now=clock)
    assert budget.interval(7200).total_seconds() == pytest.approx(left / 12)
    for _ in range(600):
        budget.spend()
    clock.now += timedelta(hours=6)
    # A hundred an hour.
    assert budget.forecast() == pytest.approx(600 + 100 * (left / 3600 - 6), abs=50)


def _first_of_next(now: datetime) -> datetime:
    years, month = divmod(now.month, 12)
    return datetime(now.year + years, month + 1, 1, tzinfo=UTC)


def test_a_second_reading_waits_until_there_is_an_operation_for_it(
    clock: Clock,
) -> None:
    # One a minute.
    budget = Budget(43_200, now=clock)
    assert [budget.allows(first=first) for first in (True, False)] == [True, False]
    clock.now += timedelta(seconds=59)
    assert not budget.allows(first=False)
    clock.now += timedelta(seconds=2)
    assert budget.allows(first=False)


def test_what_was_not_spent_is_spread_and_not_spent_at_once(clock: Clock) -> None:
    budget = Budget(43_200, now=clock)
    clock.now += timedelta(hours=1)
    budget.limit(2)
    assert budget.allows(first=False)
    budget.spend()
    budget.spend()
    assert not budget.allows(first=False)


def test_what_may_be_spent_already_is_no_reason_to_read_oftener(clock: Clock) -> None:
    budget = Budget(43_200, now=clock)
    clock.now += timedelta(days=15)
    assert budget.allows(first=False)
    assert budget.interval(60).total_seconds() == pytest.approx(3600)


def test_a_new_month_begins_without_what_the_last_one_left(clock: Clock) -> None:
    budget = Budget(43_200, now=clock)
    clock.now = END - timedelta(days=1)
    assert budget.allows(first=False)
    clock.now = END + timedelta(seconds=30)
    assert not budget.allows(first=False)


def test_a_month_that_a_clock_ahead_began_is_taken_back(clock: Clock) -> None:
    clock.now += timedelta(days=10)
    budget = Budget(43_200, now=clock)
    for _ in range(100):
        budget.spend()
    clock.now += timedelta(days=365)
    budget.spend()
    assert budget.used == 1
    clock.now += timedelta(days=1) - timedelta(days=365)
    assert budget.used == 101
    # A hundred a day, and nineteen days are left.
    assert budget.forecast() == 2000
    clock.now = END + timedelta(hours=1)
    assert budget.used == 0


def test_a_clock_that_goes_back_takes_nothing_away(clock: Clock) -> None:
    clock.now += timedelta(days=2)
    budget = Budget(43_200, now=clock)
    clock.now += timedelta(minutes=10)
    assert budget.allows(first=False)
    clock.now -= timedelta(days=1)
    assert budget.allows(first=False)


def test_a_clock_that_goes_back_stops_no_reads(clock: Clock) -> None:
    clock.now += timedelta(days=10)
    budget = Budget(43_200, now=clock)
    clock.now -= timedelta(hours=2)
    assert not budget.allows(first=False)
    clock.now += timedelta(minutes=2)
    assert budget.allows(first=False)


def test_a_clock_that_goes_back_over_the_turn_of_a_month_spends_no_month(
    clock: Clock,
) -> None:
    budget = Budget(43_200, now=clock)
    clock.now = END + timedelta(seconds=2)
    assert budget.used == 0
    clock.now = END - timedelta(seconds=2)
    assert not budget.allows(first=False)
    clock.now = END - timedelta(seconds=1)
    assert not budget.allows(first=False)
    clock.now = END + timedelta(minutes=2)
    assert budget.allows(first=False)
