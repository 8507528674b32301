"""Licenses and agents are told, rarely asked for, and cost nothing when they fail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.iot_clouds.cloud import Cloud, Link
from custom_components.iot_clouds.model import (
    Category,
    CloudUnreachable,
    Device,
    Firmware,
    Kind,
    Point,
    Ref,
)
from custom_components.iot_clouds.vendors.iottly import VENDOR
from custom_components.iot_clouds.vendors.iottly.agent import firmware_of, version_in
from custom_components.iot_clouds.vendors.iottly.client import Client, Credentials
from custom_components.iot_clouds.vendors.iottly.cloud import IottlyCloud

from .fake import KEY, Answer, FakeIottly, error, ok, props
from .store import DEVICE, PROJECT, Store

PAIRED = Ref("account", "licenses/paired")
FREE = Ref("account", "licenses/free")
AGENT = Ref(DEVICE, "agent")
FILE = "iottlyagent_1.9.0_linux_AMD64.tar.gz"


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cloud(fake: FakeIottly, link: Link, clock: Clock) -> Cloud:
    credentials = Credentials(project_id=PROJECT, api_key=KEY, base_url=fake.url)
    client = Client(link.session, credentials)
    return IottlyCloud(client, credentials, clock=clock)


def described(**more):
    return ok({"id": PROJECT, "name": "My project", "board": "Linux ARMv5", **more})


async def test_the_project_is_a_device_with_its_licenses(cloud):
    snapshot = await cloud.snapshot()
    assert snapshot.devices["account"] == Device(
        id="account",
        name="My project",
        model="Linux ARMv5",
        is_account=True,
        points={
            key: Point(
                key=key,
                kind=Kind.MEASURE,
                label=label,
                state_class="measurement",
                category=Category.DIAGNOSTIC,
                enabled=False,
            )
            for key, label in (
                ("licenses/paired", "paired_licenses"),
                ("licenses/free", "free_licenses"),
            )
        },
    )
    assert snapshot.readings[PAIRED].value == 1
    assert snapshot.readings[FREE].value == 3


async def test_the_project_is_the_device_that_the_host_names(fake, link):
    data = {"project_id": PROJECT, "api_key": KEY, "base_url": fake.url}
    cloud = VENDOR.connect(replace(link, account_id="entry-1"), data)
    snapshot = await cloud.snapshot()
    assert snapshot.devices["entry-1"].is_account
    assert Ref("entry-1", "licenses/free") in snapshot.readings


async def test_a_project_without_a_name_is_a_device_called_by_its_id(fake, cloud):
    fake.answers["inspect"] = [ok({})]
    assert (await cloud.snapshot()).devices["account"].name == PROJECT


async def test_licenses_are_asked_for_once_an_hour(fake, cloud, clock):
    await cloud.snapshot()
    await cloud.snapshot()
    clock.seconds += 3599
    await cloud.snapshot()
    assert fake.paths().count("license") == 1
    fake.devices.append(props("9af78306-384e-4dbc-9d63-af21cc5496a8"))
    fake.stores["9af78306-384e-4dbc-9d63-af21cc5496a8"] = Store()
    clock.seconds += 1
    snapshot = await cloud.snapshot()
    assert fake.paths().count("license") == 2
    assert snapshot.readings[PAIRED].value == 2
    await cloud.snapshot()
    assert fake.paths().count("license") == 2


async def test_licenses_that_are_the_listing_are_not_asked_for_again(fake, cloud):
    fake.has_props = False
    snapshot = await cloud.snapshot()
    assert fake.paths().count("license") == 1
    assert snapshot.readings[FREE].value == 3
    fake.devices.clear()
    snapshot = await cloud.snapshot()
    assert fake.paths().count("license") == 2
    assert snapshot.readings[PAIRED].value == 0


@pytest.mark.parametrize(
    "answer",
    [
        error(401, "who"),
        error(403, "not yours"),
        error(404),
        error(429, "slow"),
        error(500),
        ok(["odd"]),
        Answer(text="<html>"),
    ],
)
async def test_licenses_that_are_not_told_cost_nothing_else(
    fake, cloud, clock, store, answer
):
    store.add({"a": 1}, datetime(2026, 3, 1, tzinfo=UTC))
    fake.answers["license"] = [answer]
    snapshot = await cloud.snapshot()
    assert snapshot.complete
    assert snapshot.readings[Ref(DEVICE, "message/a")].value == 1
    assert PAIRED not in snapshot.readings
    assert PAIRED.key in snapshot.devices["account"].points
    clock.seconds += 599
    assert PAIRED not in (await cloud.snapshot()).readings
    clock.seconds += 1
    assert (await cloud.snapshot()).readings[PAIRED].value == 1


async def test_licenses_that_were_told_stay_when_they_are_not_told_again(
    fake, cloud, clock
):
    before = (await cloud.snapshot()).readings[PAIRED]
    fake.answers["license"] = [error(500)]
    clock.seconds += 3600
    assert (await cloud.snapshot()).readings[PAIRED] is before


async def test_a_license_that_makes_no_sense_is_neither_free_nor_paired(fake, cloud):
    board = {"id": DEVICE, "name": "board 1"}
    fake.answers["license"] = [
        ok(
            {
                "a" * 32: {"status": "available", "board": {}},
                "b" * 32: {"status": "paired", "board": board},
                "c" * 32: "odd",
            }
        )
    ]
    readings = (await cloud.snapshot()).readings
    assert (readings[FREE].value, readings[PAIRED].value) == (1, 1)


async def test_no_token_of_a_license_is_kept(fake, cloud):
    snapshot = await cloud.snapshot()
    assert "599f8661ae4efc9ab47ebfe76013bbae" not in repr(snapshot)
    assert "0" * 32 not in repr(snapshot)


async def test_an_agent_that_is_older_than_the_installer_can_be_updated(fake, cloud):
    fake.answers["inspect"] = [described(agentfile=FILE)]
    snapshot = await cloud.snapshot()
    assert snapshot.devices[DEVICE].points["agent"] == Point(
        key="agent", kind=Kind.FIRMWARE, label="agent"
    )
    assert snapshot.readings[AGENT].value == Firmware(
        installed="1.8.3", latest="1.9.0", title="iottly agent"
    )


@pytest.mark.parametrize(
    ("description", "device"),
    [
        ({}, {}),
        ({"agentfile": "agent.tar.gz"}, {}),
        ({"agentfile": FILE}, {"agent_version": None}),
        ({"agentfile": FILE}, {"agent_version": "unknown"}),
    ],
)
async def test_where_a_version_is_not_known_there_is_no_update_to_show(
    fake, cloud, description, device
):
    fake.answers["inspect"] = [described(**description)]
    fake.devices = [props(**device)]
    snapshot = await cloud.snapshot()
    assert set(snapshot.devices[DEVICE].points) == {"events"}
    assert AGENT not in snapshot.readings


async def test_the_address_of_the_installer_tells_the_version_and_is_not_kept(
    fake, cloud
):
    address = f"https://cloud.example/getagent/3.3.3/{FILE}?token=c4n4ry"
    fake.answers["inspect"] = [described(projectgetagenturl=address)]
    snapshot = await cloud.snapshot()
    assert snapshot.readings[AGENT].value.latest == "1.9.0"
    assert "getagent" not in repr(snapshot)
    assert "c4n4ry" not in repr(snapshot)


async def test_the_project_is_described_once_a_day(fake, cloud, clock):
    fake.answers["inspect"] = [described(agentfile=FILE)] * 2
    before = (await cloud.snapshot()).readings[AGENT]
    clock.seconds += 24 * 3600 - 1
    assert (await cloud.snapshot()).readings[AGENT] is before
    assert fake.paths().count("inspect") == 1
    fake.answers["inspect"] = [
        error(403, "not now"),
        error(500),
        described(agentfile=FILE.replace("1.9", "1.10")),
    ]
    seen = []
    for seconds in (1, 600, 600, 600):
        clock.seconds += seconds
        snapshot = await cloud.snapshot()
        seen.append(snapshot.readings[AGENT].value.latest)
    assert seen == ["1.9.0", "1.9.0", "1.10.0", "1.10.0"]
    assert fake.paths().count("inspect") == 4


async def test_a_project_that_was_never_described_is_none(fake, cloud):
    fake.answers["inspect"] = [error(500)]
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()


async def test_the_value_of_an_agent_is_as_old_as_it_is(fake, cloud):
    fake.answers["inspect"] = [described(agentfile=FILE)]
    before = (await cloud.snapshot()).readings[AGENT]
    assert (await cloud.snapshot()).readings[AGENT] == before
    assert abs(before.at - datetime.now(UTC)) < timedelta(minutes=1)
    fake.devices = [props(agent_version="1.9")]
    after = (await cloud.snapshot()).readings[AGENT]
    assert after.value == Firmware(installed="1.9", latest="1.9", title="iottly agent")
    assert after.at >= before.at


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("iottlyagent_1.8.3_linux_AMD64.tar.gz", "1.8.3"),
        ("https://cloud.iottly.com/getagent/iottlyagent_1.8.3_x.tar.gz", "1.8.3"),
        ("http://10.0.0.1/iottlyagent_2.0_x.tar.gz?v=9.9.9", "2.0"),
        ("http://10.0.0.1/getagent/", None),
        ("iottlyagent-v1.10.zip", "1.10"),
        ("iottlyagent_7_linux", None),
        ("", None),
        (None, None),
    ],
)
def test_a_version_is_found_in_the_name_of_a_file(name, version):
    assert version_in(name) == version


@pytest.mark.parametrize(
    ("installed", "offered", "latest"),
    [
        ("1.8.3", "1.8.3", "1.8.3"),
        ("1.8.3", "1.10.0", "1.10.0"),
        ("1.9.0", "1.8.3", "1.9.0"),
        ("1.8", "1.8.0", "1.8"),
        ("1.8.0", "1.8", "1.8.0"),
        ("v1.8.3-rc1", "1.8.3", "v1.8.3-rc1"),
        ("0.0", "0.1", "0.1"),
    ],
)
def test_only_a_higher_version_is_an_update(installed, offered, latest):
    firmware = firmware_of(installed, offered)
    assert firmware == Firmware(
        installed=installed, latest=latest, title="iottly agent"
    )
    assert not firmware.installable


def test_versions_that_are_no_numbers_are_not_compared():
    assert firmware_of("latest", "1.8.3") is None
    assert firmware_of("1.8.3", "newest") is None
