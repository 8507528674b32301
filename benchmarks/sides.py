"""The sides of a comparison: everything that runs while one of them is measured."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
import socket
import tempfile
import time

from .household import NUMBER, TEMPERATURE, Json
from .processes import BrokenRunError, Child, Program, cores, free_port
from .updates import Stream

PATIENCE = 30.0
"""Seconds that a side may take to have all its sensors."""

MOSQUITTO = """\
per_listener_settings false
allow_anonymous true
persistence false
log_dest none
set_tcp_nodelay true
listener {tcp} 127.0.0.1
listener {websockets} 127.0.0.1
protocol websockets
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A side that is connected and has all its sensors.

    `told` is what Home Assistant said about setting them up, if it was asked.
    """

    home: Child
    sender: Child
    told: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Path of the broker, and the MQTT version that Home Assistant speaks with it.

    `timed` asks how long it takes to set the sensors up, and how much memory they need;
    then whatever else comes with them stays.
    """

    mosquitto: str
    protocol: str
    timed: bool = False


type Side = Callable[[Stream, Setup], AbstractContextManager[Running]]
"""Starts one side, which will get this stream."""


@contextmanager
def arduino(stream: Stream, setup: Setup) -> Iterator[Running]:
    """Our Arduino path: listings from a cloud, values through mosquitto's websockets."""
    with ExitStack() as stack:
        broker = stack.enter_context(_broker(setup.mosquitto))
        ports = stack.enter_context(_cloud("arduino", stream))
        running = stack.enter_context(_children(stream, "arduino", broker["tcp"]))
        advanced: dict[str, Json] = {
            "base_url": f"http://127.0.0.1:{ports['port']}",
            "mqtt_url": f"ws://127.0.0.1:{broker['websockets']}/mqtt",
        }
        key: dict[str, Json] = {"client_id": "key", "client_secret": "secret"}
        steps: list[dict[str, Json]] = [
            {"next_step_id": "arduino"},
            {**key, "advanced": advanced},
        ]
        _connect(running, stream, setup, "iot_clouds", steps)
        yield running


@contextmanager
def particle(stream: Stream, setup: Setup) -> Iterator[Running]:
    """Our Particle path: listings and the event stream of one cloud."""
    with ExitStack() as stack:
        ports = stack.enter_context(_cloud("particle", stream))
        running = stack.enter_context(_children(stream, "particle", ports["feed"]))
        base: dict[str, Json] = {"base_url": f"http://127.0.0.1:{ports['port']}"}
        steps: list[dict[str, Json]] = [
            {"next_step_id": "particle"},
            {"next_step_id": "particle_token"},
            {"access_token": "secret", "advanced": base},
        ]
        _connect(running, stream, setup, "iot_clouds", steps)
        yield running


def mqtt(sensor: Mapping[str, Json]) -> Side:
    """Home Assistant's own MQTT integration with sensors of this kind."""

    @contextmanager
    def side(stream: Stream, setup: Setup) -> Iterator[Running]:
        with ExitStack() as stack:
            broker = stack.enter_context(_broker(setup.mosquitto))
            running = stack.enter_context(_children(stream, "mqtt", broker["tcp"]))
            running.sender.ask(
                "announce", entities=stream.entities, sensor=dict(sensor)
            )
            other: dict[str, Json] = {"set_client_cert": False, "set_ca_cert": "off"}
            form: dict[str, Json] = {
                "broker": "127.0.0.1",
                "port": broker["tcp"],
                "protocol": setup.protocol,
                "other_settings": other,
            }
            _connect(running, stream, setup, "mqtt", [form])
            yield running

    return side


SIDES: Mapping[str, tuple[Side, Side]] = {
    "arduino": (arduino, mqtt(TEMPERATURE)),
    "particle": (particle, mqtt(NUMBER)),
}
"""By vendor: our path, and Home Assistant's with the same kind of sensors."""


@contextmanager
def _broker(mosquitto: str) -> Iterator[dict[str, int]]:
    ports = {"tcp": free_port(), "websockets": free_port()}
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "mosquitto.conf")
        settings.write_text(MOSQUITTO.format(**ports))
        # Started as root it would become a user who must be able to read this.
        Path(folder).chmod(0o755)
        with Program(mosquitto, "-c", str(settings), on=cores()[1]):
            for port in ports.values():
                _await_listener(port)
            yield ports


def _await_listener(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise BrokenRunError("the broker does not listen") from None
            time.sleep(0.05)
        else:
            return


@contextmanager
def _cloud(vendor: str, stream: Stream) -> Iterator[dict[str, int]]:
    with Child("clouds", vendor, str(stream.entities), on=cores()[1]) as cloud:
        yield cloud.ask("ports")


@contextmanager
def _children(stream: Stream, kind: str, port: int) -> Iterator[Running]:
    """A Home Assistant without an account, and a sender that is connected."""
    alone, others = cores()
    with (
        tempfile.TemporaryDirectory() as folder,
        Child("home", folder, str(free_port()), on=alone) as home,
        Child("sender", on=others) as sender,
    ):
        sender.ask("prepare", kind=kind, port=port, stream=asdict(stream))
        yield Running(home=home, sender=sender)


def _connect(
    running: Running,
    stream: Stream,
    setup: Setup,
    domain: str,
    steps: list[dict[str, Json]],
) -> None:
    """Add the account and wait for its sensors."""
    home = running.home
    if setup.timed:
        before = home.ask("memory")["bytes"]
        running.told.update(home.ask("set_up", limit=600.0, domain=domain, steps=steps))
        running.told["bytes"] = home.ask("memory")["bytes"] - before
        # All of an account count for the limit of Home Assistant, 10 000.
        if (made := running.told["entities"]) < stream.entities:
            raise home.failed(f"made {made} entities of {domain}")
        return
    home.ask("connect", limit=600.0, domain=domain, steps=steps)
    found = home.ask("sensors", count=stream.entities, known=False, patience=PATIENCE)
    if found["count"] != stream.entities:
        raise home.failed(f"made {found['count']} sensors of {domain}")
