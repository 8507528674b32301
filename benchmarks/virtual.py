"""Home Assistant and simulated clouds in one event loop, whose waiting is left out."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
import logging
import sys
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.runner import create_event_loop
from tests.virtual_time import install, virtual_time

# First of all, because clocks are bound where they are defaults of parameters.
install()

from simulated_clouds import particle_streams  # noqa: E402
from simulated_clouds.arduino import USER_ID, ArduinoCloud  # noqa: E402
from simulated_clouds.boards import arduino, iottly, particle  # noqa: E402
from simulated_clouds.iottly import IottlyCloud  # noqa: E402
from simulated_clouds.iottly_project import Project  # noqa: E402
from simulated_clouds.particle import ParticleCloud  # noqa: E402
from simulated_clouds.server import SimulatedCloud  # noqa: E402
from simulated_clouds.world import Board, World  # noqa: E402

from .home import start  # noqa: E402
from .processes import BrokenRunError, free_port  # noqa: E402

HOUR = 3600.0

VENDORS = ("arduino", "particle", "iottly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account: its cloud, the boards in it, and its entry once it is connected."""

    number: int
    cloud: SimulatedCloud
    world: World
    entries: list[ConfigEntry] = field(default_factory=list)

    @property
    def entry(self) -> ConfigEntry:
        """The account in Home Assistant."""
        return self.entries[-1]

    def forget(self) -> None:
        """Let the cloud forget what it keeps of the past, which would only grow."""
        self.cloud.log.clear()
        if isinstance(self.cloud, ArduinoCloud):
            for board in self.cloud.store.boards():
                for item in self.cloud.store.properties(board):
                    del self.cloud.store.history(item)[:-1]
        if isinstance(self.cloud, ParticleCloud):
            for board in self.cloud.fleet.boards():
                presence = self.cloud.fleet.presence(board)
                del presence.vitals[:-1], presence.places[:-1]

    @property
    def name(self) -> str:
        """Vendor and number."""
        return f"{self.cloud.name} {self.number}"


def run[T](work: Coroutine[Any, Any, T], *, hurried: bool = False) -> T:
    """Run something in a loop like Home Assistant's own, without its waiting."""
    logging.basicConfig(level=logging.CRITICAL)
    loop = create_event_loop()
    try:
        with virtual_time(loop, hurried=hurried):
            return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def told[T](
    work: Coroutine[Any, Any, T],
    report: Callable[[T], tuple[str, bool]],
    *,
    hurried: bool = False,
) -> int:
    """Run a measurement and print its report; 1 if a bound was not kept or it broke."""
    try:
        table, good = report(run(work, hurried=hurried))
    except BrokenRunError as err:
        print(f"broken run: {err}", file=sys.stderr)
        return 1
    print(table)
    return 0 if good else 1


@asynccontextmanager
async def home(folder: str) -> AsyncIterator[HomeAssistant]:
    """A Home Assistant that keeps what it stores in this folder."""
    hass = await start(folder, free_port())
    try:
        yield hass
    finally:
        await hass.async_stop()


@asynccontextmanager
async def account(
    vendor: str, number: int = 0, **options: Any
) -> AsyncIterator[Account]:
    """A cloud with the household's boards; each number has an owner and ids of its own."""
    match vendor:
        case "arduino":
            world = World(_renamed(arduino.boards(), number), seed=number)
            options |= {"user_id": f"{USER_ID[:-2]}{number:02x}", "rate_limit": 1}
            cloud: SimulatedCloud = ArduinoCloud(world, **options)
        case "particle":
            world = World(_renamed(particle.boards(), number), seed=number)
            options |= {"username": f"maker{number}@example.com"}
            cloud = ParticleCloud(world, **options)
        case _:
            world = World(_renamed(iottly.boards(), number), seed=number)
            project = replace(Project(), id=f"{Project().id[:-2]}{number:02x}")
            cloud = IottlyCloud(world, project=project, **options)
    async with cloud:
        yield Account(number=number, cloud=cloud, world=world)


def _renamed(boards: list[Board], number: int) -> list[Board]:
    """Boards of their own: the same, with other ids."""
    for board in boards:
        board.id = f"{board.id[:-2]}{number:02x}"
        if device := board.facts.get("device"):
            device["id"] = f"{device['id'][:-2]}{number:02x}"
    return boards


def _form(cloud: SimulatedCloud) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The menus on the way to the form of a vendor, and what is typed into it."""
    info = cloud.info()
    base = {"base_url": info["url"]}
    keys: tuple[str, ...]
    menus: tuple[str, ...]
    match cloud.name:
        case "arduino":
            keys, menus = ("client_id", "client_secret"), ("arduino",)
            base["mqtt_url"] = info["mqtt_url"]
        case "particle":
            keys, menus = ("access_token",), ("particle", "particle_token")
        case _:
            keys, menus = ("project_id", "api_key"), ("iottly",)
    return menus, {**{key: info[key] for key in keys}, "advanced": base}


async def connect(hass: HomeAssistant, account: Account) -> None:
    """Add the account through its own config flow.

    Raises:
        BrokenRunError: it was not set up.
    """
    menus, form = _form(account.cloud)
    flow = hass.config_entries.flow
    result = await flow.async_init("iot_clouds", context={"source": "user"})
    for step in [*({"next_step_id": menu} for menu in menus), form]:
        result = await flow.async_configure(result["flow_id"], step)
    if result["type"] is not FlowResultType.CREATE_ENTRY:
        raise BrokenRunError(f"the flow ended with {result}")
    await hass.async_block_till_done()
    entry: ConfigEntry = result["result"]
    if entry.state is not ConfigEntryState.LOADED:
        raise BrokenRunError(f"{account.name} is {entry.state}")
    account.entries.append(entry)


def billed(account: Account) -> int:
    """Operations that the account has been charged for; only Particle has them."""
    cloud = account.cloud
    return cloud.operations if isinstance(cloud, ParticleCloud) else 0


def all_loaded(hass: HomeAssistant) -> bool:
    """Whether every account is set up."""
    entries = hass.config_entries.async_entries("iot_clouds")
    return all(entry.state is ConfigEntryState.LOADED for entry in entries)


def current(account: Account) -> bool:
    """Whether every number that moves is shown as its board measured it last."""
    known: dict[str, set[object]] = {}
    for ref, reading in account.entry.runtime_data.coordinator.readings.items():
        if isinstance(reading.value, int | float):
            known.setdefault(ref.device_id, set()).add(reading.value)
    return account.entry.runtime_data.coordinator.reachable and all(
        variable.value in known.get(board.id, ())
        for board in account.world.boards.values()
        for variable in board.variables.values()
        if variable.move and isinstance(variable.value, int | float)
    )


@contextmanager
def let_streams_rest() -> Iterator[None]:
    """Let Particle's streams look for faults seldom, where there are none."""
    usual, particle_streams.LOOK = particle_streams.LOOK, HOUR
    try:
        yield
    finally:
        particle_streams.LOOK = usual
