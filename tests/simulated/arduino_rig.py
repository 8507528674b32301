"""A simulated Arduino Cloud with its account, and MQTT byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import ssl
from typing import Any

from aiohttp import (
    ClientResponse,
    ClientSession,
    ClientWebSocketResponse,
    ClientWSTimeout,
    WSMsgType,
)

from simulated_clouds.arduino import CLIENT_ID, CLIENT_SECRET, USER_ID, ArduinoCloud
from simulated_clouds.boards.arduino import boards
from simulated_clouds.world import Board, World

TOKEN_PATH = "/iot/v1/clients/token"
FORM = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "audience": "https://api2.arduino.cc/iot",
}
SOON = 5.0
FAST = 1000
STRANGER = "f00dcafe-0000-4000-8000-000000000009"


def household(*more: Board) -> World:
    """Four boards that differ in their encoders, and some more."""
    return World([*boards()[:4], *more])


def foreign_board(**facts: Any) -> Board:
    """A copy of the greenhouse that belongs to somebody else or to a shared space."""
    board = boards()[0]
    board.id = "aaaaaaaa-0000-4000-8000-00000000000a"
    board.name = "Allotment"
    device = board.facts["device"] | {"id": "bbbbbbbb-0000-4000-8000-00000000000b"}
    board.facts |= {"device": device} | facts
    return board


class Account:
    """Speaks the REST interface with plain requests."""

    def __init__(self, cloud: ArduinoCloud, session: ClientSession) -> None:
        self.cloud = cloud
        self.session = session
        self.headers: dict[str, str] = {}

    async def sign_in(self, **fields: str) -> str:
        async with self.session.post(
            self.cloud.url + TOKEN_PATH, data=FORM | fields
        ) as answer:
            assert answer.status == 200
            token: str = (await answer.json())["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}
        if space := fields.get("organization_id"):
            self.headers["X-Organization"] = space
        return token

    async def ask(self, method: str, path: str, **more: Any) -> ClientResponse:
        headers = self.headers | more.pop("headers", {})
        return await self.session.request(
            method, self.cloud.url + path, headers=headers, **more
        )

    async def read(self, path: str, **params: Any) -> Any:
        answer = await self.ask("GET", path, params=params)
        assert answer.status == 200, await answer.text()
        return await answer.json(content_type=None)

    async def publish(self, board: Board, name: str, value: Any, **more: Any) -> int:
        path = f"{property_path(self.cloud, board, name)}/publish"
        answer = await self.ask("PUT", path, json={"value": value} | more)
        return answer.status


def property_path(cloud: ArduinoCloud, board: Board, name: str) -> str:
    item = cloud.store.find(board, name)
    assert item is not None
    return f"/iot/v2/things/{board.id}/properties/{item.id}"


@asynccontextmanager
async def account(world: World | None = None, **options: Any) -> AsyncIterator[Account]:
    """A cloud that runs, and somebody who is signed in."""
    options.setdefault("rate_limit", FAST)
    async with (
        ArduinoCloud(world or household(), **options) as cloud,
        ClientSession() as session,
    ):
        user = Account(cloud, session)
        await user.sign_in()
        yield user


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data


def packet(first: int, body: bytes = b"") -> bytes:
    """A control packet; only for bodies below 16 kB."""
    length = len(body)
    digits = [length] if length < 128 else [length % 128 | 128, length // 128]
    return bytes([first, *digits]) + body


def connect(
    username: str | None = None,
    password: str | None = None,
    *,
    client_id: str = "tester",
    clean: bool = True,
    keep_alive: int = 30,
    level: int = 4,
    protocol: str = "MQTT",
    flags: int = 0,
) -> bytes:
    flags |= 2 * clean
    fields = text(client_id)
    if username is not None:
        flags |= 0x80
        fields += text(username)
    if password is not None:
        flags |= 0x40
        fields += text(password)
    head = text(protocol) + bytes([level, flags]) + keep_alive.to_bytes(2, "big")
    return packet(0x10, head + fields)


def subscribe(*topics: str, qos: int = 1, identifier: int = 1) -> bytes:
    filters = b"".join(text(topic) + bytes([qos]) for topic in topics)
    return packet(0x82, identifier.to_bytes(2, "big") + filters)


def publish(topic: str, payload: bytes, *, qos: int = 0, identifier: int = 7) -> bytes:
    middle = identifier.to_bytes(2, "big") if qos else b""
    return packet(0x30 | qos << 1, text(topic) + middle + payload)


class Wire:
    """Bytes over a WebSocket, read back packet by packet."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self._buffer = b""

    async def send(self, data: bytes) -> None:
        await self.socket.send_bytes(data)

    async def packet(self) -> tuple[int, bytes] | None:
        """The next packet as (first byte, body), or None when the cloud closed."""
        async with asyncio.timeout(SOON):
            while (found := self._cut()) is None:
                message = await self.socket.receive()
                if message.type is not WSMsgType.BINARY:
                    return None
                self._buffer += message.data
        return found

    async def message(self) -> tuple[str, bytes]:
        """The topic and payload of the next PUBLISH."""
        found = await self.packet()
        assert found is not None
        first, body = found
        assert first & 0xF0 == 0x30, found
        end = 2 + int.from_bytes(body[:2], "big")
        return body[2:end].decode(), body[end + (2 if first & 0x06 else 0) :]

    async def quiet(self) -> bool:
        """Whether nothing was on its way: the next packet answers a ping."""
        await self.send(packet(0xC0))
        return await self.packet() == (0xD0, b"")

    async def dead(self, seconds: float = 0.2) -> bool:
        """Whether not even a ping is answered for a while, on an open connection."""
        await self.send(packet(0xC0))
        try:
            async with asyncio.timeout(seconds):
                await self.socket.receive()
        except TimeoutError:
            return True
        return False

    def _cut(self) -> tuple[int, bytes] | None:
        length = shift = 0
        for index in range(1, len(self._buffer)):
            digit = self._buffer[index]
            length |= (digit & 127) << shift
            shift += 7
            if digit < 128:
                start, end = index + 1, index + 1 + length
                if len(self._buffer) < end:
                    return None
                found = self._buffer[0], self._buffer[start:end]
                self._buffer = self._buffer[end:]
                return found
        return None


@asynccontextmanager
async def wire(cloud: ArduinoCloud) -> AsyncIterator[Wire]:
    """A WebSocket to the broker, with nothing said yet."""
    async with (
        ClientSession() as session,
        session.ws_connect(
            f"{cloud.url}/mqtt",
            protocols=["mqtt"],
            timeout=ClientWSTimeout(ws_close=1.0),
        ) as socket,
    ):
        yield Wire(socket)


@asynccontextmanager
async def session_of(
    user: Account, *topics: str, client_id: str = "tester", keep_alive: int = 30
) -> AsyncIterator[Wire]:
    """An accepted session with its subscriptions granted."""
    token = user.headers["Authorization"].removeprefix("Bearer ")
    async with wire(user.cloud) as line:
        await line.send(
            connect(USER_ID, token, client_id=client_id, keep_alive=keep_alive)
        )
        assert await line.packet() == (0x20, b"\x00\x00")
        if topics:
            await line.send(subscribe(*topics))
            granted = b"\x00\x01" + b"\x01" * len(topics)
            assert await line.packet() == (0x90, granted)
        yield line


def values(board: Board) -> str:
    """The topic that carries what a board measures."""
    return f"/a/t/{board.id}/e/o"


def trusting(cloud: ArduinoCloud) -> ssl.SSLContext:
    """A client's TLS that trusts this cloud's own certificate only."""
    return ssl.create_default_context(cadata=cloud.info()["board_certificate"])
