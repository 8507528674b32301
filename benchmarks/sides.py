"""The sides of a comparison: everything that runs while one of them is measured."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
import socket
import tempfile
import time

from .household import NUMBER, TEMPERATURE, Json
from .processes import Answer, Child, Program, cores, free_port
from .profiler import Function
from .updates import Stream

PATIENCE = 30.0
"""Seconds that a side may take to have all its sensors when its account is connected."""

LONGEST = 600.0
"""Seconds that connecting an account may take: 500 Particle boards are asked one by one."""

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

    `told` is what Home Assistant said about setting them up, if it was asked, and
    `functions` what ran meanwhile, if that was profiled.
    """

    home: Child
    sender: Child
    told: dict[str, float] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Path of the broker, and the MQTT version that Home Assistant speaks with it.

    `timed` asks how long it takes to set the sensors up, and how much memory they need;
    then whatever else comes with them stays. `reload` asks how long it takes to set the
    accounts up once more, those of Arduino at that `pace` (requests a second, one of the
    account's options). What was asked about is `profiled`, too.
    """

    mosquitto: str
    protocol: str
    timed: bool = False
    reload: bool = False
    pace: str | None = None
    profiled: bool = False


type Steps = list[dict[str, Json]]
"""What is entered into a config flow."""

type Side = Callable[[Stream, Setup], AbstractContextManager[Running]]
"""Starts one side, which will get this stream."""


@contextmanager
def arduino(stream: Stream, setup: Setup) -> Iterator[Running]:
    """Our Arduino path: listings from clouds, values through mosquitto's websockets."""
    with ExitStack() as stack:
        broker = stack.enter_context(_broker(setup.mosquitto))
        clouds = stack.enter_context(_clouds("arduino", stream))
        running = stack.enter_context(_children(stream, "arduino", [broker["tcp"]]))
        accounts: list[Steps] = []
        for number, port in enumerate(clouds["ports"]):
            advanced: dict[str, Json] = {
                "base_url": f"http://127.0.0.1:{port}",
                "mqtt_url": f"ws://127.0.0.1:{broker['websockets']}/mqtt",
            }
            key: dict[str, Json] = {
                "client_id": f"key {number}",
                "client_secret": "secret",
                "advanced": advanced,
            }
            accounts.append([{"next_step_id": "arduino"}, key])
        options: Steps = []
        if setup.pace:
            pace: dict[str, Json] = {"requests_per_second": setup.pace}
            options = [{"next_step_id": "account"}, pace]
        _connect(running, stream, setup, "iot_clouds", accounts, options)
        yield running


@contextmanager
def particle(stream: Stream, setup: Setup) -> Iterator[Running]:
    """Our Particle path: listings and the event stream of a cloud for each account."""
    with ExitStack() as stack:
        clouds = stack.enter_context(_clouds("particle", stream))
        running = stack.enter_context(_children(stream, "particle", clouds["feeds"]))
        accounts: list[Steps] = []
        for port in clouds["ports"]:
            base: dict[str, Json] = {"base_url": f"http://127.0.0.1:{port}"}
            accounts.append(
                [
                    {"next_step_id": "particle"},
                    {"next_step_id": "particle_token"},
                    {"access_token": "secret", "advanced": base},
                ]
            )
        _connect(running, stream, setup, "iot_clouds", accounts)
        yield running


def mqtt(sensor: Mapping[str, Json]) -> Side:
    """Home Assistant's own MQTT integration, which has one account, with such sensors."""

    @contextmanager
    def side(stream: Stream, setup: Setup) -> Iterator[Running]:
        with ExitStack() as stack:
            broker = stack.enter_context(_broker(setup.mosquitto))
            running = stack.enter_context(_children(stream, "mqtt", [broker["tcp"]]))
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
            _connect(running, stream, setup, "mqtt", [[form]])
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
        with Program(mosquitto, "-c", str(settings), on=cores()[1]) as broker:
            for port in ports.values():
                _await_listener(broker, port)
            yield ports


def _await_listener(broker: Program, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise broker.failed("does not listen") from None
            time.sleep(0.05)
        else:
            return


@contextmanager
def _clouds(vendor: str, stream: Stream) -> Iterator[dict[str, list[int]]]:
    """A cloud for each account; its ports are those that `clouds.serve` tells."""
    split = str(stream.entities), str(stream.accounts)
    with Child("clouds", vendor, *split, on=cores()[1]) as clouds:
        yield clouds.ask("ports")


@contextmanager
def _children(stream: Stream, kind: str, ports: list[int]) -> Iterator[Running]:
    """A Home Assistant without an account, and a sender that is connected."""
    alone, others = cores()
    with (
        tempfile.TemporaryDirectory() as folder,
        Child("home", folder, str(free_port()), on=alone) as home,
        Child("sender", on=others) as sender,
    ):
        sender.ask("prepare", kind=kind, ports=ports, stream=asdict(stream))
        yield Running(home=home, sender=sender)


def _connect(
    running: Running,
    stream: Stream,
    setup: Setup,
    domain: str,
    accounts: list[Steps],
    options: Steps | None = None,
) -> None:
    """Add one account after the other and wait for their sensors."""
    home = running.home
    if setup.timed:
        _time(running, setup, domain, accounts, options or [])
        if (made := running.told["entities"]) < stream.entities:
            raise home.failed(f"made {made} entities of {domain}")
        return
    for steps in accounts:
        home.ask("connect", limit=LONGEST, domain=domain, steps=steps)
    found = home.ask("sensors", count=stream.entities, known=False, patience=PATIENCE)
    if found["count"] != stream.entities:
        raise home.failed(f"made {found['count']} sensors of {domain}")


def _time(
    running: Running,
    setup: Setup,
    domain: str,
    accounts: list[Steps],
    options: Steps,
) -> None:
    """Tell what adding the accounts took, or what setting them up again did, all in all.

    `bytes` is the memory that they need.
    """
    home = running.home
    before = home.ask("memory")["bytes"]
    ask = partial(home.ask, limit=LONGEST, domain=domain)
    asked = [partial(ask, "set_up", steps=steps) for steps in accounts]
    if setup.reload:
        _sum(asked)
        numbers = range(len(accounts))
        asked = [partial(ask, "reload", number=each, steps=options) for each in numbers]
    running.told.update(_sum(partial(each, profiled=setup.profiled) for each in asked))
    if setup.profiled:
        found = home.ask("profiled")["functions"]
        running.functions.extend(Function(*each) for each in found)
    running.told["bytes"] = home.ask("memory")["bytes"] - before


def _sum(asked: Iterable[Callable[[], Answer]]) -> dict[str, float]:
    """Ask one after the other and add their figures up."""
    told: Counter[str] = Counter()
    for ask in asked:
        told.update(ask())
    return dict(told)
