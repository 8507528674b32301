"""What the core may expect of every vendor; a new one has to pass this."""

import asyncio
import contextlib
import logging

import pytest

from custom_components.iot_clouds.cloud import Feed, SignedIn
from custom_components.iot_clouds.model import (
    Act,
    Call,
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Command,
    Install,
    Kind,
    Press,
    Publish,
    Ref,
    Rename,
    Send,
    SetPoint,
    Snapshot,
)
from custom_components.iot_clouds.vendors import VENDORS

from .conftest import CASES, Pair, anything, command_for

COMMANDS: tuple[type[Command], ...] = (
    SetPoint,
    Call,
    Publish,
    Send,
    Press,
    Install,
    Rename,
    Act,
)


def test_every_vendor_is_under_contract():
    assert {case.vendor or name for name, case in CASES.items()} == set(VENDORS)


async def test_the_account_is_the_one_that_signed_in(pair: Pair):
    signed_in = await pair.vendor.sign_in(
        pair.link, pair.case.form, pair.case.values(pair.simulated)
    )
    assert isinstance(signed_in, SignedIn)
    assert signed_in.account == await pair.cloud.identify()
    assert signed_in.account.id
    assert signed_in.account.title


async def test_a_listing_compares_by_value_and_repeats_itself(pair: Pair):
    first = await pair.cloud.snapshot()
    again = await pair.cloud.snapshot()
    assert first == again
    assert first.complete
    listed = [each for each in first.devices.values() if not each.is_account]
    assert {device.name for device in listed} == {
        board.name for board in pair.simulated.world.of(pair.simulated.name)
    }


async def test_what_is_listed_makes_sense(pair: Pair):
    snapshot = await pair.cloud.snapshot()
    for device_id, device in snapshot.devices.items():
        assert device.id == device_id
        for key, point in device.points.items():
            assert point.key == key
            assert "/" in key or point.kind in {Kind.MESSAGE, Kind.FIRMWARE}
            assert (point.name is None) != (point.label is None), key
    for ref, reading in snapshot.readings.items():
        assert ref.key in snapshot.devices[ref.device_id].points
        assert reading.at.utcoffset() is not None
        assert not reading.assumed


@pytest.mark.parametrize(
    ("fault", "options", "expected"),
    [
        ("unauthorized", {}, CloudAuthError),
        ("expired_token", {}, CloudAuthError),
        ("rate_limit", {}, CloudBusy),
        ("rate_limit", {"retry_after": 7}, CloudBusy),
        ("server_error", {"status": 500}, CloudUnreachable),
        ("server_error", {"status": 502}, CloudUnreachable),
        ("garbage", {}, CloudUnreachable),
        ("drop", {}, CloudUnreachable),
    ],
)
async def test_a_listing_that_fails_says_what_to_do(
    pair: Pair, fault, options, expected
):
    # Everywhere, so that asking somewhere else does not contradict.
    pair.simulated.faults.add(fault, path="^(GET|POST) ", **options)
    with pytest.raises(expected):
        await pair.cloud.snapshot()

    pair.simulated.faults.clear()
    assert isinstance(await pair.cloud.snapshot(), Snapshot)


async def test_waiting_as_long_as_the_cloud_asks(pair: Pair):
    pair.simulated.faults.add("rate_limit", path=pair.case.listing, retry_after=7)
    with pytest.raises(CloudBusy) as caught:
        await pair.cloud.snapshot()
    assert caught.value.retry_after >= 7


async def test_what_it_accepts_it_does_once_and_refuses_the_rest(pair: Pair):
    snapshot = await pair.cloud.snapshot()
    carried_out = 0
    for kind in COMMANDS:
        sent = len(_written(pair))
        if kind not in pair.cloud.accepts:
            with pytest.raises(CloudRejected):
                await pair.cloud.execute(anything(kind))
            assert len(_written(pair)) == sent
        elif kind in pair.case.lacks:
            command = command_for(kind, snapshot)
            assert command
            with pytest.raises(CloudRejected):
                await pair.cloud.execute(command)
            assert len(_written(pair)) == sent + 1
        elif command := command_for(kind, snapshot):
            await pair.cloud.execute(command)
            assert len(_written(pair)) == sent + 1
            carried_out += 1
    assert carried_out


@pytest.mark.parametrize("fault", ["drop", "server_error", "garbage"])
async def test_a_command_that_fails_is_not_repeated(pair: Pair, fault):
    snapshot = await pair.cloud.snapshot()
    command = next(
        command
        for kind in COMMANDS
        if kind in pair.cloud.accepts and (command := command_for(kind, snapshot))
    )
    pair.simulated.faults.add(fault, path="^(PUT|POST) ")
    before = len(_written(pair))
    if fault == "garbage":
        # The cloud carried it out and said so in a way that nobody understands.
        with contextlib.suppress(CloudError):
            await pair.cloud.execute(command)
    else:
        with pytest.raises(CloudError):
            await pair.cloud.execute(command)
    assert len(_written(pair)) == before + 1


async def test_what_does_not_exist_is_missing(pair: Pair):
    await pair.cloud.snapshot()
    nowhere = "00000000-0000-4000-8000-000000000000"
    commands: tuple[Command, ...] = (
        SetPoint(ref=Ref(nowhere, "property/x"), value=1),
        Call(device_id="0" * 24, function="nope"),
        Send(device_id=nowhere, type="pump", options={"state": "on"}),
    )
    command = next(each for each in commands if type(each) in pair.cloud.accepts)
    with pytest.raises((CloudMissing, CloudRejected)):
        await pair.cloud.execute(command)


def _written(pair: Pair) -> list[str]:
    return [
        f"{entry.method} {entry.path}"
        for entry in pair.simulated.requests()
        if entry.method in {"PUT", "POST"} and "token" not in entry.path
    ]


@pytest.fixture
def pushed(pair: Pair) -> Pair:
    """A vendor with push."""
    if not pair.cloud.feeds():
        pytest.skip("this cloud is only polled")
    return pair


async def test_a_feed_delivers_and_lets_go(pushed: Pair):
    await pushed.cloud.snapshot()
    board, values = pushed.case.measured
    tasks = asyncio.all_tasks()
    for feed in pushed.cloud.feeds().values():
        async with asyncio.timeout(10):
            async with feed() as updates:
                pushed.simulated.world.set(
                    pushed.simulated.world.named(board), **values
                )
                async for update in updates:
                    if 27.5 in [each.value for each in update.readings.values()]:
                        break
    left = {task for task in asyncio.all_tasks() - tasks if not _of_server(task)}
    assert left == set()


def _of_server(task: asyncio.Task[object]) -> bool:
    """Whether a task belongs to the simulated cloud, which notices a leave later."""
    return "simulated_clouds" in repr(task) or "web_protocol" in repr(task)


async def test_a_feed_that_is_cut_says_so(pushed: Pair):
    await pushed.cloud.snapshot()
    for feed in pushed.cloud.feeds().values():
        async with asyncio.timeout(10):
            with pytest.raises(CloudUnreachable):
                await _listen_until_cut(pushed, feed)


async def _listen_until_cut(pushed: Pair, feed: Feed) -> None:
    async with feed() as updates:
        pushed.simulated.faults.add("drop", path=pushed.case.push or "")
        world = pushed.simulated.world
        world.step(world.named(pushed.case.measured[0]))
        async for _ in updates:
            pass


async def test_a_feed_refuses_to_start_with_refused_credentials(pushed: Pair):
    await pushed.cloud.snapshot()
    pushed.simulated.faults.add("unauthorized")
    for feed in pushed.cloud.feeds().values():
        with pytest.raises((CloudAuthError, CloudUnreachable)):
            async with asyncio.timeout(10), feed():
                pass


async def test_secrets_stay_inside(pair: Pair, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    info = pair.simulated.info()
    texts = [repr(pair.cloud), repr(pair.vendor)]
    await pair.cloud.snapshot()
    for fault in ("unauthorized", "rate_limit", "server_error", "garbage", "drop"):
        pair.simulated.faults.add(fault, path="^(GET|POST) ")
        try:
            await pair.cloud.snapshot()
        except CloudError as err:
            texts += [repr(err), str(err), repr(err.__cause__), repr(err.__context__)]
        pair.simulated.faults.clear()
    texts += [
        record.getMessage() + str(record.exc_info)
        for record in caplog.records
        if not record.name.startswith(("simulated_clouds", "aiohttp.server"))
    ]
    for text in texts:
        for name in pair.case.secrets:
            assert info[name] not in text
        assert "eyJ" not in text


async def test_wrong_credentials_are_refused_and_asked_for_once(pair: Pair):
    values = pair.case.values(pair.simulated)
    secret = pair.case.secrets[0]
    values[secret] = "0" * len(values[secret])
    with pytest.raises(CloudAuthError):
        await pair.vendor.sign_in(pair.link, pair.case.form, values)
