"""A small client of the simulated Particle cloud that knows nothing of its insides."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from typing import Any

import aiohttp

from simulated_clouds.particle import ParticleCloud

WORKSHOP = "e00fce6801a2b3c4d5e6f701"
BEEHIVE = "e00fce6802b3c4d5e6f70112"
AQUARIUM = "e00fce6803c4d5e6f7011223"
VAN = "e00fce6804d5e6f701122334"
PRODUCT = "/v1/products/13961"
LOGIN = {
    "grant_type": "password",
    "username": "maker@example.com",
    "password": "one-red-bicycle",
    "client_id": "particle",
    "client_secret": "particle",
}


class Api:
    """Requests with one token; each call returns status and decoded body."""

    def __init__(
        self, cloud: ParticleCloud, session: aiohttp.ClientSession, token: str | None
    ) -> None:
        self.cloud = cloud
        self.session = session
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def __call__(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        headers = {**self.headers, **options.pop("headers", {})}
        url = self.cloud.url + path
        async with self.session.request(
            method, url, headers=headers, **options
        ) as response:
            text = await response.text()
            try:
                return response.status, json.loads(text)
            except ValueError:
                return response.status, text

    async def login(self, **changes: Any) -> tuple[int, Any]:
        form = {**LOGIN, **changes}
        wanted = {key: value for key, value in form.items() if value is not None}
        return await self("POST", "/oauth/token", data=wanted)

    @asynccontextmanager
    async def listen(self, path: str = "/v1/devices/events") -> AsyncIterator[Ear]:
        """Open a stream; entering waits for the response's headers only."""
        timeout = aiohttp.ClientTimeout(total=None, sock_read=5)
        async with self.session.get(
            self.cloud.url + path, headers=self.headers, timeout=timeout
        ) as response:
            assert response.status == 200
            yield Ear(response)


class Ear:
    """Reads a stream line by line."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def line(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.response.content.readline()

    async def event(self) -> tuple[str, dict[str, Any]]:
        """Return the next event's name and its JSON."""
        name = ""
        while line := await self.line():
            key, _, value = line.decode().rstrip("\r\n").partition(": ")
            if key == "event":
                name = value
            elif key == "data":
                return name, json.loads(value)
        raise EOFError

    async def names(self, count: int) -> list[str]:
        return [(await self.event())[0] for _ in range(count)]


@asynccontextmanager
async def api(cloud: ParticleCloud, token: str | None = "") -> AsyncIterator[Api]:
    """Use the household's token, another one, or none (None)."""
    async with aiohttp.ClientSession() as session:
        yield Api(cloud, session, cloud.token if token == "" else token)
