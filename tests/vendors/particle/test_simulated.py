"""The client against the project's own simulated cloud, in each of its moods."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
import time
from typing import Any

import pytest

from custom_components.iot_clouds.cloud import Answer, Challenge, Cloud, Link, SignedIn
from custom_components.iot_clouds.model import (
    Call,
    CloudAuthError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Device,
    DeviceOffline,
    HistoryQuery,
    Place,
    Press,
    Publish,
    Ref,
    SetPoint,
    Update,
)
from custom_components.iot_clouds.vendors.particle import VENDOR
from custom_components.iot_clouds.vendors.particle.cloud import (
    ParticleCloud as Particle,
)
from custom_components.iot_clouds.vendors.particle.presence import Presence
from simulated_clouds.boards import particle as household
from simulated_clouds.faults import Kind
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.world import World

from .fake import read_all

MOODS: list[dict[str, Any]] = [
    {},
    {"era": "2015"},
    {"era": "2022", "list_has_maps": True},
    {"soft_errors": True, "ttl_text": True},
    {"newline": "\r\n", "piece": 3},
    {"newline": "\r", "keepalive_bytes": b":keep-alive\r\r", "keepalive": 0.05},
    {"local": True, "keepalive": 0.05},
]


async def credentials(
    simulated: ParticleCloud, link: Link
) -> tuple[SignedIn | Challenge, Mapping[str, str]]:
    info = simulated.info()
    values = {
        "username": info["username"],
        "password": info["password"],
        "client_id": info["client_id"],
        "client_secret": info["client_secret"],
        "base_url": info["url"],
    }
    return await VENDOR.sign_in(link, "particle_password", values), values


async def connected(simulated: ParticleCloud, link: Link) -> Cloud:
    outcome, _ = await credentials(simulated, link)
    assert isinstance(outcome, SignedIn)
    cloud = VENDOR.connect(link, outcome.data)
    assert isinstance(cloud, Particle)
    cloud._directory.presence = Presence(0.05, clock=time.monotonic)
    return cloud


@pytest.fixture(params=MOODS, ids=str)
async def simulated(
    request: pytest.FixtureRequest, socket_enabled: None
) -> AsyncIterator[ParticleCloud]:
    world = World(household.boards())
    async with ParticleCloud(world, **request.param) as cloud:
        yield cloud


@pytest.fixture
async def strict(socket_enabled: None) -> AsyncIterator[ParticleCloud]:
    async with ParticleCloud(World(household.boards()), otp="123456") as cloud:
        yield cloud


def called(devices: Mapping[str, Device], name: str) -> Device:
    return next(device for device in devices.values() if device.name == name)


async def update_with(updates: AsyncIterator[Update], ref: Ref) -> Update:
    async with asyncio.timeout(5):
        async for update in updates:
            if ref in update.readings:
                return update
    raise AssertionError


async def test_the_household_is_listed_read_heard_and_called(
    simulated: ParticleCloud, link: Link
) -> None:
    cloud = await connected(simulated, link)
    devices = (await cloud.snapshot()).devices
    workshop = called(devices, "Workshop")
    assert workshop.model == "Photon 2 / P2"
    variables = {key for key in workshop.points if key.startswith("variable/")}
    assert variables == {
        "variable/temperature",
        "variable/fan",
        "variable/dust",
        "variable/note",
    }
    assert await cloud.snapshot() == await cloud.snapshot()
    assert simulated.operations == 0

    assert cloud.reader
    ref = workshop.ref("variable/temperature")
    read = await read_all(cloud.reader, [ref])
    assert read.readings[ref].value == 19.5
    assert simulated.operations == 1

    async with cloud.feeds()["events"]() as updates:
        simulated.world.set(simulated.world.named("Workshop"), temperature=21.0)
        heard = await update_with(updates, ref)
        assert heard.readings[ref].value == 21.0

        van = called(devices, "Van")
        simulated.world.step(simulated.world.named("Van"))
        moved = await update_with(updates, van.ref("tracker/location"))
        assert isinstance(moved.readings[van.ref("tracker/location")].value, Place)

    result = await cloud.execute(
        Call(device_id=workshop.id, function="setFan", argument="on")
    )
    assert result == 1
    assert simulated.world.named("Workshop").variables["fan"].value is True
    await cloud.execute(Publish(name="home/note", data="sharpen"))
    assert simulated.world.named("Workshop").variables["note"].value == "sharpen"


async def test_every_refusal_is_told_as_what_it_is(
    simulated: ParticleCloud, link: Link
) -> None:
    cloud = await connected(simulated, link)
    workshop = called((await cloud.snapshot()).devices, "Workshop")
    missing = Call(device_id=workshop.id, function="nothing")
    if not simulated.options.local:
        with pytest.raises(CloudMissing):
            await cloud.execute(missing)
    with pytest.raises(CloudMissing):
        await cloud.execute(Call(device_id="0" * 24, function="setFan"))
    simulated.set_online(simulated.world.named("Workshop"), False)
    with pytest.raises(DeviceOffline):
        await cloud.execute(Call(device_id=workshop.id, function="setFan"))
    simulated.expire_tokens()
    with pytest.raises(CloudAuthError):
        await cloud.snapshot()
    with pytest.raises(CloudAuthError):
        async with cloud.feeds()["events"]():
            pass


async def test_boards_that_come_and_go_are_heard_and_keep_their_points(
    simulated: ParticleCloud, link: Link
) -> None:
    cloud = await connected(simulated, link)
    before = called((await cloud.snapshot()).devices, "Workshop")
    board = simulated.world.named("Workshop")
    async with cloud.feeds()["events"]() as updates, asyncio.timeout(5):
        simulated.set_online(board, False)
        while True:
            update = await anext(updates)
            if update.online:
                break
        assert update.online == {before.id: False}
        offline = called((await cloud.snapshot()).devices, "Workshop")
        assert (offline.online, offline.points) == (False, before.points)
        simulated.set_online(board, True)
        while update.online != {before.id: True}:
            update = await anext(updates)
        assert update.relist
    assert called((await cloud.snapshot()).devices, "Workshop") == before


async def test_a_second_factor_survives_a_wrong_code(
    strict: ParticleCloud, link: Link
) -> None:
    asked, values = await credentials(strict, link)
    assert isinstance(asked, Challenge)
    for otp, error in (("000000", CloudRejected), ("123456", None)):
        given = Answer(challenge=asked, values={"otp": otp})
        signing_in = VENDOR.sign_in(link, "particle_password", values, given)
        if error:
            with pytest.raises(error) as caught:
                await signing_in
            assert caught.value.key == "invalid_otp"
        else:
            assert isinstance(await signing_in, SignedIn)


async def test_a_stream_that_falls_silent_or_breaks_is_noticed(
    strict: ParticleCloud, link: Link
) -> None:
    data = {"access_token": strict.token, "base_url": strict.url}
    cloud = VENDOR.connect(link, data)
    async with cloud.feeds()["events"]() as updates:
        strict.faults.add(Kind.DROP)
        with pytest.raises(CloudUnreachable):
            await anext(updates)


@pytest.fixture
async def fleet(strict: ParticleCloud, link: Link) -> Cloud:
    """The account of an API user of the product that has the van."""
    product = next(iter(strict.info()["products"]))
    values = {
        "access_token": strict.api_user_token,
        "product": product,
        "base_url": strict.url,
    }
    outcome = await VENDOR.sign_in(link, "particle_token", values)
    assert isinstance(outcome, SignedIn)
    assert outcome.account.id == f"product:{product}"
    return VENDOR.connect(link, outcome.data)


async def test_a_products_device_is_set_looked_back_at_and_told_of(
    strict: ParticleCloud, fleet: Cloud
) -> None:
    van = called((await fleet.snapshot()).devices, "Van")
    assert van.id.startswith("product:")
    board = strict.world.named("Van")
    ref = van.ref("setting/location.interval_max")
    await fleet.execute(SetPoint(ref=ref, value=600))
    done = await fleet.snapshot()
    assert (done.readings[ref].value, done.readings[ref].attributes) == (600, None)
    strict.set_online(board, False)
    await fleet.execute(SetPoint(ref=ref, value=900))
    waits = await fleet.snapshot()
    assert waits.readings[ref].value == 900
    assert waits.readings[ref].attributes == {"pending": True}
    strict.set_online(board, True)

    async with fleet.feeds()["events"]() as updates:
        await fleet.execute(Press(ref=van.ref("action/refresh_vitals")))
        vitals = van.ref("vitals/signal_strength")
        heard = await update_with(updates, vitals)
        assert heard.relist
        strict.world.step(board)
        place = van.ref("tracker/location")
        moved = (await update_with(updates, place)).readings[place].value
    assert (
        "vitals/signal_strength"
        in called((await fleet.snapshot()).devices, "Van").points
    )
    assert isinstance(moved, Place)
    assert fleet.history
    now = datetime.now(UTC)
    query = HistoryQuery(
        device_id=van.id, start=now - timedelta(days=1), end=now + timedelta(days=1)
    )
    (*_, last) = await fleet.history.query(query)
    assert isinstance(last.value, dict)
    assert (last.value["latitude"], last.value["longitude"]) == pytest.approx(
        (moved.latitude, moved.longitude), abs=1e-6
    )


async def test_a_variable_is_billed_exactly_as_it_is_counted(
    strict: ParticleCloud, link: Link
) -> None:
    cloud = VENDOR.connect(link, {"access_token": strict.token, "base_url": strict.url})
    devices = (await cloud.snapshot()).devices
    refs = [
        device.ref(key)
        for device in devices.values()
        for key, point in device.points.items()
        if point.billed
    ]
    assert cloud.reader
    read = await read_all(cloud.reader, refs)
    await read_all(cloud.reader, refs)
    assert len(read.readings) == len(refs) == strict.operations
    await cloud.execute(Press(ref=called(devices, "Workshop").ref("function/beep")))
    again = await cloud.snapshot()
    used = again.readings[Ref("account", "account/operations_used")].value
    billed = sum(strict.billing.accounts.values(), Counter())
    # What the board publishes by itself is not this account's doing.
    assert used == billed["variable"] + billed["function"] == len(refs) + 1
