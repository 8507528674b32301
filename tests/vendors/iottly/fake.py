"""A small iottly on a real socket, with answers that a test can replace."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
import json
import ssl
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from custom_components.iot_clouds.cloud import Link
from custom_components.iot_clouds.model import Device, Reading, Ref, Snapshot

from .store import DEVICE, PROJECT, START, Store

NOW = format_datetime(START, usegmt=True)
"""The clock of the server, which stands still."""
KEY = "719cc48b13aa7be9a89a433493966f64"
OTHER = "9af78306-384e-4dbc-9d63-af21cc5496a8"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer, which may be given several times."""

    status: int = 200
    text: str = ""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Give it."""
        return web.Response(
            status=self.status,
            text=self.text,
            content_type=self.content_type,
            headers=self.headers,
        )


def props(device_id: str = DEVICE, **changes: Any) -> dict[str, Any]:
    """A device as the properties list it."""
    return {
        "ID": device_id,
        "name": "board 1",
        "macaddress": "02:43:3d:0a:07:1f",
        "operatingstatus": "connected",
        "token": "599f8661ae4efc9ab47ebfe76013bbae",
        "agent_version": "1.8.3",
        **changes,
    }


@dataclass(kw_only=True)
class FakeIottly:
    """One project; `answers` holds replacements by the end of a path, used in turn."""

    devices: list[Any] = field(default_factory=lambda: [props()])
    stores: dict[str, Store] = field(default_factory=lambda: {DEVICE: Store()})
    has_props: bool = True
    accepts: tuple[str, ...] = ("Authentication",)
    answers: dict[str, list[Handler]] = field(default_factory=dict)
    requests: list[web.Request] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    url: str = ""

    def paths(self) -> list[str]:
        """Paths below the project that were asked for."""
        return [
            each.path.removeprefix(f"/v1.0/project/{PROJECT}/")
            for each in self.requests
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer like iottly."""
        self.requests.append(request)
        if request.can_read_body:
            self.bodies.append(await request.json())
        for end, answers in self.answers.items():
            if request.path.endswith(end) and answers:
                return await answers.pop(0)(request)
        if any(
            request.headers.get(name, "").lower() != f"bearer {KEY}"
            for name in self.accepts
        ):
            return await error(401, "not authenticated")(request)
        head, _, path = request.path.partition(f"/v1.0/project/{PROJECT}/")
        if head or not path:
            return await error(403, "not yours")(request)
        answer = await self._route(request, path)
        return await answer(request)

    async def _route(self, request: web.Request, path: str) -> Answer:
        match path.split("/"):
            case ["inspect"]:
                return ok({"id": PROJECT, "name": "My project", "board": "Linux ARMv5"})
            case ["devices", "props"] if self.has_props:
                count = len(self.devices)
                told = {"count": count, "errors": None, "devices": self.devices}
                return ok(told, Date=NOW)
            case ["license"]:
                return ok(self._licenses(), Date=NOW)
            case ["messages", device]:
                rows = await self.stores[device].history(
                    device, int(request.query["numMessages"])
                )
                return ok({"status": 200, "messages": rows})
            case ["device", device, "messages", "paginated"]:
                page = await self.stores[device].paginated(device, request.query)
                if page is None:
                    return error(400, "bad from")
                return ok({"messages": page}) if page else error(404, "no messages")
            case ["device", _, "command"]:
                return ok({"status": 200})
        return error(404)

    def _licenses(self) -> dict[str, Any]:
        licenses: dict[str, Any] = {
            "0" * 32: {"status": "available", "board": {}},
            "1" * 32: {"status": "available", "board": None},
            "2" * 32: {"status": "available"},
        }
        for n, device in enumerate(self.devices):
            board = {
                key: device[key] for key in ("name", "macaddress", "operatingstatus")
            }
            licenses[f"{n:0>32}a"[1:]] = {
                "status": "paired",
                "board": {"id": device["ID"], **board},
            }
        return licenses


def boards(snapshot: Snapshot) -> dict[str, Device]:
    """The listed devices without the one that stands for the project."""
    return {
        device.id: device
        for device in snapshot.devices.values()
        if not device.is_account
    }


def told(snapshot: Snapshot) -> dict[Ref, Reading]:
    """What the messages of the devices have told."""
    return {
        ref: reading
        for ref, reading in snapshot.readings.items()
        if ref.key.startswith("message")
    }


def ok(body: Any, **headers: str) -> Answer:
    """A good answer."""
    return Answer(text=json.dumps(body), headers=headers)


def error(status: int, text: str | None = None, **headers: str) -> Answer:
    """An error as the documents have it, or the page of a framework."""
    if text is None:
        page = f"<html><title>{status}</title></html>"
        return Answer(
            status=status, text=page, content_type="text/html", headers=headers
        )
    return Answer(status=status, text=json.dumps({"error": text}), headers=headers)


@asynccontextmanager
async def running(fake: FakeIottly) -> AsyncIterator[Link]:
    """Serve a fake and lend a session."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    fake.url = str(server.make_url("/v1.0/"))
    async with ClientSession() as session:
        yield Link(session=session, tls=ssl.create_default_context())
    await server.close()
