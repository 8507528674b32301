"""What happens at each place: the fault comes, stays for a while, and goes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from simulated_clouds.arduino import ArduinoCloud
from simulated_clouds.faults import Fault, Kind
from simulated_clouds.particle import ParticleCloud

from .household import Account
from .places import Cell, Place

WHILE = 2700.0
"""Seconds that a fault stays: long enough for everything to have noticed it."""
SLOWLY = 20.0
"""Seconds that a slow answer takes; less than anything is waited for."""
BOUNDS = {"arduino": 640.0, "particle": 1300.0, "iottly": 640.0}
"""Seconds to be current again: the longest pause of a feed (five minutes) or of Home
Assistant's own retries (ten), and at Particle a read of what was missed (a quarter of an
hour)."""
RATES = {"arduino": 1, "particle": 20, "iottly": 20}
"""Requests in a second that the clouds allow, or that are decent where they say nothing."""
PUSHED = 660.0
"""Seconds in which a feed is back that was lost: its longest pause, twice, and a minute."""
OPENED = {"arduino": 40, "particle": 40}
"""How often a feed may be opened meanwhile: ten times until its pauses are the longest,
and at least two and a half minutes apart from then on."""
TOLD = 525.0
"""Seconds until the log says that all is well: the longest pause between two listings, and
the time in which a feed has to prove itself, twice as long the second time."""
LINES = 2
"""In the log, that something is down, and as many that it is back: polls and the feed."""
REFUSALS = frozenset({Kind.UNAUTHORIZED, Kind.EXPIRED_TOKEN})
COMMANDS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = MappingProxyType(
    {
        "arduino": ("Boiler room", "set_value", {"value": 47.5}),
        "particle": ("Workshop", "call_function", {"function": "setFan"}),
        "iottly": (
            "Cellar",
            "send_command",
            {"type": "pump", "options": {"state": "on"}},
        ),
    }
)


@dataclass(slots=True, kw_only=True)
class Course:
    """A fault's stay at an account."""

    account: Account
    cell: Cell
    problems: list[str] = field(default_factory=list)
    _fault: Fault | None = None

    @property
    def struck(self) -> int:
        """How often the fault did something."""
        return self._fault.struck if self._fault else 0

    def begin(self) -> None:
        """Switch the fault on."""
        more: dict[str, Any] = {}
        if self.cell.kind is Kind.SLOW:
            more["seconds"] = SLOWLY
        self._fault = Fault(kind=self.cell.kind, path=self.cell.path, **more)
        self.account.cloud.faults.extend(self._fault)

    async def stay(self) -> None:
        """Let the world go on under the fault."""
        for part in (0.4, 0.6):
            await self.account.measure()
            await asyncio.sleep(WHILE * part)
            if untrue := self.account.untrue():
                self.problems.append(f"not true under the fault: {untrue}")

    def end(self) -> None:
        """Switch the fault off."""
        self.account.cloud.faults.clear()


async def set_up(course: Course) -> None:
    """The fault is there before the account is set up."""
    entries = course.account.house.hass.config_entries
    await entries.async_unload(course.account.entry.entry_id)
    course.begin()
    await entries.async_setup(course.account.entry.entry_id)
    await course.stay()


async def reload(course: Course) -> None:
    """The fault is there when the account is reloaded."""
    course.begin()
    entries = course.account.house.hass.config_entries
    await entries.async_reload(course.account.entry.entry_id)
    await course.stay()


async def during(course: Course) -> None:
    """The fault comes while the account is loaded."""
    course.begin()
    await course.stay()


async def connecting(course: Course) -> None:
    """The feed is cut, and the fault meets it when it comes back."""
    course.begin()
    cloud = course.account.cloud
    if isinstance(cloud, ArduinoCloud):
        cloud.abort_sessions()
    else:
        cloud.faults.add(Kind.DROP, path="^SSE ", count=1)
    await course.stay()


async def renewing(course: Course) -> None:
    """The token ends, and the fault meets the request for another."""
    course.begin()
    assert isinstance(course.account.cloud, ArduinoCloud | ParticleCloud)
    course.account.cloud.expire_tokens()
    await course.stay()


async def commanding(course: Course) -> None:
    """A command is given under the fault: it is carried out once, or fails in words."""
    account = course.account
    course.begin()
    carried_out = account.carried_out()
    try:
        await command(account)
    except HomeAssistantError as err:
        if not err.translation_key:
            course.problems.append(f"failed without words: {err!r}")
    else:
        carried_out += 1
    if account.carried_out() > max(carried_out, 1):
        course.problems.append("carried out more than once")
    await course.stay()


async def shutting_down(course: Course) -> None:
    """The account is unloaded while requests hang in the fault, and comes back."""
    entry = course.account.entry
    course.begin()
    refresh = asyncio.create_task(entry.runtime_data.coordinator.async_refresh())
    await course.account.after(lambda: course.struck, 10)
    entries = course.account.house.hass.config_entries
    async with asyncio.timeout(30):
        assert await entries.async_unload(entry.entry_id)
    refresh.cancel()
    assert entry.state is ConfigEntryState.NOT_LOADED
    course.end()
    await course.account.measure()
    await entries.async_setup(entry.entry_id)


async def command(account: Account) -> None:
    """Give the command of this cloud."""
    board, action, data = COMMANDS[account.name]
    target = (
        {"entity_id": account.house.entity(board, "Setpoint")}
        if action == "set_value"
        else {"device_id": account.house.device_id(board)}
    )
    await account.house.hass.services.async_call(
        "iot_clouds", action, {**target, **data}, blocking=True
    )


SCENARIOS: Mapping[Place, Callable[[Course], Awaitable[None]]] = {
    Place.SETUP: set_up,
    Place.POLL: during,
    Place.FEED_CONNECT: connecting,
    Place.FEED_RUNNING: during,
    Place.TOKEN: renewing,
    Place.COMMAND: commanding,
    Place.WEBHOOK: during,
    Place.RELOAD: reload,
    Place.SHUTDOWN: shutting_down,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it ended: `seconds` until everything was current again, None if it never was."""

    cell: Cell
    seconds: float | None
    asked: bool
    """Whether the user had to sign in again."""
    down: int
    back: int
    """Lines in the log."""
    busiest: int
    """Most requests in a second."""
    problems: list[str]

    def row(self) -> dict[str, Any]:
        """What the table tells of it."""
        return {
            "cloud": self.cell.cloud,
            "place": self.cell.place.value,
            "fault": self.cell.kind.value,
            "seconds": None if self.seconds is None else round(self.seconds),
            "asked": self.asked,
            "down": self.down,
            "back": self.back,
            "busiest": self.busiest,
            "problems": self.problems,
        }


async def live_through(course: Course) -> Outcome:
    """Let a fault come and go, and see what it did."""
    account, cell, problems = course.account, course.cell, course.problems
    with account.listening():
        await SCENARIOS[cell.place](course)
        course.end()
        if not course.struck:
            problems.append("nothing went wrong")
        await asyncio.sleep(1)
        asked = await account.sign_in_again()
        delivered = account.delivered
        await account.measure()
        seconds = await account.current_after(BOUNDS[account.name])
        if seconds is None:
            problems.append(f"not current again: {account.shown()}")
        elif account.name in OPENED and not await account.pushed_after(PUSHED):
            problems.append("what changes is not shown at once")
        if cell.place is Place.WEBHOOK and account.delivered == delivered:
            problems.append("nothing is delivered any more")
        # What was set up anew does not remember what it said before.
        if not asked and cell.place is not Place.SHUTDOWN:
            await account.after(lambda: account.down == account.back, TOLD)
            if account.down != account.back:
                problems.append("the log does not say that all is well again")
        problems += [f"told: {what}" for what in await account.secrets_told()]
    opened = account.feeds_opened()
    if opened > OPENED.get(account.name, 0):
        problems.append(f"the feed was opened {opened} times")
    if asked and cell.kind not in REFUSALS:
        problems.append("the user was asked to sign in")
    problems += [f"told twice: {what}" for what in account.doubled()]
    if account.busiest_second() > RATES[account.name]:
        problems.append(f"{account.busiest_second()} requests in a second")
    await account.leave()
    if account.cloud.connections():
        problems.append("a connection was left")
    if max(account.down, account.back) > LINES:
        problems.append(f"{account.down} lines say down, {account.back} say back")
    return Outcome(
        cell=cell,
        seconds=seconds,
        asked=asked,
        down=account.down,
        back=account.back,
        busiest=account.busiest_second(),
        problems=problems,
    )
