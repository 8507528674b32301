"""Tokens end, the connection with them, and nobody sees it."""

import asyncio
from dataclasses import dataclass, field
import itertools

import pytest

from custom_components.iot_clouds.model import Ref, Update, Value
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.helpers import update_coordinator
from simulated_clouds.arduino import ArduinoCloud
from simulated_clouds.world import Board

GREENHOUSE = "Greenhouse"
LIFETIME = 2


@dataclass
class Traffic:
    """A board that measures all the time, and whether anybody could hear each value."""

    cloud: ArduinoCloud
    board: Board
    heard: list[float] = field(default_factory=list)
    missed: list[float] = field(default_factory=list)
    gaps: int = 0

    def listening(self) -> bool:
        """Whether a session is subscribed to the board, and its token has not ended."""
        topic = f"/a/t/{self.board.id}/e/o"
        now = self.cloud.broker.clock()
        return any(
            topic in session.subscriptions
            and (who := session.principal) is not None
            and (who.expires or 0) > now
            for session in self.cloud.broker.sessions(label="MQTT")
        )

    async def run(self) -> None:
        """Measure a new temperature every few milliseconds.

        In each gap the humidity moves once, and nothing but a listing can tell.
        """
        listening = True
        for number in itertools.count(1):
            value = number / 4
            if self.listening():
                self.heard.append(value)
                listening = True
            else:
                self.missed.append(value)
                if listening:
                    self.gaps += 1
                    humidity = 30.0 + self.gaps
                    self.cloud.world.set(self.board, humidity=humidity)
                listening = False
            self.cloud.world.set(self.board, temperature=value)
            await asyncio.sleep(0.01)


async def _no_wait(self, *, urgent: bool = False) -> None:
    pass


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits along with the tokens' lives."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", _no_wait
    )
    monkeypatch.setattr("custom_components.iot_clouds.feeds.HEALTHY", 0.5)
    monkeypatch.setattr(update_coordinator, "REQUEST_REFRESH_DEFAULT_COOLDOWN", 0.05)


async def test_two_lifetimes_of_a_token_under_constant_traffic(
    hass, house, until, monkeypatch
):
    entry = await house.connect("arduino", token_lifetime=LIFETIME, rate_limit=1000)
    cloud = house.clouds["arduino"]
    traffic = Traffic(cloud=cloud, board=house.board(GREENHOUSE))
    temperature = house.entity(GREENHOUSE, "Temperature")
    humidity = house.entity(GREENHOUSE, "Humidity")
    [measured] = [
        Ref(item.board.id, f"property/{item.id}")
        for item in cloud.store.properties(traffic.board)
        if item.variable.name == "temperature"
    ]
    pushed: list[Value] = []
    shown: list[float] = []
    lost: list[str] = []

    coordinator = entry.runtime_data.coordinator
    apply = coordinator.async_apply

    @callback
    def delivered(update: Update) -> None:
        pushed.extend(
            reading.value for ref, reading in update.readings.items() if ref == measured
        )
        apply(update)

    monkeypatch.setattr(coordinator, "async_apply", delivered)

    @callback
    def follow(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is None or state.state == "unavailable":
            lost.append(event.data["entity_id"])
        elif state.entity_id == temperature:
            shown.append(float(state.state))

    await until(traffic.listening)
    cloud.log.clear()
    stop = hass.bus.async_listen("state_changed", follow)
    task = asyncio.create_task(traffic.run())
    try:
        for life in (1, 2):
            await until(lambda life=life: traffic.gaps == life and traffic.listening())
            # The listing after the reconnect closes the gap: only it knows the humidity.
            await until(
                lambda life=life: float(hass.states.get(humidity).state) == 30.0 + life
            )
            assert len(cloud.requests("GET", "/iot/v2/things")) == life
    finally:
        task.cancel()
        await asyncio.wait([task])
        stop()

    last = house.board(GREENHOUSE).variables["temperature"].value
    await until(lambda: float(hass.states.get(temperature).state) == last)
    for board in house.world.of("arduino"):
        listed = cloud.store.properties(board)
        readings = entry.runtime_data.coordinator.readings
        for item in listed:
            reading = readings.get((board.id, f"property/{item.id}"))
            value = cloud.store.last(item)
            if value is not None and isinstance(value.value, bool | int | float | str):
                assert reading is not None
                assert getattr(reading.value, "on", reading.value) == value.value

    assert set(traffic.heard) <= set(pushed)
    # A listing that overtakes a pushed value is newer than it.
    assert len(set(traffic.heard) - set(shown)) <= traffic.gaps
    assert lost == []
    # One token for each life that followed the first.
    assert len(cloud.requests("POST", "/iot/v1/clients/token")) == 2
    assert len(cloud.requests("GET", "/iot/v2/things")) == 2
    print(  # noqa: T201
        f"{len(traffic.heard)} values heard while connected;"
        f" {len(traffic.missed)} missed in {traffic.gaps} gaps"
    )
