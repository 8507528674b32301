"""A fake cloud and a client of it."""

from collections.abc import AsyncIterator, Callable
import ssl

from aiohttp import ClientSession
import pytest

from custom_components.iot_clouds.cloud import Link
from custom_components.iot_clouds.vendors.particle.client import Client
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud

from .fake import TOKEN, FakeParticle


@pytest.fixture
async def fake(socket_enabled: None) -> AsyncIterator[FakeParticle]:
    server = FakeParticle()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def link(socket_enabled: None) -> AsyncIterator[Link]:
    async with ClientSession() as session:
        yield Link(session=session, tls=ssl.create_default_context())


@pytest.fixture
def client(fake: FakeParticle, link: Link) -> Client:
    return Client(link.session, fake.url, TOKEN, timeout=5)


@pytest.fixture
def hasty(fake: FakeParticle, link: Link) -> Client:
    """A client whose patience ends quickly."""
    return Client(link.session, fake.url, TOKEN, timeout=0.1)


@pytest.fixture
def cloud(client: Client) -> ParticleCloud:
    return ParticleCloud(client)


type MakeCloud = Callable[..., ParticleCloud]


@pytest.fixture
def make_cloud(client: Client) -> MakeCloud:
    def make(**options: object) -> ParticleCloud:
        return ParticleCloud(client, **options)  # type: ignore[arg-type]

    return make
