"""`python -m simulated_clouds`: the three clouds on loopback, until they are interrupted."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
import json
import signal
import sys
from typing import Any

from .arduino import ArduinoCloud
from .boards import arduino, iottly, particle
from .iottly import IottlyCloud
from .particle import ParticleCloud
from .server import CONTROL, SimulatedCloud
from .world import World

CLOUDS: tuple[type[SimulatedCloud], ...] = (ArduinoCloud, ParticleCloud, IottlyCloud)


def _ports(text: str) -> list[int]:
    """Read one port for each cloud; zero is any free one."""
    ports = [int(port) for port in text.split(",")]
    if len(ports) != len(CLOUDS) or not all(0 <= port < 65536 for port in ports):
        raise ValueError
    return ports


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulated_clouds",
        description="Arduino Cloud, Particle and iottly on this machine, with one"
        " invented household of boards whose values move.",
    )
    parser.add_argument(
        "--ports",
        type=_ports,
        default=[0] * len(CLOUDS),
        metavar="A,P,I",
        help="one port for each cloud, in this order (default: free ones)",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print addresses and credentials as one line",
    )
    parser.add_argument(
        "--period",
        type=float,
        default=5.0,
        help="seconds in which every board measures once (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed repeats the same values"
    )
    options = parser.parse_args(arguments)
    if options.period <= 0:
        parser.error("--period must be above zero")
    return options


def _describe(info: dict[str, dict[str, Any]], *, as_json: bool) -> str:
    """Addresses and credentials for a script or for a person."""
    if as_json:
        return json.dumps(info)
    lines: list[str] = []
    for name, facts in info.items():
        lines.append(name)
        # Lists and certificates are for scripts.
        lines += [
            f"  {key}: {value}"
            for key, value in facts.items()
            if isinstance(value, str | int) and "\n" not in str(value)
        ]
    return "\n".join([*lines, "Ctrl-C stops them."])


async def serve(options: argparse.Namespace) -> None:
    """Run the clouds until SIGINT or SIGTERM."""
    boards = [*arduino.boards(), *particle.boards(), *iottly.boards()]
    world = World(boards, seed=options.seed)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with AsyncExitStack() as stack:
        info: dict[str, dict[str, Any]] = {}
        for kind, port in zip(CLOUDS, options.ports, strict=True):
            cloud = kind(world)
            await cloud.start(port)
            stack.push_async_callback(cloud.stop)
            info[cloud.name] = {**cloud.info(), "control": f"{cloud.url}{CONTROL}"}
        print(_describe(info, as_json=options.json), flush=True)
        async with asyncio.TaskGroup() as group:
            moving = group.create_task(world.run(options.period))
            await ended.wait()
            moving.cancel()


def main(arguments: Sequence[str] | None = None) -> int:
    """Start, and say in one line why a port cannot be had."""
    options = _options(arguments)
    try:
        asyncio.run(serve(options))
    except OSError as err:
        print(f"simulated_clouds: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
