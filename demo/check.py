"""`scripts/demo --check`: proves on the running demo that values move both ways.

What a board published, what a cloud was asked and what a board was told comes from the
simulated clouds' logs; what Home Assistant shows comes from its API.
"""

import asyncio
from dataclasses import dataclass, field
import time
from typing import Any

from .api import Home, Refused
from .clouds import CloudClient, Entry
from .evidence import holds, is_board, is_subscription, other, reads, shows
from .household import ACTIONS, MEASURED, NORTH, PUSHED, SWITCH, TRACKER, Action
from .observer import Observer, State
from .terminal import DemoError, Terminal

PUSH_LIMIT = 2.0
"""Seconds between a board's publication and the state."""
POLL_LIMIT = 240.0
"""Seconds in which a cloud that is polled must have been polled again."""
POLL_LENGTH = 10.0
"""Seconds that one poll takes at most, from its first answer to the state."""
TOLD_LIMIT = 10.0
"""Seconds until a board has been told what was asked for."""
QUIET = 1.5
"""Seconds without a request after which a cloud is not being read."""
QUIET_LIMIT = 120.0
ATTEMPTS = 3
"""Tries for a value that happens to be read by a regular poll while it is pushed."""


@dataclass(slots=True)
class Result:
    """What was seen so far."""

    terminal: Terminal
    rows: list[tuple[str, ...]] = field(default_factory=list)
    moved: int = 0
    answered: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, cloud: str, board: str, what: str, seen: str, how: str) -> None:
        """Take note of something seen."""
        self.rows.append((cloud, board, what, seen, how))
        self.terminal.progress(f"{cloud}: {board}, {what}: {seen}")

    def fail(self, cloud: str, board: str, what: str, why: str) -> None:
        """Take note of a failure."""
        self.add(cloud, board, what, "FAILED", why)
        self.failures.append(f"{cloud}, {board}, {what}: {why}")


class Check:
    """One run over the three accounts."""

    def __init__(
        self,
        terminal: Terminal,
        home: Home,
        observer: Observer,
        clouds: dict[str, CloudClient],
    ) -> None:
        """Take the running demo; the accounts are loaded."""
        self._home = home
        self._observer = observer
        self._clouds = clouds
        self._terminal = terminal
        self.result = Result(terminal)

    async def run(self) -> Result:
        """Check everything; failures are in the result, which is for people."""
        self._terminal.progress(
            "boards measure: pushed within 2 s, or by the next poll"
        )
        async with asyncio.TaskGroup() as group:
            for name in MEASURED:
                check = self._pushes if name in PUSHED else self._polls
                group.create_task(check(self._clouds[name]))
        self._terminal.progress("a switch is thrown")
        await self._throw_switch()
        self._terminal.progress("a tracker drives on")
        await self._drive()
        self._terminal.progress("an action on each cloud")
        for action in ACTIONS:
            await self._act(action)
        return self.result

    async def _pushes(self, cloud: CloudClient) -> None:
        """Every measured value must arrive by itself."""
        for name, variable in MEASURED[cloud.name]:
            try:
                state, entry = await self._pushed(cloud, name, variable)
            except DemoError as err:
                self.result.fail(cloud.name, name, variable, str(err))
            else:
                milliseconds = max(0.0, state.at - entry.at) * 1000
                how = f"pushed in {milliseconds:.0f} ms, nothing read"
                self._count_move(cloud, name, variable, state, how)

    async def _pushed(
        self, cloud: CloudClient, name: str, variable: str
    ) -> tuple[State, Entry]:
        """The state that a publication led to, and the publication."""
        for _ in range(ATTEMPTS):
            await self._quiet(cloud)
            board, entry = await self._measure(cloud, name, variable)
            entity = self._observer.entity(cloud.name, board, variable)
            state = await self._arrival(entity, entry, variable, PUSH_LIMIT)
            if state is None:
                raise DemoError(f"{entity} did not change within {PUSH_LIMIT:.0f} s")
            if not reads(await cloud.log(entry.at), state.at):
                return state, entry
        raise DemoError("the cloud is read all the time")

    async def _polls(self, cloud: CloudClient) -> None:
        """Every measured value must be there after the next poll."""
        await self._quiet(cloud)
        measured = [
            (*await self._measure(cloud, name, variable), variable)
            for name, variable in MEASURED[cloud.name]
        ]
        for board, entry, variable in measured:
            try:
                state = await self._polled(cloud, board, entry, variable)
            except DemoError as err:
                self.result.fail(cloud.name, board["name"], variable, str(err))
            else:
                how = f"by the next poll, {state.at - entry.at:.1f} s later"
                self._count_move(cloud, board["name"], variable, state, how)

    async def _polled(
        self, cloud: CloudClient, board: dict[str, Any], entry: Entry, variable: str
    ) -> State:
        """The state that the first poll after a publication led to."""
        entity = self._observer.entity(cloud.name, board, variable)
        state = await self._arrival(entity, entry, variable, POLL_LIMIT)
        if state is None:
            raise DemoError(f"{entity} did not change within {POLL_LIMIT:.0f} s")
        between = reads(await cloud.log(entry.at), state.at)
        if not between or state.at - between[0].at > POLL_LENGTH:
            raise DemoError(f"{entity} changed later than with the next poll")
        return state

    async def _measure(
        self, cloud: CloudClient, name: str, variable: str
    ) -> tuple[dict[str, Any], Entry]:
        """Let a board measure something else; returns it and its publication."""
        board = (await cloud.boards())[name]
        value = other(board["variables"][variable]["value"])
        started = time.time()
        await cloud.measure(board["id"], **{variable: value})
        for entry in await cloud.log(started):
            if is_board(entry, "PUBLISH", board) and entry.body.get(variable) == value:
                return board, entry
        raise DemoError("the board published nothing")

    async def _arrival(
        self, entity: str, entry: Entry, variable: str, seconds: float
    ) -> State | None:
        """The first state after a publication that shows its value."""
        left = seconds - (time.time() - entry.at)
        state = await self._observer.state(
            entity,
            lambda state: (
                state.at >= entry.at and shows(state.value, entry.body[variable])
            ),
            max(0.0, left),
        )
        return state if state and state.at - entry.at <= seconds else None

    async def _quiet(self, cloud: CloudClient) -> None:
        """Wait until a cloud is subscribed to, and is not being read."""
        try:
            async with asyncio.timeout(QUIET_LIMIT):
                while True:
                    log = await cloud.log()
                    last = max((e.at for e in log if e.channel == "http"), default=0.0)
                    if time.time() - last > QUIET and (
                        cloud.name not in PUSHED or any(map(is_subscription, log))
                    ):
                        return
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise DemoError(
                f"{cloud.name} was not subscribed to, or is read without a pause"
            ) from None

    async def _throw_switch(self) -> None:
        """A switch in Home Assistant must change its board."""
        cloud, name, variable = SWITCH
        try:
            state, how = await self._thrown(self._clouds[cloud], name, variable)
        except DemoError as err:
            self.result.fail(cloud, name, variable, str(err))
        else:
            self._count_move(self._clouds[cloud], name, variable, state, how)

    async def _thrown(
        self, cloud: CloudClient, name: str, variable: str
    ) -> tuple[State, str]:
        board = (await cloud.boards())[name]
        wanted = not board["variables"][variable]["value"]
        entity = self._observer.entity(cloud.name, board, variable, "switch.")
        started = time.time()
        service = "turn_on" if wanted else "turn_off"
        await self._home.call("switch", service, entity_id=[entity])
        entry = await self._told(cloud.name, board, {variable: wanted}, started)
        state = await self._observer.state(
            entity, lambda state: shows(state.value, wanted), PUSH_LIMIT
        )
        now = (await cloud.boards())[name]
        if now["variables"][variable]["value"] is not wanted or state is None:
            raise DemoError("the board and its switch do not agree")
        milliseconds = (entry.at - started) * 1000
        return state, f"{entity} reached the board in {milliseconds:.0f} ms"

    async def _drive(self) -> None:
        """A tracker that is somewhere else must be there on the map."""
        name, board, variable = TRACKER
        try:
            state, how = await self._driven(self._clouds[name], board, variable)
        except DemoError as err:
            self.result.fail(name, board, variable, str(err))
        else:
            self._count_move(self._clouds[name], board, variable, state, how)

    async def _driven(
        self, cloud: CloudClient, name: str, variable: str
    ) -> tuple[State, str]:
        board = (await cloud.boards())[name]
        place = board["variables"][variable]["value"]
        there = (round(place["lat"] + NORTH, 8), place["lon"])
        # The place of a tracker is called like the tracker.
        entity = self._observer.entity(cloud.name, board, "", "device_tracker.")
        further = {**place, "lat": there[0]}
        await cloud.measure(board["id"], **{variable: further})
        state = await self._observer.state(
            entity, lambda state: state.place == there, PUSH_LIMIT
        )
        if state is None:
            raise DemoError(f"{entity} is not at {there}")
        return state, f"{entity} moved to {there[0]:.5f}, {there[1]:.5f}"

    async def _act(self, action: Action) -> None:
        what = f"iot_clouds.{action.service}"
        try:
            answer = await self._answer(action)
        except DemoError as err:
            self.result.fail(action.cloud, action.board, what, str(err))
        else:
            self.result.answered += 1
            self.result.add(
                action.cloud, action.board, what, "answered", f"board told; {answer}"
            )

    async def _answer(self, action: Action) -> Any:
        """Perform an action; returns its response once the board was told."""
        board = (await self._clouds[action.cloud].boards())[action.board]
        if action.entity:
            entity = self._observer.entity(action.cloud, board, action.entity)
            target = {"entity_id": [entity]}
        else:
            device = self._observer.device(action.cloud, board)
            target = {"device_id": device["id"]}
        started = time.time()
        answer = await self._home.call(
            "iot_clouds", action.service, **target, **action.data
        )
        await self._told(action.cloud, board, action.told, started)
        if not isinstance(answer, dict) or not holds(answer, action.response or {}):
            raise Refused(f"answered {answer!r}")
        return answer

    async def _told(
        self, cloud: str, board: dict[str, Any], what: dict[str, Any], since: float
    ) -> Entry:
        """Wait for the log's word that a board was told something."""
        try:
            async with asyncio.timeout(TOLD_LIMIT):
                while True:
                    for entry in await self._clouds[cloud].log(since):
                        if is_board(entry, "RECEIVE", board) and holds(
                            entry.body, what
                        ):
                            return entry
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise DemoError(f"the board was not told {what}") from None

    def _count_move(
        self, cloud: CloudClient, board: str, variable: str, state: State, how: str
    ) -> None:
        self.result.moved += 1
        self.result.add(cloud.name, board, variable, state.value, how)
