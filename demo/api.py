"""Home Assistant's own API, as its page uses it: log in, REST and the websocket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from .terminal import DemoError

ANSWER_LIMIT = 60.0
"""Seconds for one answer; signing in at a slow cloud is the longest."""

type Listener = Callable[[dict[str, Any]], None]


class Refused(DemoError):
    """Home Assistant said no, in its own words."""


async def log_in(address: str, user: str, password: str) -> dict[str, Any]:
    """Log in as the page does; returns Home Assistant's answer with the tokens."""
    client = f"{address}/"
    async with aiohttp.ClientSession(address) as session:
        flow = await _post(
            session,
            "/auth/login_flow",
            json={
                "client_id": client,
                "handler": ["homeassistant", None],
                "redirect_uri": client,
            },
        )
        done = await _post(
            session,
            f"/auth/login_flow/{flow['flow_id']}",
            json={"username": user, "password": password, "client_id": client},
        )
        if done["type"] != "create_entry":
            raise DemoError("Home Assistant does not let the demo's user in")
        return await _post(
            session,
            "/auth/token",
            data={
                "grant_type": "authorization_code",
                "code": done["result"],
                "client_id": client,
            },
        )


async def _post(
    session: aiohttp.ClientSession, path: str, **body: Any
) -> dict[str, Any]:
    async with session.post(path, **body) as response:
        if response.status != 200:
            text = await response.text()
            raise Refused(f"{path} ({response.status}): {text[:500]}")
        answer: dict[str, Any] = await response.json()
        return answer


class Home:
    """A logged-in connection. Make one with `connected`."""

    def __init__(
        self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse
    ) -> None:
        """Take a websocket that is past its authentication."""
        self._session = session
        self._socket = socket
        self._last_id = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Listener] = {}

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST to the REST interface; raises Refused."""
        return await _post(self._session, path, json=body)

    async def command(self, type_: str, **fields: Any) -> Any:
        """Send a websocket command and return its result; raises Refused."""
        return await self._send({"type": type_, **fields}, None)

    async def listen(self, event_type: str, listener: Listener) -> None:
        """Call `listener` with every event of this type from now on."""
        await self._send(
            {"type": "subscribe_events", "event_type": event_type}, listener
        )

    async def call(self, domain: str, service: str, **fields: Any) -> Any:
        """Perform an action; returns its response, None for actions without one."""
        result = await self.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=fields,
            return_response=domain == "iot_clouds",
        )
        return result.get("response")

    async def _send(self, message: dict[str, Any], listener: Listener | None) -> Any:
        self._last_id += 1
        number = self._last_id
        future = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        if listener:
            self._listeners[number] = listener
        try:
            await self._socket.send_json({"id": number, **message})
            async with asyncio.timeout(ANSWER_LIMIT):
                return await future
        except TimeoutError:
            raise DemoError(
                f"Home Assistant does not answer {message['type']}"
            ) from None
        finally:
            del self._waiting[number]

    async def receive(self) -> None:
        """Hand on what arrives, until the connection closes."""
        async for message in self._socket:
            data = message.json()
            number = data.get("id")
            if data["type"] == "event" and number in self._listeners:
                self._listeners[number](data["event"])
            elif data["type"] == "result" and number in self._waiting:
                self._answer(self._waiting[number], data)
        for future in self._waiting.values():
            future.set_exception(DemoError("Home Assistant closed the connection"))

    def _answer(self, future: asyncio.Future[Any], data: dict[str, Any]) -> None:
        if future.done():
            return
        if data["success"]:
            future.set_result(data["result"])
        else:
            error = data["error"]
            future.set_exception(Refused(f"{error['message']} ({error['code']})"))


@asynccontextmanager
async def connected(address: str, token: str) -> AsyncIterator[Home]:
    """Connect with an access token."""
    async with (
        aiohttp.ClientSession(
            address, headers={"Authorization": f"Bearer {token}"}
        ) as session,
        session.ws_connect("/api/websocket", max_msg_size=0) as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        if (await socket.receive_json())["type"] != "auth_ok":
            raise DemoError("Home Assistant refuses the access token")
        home = Home(session, socket)
        receiving = asyncio.create_task(home.receive())
        try:
            yield home
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
