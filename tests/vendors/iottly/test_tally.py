"""What iottly was asked, and what of its answers and deliveries was of no use."""

from dataclasses import replace
import json

import pytest

from custom_components.iot_clouds.cloud import Cloud, Link
from custom_components.iot_clouds.model import (
    CloudBusy,
    Drop,
    Json,
    Outcome,
    Purpose,
    Send,
    Tally,
)
from custom_components.iot_clouds.vendors.iottly import VENDOR

from .fake import KEY, FakeIottly, error, ok, props
from .store import DEVICE, PROJECT
from .test_memory import HISTORY, later

ON: dict[str, Json] = {
    "webhook": {"id": "x", "secret": "y", "since": "2026-03-01T12:00:00+00:00"}
}


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def cloud(fake: FakeIottly, link: Link, tally: Tally) -> Cloud:
    data = {"project_id": PROJECT, "api_key": KEY, "base_url": fake.url}
    return VENDOR.connect(replace(link, tally=tally), {**data, **ON})


async def test_requests_are_counted(cloud, fake, store, tally):
    store.add({"temperature": 20}, later(0))
    await cloud.snapshot()
    good = tally.requests.copy()
    assert {purpose for purpose, _ in good} == {Purpose.LISTING, Purpose.READ}
    assert good[Purpose.READ, Outcome.OK] == 1

    fake.answers[HISTORY] = [error(429, "slow down")]
    with pytest.raises(CloudBusy):
        await cloud.snapshot()
    found = tally.requests - good
    assert found[Purpose.READ, Outcome.LIMITED] == 1


async def test_a_command_is_counted_as_one(cloud, store, tally):
    await cloud.snapshot()
    await cloud.execute(Send(device_id=DEVICE, type="light", options={"on": True}))
    assert tally.requests[Purpose.COMMAND, Outcome.OK] == 1


async def test_a_message_without_a_time_is_counted_once_however_often_it_is_met(
    cloud, fake, store, tally
):
    rows = [{"payload": {"a": 1}}, {"payload": {"a": 2}, "timestamp": "soon"}]
    for _ in range(3):
        fake.answers[HISTORY] = [ok({"messages": rows})]
        await cloud.snapshot()
    assert tally.drops == {Drop.NO_TIME: 2}


async def test_deliveries_that_tell_nothing_new_are_counted(cloud, store, tally):
    await cloud.snapshot()
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))
    update = cloud.receiver.receive(json.dumps({"msg": row}).encode())
    assert update.sent == later(60)
    cloud.receiver.receive(json.dumps({"msg": row}).encode())
    stranger = {**row, "from": "ffffffff-ffff-4fff-8fff-ffffffffffff"}
    cloud.receiver.receive(json.dumps({"msg": stranger}).encode())
    assert tally.drops == {Drop.REPEATED: 1, Drop.UNKNOWN_DEVICE: 1}


async def test_values_that_find_no_place_are_counted(cloud, store, tally):
    for part in range(4):
        payload = {f"value_{part}_{count}": count for count in range(20)}
        store.add(payload, later(part))
    store.add({"value_0_0": {"nested": True}, "value_0_1": "text"}, later(9))
    await cloud.snapshot()
    assert tally.drops[Drop.TOO_MANY] > 0
    assert {*tally.drops} <= {Drop.TOO_MANY, Drop.WRONG_TYPE}


async def test_devices_without_an_id_are_counted_at_each_listing(cloud, fake, tally):
    fake.devices += [props("nobody"), props("")]
    for _ in range(2):
        await cloud.snapshot()
    assert tally.drops == {Drop.NO_ID: 4}
