"""A simulated iottly on loopback with a clock that stands still, and a client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
from typing import Any

from aiohttp import ClientSession

from simulated_clouds.boards.iottly import boards
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import IottlyVariant
from simulated_clouds.world import Board, World

# 2017-09-20T00:33:27.230456Z; the first digits are those of the reference's sample.
NOW = 1505867607.230456
PROJECT = "5d8c1f3e2b7a4600079c41de"
KEY = "719cc48b13aa7be9a89a433493966f64"
HEADERS = {"Authentication": f"bearer {KEY}"}
CELLAR = "3f0c7d1e-5b52-4c86-9a3d-0d6f4e2b8a17"
ATTIC = "b81e9a44-2c0d-4f7b-8e15-6a7d93c5f208"
GATE = "c5d2f6b9-71ae-4e03-b4c8-f29a1067d83e"


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True, kw_only=True)
class Answer:
    """An answer, read to its end."""

    status: int
    type: str
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def payloads(self) -> list[Any]:
        return [message["payload"] for message in self.json["messages"]]


@dataclass(slots=True, kw_only=True)
class Rig:
    """The cloud, its clock and a plain client."""

    cloud: IottlyCloud
    clock: Clock
    session: ClientSession

    @property
    def cellar(self) -> Board:
        return self.cloud.world.boards[CELLAR]

    @property
    def attic(self) -> Board:
        return self.cloud.world.boards[ATTIC]

    @property
    def gate(self) -> Board:
        return self.cloud.world.boards[GATE]

    def switch(self, **switches: Any) -> None:
        self.cloud.variant = self.cloud.variant.switched(**switches)

    async def ask(self, path: str, method: str = "GET", **options: Any) -> Answer:
        """Ask below the project, or below the base for a path that starts with /."""
        inside = path[1:] if path.startswith("/") else f"project/{PROJECT}/{path}"
        options = {"headers": HEADERS, "allow_redirects": False, **options}
        async with self.session.request(
            method, self.cloud.base + inside, **options
        ) as response:
            return Answer(
                status=response.status,
                type=response.headers.get("Content-Type", ""),
                text=await response.text(),
                headers=dict(response.headers),
            )

    async def history(self, device: str = CELLAR, **params: Any) -> Answer:
        if "queryJson" in params:
            params["queryJson"] = json.dumps(params["queryJson"])
        return await self.ask(f"messages/{device}", params=params)

    async def page(self, device: str = CELLAR, **params: Any) -> Answer:
        # `from_` because of the language.
        params = {key.rstrip("_"): value for key, value in params.items()}
        return await self.ask(f"device/{device}/messages/paginated", params=params)

    async def command(self, body: Any, device: str = CELLAR) -> Answer:
        return await self.ask(f"device/{device}/command", "POST", json=body)

    def received(self, device: str = CELLAR) -> list[Any]:
        return [
            entry.body
            for entry in self.cloud.log
            if (entry.channel, entry.method, entry.path) == ("board", "RECEIVE", device)
        ]


@asynccontextmanager
async def rig(
    variant: IottlyVariant | None = None, **options: Any
) -> AsyncIterator[Rig]:
    """Run a cloud whose boards react at once, unless the variant says otherwise."""
    clock = Clock()
    cloud = IottlyCloud(
        World(boards()),
        clock=clock,
        variant=variant or IottlyVariant(reply_delay=0),
        **options,
    )
    async with cloud, ClientSession() as session:
        yield Rig(cloud=cloud, clock=clock, session=session)
