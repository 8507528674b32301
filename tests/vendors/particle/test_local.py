"""A local cloud that breaks down over streams is noticed, and nothing else is."""

import pytest

from custom_components.iot_clouds.cloud import Link
from custom_components.iot_clouds.model import CloudError, CloudUnreachable, Notice
from custom_components.iot_clouds.vendors.particle import client as clients
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud
from custom_components.iot_clouds.vendors.particle.transport import StreamCut

from .conftest import MakeCloud
from .fake import TOKEN, FakeParticle, answer, board, drop

EVENTS = "/v1/devices/events"
OUTDATED = (Notice(key="local_cloud_outdated", explains_feeds=True),)


@pytest.fixture
async def cloud(fake: FakeParticle, make_cloud: MakeCloud) -> ParticleCloud:
    fake.devices(board(), variables={}, functions=[])
    return make_cloud()


async def _open(cloud: ParticleCloud) -> None:
    async with cloud.feeds()["events"]():
        pass


async def _cut(fake: FakeParticle, cloud: ParticleCloud) -> None:
    fake.on("GET", EVENTS, drop)
    with pytest.raises(StreamCut):
        await _open(cloud)


async def _notices(cloud: ParticleCloud) -> tuple[Notice, ...]:
    return (await cloud.snapshot()).notices


async def test_two_streams_in_a_row_that_are_cut_off_are_a_notice_until_one_opens(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    await _cut(fake, cloud)
    assert await _notices(cloud) == ()
    await _cut(fake, cloud)
    assert await _notices(cloud) == OUTDATED
    fake.on("GET", EVENTS, fake.stream)
    await _open(cloud)
    assert await _notices(cloud) == ()


async def test_a_stream_that_opens_in_between_shows_that_it_was_a_restart(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    await _cut(fake, cloud)
    fake.on("GET", EVENTS, fake.stream)
    await _open(cloud)
    await _cut(fake, cloud)
    assert await _notices(cloud) == ()


async def test_a_cloud_that_answers_or_is_not_there_does_not_break_down(
    fake: FakeParticle, cloud: ParticleCloud, link: Link
) -> None:
    fake.on("GET", EVENTS, answer({"error": "later"}, 503))
    for _ in range(3):
        with pytest.raises(CloudError) as caught:
            await _open(cloud)
        assert not isinstance(caught.value, StreamCut)
    assert await _notices(cloud) == ()

    nowhere = ParticleCloud(clients.Client(link.session, "http://127.0.0.1:1", TOKEN))
    with pytest.raises(CloudUnreachable) as gone:
        await _open(nowhere)
    assert not isinstance(gone.value, StreamCut)


async def test_particles_own_cloud_is_nobodys_to_update(
    fake: FakeParticle, make_cloud: MakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "BASE_URL", fake.url)
    fake.devices(board(), variables={}, functions=[])
    cloud = make_cloud()
    for _ in range(3):
        await _cut(fake, cloud)
    assert await _notices(cloud) == ()
