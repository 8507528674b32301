"""What goes wrong on purpose, by REST and by push."""

import aiohttp
import pytest

from simulated_clouds.arduino import USER_ID
from simulated_clouds.boards.arduino import boards

from .arduino_rig import account, connect, session_of, subscribe, values, wire

GREENHOUSE = boards()[0]
TOPIC = values(GREENHOUSE)
FIRST = bytes.fromhex("9fa200646d6f6465036131ff")
SECOND = bytes.fromhex("9fa200646d6f6465036132ff")
THIRD = bytes.fromhex("9fa200646d6f6465036133ff")


def say(user, *modes):
    for mode in modes:
        user.cloud.world.set(user.cloud.world.named("Greenhouse"), mode=mode)


async def payloads(line, count):
    return [(await line.message())[1] for _ in range(count)]


@pytest.mark.parametrize(
    ("kind", "options", "status", "kind_of_body"),
    [
        ("unauthorized", {}, 401, "application/vnd.goa.error+json"),
        ("expired_token", {}, 401, "application/vnd.goa.error+json"),
        ("rate_limit", {}, 429, "text/plain"),
        ("rate_limit", {"retry_after": 7}, 429, "text/plain"),
        ("server_error", {"status": 503}, 503, "application/vnd.goa.error+json"),
        ("garbage", {}, 200, "text/plain"),
        ("slow", {"seconds": 0.05}, 200, "application/vnd.arduino.thing+json"),
    ],
)
async def test_a_fault_by_http_is_answered_in_the_vendors_form(
    kind, options, status, kind_of_body
):
    async with account() as user:
        fault = {"kind": kind, "path": "GET /iot/v2/things", "count": 1} | options
        await user.session.post(f"{user.cloud.url}/_control/faults", json=fault)
        answer = await user.ask("GET", "/iot/v2/things")
        assert (answer.status, answer.content_type) == (status, kind_of_body)
        assert answer.headers.get("Retry-After") == (
            "7" if "retry_after" in options else None
        )
        assert (await user.ask("GET", "/iot/v2/things")).status == 200


async def test_a_dropped_request_is_cut():
    async with account() as user:
        # Without a count: aiohttp asks once more by itself.
        user.cloud.faults.add("drop", path="GET /iot/v2/things")
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await user.ask("GET", "/iot/v2/things")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("unauthorized", 5),
        ("expired_token", 5),
        ("rate_limit", 3),
        ("server_error", 3),
    ],
)
async def test_a_connect_can_be_refused(kind, code):
    async with account() as user, wire(user.cloud) as line:
        user.cloud.faults.add(kind, path="MQTT CONNECT", count=1)
        token = user.headers["Authorization"].removeprefix("Bearer ")
        await line.send(connect(USER_ID, token))
        assert await line.packet() == (0x20, bytes([0, code]))
        assert await line.packet() is None


async def test_a_connect_can_be_left_without_an_answer():
    async with account(connect_timeout=0.05) as user, wire(user.cloud) as line:
        user.cloud.faults.add("stall", path="MQTT CONNECT", count=1)
        token = user.headers["Authorization"].removeprefix("Bearer ")
        await line.send(connect(USER_ID, token))
        assert await line.dead()


@pytest.mark.parametrize("kind", ["drop", "garbage", "slow"])
async def test_a_connect_can_be_cut_answered_wrongly_or_late(kind):
    async with account() as user, wire(user.cloud) as line:
        user.cloud.faults.add(kind, path="MQTT CONNECT", count=1, seconds=0.05)
        token = user.headers["Authorization"].removeprefix("Bearer ")
        await line.send(connect(USER_ID, token))
        expected = {
            "drop": None,
            "garbage": (0xF7, b"\x00\xff\x00"),
            "slow": (0x20, b"\x00\x00"),
        }
        assert await line.packet() == expected[kind]


async def test_a_subscription_can_be_refused_or_left_without_an_answer():
    async with account() as user:
        user.cloud.faults.add("unauthorized", path="MQTT SUBSCRIBE", count=1)
        async with session_of(user) as line:
            await line.send(subscribe(TOPIC))
            assert await line.packet() == (0x90, b"\x00\x01\x80")
            await line.send(subscribe(TOPIC))
            assert await line.packet() == (0x90, b"\x00\x01\x01")
            user.cloud.faults.add("stall", path=f"MQTT SUBSCRIBE {TOPIC}")
            await line.send(subscribe(TOPIC))
            assert await line.dead()


async def test_a_message_can_be_lost_with_its_connection():
    async with account() as user, session_of(user, TOPIC) as line:
        user.cloud.faults.add("drop", path=f"MQTT PUBLISH {TOPIC}", count=1)
        say(user, "1")
        assert await line.packet() is None


async def test_a_session_can_fall_silent_without_closing():
    async with (
        account() as user,
        session_of(user, TOPIC, keep_alive=1) as line,
    ):
        user.cloud.faults.add("stall", path="MQTT PUBLISH", count=1)
        say(user, "1", "2")
        assert await line.dead(1.8)
        assert not line.socket.closed


async def test_a_message_can_be_undecodable():
    async with account() as user, session_of(user, TOPIC) as line:
        user.cloud.faults.add("garbage", path="MQTT PUBLISH", count=1)
        say(user, "1", "2")
        garbage, good = await payloads(line, 2)
        assert garbage == b"\x83\xa2\x00\xfb\x40"
        assert good == SECOND


async def test_a_message_can_come_twice():
    async with account() as user, session_of(user, TOPIC) as line:
        user.cloud.faults.add("duplicate", path="MQTT PUBLISH", count=1)
        say(user, "1", "2")
        assert await payloads(line, 3) == [FIRST, FIRST, SECOND]


async def test_a_message_can_come_after_the_next():
    async with account() as user, session_of(user, TOPIC) as line:
        user.cloud.faults.add("reorder", path="MQTT PUBLISH", count=1)
        say(user, "1", "2", "3")
        assert await payloads(line, 3) == [SECOND, FIRST, THIRD]


async def test_while_reordering_lasts_messages_swap_places_in_pairs():
    async with account() as user, session_of(user, TOPIC) as line:
        user.cloud.faults.add("reorder", path="MQTT PUBLISH")
        say(user, "1", "2")
        assert await payloads(line, 2) == [SECOND, FIRST]


async def test_a_late_message_keeps_its_place():
    async with account() as user, session_of(user, TOPIC) as line:
        user.cloud.faults.add("slow", path="MQTT PUBLISH", count=1, seconds=0.1)
        say(user, "1", "2")
        assert await payloads(line, 2) == [FIRST, SECOND]


@pytest.mark.parametrize("kind", ["expired_token", "server_error", "rate_limit"])
async def test_a_running_session_can_be_ended(kind):
    async with account() as user, session_of(user, TOPIC) as line:
        user.cloud.faults.add(kind, path="MQTT PUBLISH", count=1)
        say(user, "1")
        assert await line.packet() is None


async def test_pings_can_go_unanswered():
    async with account() as user, session_of(user, TOPIC) as line:
        user.cloud.faults.add("stall", path="MQTT PINGREQ", count=1)
        assert await line.dead()


@pytest.mark.parametrize("what", ["abort", "expire"])
async def test_running_sessions_can_be_ended_over_http(what):
    async with account() as user, session_of(user, TOPIC) as line:
        await user.session.post(f"{user.cloud.url}/_control/mqtt/{what}")
        assert await line.packet() is None
        answer = await user.ask("GET", "/iot/v2/things")
        assert answer.status == (401 if what == "expire" else 200)


async def test_running_sessions_can_be_stalled_and_listed_over_http():
    async with account() as user, session_of(user, TOPIC) as line:
        control = f"{user.cloud.url}/_control/mqtt"
        listed = await (await user.session.get(control)).json()
        assert listed == [
            {"listener": "MQTT", "client_id": "tester", "subscriptions": {TOPIC: 1}}
        ]
        await user.session.post(f"{control}/stall")
        say(user, "1")
        assert await line.dead()
        assert (await user.session.post(f"{control}/nonsense")).status == 400


async def test_a_stalled_client_can_connect_anew():
    async with account() as user, session_of(user, TOPIC):
        user.cloud.stall_sessions()
        async with session_of(user, TOPIC, client_id="again") as line:
            say(user, "1")
            assert await payloads(line, 1) == [FIRST]


async def test_the_handshake_itself_can_fail():
    async with account() as user:
        user.cloud.faults.add("server_error", path="GET /mqtt", status=502, count=1)
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with wire(user.cloud):
                pass
        assert caught.value.status == 502


async def test_a_client_that_reads_nothing_does_not_hold_up_the_others():
    async with (
        account() as user,
        session_of(user, TOPIC, client_id="lazy"),
        session_of(user, TOPIC, client_id="keen") as line,
    ):
        say(user, *"123")
        assert await payloads(line, 3) == [FIRST, SECOND, THIRD]
