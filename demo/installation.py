"""A Home Assistant of the demo's own: its folder, its user, its start and its end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import re
import shutil
import socket
import sys
from typing import Any

import aiohttp

from .processes import completed, fail_when_ended, running
from .terminal import DemoError, Terminal

USER = "demo"
PASSWORD = "demo"
"""Good enough for a server that only this machine reaches."""

ROOT = Path(__file__).parents[1]
FOLDER = Path(os.environ.get("DEMO_FOLDER") or ROOT / ".demo")
"""Where the installation is laid out, anew for each start; one demo runs in a folder."""
HASS: tuple[str | Path, ...] = (sys.executable, "-m", "homeassistant")
"""The program `hass` says the same, but of the place where it was installed."""
START_LIMIT = 120.0
"""Seconds until Home Assistant must answer; it needs about five on a usual machine."""

CONFIGURATION = """\
homeassistant:
  name: IoT Clouds demo
  latitude: 45.07
  longitude: 7.69
  elevation: 239
  unit_system: metric
  time_zone: Europe/Rome
  currency: EUR
  country: IT
frontend:
recorder:
history:
logbook:
lovelace:
  dashboards:
    demo-map:
      mode: yaml
      title: Map
      icon: mdi:map
      filename: map.yaml
"""
MAP = """\
views:
  - title: Everything
    strategy:
      type: map
  - title: Mower
    path: mower
    type: panel
    cards:
      - type: map
        hours_to_show: 1
        default_zoom: 18
        entities:
          - device_tracker.garden_mower_position
          - zone.home
  - title: Van
    path: van
    type: panel
    cards:
      - type: map
        hours_to_show: 1
        default_zoom: 13
        entities:
          - device_tracker.van
"""
"""A dashboard of whatever has a place, and of the way that one board takes."""
KNOWN_COMPLAINTS = ("haffmpeg", "camera.img_util", "We found a custom integration")
"""Missing programs that the demo has no use for, and what every custom integration gets."""

ONBOARDED: dict[str, Any] = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["user", "core_config", "analytics", "integration"]},
}


NETWORK: dict[str, Any] = {
    "version": 1,
    "minor_version": 1,
    "key": "core.network",
    "data": {"configured_adapters": ["lo"]},
}
"""Home Assistant looks for nothing around this machine, and needs no other network."""


LOG = FOLDER / "home-assistant.log"


def complaints(log: str) -> list[str]:
    """Errors in Home Assistant's log, and any warning about this integration."""
    return [
        line
        for line in log.splitlines()
        if re.match(r"\S+ \S+ (ERROR|CRITICAL) |\S+ \S+ WARNING .*iot_clouds", line)
        and not any(known in line for known in KNOWN_COMPLAINTS)
    ]


@contextmanager
def reserved(port: int = 0) -> Iterator[int]:
    """Keep a port of this machine (0: any free one) for Home Assistant; gives its number.

    Raises:
        DemoError: somebody listens on it, or another demo keeps it.
    """
    with (
        socket.socket() as kept,
        socket.socket(type=socket.SOCK_DGRAM) as sign,
    ):
        # As Home Assistant does, which can listen beside it therefore; and a connection
        # that just closed is no obstacle.
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            kept.bind(("127.0.0.1", port))
            if port:
                # That lets a second demo in as well, which looks for this one.
                sign.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as err:
            why = getattr(err, "strerror", None) or err
            raise DemoError(
                f"port {port} cannot be used ({why}); choose another with --port"
            ) from err
        number: int = kept.getsockname()[1]
        yield number


def prepare(folder: Path, port: int) -> Path:
    """Lay out a fresh configuration; returns its folder."""
    config = folder / "config"
    shutil.rmtree(config, ignore_errors=True)
    storage = config / ".storage"
    storage.mkdir(parents=True)
    (config / "configuration.yaml").write_text(CONFIGURATION)
    (config / "map.yaml").write_text(MAP)
    (config / "custom_components").mkdir()
    (config / "custom_components/iot_clouds").symlink_to(
        ROOT / "custom_components/iot_clouds", target_is_directory=True
    )
    (storage / "onboarding").write_text(json.dumps(ONBOARDED))
    (storage / "core.network").write_text(json.dumps(NETWORK))
    (storage / "http").write_text(json.dumps(_http(port)))
    return config


def _http(port: int) -> dict[str, Any]:
    """The settings that a page of Home Assistant would have stored.

    In YAML they would be a trial that ends with a restart after five minutes.
    """
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": ["https://cast.home-assistant.io"],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    return {"version": 2, "minor_version": 2, "key": "http", "data": data}


async def add_user(config: Path) -> None:
    """Let the demo's user log in without the questions of a first start."""
    await completed(
        "adding the user",
        [*HASS, "--script", "auth", "-c", config, "add", USER, PASSWORD],
        cwd=ROOT,
        output=FOLDER / "auth.log",
    )


@asynccontextmanager
async def home_assistant(
    terminal: Terminal, port: int
) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    """Run Home Assistant; gives its address, and a task that fails if it ends.

    Everything it could want to install is there already, so that it starts the same
    with and without a network.
    """
    config = prepare(FOLDER, port)
    terminal.progress("Home Assistant gets a user")
    await add_user(config)
    terminal.progress("Home Assistant starts")
    command = [*HASS, "-c", config, "--skip-pip", "--log-no-color"]
    async with running(command, cwd=config, output=LOG) as process:
        ended = asyncio.create_task(fail_when_ended("Home Assistant", process, LOG))
        try:
            address = f"http://127.0.0.1:{port}"
            await until_it_answers(address, ended)
            yield address, ended
        finally:
            ended.cancel()
            await asyncio.gather(ended, return_exceptions=True)
            terminal.progress("Home Assistant stops")


async def until_it_answers(address: str, ended: asyncio.Task[None]) -> None:
    """Wait for the web server; raises DemoError if it ends or takes too long."""
    try:
        async with asyncio.timeout(START_LIMIT), aiohttp.ClientSession() as session:
            while not ended.done():
                try:
                    async with session.get(f"{address}/manifest.json") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise DemoError("Home Assistant does not answer") from None
    await ended
