"""Each registered vendor beside its simulated cloud."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
import ssl
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.iot_clouds.cloud import Cloud, Link, SignedIn, Vendor
from custom_components.iot_clouds.model import (
    Act,
    Call,
    Command,
    Install,
    Json,
    Press,
    Publish,
    Ref,
    Rename,
    Send,
    SetPoint,
    Snapshot,
    Verb,
)
from custom_components.iot_clouds.vendors import VENDORS
from simulated_clouds.arduino import ArduinoCloud
from simulated_clouds.boards import arduino, iottly, particle
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import DOCUMENTED, PUBLIC_CORE
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.server import SimulatedCloud
from simulated_clouds.world import World


@dataclass(frozen=True, kw_only=True)
class Case:
    """What differs from vendor to vendor: addresses, names of things, paths."""

    simulated: type[SimulatedCloud]
    boards: Any
    form: str
    secrets: tuple[str, ...]
    listing: str
    """Where the listing is asked for, as a fault's path."""
    vendor: str = ""
    """The vendor's key where the case has another name."""
    lacks: frozenset[type[Command]] = frozenset()
    """Commands that this deployment of the cloud turns down."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """How the simulated cloud is set up."""
    push: str | None = None
    """Where push runs, as a fault's path."""
    measured: tuple[str, dict[str, Any]] = ("", {})
    """A board and what it measures."""

    def values(self, cloud: SimulatedCloud) -> dict[str, str]:
        """What a person fills in."""
        info = cloud.info()
        known = {**info, "base_url": info["url"]}
        known.pop("organization_id", None)
        vendor = VENDORS[cloud.name]
        form = next(form for form in vendor.forms if form.key == self.form)
        return {
            field.key: known[field.key] for field in form.fields if field.key in known
        }


CASES: Mapping[str, Case] = {
    "arduino": Case(
        simulated=ArduinoCloud,
        boards=arduino.boards,
        form="arduino",
        secrets=("client_secret",),
        listing="GET /iot/v2/things",
        push="^MQTT",
        measured=("Greenhouse", {"temperature": 27.5}),
    ),
    "particle": Case(
        simulated=ParticleCloud,
        boards=particle.boards,
        form="particle_token",
        secrets=("access_token", "username"),
        listing="GET /v1/devices$",
        push="^SSE",
        measured=("Workshop", {"temperature": 27.5}),
    ),
    "iottly": Case(
        simulated=IottlyCloud,
        boards=iottly.boards,
        form="iottly",
        secrets=("api_key",),
        listing="GET .*/props",
        options={"variant": DOCUMENTED},
    ),
    "iottly_public_core": Case(
        simulated=IottlyCloud,
        boards=iottly.boards,
        form="iottly",
        secrets=("api_key",),
        vendor="iottly",
        listing="GET .*/license",
        lacks=frozenset({Rename}),
        options={"variant": PUBLIC_CORE},
    ),
}


def command_for(kind: type[Command], snapshot: Snapshot) -> Command | None:
    """A command of this kind that the listed devices can carry out, if any can."""
    devices = {device.name: device for device in snapshot.devices.values()}
    points = [
        (device.ref(point.key), point)
        for device in snapshot.devices.values()
        for point in device.points.values()
    ]
    if kind is SetPoint:
        return next(
            (
                SetPoint(ref=ref, value=True)
                for ref, each in points
                if each.name == "Pump"
            ),
            None,
        )
    if kind is Press:
        return next(
            (Press(ref=ref) for ref, each in points if each.label == "ping"), None
        )
    if kind is Call and (board := devices.get("Workshop")):
        return Call(device_id=board.id, function="setFan", argument="on")
    if kind is Publish:
        return Publish(name="home/note", data="hello")
    if kind is Rename and (board := devices.get("Cellar")):
        return Rename(device_id=board.id, name="Wine cellar")
    if kind is Send and (board := devices.get("Cellar")):
        return Send(device_id=board.id, type="pump", options={"state": "on"})
    return None


def anything(kind: type[Command]) -> Command:
    """Some command of this kind, for clouds that take none of it."""
    ref = Ref("none", "none")
    samples: tuple[Command, ...] = (
        SetPoint(ref=ref, value=True),
        Call(device_id="none", function="none"),
        Publish(name="none"),
        Send(device_id="none", type="none"),
        Press(ref=ref),
        Install(ref=ref),
        Rename(device_id="none", name="none"),
        Act(ref=ref, verb=Verb.OPEN),
    )
    return next(each for each in samples if type(each) is kind)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A vendor's client and the cloud that it talks to."""

    case: Case
    vendor: Vendor
    simulated: SimulatedCloud
    link: Link
    data: Mapping[str, Json]
    cloud: Cloud


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about the pace of requests, so none has to wait for it."""

    async def no_wait(self: object, *, urgent: bool = False) -> None:
        pass

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", no_wait
    )


@pytest.fixture(params=CASES)
async def pair(request: pytest.FixtureRequest) -> AsyncGenerator[Pair]:
    """A client of one vendor, signed in before Home Assistant was started again."""
    case = CASES[request.param]
    vendor = VENDORS[case.vendor or request.param]
    world = World(case.boards(), seed=3)
    async with (
        case.simulated(world, **case.options) as simulated,
        ClientSession() as before,
        ClientSession() as session,
    ):
        link = Link(session=before, tls=ssl.create_default_context())
        signed_in = await vendor.sign_in(link, case.form, case.values(simulated))
        link = replace(link, session=session)
        assert isinstance(signed_in, SignedIn)
        cloud = vendor.connect(link, signed_in.data)
        yield Pair(
            case=case,
            vendor=vendor,
            simulated=simulated,
            link=link,
            data=signed_in.data,
            cloud=cloud,
        )
        await cloud.close()
