"""The matrix can fail: without what makes the integration robust, its cells turn red."""

from collections.abc import Callable
from typing import Any

from aiohttp import web
import pytest

from custom_components.iot_clouds import coordinator, errors, feeds
from custom_components.iot_clouds.vendors.arduino.limiter import Limiter
from custom_components.iot_clouds.vendors.particle import cloud as particle, events
from simulated_clouds.faults import Faults, Kind
from tests.e2e.conftest import House

from .household import Account
from .places import Cell, Place
from .scenarios import Course, live_through

pytestmark = pytest.mark.expects_errors(
    "Error fetching", "Authentication failed while fetching", always=False
)


def _no_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "FIRST_DELAY", 20.0)
    monkeypatch.setattr(feeds, "LONGEST_DELAY", 20.0)


def _no_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults: Any = particle.ParticleCloud.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "idle", 1e6)


def _no_dedupe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "REMEMBERED", 0)


def _no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(self: Limiter, *, urgent: bool = False) -> None:
        """Send as many requests as one likes."""

    monkeypatch.setattr(Limiter, "turn", at_once)


def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "HEALTHY", 1e6)


def _nothing_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faults, "take", lambda self, where, kinds: None)


OFF: list[tuple[Callable[[pytest.MonkeyPatch], None], Cell, str]] = [
    (
        _no_back_off,
        Cell(cloud="arduino", place=Place.FEED_CONNECT, kind=Kind.DROP),
        "the feed was opened",
    ),
    (
        _no_back_off,
        Cell(cloud="particle", place=Place.FEED_CONNECT, kind=Kind.SERVER_ERROR),
        "the feed was opened",
    ),
    (
        _no_watchdog,
        Cell(cloud="particle", place=Place.FEED_RUNNING, kind=Kind.STALL),
        "not shown at once",
    ),
    (
        _no_dedupe,
        Cell(cloud="particle", place=Place.FEED_RUNNING, kind=Kind.DUPLICATE),
        "told twice",
    ),
    (
        _no_pace,
        Cell(cloud="arduino", place=Place.RELOAD, kind=Kind.RATE_LIMIT),
        "requests in a second",
    ),
    (
        _nothing_said,
        Cell(cloud="particle", place=Place.FEED_CONNECT, kind=Kind.DROP),
        "the log does not say",
    ),
    (
        _nothing_wrong,
        Cell(cloud="iottly", place=Place.POLL, kind=Kind.DROP),
        "nothing went wrong",
    ),
]


@pytest.mark.parametrize(
    ("switch_off", "cell", "problem"),
    OFF,
    ids=lambda value: getattr(value, "__name__", str(value)),
)
async def test_a_cell_turns_red_without(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    switch_off: Callable[[pytest.MonkeyPatch], None],
    cell: Cell,
    problem: str,
) -> None:
    switch_off(monkeypatch)
    account = await Account.connect(house, cell.cloud)
    outcome = await live_through(Course(account=account, cell=cell))
    assert any(problem in each for each in outcome.problems), outcome


@pytest.mark.parametrize("redacted", [True, False])
async def test_a_cell_turns_red_without_redaction(
    house: House, monkeypatch: pytest.MonkeyPatch, redacted: bool
) -> None:
    account = await Account.connect(house, "particle")
    user = account.cloud.info()["username"]

    def repeat(status: int) -> web.Response:
        words = {"error": "bad_request", "error_description": f"{user}, really?"}
        return web.json_response(words, status=400)

    monkeypatch.setattr(account.cloud, "server_error", repeat)
    if not redacted:
        monkeypatch.setattr(errors, "loggable", lambda err: err)
        monkeypatch.setattr(coordinator, "loggable", lambda err: err)
    cell = Cell(cloud="particle", place=Place.POLL, kind=Kind.SERVER_ERROR)
    outcome = await live_through(Course(account=account, cell=cell))
    told = [each for each in outcome.problems if each.startswith("told: ")]
    assert told == ([] if redacted else ["told: username"])
