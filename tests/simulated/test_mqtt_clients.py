"""Independent MQTT clients against the broker: paho, aiomqtt and mqtt.js."""

import asyncio
from contextlib import suppress
import json
from pathlib import Path
import shutil
import ssl

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
import pytest

from simulated_clouds.arduino import USER_ID
from simulated_clouds.boards.arduino import boards

from .arduino_rig import SOON, STRANGER, account, foreign_board, household, values

GREENHOUSE, _, BOILER = boards()[:3]
NODE = Path(__file__).parents[1] / "contract" / "node"
PUMP_ON = bytes.fromhex("9fa2006470756d7004f5ff")
FOREIGN = "/a/t/aaaaaaaa-0000-4000-8000-00000000000a/e/o"


def token_of(user):
    return user.headers["Authorization"].removeprefix("Bearer ")


def aio(user, **changes):
    return aiomqtt.Client(
        **{
            "hostname": "127.0.0.1",
            "port": user.cloud.port,
            "transport": "websockets",
            "websocket_path": "/mqtt",
            "identifier": f"{USER_ID}:1",
            "username": USER_ID,
            "password": token_of(user),
            "keepalive": 30,
        }
        | changes
    )


async def test_aiomqtt_hears_what_a_board_says():
    async with account() as user, aio(user) as client, asyncio.timeout(SOON):
        granted = await client.subscribe(values(GREENHOUSE), qos=1)
        assert [code.value for code in granted] == [1]
        user.cloud.world.set(user.cloud.world.named("Greenhouse"), pump=True)
        message = await anext(aiter(client.messages))
        assert (message.topic.value, message.payload, message.retain) == (
            values(GREENHOUSE),
            PUMP_ON,
            False,
        )


async def test_aiomqtt_publishes_with_an_acknowledgement():
    async with account() as user, aio(user) as client, asyncio.timeout(SOON):
        topic = f"/a/t/{BOILER.id}/e/i"
        await client.publish(topic, bytes.fromhex("81a20068736574706f696e74021832"), 1)
        async with aio(user, identifier="other") as other:
            await other.subscribe(topic)
        (sent,) = [
            one
            for one in user.cloud.log
            if one.channel == "mqtt" and one.method == "PUBLISH"
        ]
        assert sent.path == topic


async def test_aiomqtt_sees_a_refused_subscription():
    stranger = foreign_board(user_id=STRANGER)
    async with account(household(stranger)) as user, aio(user) as client:
        granted = await client.subscribe([(values(stranger), 1), (values(BOILER), 1)])
        assert [code.value for code in granted] == [0x80, 1]


@pytest.mark.parametrize("change", [{"username": STRANGER}, {"password": "old"}])
async def test_aiomqtt_sees_a_refused_connection(change):
    async with account() as user:
        with pytest.raises(aiomqtt.MqttCodeError) as caught:
            async with aio(user, **change):
                pass
        # paho's name for return code 5.
        assert caught.value.rc.value == 135


async def test_aiomqtt_sees_the_end_of_its_session():
    async with account() as user, asyncio.timeout(SOON):
        client = aio(user)
        await client.__aenter__()
        await client.subscribe(values(GREENHOUSE))
        user.cloud.expire_tokens()
        with pytest.raises(aiomqtt.MqttError):
            await anext(aiter(client.messages))
        with suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)


class Threaded:
    """paho as it comes, in its own thread."""

    def __init__(self, user):
        self.events = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{USER_ID}:{id(self)}",
            clean_session=True,
            protocol=paho.MQTTv311,
            transport="websockets",
            reconnect_on_failure=False,
        )
        self.client.ws_set_options(path="/mqtt")
        self.client.username_pw_set(USER_ID, token_of(user))
        self.client.on_connect = lambda *a: self._tell("connect", a[3].value)
        self.client.on_subscribe = lambda *a: self._tell(
            "subscribe", [code.value for code in a[3]]
        )
        self.client.on_message = lambda _, __, m: self._tell("message", m.payload)
        self.client.on_disconnect = lambda *a: self._tell("disconnect", None)

    async def next(self):
        async with asyncio.timeout(SOON):
            return await self.events.get()

    def _tell(self, what, detail):
        self._loop.call_soon_threadsafe(self.events.put_nowait, (what, detail))


async def test_paho_connects_subscribes_hears_and_notices_a_cut():
    async with account() as user:
        threaded = Threaded(user)
        client = threaded.client
        await asyncio.to_thread(client.connect, "127.0.0.1", user.cloud.port, 30)
        client.loop_start()
        try:
            assert await threaded.next() == ("connect", 0)
            client.subscribe([(values(GREENHOUSE), 1), ("/a/t/+/e/o", 1)])
            assert await threaded.next() == ("subscribe", [1, 0x80])
            user.cloud.world.set(user.cloud.world.named("Greenhouse"), pump=True)
            assert await threaded.next() == ("message", PUMP_ON)
            user.cloud.abort_sessions()
            assert (await threaded.next())[0] == "disconnect"
        finally:
            await asyncio.to_thread(client.loop_stop)


async def test_paho_with_the_same_client_id_evicts_itself():
    async with account() as user:
        first, second = Threaded(user), Threaded(user)
        second.client._client_id = first.client._client_id
        clients = [first, second]
        try:
            for one in clients:
                await asyncio.to_thread(
                    one.client.connect, "127.0.0.1", user.cloud.port, 30
                )
                one.client.loop_start()
                assert await one.next() == ("connect", 0)
            assert (await first.next())[0] == "disconnect"
        finally:
            for one in clients:
                one.client.disconnect()
                await asyncio.to_thread(one.client.loop_stop)


@pytest.fixture
async def node():
    """Node, with the packages that the lock file names."""
    if (path := shutil.which("node")) is None:
        pytest.fail("Node is not installed")
    if not (NODE / "node_modules" / "mqtt").exists():
        install = await asyncio.create_subprocess_exec(
            "npm", "ci", "--ignore-scripts", cwd=NODE
        )
        assert await install.wait() == 0
    return path


class Script:
    """mqtt.js in a process of its own."""

    def __init__(self, process):
        self.process = process

    @classmethod
    async def start(cls, node, **options):
        return cls(
            await asyncio.create_subprocess_exec(
                node,
                str(NODE / "mqtt_client.mjs"),
                json.dumps(options),
                stdout=asyncio.subprocess.PIPE,
            )
        )

    async def next(self):
        async with asyncio.timeout(15):
            return json.loads(await self.process.stdout.readline())

    async def end(self):
        async with asyncio.timeout(15):
            rest = await self.process.stdout.read()
            await self.process.wait()
        return [json.loads(line) for line in rest.splitlines()]


async def test_mqtt_js_hears_and_publishes(node):
    async with account() as user:
        command = {
            "topic": f"/a/t/{BOILER.id}/e/i",
            "hex": "81a20068736574706f696e74021832",
        }
        script = await Script.start(
            node,
            url=user.cloud.info()["mqtt_url"],
            username=USER_ID,
            password=token_of(user),
            topics=[values(GREENHOUSE), FOREIGN],
            publish=command,
            messages=1,
        )
        said = await script.next()
        assert said == {
            "event": "subscribed",
            "granted": [
                {"topic": values(GREENHOUSE), "qos": 1},
                {"topic": FOREIGN, "qos": 128},
            ],
        }
        user.cloud.world.set(user.cloud.world.named("Greenhouse"), pump=True)
        assert await script.next() == {
            "event": "message",
            "topic": values(GREENHOUSE),
            "hex": PUMP_ON.hex(),
            "qos": 0,
        }
        assert await script.end() == [{"event": "close"}]
        (sent,) = [
            one
            for one in user.cloud.log
            if one.method == "PUBLISH" and one.channel == "mqtt"
        ]
        assert (sent.path, sent.body) == (command["topic"], command["hex"])


async def test_mqtt_js_sees_a_refused_token(node):
    async with account() as user:
        script = await Script.start(
            node,
            url=user.cloud.info()["mqtt_url"],
            username=USER_ID,
            password="old",
            topics=[],
        )
        said = await script.end()
        assert said[0]["event"] == "error"
        assert said[0]["code"] == 5


async def test_aiomqtt_as_a_board_over_tls():
    async with account() as user, asyncio.timeout(SOON):
        device = BOILER.facts["device"]["id"]
        context = ssl.create_default_context(
            cadata=user.cloud.info()["board_certificate"]
        )
        async with aiomqtt.Client(
            "127.0.0.1",
            user.cloud.board_port,
            identifier=device,
            username=device,
            password=BOILER.facts["secret_key"],
            tls_context=context,
        ) as client:
            await client.subscribe(f"/a/d/{device}/e/i", qos=1)
            message = await anext(aiter(client.messages))
            assert BOILER.id.encode() in message.payload
