"""Runs every feed of an account: connect, listen, back off, and say once when it is down."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from enum import Enum, auto
from functools import partial
import math
import random
import time

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .cloud import Feed, Prompt
from .const import LOGGER
from .coordinator import CloudConfigEntry, CloudCoordinator
from .model import CloudAuthError, CloudBusy, CloudError, CloudUnreachable, Update

FIRST_DELAY = 2.0
LONGEST_DELAY = 300.0

RETRY_PATIENCE = 60.0
"""Seconds in which whoever wants to know now is told: longer than any attempt takes."""

HEALTHY = 75.0
"""Seconds a connection must live to be forgiven what came before: a server that accepts
and closes at once, or accepts and says nothing until that is noticed, must not be asked
again and again."""

RELAPSES = 3
"""How often the time doubles for which a feed must live to be said to be back: one that
lasts for a while, again and again, must not fill the log."""


SHORT = 90.0
"""Seconds that a feed may pause between two connections without being down, once, because
the cloud wants it to: a token that ends every few minutes must not fill the log."""


class _End(Enum):
    """How one connection ended."""

    EXPECTED = auto()
    BROKEN = auto()
    REFUSED = auto()


class FeedSupervisor:
    """Keeps the feeds of one account alive.

    Sleep, randomness and clock are parameters, so that tests need no waiting.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: CloudConfigEntry,
        coordinator: CloudCoordinator,
        feeds: Mapping[str, Feed],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start nothing yet."""
        self.reconnects = dict.fromkeys(feeds, 0)
        self.failures: dict[str, str] = {}
        """What kind of error ended a feed last, by name."""
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._feeds = feeds
        self._live = dict.fromkeys(feeds, False)
        self._changed = dict.fromkeys(feeds, clock())
        self._since: dict[str, float | None] = {}
        self._reported: set[str] = set()
        self._relapses = dict.fromkeys(feeds, 0)
        self._proven: dict[str, float] = {}
        """When a feed was said to be back last, by name."""
        self._trying: set[str] = set()
        self._refused: set[str] = set()
        self._pausing: set[str] = set()
        self._naps: dict[str, asyncio.Future[None]] = {}
        self._hopes: dict[str, asyncio.TimerHandle] = {}
        self._listeners: list[Callable[[str], None]] = []
        self._sleep = sleep
        self._rng = rng
        self._clock = clock

    @property
    def live(self) -> Mapping[str, bool]:
        """Which feeds are connected, by name."""
        return self._live

    def steady(self, name: str) -> float:
        """For how many seconds a feed has been connected, or has not."""
        return self._clock() - self._changed[name]

    @property
    def down(self) -> bool:
        """Whether a feed is not connected, or not long enough after it was not.

        One that has been refused for good is not meant.
        """
        return any(
            name not in self._refused and (name in self._reported or not live)
            for name, live in self._live.items()
        )

    @callback
    def async_listen(self, listener: Callable[[str], None]) -> CALLBACK_TYPE:
        """Hear the name of each feed that connects, lasts or fails; returns how to stop."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    async def async_retry(self, patience: float = RETRY_PATIENCE) -> bool:
        """Connect now what waits for its turn; return whether everything is connected.

        A wait that the cloud has asked for is not cut short. Nobody is kept waiting for
        more than `patience` seconds.
        """
        waiting = self._trying | self._naps.keys()
        answered = asyncio.Event()

        @callback
        def hear(name: str) -> None:
            waiting.discard(name)
            if not waiting:
                answered.set()

        stop = self.async_listen(hear)
        for nap in list(self._naps.values()):
            nap.cancel()
        try:
            if waiting:
                async with asyncio.timeout(patience):
                    await answered.wait()
        except TimeoutError:
            return False
        finally:
            stop()
        return all(self._live.values())

    @callback
    def async_start(self) -> None:
        """Run each feed until the account is unloaded."""
        for name, feed in self._feeds.items():
            self._entry.async_create_background_task(
                self._hass, self._run(name, feed), f"{self._entry.title} {name} feed"
            )

    async def _run(self, name: str, feed: Feed) -> None:
        try:
            await self._keep_alive(name, feed)
        finally:
            self._lose_hope(name)

    async def _keep_alive(self, name: str, feed: Feed) -> None:
        """Listen and pause in turn, until the credentials are refused."""
        delay = FIRST_DELAY
        while True:
            self._since[name] = None
            wait, end = await self._listen(name, feed)
            if end is _End.REFUSED:
                return
            if self._was_healthy(name):
                delay = FIRST_DELAY
                if end is _End.EXPECTED:
                    wait = self._rng()
            if wait is None:
                # Half of it random: accounts that lost one cloud together spread out.
                await self._nap(name, delay * (0.5 + self._rng() / 2))
                delay = min(delay * 2, LONGEST_DELAY)
            else:
                await self._sleep(wait)
            self.reconnects[name] += 1

    async def _nap(self, name: str, seconds: float) -> None:
        """Sleep, unless somebody wants to know now."""
        nap = self._naps[name] = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait([nap])
        finally:
            del self._naps[name]
            nap.cancel()

    async def _listen(self, name: str, feed: Feed) -> tuple[float | None, _End]:
        """Live through one connection; return how long to wait, if that was said."""
        self._trying.add(name)
        try:
            async with feed() as updates:
                self._up(name)
                await self._take(updates)
        except CloudAuthError as err:
            self._refused.add(name)
            self._down(name, err)
            self._entry.async_start_reauth(self._hass)
            return None, _End.REFUSED
        except CloudBusy as err:
            if not self._may_pause(name, err):
                self._down(name, err)
            return err.retry_after, _End.BROKEN
        except CloudError as err:
            self._down(name, err)
            return None, _End.BROKEN
        except Exception as err:  # noqa: BLE001 - the top of a feed
            # A mistake of ours must not end the feed for ever, and must be seen.
            if name not in self._reported:
                LOGGER.exception(
                    "Unexpected error in %s of %s", name, self._entry.title
                )
            self._down(name, err)
            return None, _End.BROKEN
        if not self._was_healthy(name):
            # The next attempt has to wait, and until then nothing arrives.
            self._down(name, CloudUnreachable("The cloud closed the connection"))
            return None, _End.BROKEN
        self._coordinator.listening_since = None
        return None, _End.EXPECTED

    async def _take(self, updates: AsyncIterator[Update]) -> None:
        """Apply everything until the connection ends."""
        if isinstance(updates, Prompt):
            await updates.hand_to(self._coordinator.async_apply)
            return
        async for update in updates:
            self._coordinator.async_apply(update)

    def _may_pause(self, name: str, err: CloudBusy) -> bool:
        """Whether a feed that ended as expected comes back soon enough to count as up."""
        ended = self._live[name] and self._since[name] is None
        if not ended or err.retry_after > SHORT or name in self._pausing:
            return False
        self._pausing.add(name)
        self._tell(name)
        return True

    def _was_healthy(self, name: str) -> bool:
        """Whether the connection that has just ended was one that lasted."""
        since = self._since[name]
        return since is not None and self._clock() - since >= HEALTHY

    @callback
    def _up(self, name: str) -> None:
        if name in self._reported and name not in self._hopes:
            proof = HEALTHY * 2 ** self._relapses[name]
            self._hopes[name] = self._hass.loop.call_later(proof, self._back, name)
        self._since[name] = self._clock()
        self._pausing.discard(name)
        self._turn(name, live=True)
        self._coordinator.async_set_feeds_live(all(self._live.values()))
        # Nothing is replayed after a gap; the first connection follows a listing anyway.
        if self.reconnects[name]:
            self._coordinator.async_relist()
        self._tell(name)

    @callback
    def _back(self, name: str) -> None:
        """Say so once, when it has lasted, whatever ended meanwhile as it should."""
        del self._hopes[name]
        self._reported.discard(name)
        self._proven[name] = self._clock()
        LOGGER.info("Live updates (%s) of %s are back", name, self._entry.title)
        self._tell(name)

    @callback
    def _lose_hope(self, name: str) -> None:
        if hope := self._hopes.pop(name, None):
            hope.cancel()

    @callback
    def _down(self, name: str, err: Exception) -> None:
        self._lose_hope(name)
        if name not in self._reported:
            self._reported.add(name)
            lasted = self._clock() - self._proven.get(name, -math.inf)
            again = lasted < HEALTHY * 2**RELAPSES
            more = min(self._relapses[name] + 1, RELAPSES)
            self._relapses[name] = more if again else 0
            LOGGER.info(
                "Live updates (%s) of %s are down, polling instead: %s",
                name,
                self._entry.title,
                err,
            )
        self.failures[name] = type(err).__name__
        self._turn(name, live=False)
        self._coordinator.async_set_feeds_live(False)
        self._tell(name)

    def _tell(self, name: str) -> None:
        self._trying.discard(name)
        for listener in list(self._listeners):
            listener(name)

    def _turn(self, name: str, *, live: bool) -> None:
        if self._live[name] is not live:
            self._live[name] = live
            self._changed[name] = self._clock()
