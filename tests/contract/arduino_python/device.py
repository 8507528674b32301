"""Arduino's published client for boards, playing a board of the invented household."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
import ssl
import threading
from typing import Any

from arduino_iot_cloud import (  # type: ignore[import-untyped]
    ArduinoCloudClient,
    ColoredLight,
    DimmedLight,
    Location,
    Schedule,
    Television,
)

from simulated_clouds.arduino import ArduinoCloud
from simulated_clouds.world import Board

OBJECTS = {
    "LOCATION": Location,
    "HOME_COLORED_LIGHT": ColoredLight,
    "HOME_DIMMED_LIGHT": DimmedLight,
    "HOME_TELEVISION": Television,
    "SCHEDULE": Schedule,
}
SOON = 60.0


class Device:
    """The client in a thread of its own, because its sockets block.

    `written` holds what the cloud wrote, as (variable, value); an object's value is its
    attributes.
    """

    def __init__(self, cloud: ArduinoCloud, board: Board, *, certificate: str) -> None:
        """Register every variable of the board; `certificate` is the file to trust."""
        self.written: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.ready = asyncio.Event()
        self.quit = threading.Event()
        self._loop = asyncio.get_running_loop()
        device = board.facts["device"]["id"]
        self.client = ArduinoCloudClient(
            device_id=device,
            username=device,
            password=board.facts["secret_key"],
            server="127.0.0.1",
            port=cloud.board_port,
            keepalive=10,
            sync_mode=True,
            ssl_params={
                "cafile": certificate,
                "verify_mode": ssl.CERT_REQUIRED,
                "server_hostname": "127.0.0.1",
            },
        )
        for name, variable in board.variables.items():
            hook = partial(self._on_write, name) if variable.writable else None
            options = {"on_write": hook, "interval": 0.02}
            if kind := OBJECTS.get(variable.type):
                self.client.register(kind(name, **options))
            else:
                self.client.register(name, value=None, **options)

    def run(self) -> None:
        """Speak to the cloud until `quit` is set."""
        self.client.start(interval=0.05)
        self._loop.call_soon_threadsafe(self.ready.set)
        while not self.quit.is_set():
            self.client.update()
        self.client.mqtt.disconnect()

    async def told(self, name: str) -> Any:
        """The next value that the cloud writes to this variable."""
        async with asyncio.timeout(SOON):
            while True:
                variable, value = await self.written.get()
                if variable == name:
                    return value

    def _on_write(self, name: str, _: object, written: Any) -> None:
        """Called by the client: for scalars with the value, else with the object."""
        if isinstance(attributes := getattr(written, "value", None), dict):
            written = {key: each.value for key, each in attributes.items()}
        self._loop.call_soon_threadsafe(self.written.put_nowait, (name, written))


@asynccontextmanager
async def playing(
    cloud: ArduinoCloud, board: Board, certificate: str
) -> AsyncIterator[Device]:
    """A board played by the client, connected and with its thing known."""
    device = Device(cloud, board, certificate=certificate)
    task = asyncio.create_task(asyncio.to_thread(device.run))
    try:
        async with asyncio.timeout(SOON):
            await device.ready.wait()
        yield device
    finally:
        device.quit.set()
        await task
