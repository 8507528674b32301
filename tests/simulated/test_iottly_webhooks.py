"""The webhook sender of the simulated iottly, received on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
import pytest

from simulated_clouds.boards.iottly import boards
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import IottlyVariant
from simulated_clouds.world import World

from .iottly_rig import CELLAR, PROJECT, Rig, rig

SECRET = {"X-Iottly-Secret": "hush"}


@dataclass(slots=True, kw_only=True)
class Receiver:
    """What arrived, and what is answered."""

    url: str = ""
    status: int = 200
    bodies: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    headers: list[dict[str, str]] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> Any:
        return json.loads(await asyncio.wait_for(self.bodies.get(), 5))

    async def take(self, request: web.Request) -> web.Response:
        self.called.set()
        body = await request.read()
        self.headers.append(dict(request.headers))
        self.bodies.put_nowait(body)
        return web.Response(status=self.status)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Listen on a free port."""
    found = Receiver()
    app = web.Application()
    app.router.add_post("/hook", found.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield found
    finally:
        await runner.cleanup()


async def sent(it: Rig, count: int = 1) -> list[Any]:
    """Wait until the sender has noted this many attempts."""
    async with asyncio.timeout(5):
        while True:
            found = [entry for entry in it.cloud.log if entry.channel == "webhook"]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.005)


async def test_a_user_message_is_posted_with_the_custom_headers() -> None:
    async with receiver() as hook, rig() as it:
        it.cloud.add_webhook(hook.url, headers=SECRET)
        it.cloud.message(it.cellar, {"n": 1})
        assert await hook.next() == {
            "msg": {
                "from": CELLAR,
                "to": PROJECT,
                "timestamp": "2017-09-20T00:33:27.230456+00:00",
                "devicetimestamp": "2017-09-20T00:33:27+00:00",
                "type": "userdefined",
                "payload": {"n": 1},
            }
        }
        assert hook.headers[0]["X-Iottly-Secret"] == "hush"
        assert hook.headers[0]["Content-Type"] == "application/json"
        (entry,) = await sent(it)
        assert (entry.path, entry.status) == (hook.url, 200)
        (stored,) = (await it.history(numMessages=1)).json["messages"]
        assert stored["timestamp"] == {"$date": "2017-09-20T00:33:27.230Z"}


@pytest.mark.parametrize(
    ("switches", "stamp"),
    [
        ({"page_zone": "Europe/Rome"}, "2017-09-20T02:33:27.230456+02:00"),
        ({"webhook_dates": "naive"}, "2017-09-20T00:33:27.230"),
        ({"webhook_dates": "mongo"}, {"$date": "2017-09-20T00:33:27.230Z"}),
    ],
)
async def test_dates_of_webhooks_have_other_forms(
    switches: dict[str, str], stamp: Any
) -> None:
    async with receiver() as hook, rig(IottlyVariant().switched(**switches)) as it:
        it.cloud.add_webhook(hook.url)
        it.cloud.message(it.cellar, {"n": 1})
        assert (await hook.next())["msg"]["timestamp"] == stamp


async def test_a_form_carries_the_message_as_json_text() -> None:
    async with receiver() as hook, rig() as it:
        it.cloud.add_webhook(hook.url, body="form")
        it.cloud.message(it.cellar, {"n": "1 & 2"})
        fields = parse_qs((await asyncio.wait_for(hook.bodies.get(), 5)).decode())
        assert list(fields) == ["msg"]
        assert json.loads(fields["msg"][0])["payload"] == {"n": "1 & 2"}
        assert hook.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"


async def test_json_may_come_without_a_content_type() -> None:
    async with receiver() as hook, rig() as it:
        it.cloud.add_webhook(hook.url, body="untyped")
        it.cloud.message(it.cellar, {"n": 1})
        assert (await hook.next())["msg"]["payload"] == {"n": 1}
        assert "Content-Type" not in hook.headers[0]


async def test_only_the_payload_names_no_device() -> None:
    async with receiver() as hook, rig() as it:
        it.cloud.add_webhook(hook.url, only_payload=True)
        it.cloud.message(it.cellar, {"n": 1})
        assert await hook.next() == {"n": 1}


async def test_a_webhook_gets_one_type_of_messages() -> None:
    async with receiver() as user, receiver() as agent, rig() as it:
        it.cloud.add_webhook(user.url, type="user")
        it.cloud.add_webhook(agent.url, type="iottly")
        it.cloud.disconnect(it.cellar)
        it.cloud.connect(it.cellar)
        it.cloud.message(it.cellar, {"n": 1})
        assert (await agent.next())["msg"]["payload"] == {
            "connectionstatus": "disconnected"
        }
        assert (await agent.next())["msg"]["payload"] == {
            "connectionstatus": "connected"
        }
        assert (await user.next())["msg"]["payload"] == {"n": 1}
        await sent(it, 3)
        assert user.bodies.empty()
        assert agent.bodies.empty()


async def test_a_webhook_from_before_the_start_hears_the_boards_start() -> None:
    async with receiver() as hook:
        cloud = IottlyCloud(World(boards()[:1]))
        cloud.add_webhook(hook.url, type="iottly")
        async with cloud:
            assert (await hook.next())["msg"]["payload"] == {
                "connectionstatus": "connected"
            }


async def test_a_channel_chooses_messages() -> None:
    async with receiver() as alarms, receiver() as every, rig() as it:
        it.cloud.add_webhook(alarms.url, channel="alarms")
        it.cloud.add_webhook(every.url, channel="*")
        it.cloud.message(it.cellar, {"n": 1})
        it.cloud.message(it.cellar, {"n": 2}, channel="alarms")
        assert (await every.next())["msg"]["payload"] == {"n": 1}
        assert (await alarms.next())["msg"]["payload"] == {"n": 2}


async def test_a_refused_webhook_is_not_repeated() -> None:
    async with receiver() as hook, rig() as it:
        hook.status = 500
        it.cloud.add_webhook(hook.url)
        it.cloud.message(it.cellar, {"n": 1})
        it.cloud.message(it.cellar, {"n": 2})
        assert [entry.status for entry in await sent(it, 2)] == [500, 500]
        assert (await hook.next())["msg"]["payload"] == {"n": 1}
        assert (await hook.next())["msg"]["payload"] == {"n": 2}
        assert hook.bodies.empty()


async def test_a_receiver_that_is_not_there_costs_nothing_else() -> None:
    async with rig() as it:
        it.cloud.add_webhook("http://127.0.0.1:1/hook")
        it.cloud.message(it.cellar, {"n": 1})
        assert [entry.status for entry in await sent(it)] == [None]
        assert (await it.history(numMessages=1)).payloads == [{"n": 1}]


async def test_a_project_has_five_webhooks_of_five_headers() -> None:
    async with rig() as it:
        for _ in range(5):
            it.cloud.add_webhook("http://127.0.0.1:1/hook")
        with pytest.raises(ValueError):
            it.cloud.add_webhook("http://127.0.0.1:1/hook")
        it.cloud.clear_webhooks()
        with pytest.raises(ValueError):
            it.cloud.add_webhook(
                "http://127.0.0.1:1/hook", headers={f"X-{n}": "1" for n in range(6)}
            )
        assert it.cloud.webhooks == ()


@pytest.mark.parametrize(
    "settings", [{"type": "all"}, {"body": "xml"}, {"url": "ftp://127.0.0.1/"}]
)
async def test_a_webhook_that_the_panel_does_not_have_is_refused(
    settings: dict[str, str],
) -> None:
    async with rig() as it:
        with pytest.raises(ValueError):
            it.cloud.add_webhook(**{"url": "http://127.0.0.1:1/", **settings})


async def test_faults_double_and_reorder_webhooks() -> None:
    async with receiver() as hook, rig() as it:
        it.cloud.add_webhook(hook.url)
        it.cloud.faults.add("duplicate", path="WEBHOOK /hook", count=1)
        it.cloud.message(it.cellar, {"n": 1})
        assert [(await hook.next())["msg"]["payload"]["n"] for _ in range(2)] == [1, 1]
        it.cloud.faults.add("reorder", path="WEBHOOK /hook", count=1)
        it.cloud.message(it.cellar, {"n": 2})
        it.cloud.message(it.cellar, {"n": 3})
        assert [(await hook.next())["msg"]["payload"]["n"] for _ in range(2)] == [3, 2]


async def test_faults_lose_break_and_delay_webhooks() -> None:
    async with receiver() as hook, rig() as it:
        it.cloud.add_webhook(hook.url)
        it.cloud.faults.add("drop", path="WEBHOOK", count=1)
        it.cloud.message(it.cellar, {"n": 1})
        it.cloud.message(it.cellar, {"n": 2})
        assert (await hook.next())["msg"]["payload"] == {"n": 2}
        it.cloud.faults.add("garbage", path="WEBHOOK", count=1)
        it.cloud.message(it.cellar, {"n": 3})
        with pytest.raises(ValueError):
            await hook.next()
        it.cloud.faults.add("slow", path="WEBHOOK", count=1, seconds=0.05)
        it.cloud.message(it.cellar, {"n": 4})
        assert hook.bodies.empty()
        assert (await hook.next())["msg"]["payload"] == {"n": 4}


@pytest.mark.expects_errors("Error handling request", always=False)
async def test_a_stalled_webhook_gives_up_at_its_time_limit() -> None:
    async with receiver() as hook, rig(webhook_timeout=0.1) as it:
        it.cloud.add_webhook(hook.url)
        it.cloud.faults.add("stall", path="WEBHOOK", count=1)
        it.cloud.message(it.cellar, {"n": 1})
        assert [entry.status for entry in await sent(it)] == [None]
        it.cloud.message(it.cellar, {"n": 2})
        assert (await hook.next())["msg"]["payload"] == {"n": 2}
        assert hook.bodies.empty()


@pytest.mark.expects_errors("Error handling request", always=False)
async def test_a_cloud_that_stops_leaves_nothing_of_a_stalled_webhook() -> None:
    async with receiver() as hook:
        async with rig() as it:
            it.cloud.add_webhook(hook.url)
            it.cloud.faults.add("stall", path="WEBHOOK")
            it.cloud.message(it.cellar, {"n": 1})
            await asyncio.wait_for(hook.called.wait(), 5)
        assert not [task for task in asyncio.all_tasks() if "Webhook" in repr(task)]
        assert hook.bodies.empty()


async def test_webhooks_are_configured_over_http_too() -> None:
    async with receiver() as hook, rig() as it:
        control = f"{it.cloud.url}/_control/webhooks"
        body = {"url": hook.url, "headers": SECRET, "type": "user"}
        async with it.session.post(control, json=body) as response:
            assert response.status == 201
        async with it.session.get(control) as response:
            assert [each["url"] for each in await response.json()] == [hook.url]
        it.cloud.message(it.cellar, {"n": 1})
        assert (await hook.next())["msg"]["payload"] == {"n": 1}
        async with it.session.delete(control) as response:
            assert response.status == 200
        assert it.cloud.webhooks == ()
