from collections.abc import AsyncIterator, Callable
import ssl
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.iot_clouds.vendors.arduino.client import Client, Credentials
from custom_components.iot_clouds.vendors.arduino.cloud import ArduinoCloud
from custom_components.iot_clouds.vendors.arduino.limiter import Limiter

from .fake import FakeArduino

SECRET = "s3cr3t-of-the-key"


class Clock:
    """A monotonic clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fake() -> AsyncIterator[FakeArduino]:
    fake = FakeArduino()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def make_client(
    fake: FakeArduino, session: ClientSession, clock: Clock
) -> Callable[..., Client]:
    def make(space: str | None = None, **options: Any) -> Client:
        credentials = Credentials(
            client_id="key", client_secret=SECRET, organization_id=space
        )
        options = {
            "limiter": Limiter(0.0),
            "clock": clock,
            "rng": lambda: 0.0,
            "base_url": fake.url,
            **options,
        }
        return Client(session, options.pop("base_url"), credentials, **options)

    return make


@pytest.fixture
def make_cloud(
    fake: FakeArduino, make_client: Callable[..., Client], clock: Clock
) -> Callable[..., ArduinoCloud]:
    def make(
        space: str | None = None,
        *,
        mqtt_url: str | None = None,
        tls: ssl.SSLContext | None = None,
        **options: Any,
    ) -> ArduinoCloud:
        return ArduinoCloud(
            make_client(space, **options),
            mqtt_url=mqtt_url or fake.mqtt_url,
            tls=tls or ssl.create_default_context(),
            clock=clock,
        )

    return make


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    return make_client()


@pytest.fixture
def cloud(make_cloud: Callable[..., ArduinoCloud]) -> ArduinoCloud:
    return make_cloud()
