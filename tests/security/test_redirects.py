"""No request is sent on to where an answer points: not with credentials, and not without."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
import re
from typing import Any, NamedTuple, Self

from aiohttp import web
import pytest

from custom_components.iot_clouds.model import (
    Call,
    CloudError,
    HistoryQuery,
    Press,
    Publish,
    Ref,
    Rename,
    Send,
    SetPoint,
)
from homeassistant.data_entry_flow import FlowResultType
from tests.e2e.conftest import CLOUDS, STEPS, choose, form
from tests.vendors.particle.fake import read_all

STATUSES = [301, 302, 303, 307, 308]
GREENHOUSE, WORKSHOP = "Greenhouse", "Workshop"
CELLAR = "Cellar"
NOW = datetime.now(UTC)


class Elsewhere:
    """Another server, which would take whatever it is given."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []

    async def __aenter__(self) -> Self:
        async def take(request):
            self.got.append((request.method, request.path))
            return web.json_response({"access_token": "stolen", "expires_in": 300})

        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


@pytest.fixture
async def elsewhere():
    async with Elsewhere() as other:
        yield other


@pytest.fixture(params=["same host", "other host", "other name"])
def place(request, elsewhere):
    """Makes the addresses that answers point to."""
    starts = {
        "same host": "/elsewhere",
        "other host": f"http://127.0.0.1:{elsewhere.port}",
        "other name": f"http://localhost:{elsewhere.port}",
    }
    return starts[request.param]


def _send_away(
    cloud: Any, status: int, place: str, path: str = ""
) -> list[tuple[str, str]]:
    """Let a cloud redirect requests for paths like this; returned are those it gets."""
    got: list[tuple[str, str]] = []
    answer: Callable[..., Awaitable[web.StreamResponse]] = cloud._answer

    async def send_away(request: web.Request, handler: Any) -> web.StreamResponse:
        got.append((request.method, request.path))
        if request.path.startswith("/elsewhere") or not re.search(path, request.path):
            return await answer(request, handler)
        to = f"{place}{request.path_qs}"
        return web.Response(status=status, headers={"Location": to})

    cloud._answer = send_away
    return got


async def _enter(feed) -> None:
    async with feed():
        pass


class Kind(NamedTuple):
    """One kind of request: at which cloud, the path that is redirected, and what asks."""

    cloud: str
    name: str
    path: str
    act: Callable[[Any, Callable[[str], str]], Awaitable[Any]]


def _query(device: str, key: str | None = None, period: int | None = None):
    return HistoryQuery(
        device_id=device,
        key=key,
        start=NOW - timedelta(hours=3),
        end=NOW,
        period=period,
        aggregation="avg" if period else None,
    )


def _key(at, device: str, name: str) -> Ref:
    """The point of a listed device with this name."""
    points = at.data[device].points.values()
    return Ref(device, next(point.key for point in points if point.name == name))


KINDS = [
    Kind("arduino", "things", "/v2/things$", lambda at, _: at.cloud.snapshot()),
    Kind(
        "arduino",
        "a value",
        "/publish$",
        lambda at, id_of: at.cloud.execute(
            SetPoint(ref=_key(at, id_of(GREENHOUSE), "Pump"), value=True)
        ),
    ),
    Kind(
        "arduino",
        "history",
        "/series/",
        lambda at, id_of: at.cloud.history.query(
            _query(id_of(GREENHOUSE), _key(at, id_of(GREENHOUSE), "Temperature").key)
        ),
    ),
    Kind(
        "arduino",
        "averages",
        "/series/",
        lambda at, id_of: at.cloud.history.query(
            _query(
                id_of(GREENHOUSE), _key(at, id_of(GREENHOUSE), "Temperature").key, 300
            )
        ),
    ),
    Kind(
        "arduino",
        "websocket",
        "/mqtt",
        lambda at, _: _enter(at.cloud.feeds()["values"]),
    ),
    Kind("particle", "devices", "/v1/devices$", lambda at, _: at.cloud.snapshot()),
    Kind(
        "particle",
        "a function",
        "/setNote$",
        lambda at, id_of: at.cloud.execute(
            Call(device_id=id_of(WORKSHOP), function="setNote", argument="x")
        ),
    ),
    Kind(
        "particle",
        "a variable",
        "/dust$",
        lambda at, id_of: read_all(
            at.cloud.reader, [Ref(id_of(WORKSHOP), "variable/dust")], asked=True
        ),
    ),
    Kind(
        "particle",
        "an event",
        "/events$",
        lambda at, _: at.cloud.execute(Publish(name="home/note", data="x")),
    ),
    Kind(
        "particle",
        "a ping",
        "/ping$",
        lambda at, id_of: at.cloud.execute(
            Press(ref=Ref(id_of(WORKSHOP), "action/ping"))
        ),
    ),
    Kind(
        "particle",
        "stream",
        "/events$",
        lambda at, _: _enter(at.cloud.feeds()["events"]),
    ),
    Kind("iottly", "devices", "/devices/props$", lambda at, _: at.cloud.snapshot()),
    Kind("iottly", "messages", "/messages", lambda at, _: at.cloud.snapshot()),
    Kind(
        "iottly",
        "a command",
        "/command$",
        lambda at, id_of: at.cloud.execute(Send(device_id=id_of(CELLAR), type="beep")),
    ),
    Kind(
        "iottly",
        "a name",
        "/props$",
        lambda at, id_of: at.cloud.execute(Rename(device_id=id_of(CELLAR), name="x")),
    ),
    Kind(
        "iottly",
        "history",
        "/messages",
        lambda at, id_of: at.cloud.history.query(_query(id_of(CELLAR))),
    ),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.cloud}: {kind.name}")
async def test_no_request_goes_where_an_answer_points(
    hass, house, elsewhere, place, kind
):
    entry = await house.connect(kind.cloud)
    cloud = house.clouds[kind.cloud]
    answer = cloud._answer
    for status in STATUSES:
        cloud._answer = answer
        got = _send_away(cloud, status, place, kind.path)
        outcome: Any = None
        try:
            async with asyncio.timeout(10):
                outcome = await kind.act(
                    entry.runtime_data.coordinator, lambda name: house.board(name).id
                )
        except CloudError as err:
            outcome = err
        # A device without messages is no failure of the listing.
        assert isinstance(outcome, CloudError) or kind.name == "messages"
        asked = [each for each in got if re.search(kind.path, each[1])]
        assert asked
        # What changes something is sent once, and what it says nowhere else.
        assert asked[0][0] == "GET" or len(asked) == 1
        assert [path for _, path in got if path.startswith("/elsewhere")] == []
    assert elsewhere.got == []


FORMS = {
    "arduino": (STEPS["arduino"], "/clients/token$"),
    "particle": (STEPS["particle"], "/v1/"),
    "iottly": (STEPS["iottly"], "/project/"),
}


async def _sign_in(hass, steps, filled):
    shown = await choose(hass, *steps)
    return await hass.config_entries.flow.async_configure(shown["flow_id"], filled)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", CLOUDS)
async def test_no_sign_in_goes_where_an_answer_points(
    hass, house, elsewhere, place, status, name
):
    cloud = house.clouds[name] = await CLOUDS[name](house.world).start()
    steps, path = FORMS[name]
    got = _send_away(cloud, status, place, path)
    done = await _sign_in(hass, steps, form(cloud))
    assert done["type"] is FlowResultType.FORM
    assert done["errors"] == {"base": "cannot_connect"}
    assert [path for _, path in got if path.startswith("/elsewhere")] == []
    assert elsewhere.got == []


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("step", ["password", "code"])
async def test_no_password_and_no_code_goes_where_an_answer_points(
    hass, house, elsewhere, place, status, step
):
    otp = "123456" if step == "code" else None
    cloud = await CLOUDS["particle"](house.world, otp=otp).start()
    house.clouds["particle"] = cloud
    filled = {
        "username": cloud.options.username,
        "password": cloud.options.password,
        "advanced": {"base_url": cloud.url},
    }
    steps = ("particle", "particle_password")
    if step == "password":
        got = _send_away(cloud, status, place, "/oauth/token")
        done = await _sign_in(hass, steps, filled)
    else:
        shown = await _sign_in(hass, steps, filled)
        assert shown["step_id"] == "challenge"
        got = _send_away(cloud, status, place, "/oauth/token")
        done = await hass.config_entries.flow.async_configure(
            shown["flow_id"], {"otp": otp}
        )
    assert done["type"] is FlowResultType.FORM
    assert got == [("POST", "/oauth/token")]
    assert elsewhere.got == []


@pytest.mark.parametrize("status", STATUSES)
async def test_a_key_is_not_exchanged_where_an_answer_points(
    hass, house, elsewhere, place, status
):
    entry = await house.connect("arduino")
    coordinator = entry.runtime_data.coordinator
    access = coordinator.cloud._client.access
    access.invalidate(access.current)
    got = _send_away(house.clouds["arduino"], status, place, "/clients/token$")
    with pytest.raises(CloudError):
        await coordinator.cloud.snapshot()
    assert [each for each in got if each[0] == "POST"] == [
        ("POST", "/iot/v1/clients/token")
    ]
    assert elsewhere.got == []
