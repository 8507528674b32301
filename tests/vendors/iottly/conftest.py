"""A fake iottly, and a cloud that is connected to it."""

from collections.abc import AsyncIterator

import pytest

from custom_components.iot_clouds.cloud import Cloud, Link
from custom_components.iot_clouds.vendors.iottly import VENDOR

from .fake import KEY, FakeIottly, running
from .store import PROJECT, Store


@pytest.fixture
def fake() -> FakeIottly:
    return FakeIottly()


@pytest.fixture
async def link(fake: FakeIottly) -> AsyncIterator[Link]:
    async with running(fake) as link:
        yield link


@pytest.fixture
def cloud(fake: FakeIottly, link: Link) -> Cloud:
    return VENDOR.connect(
        link, {"project_id": PROJECT, "api_key": KEY, "base_url": fake.url}
    )


@pytest.fixture
def store(fake: FakeIottly) -> Store:
    [store] = fake.stores.values()
    return store
