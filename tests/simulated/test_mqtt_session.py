"""The broker, byte by byte: what it grants, what it refuses, and when it ends."""

import asyncio

from aiohttp import WSMsgType
import pytest

from simulated_clouds.arduino import USER_ID
from simulated_clouds.boards.arduino import boards

from .arduino_rig import (
    STRANGER,
    account,
    connect,
    foreign_board,
    household,
    packet,
    publish,
    session_of,
    subscribe,
    text,
    values,
    wire,
)
from .test_mqtt_codec import BAD

GREENHOUSE, GARAGE, *_ = boards()
DEVICE = GREENHOUSE.facts["device"]["id"]
CONNACK, SUBACK, UNSUBACK, PUBACK, PINGRESP = 0x20, 0x90, 0xB0, 0x40, 0xD0
ACCEPTED = (CONNACK, b"\x00\x00")


def token_of(user):
    return user.headers["Authorization"].removeprefix("Bearer ")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": None, "password": None}, 4),
        ({"password": None}, 4),
        ({"username": ""}, 4),
        ({"password": ""}, 4),
        ({"username": STRANGER}, 5),
        ({"username": "Greenhouse"}, 5),
        ({"password": "nonsense"}, 5),
        ({"password": "a.b.c"}, 5),
        ({"client_id": "", "clean": False}, 2),
        ({"level": 3}, 1),
        ({"level": 5}, 1),
        ({}, 0),
        ({"client_id": ""}, 0),
        ({"clean": False}, 0),
    ],
)
async def test_a_connection_is_answered_by_who_asks(change, code):
    async with account() as user, wire(user.cloud) as line:
        asked = {"username": USER_ID, "password": token_of(user)} | change
        await line.send(connect(**asked))
        assert await line.packet() == (CONNACK, bytes([0, code]))
        if code:
            assert await line.packet() is None


async def test_a_token_that_is_expired_is_not_authorized():
    async with account() as user, wire(user.cloud) as line:
        user.cloud.expire_tokens()
        await line.send(connect(USER_ID, token_of(user)))
        assert await line.packet() == (CONNACK, b"\x00\x05")


@pytest.mark.parametrize("protocols", [(), ("mqttv3.1",), ("graphql-ws", "xmqtt")])
async def test_the_websocket_must_offer_the_subprotocol(protocols):
    async with account() as user:
        headers = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        if protocols:
            headers["Sec-WebSocket-Protocol"] = ", ".join(protocols)
        answer = await user.session.get(f"{user.cloud.url}/mqtt", headers=headers)
        assert answer.status == 400


async def test_a_plain_request_to_the_broker_is_refused():
    async with account() as user:
        url = f"{user.cloud.url}/mqtt"
        headers = {"Sec-WebSocket-Protocol": "mqtt"}
        assert (await user.session.get(url, headers=headers)).status == 400


async def test_the_subprotocol_is_confirmed():
    async with account() as user, wire(user.cloud) as line:
        assert line.socket.protocol == "mqtt"


async def test_a_text_frame_ends_the_connection():
    async with account() as user, session_of(user) as line:
        await line.socket.send_str("hello")
        assert await line.packet() is None


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
async def test_a_malformed_packet_ends_the_session(data):
    async with account() as user, session_of(user) as line:
        await line.send(data)
        assert await line.packet() is None


async def test_packets_may_be_split_and_joined_over_frames():
    async with account() as user, wire(user.cloud) as line:
        data = connect(USER_ID, token_of(user)) + subscribe(values(GREENHOUSE))
        for index in range(len(data)):
            await line.send(data[index : index + 1])
        assert await line.packet() == ACCEPTED
        assert await line.packet() == (SUBACK, b"\x00\x01\x01")
        await line.send(b"")
        await line.send(packet(0xC0) * 3)
        assert [await line.packet() for _ in range(3)] == [(PINGRESP, b"")] * 3


@pytest.mark.parametrize(
    "first", [packet(0xC0), subscribe(values(GREENHOUSE)), publish("/a", b"")]
)
async def test_the_first_packet_must_be_connect(first):
    async with account() as user, wire(user.cloud) as line:
        await line.send(first)
        assert await line.packet() is None


async def test_a_second_connect_ends_the_session():
    async with account() as user, session_of(user) as line:
        await line.send(connect(USER_ID, token_of(user)))
        assert await line.packet() is None


async def test_a_client_that_never_connects_is_dropped():
    async with account(connect_timeout=0.05) as user, wire(user.cloud) as line:
        assert await line.packet() is None


async def test_a_client_that_is_silent_for_one_and_a_half_keep_alives_is_dropped():
    async with account() as user, session_of(user, keep_alive=1) as line:
        start = asyncio.get_running_loop().time()
        await asyncio.sleep(0.7)
        await line.send(packet(0xC0))
        assert await line.packet() == (PINGRESP, b"")
        assert await line.packet() is None
        assert asyncio.get_running_loop().time() - start >= 2.2
        (gone,) = [one for one in user.cloud.log if one.method == "DISCONNECT"]
        assert gone.body == "timed out"


async def test_without_a_keep_alive_nobody_counts():
    async with (
        account(connect_timeout=0.1) as user,
        session_of(user, keep_alive=0) as line,
    ):
        await asyncio.sleep(0.3)
        assert await line.quiet()


async def test_disconnect_ends_the_session():
    async with account() as user, session_of(user) as line:
        await line.send(packet(0xE0))
        assert await line.packet() is None


async def test_an_equal_client_id_evicts_the_older_session():
    topic = values(GREENHOUSE)
    async with account() as user, session_of(user, topic) as older:
        async with session_of(user, topic) as newer:
            assert await older.packet() is None
            user.cloud.world.set(user.cloud.world.named("Greenhouse"), mode="off")
            assert (await newer.message())[0] == topic
        (evicted,) = [entry for entry in user.cloud.log if entry.body == "evicted"]
        assert evicted.method == "DISCONNECT"


async def test_different_client_ids_live_side_by_side():
    topic = values(GREENHOUSE)
    async with (
        account() as user,
        session_of(user, topic, client_id="one") as one,
        session_of(user, topic, client_id="two") as two,
    ):
        user.cloud.world.set(user.cloud.world.named("Greenhouse"), mode="off")
        assert await one.message() == await two.message()


REFUSED = [
    "/a/t/+/e/o",
    "/a/t/#",
    "#",
    "+/t/x",
    values(foreign_board()),
    "/a/t/99999999-9999-4999-8999-999999999999/e/o",
    values(GREENHOUSE).upper(),
    values(GREENHOUSE).removeprefix("/"),
    f"{values(GREENHOUSE)}/",
    f"/a/t/{GREENHOUSE.id}/shadow/i",
    f"/a/d/{DEVICE}/e/i",
    f"/a/d/{DEVICE}/c/dw",
    f"/a/d/{GREENHOUSE.id}/s/o",
    f"/a/t/{DEVICE}/e/o",
    "$SYS/broker/version",
]


@pytest.mark.parametrize("topic", REFUSED)
async def test_a_topic_that_is_not_the_users_is_refused(topic):
    stranger = foreign_board(user_id=STRANGER)
    async with account(household(stranger)) as user, session_of(user) as line:
        await line.send(subscribe(topic, values(GARAGE), identifier=515))
        assert await line.packet() == (SUBACK, b"\x02\x03\x80\x01")
        user.cloud.world.set(stranger, mode="off")
        user.cloud.world.set(user.cloud.world.named("Greenhouse"), mode="off")
        assert await line.quiet()


@pytest.mark.parametrize(("asked", "granted"), [(0, 0), (1, 1), (2, 1)])
async def test_a_message_comes_with_the_lower_of_both_qualities(asked, granted):
    async with account() as user, session_of(user) as line:
        python = user.cloud.world.named("Boiler room")
        cpp = user.cloud.world.named("Greenhouse")
        await line.send(subscribe(values(python), values(cpp), qos=asked))
        assert await line.packet() == (SUBACK, bytes([0, 1, granted, granted]))
        user.cloud.world.set(python, burner=False)
        user.cloud.world.set(cpp, mode="off")
        first, second = await line.packet(), await line.packet()
        assert first[0] == 0x30 | granted << 1
        assert second[0] == 0x30


async def test_messages_of_quality_one_have_identifiers_of_their_own():
    topic = values(boards()[2])
    async with account() as user, session_of(user, topic) as line:
        board = user.cloud.world.named("Boiler room")
        seen = []
        for pressure in (1.0, 2.0, 3.0):
            user.cloud.world.set(board, pressure=pressure)
            _, body = await line.packet()
            seen.append(body[2 + len(topic) :][:2])
            await line.send(packet(0x40, seen[-1]))
        assert seen == [b"\x00\x01", b"\x00\x02", b"\x00\x03"]


async def test_nothing_comes_after_unsubscribing():
    topic = values(GREENHOUSE)
    async with account() as user, session_of(user, topic) as line:
        await line.send(packet(0xA2, b"\x00\x09" + text(topic)))
        assert await line.packet() == (UNSUBACK, b"\x00\x09")
        user.cloud.world.set(user.cloud.world.named("Greenhouse"), mode="off")
        assert await line.quiet()


async def test_nothing_is_retained():
    topic = values(GREENHOUSE)
    async with account() as user:
        user.cloud.world.set(user.cloud.world.named("Greenhouse"), mode="off")
        async with session_of(user, topic) as line:
            assert await line.quiet()


async def test_a_published_message_is_acknowledged():
    async with account() as user, session_of(user) as line:
        await line.send(publish(f"/a/t/{GREENHOUSE.id}/e/i", b"\x80", qos=1))
        assert await line.packet() == (PUBACK, b"\x00\x07")


@pytest.mark.parametrize(
    "topic",
    [
        values(GREENHOUSE),
        f"/a/t/{GREENHOUSE.id}/shadow/o",
        f"/a/d/{DEVICE}/c/up",
        "/a/t/aaaaaaaa-0000-4000-8000-00000000000a/e/i",
        "elsewhere",
    ],
)
async def test_publishing_where_one_must_not_ends_the_session(topic):
    stranger = foreign_board(user_id=STRANGER)
    async with account(household(stranger)) as user, session_of(user) as line:
        await line.send(publish(topic, b"\x80", qos=1))
        assert await line.packet() is None


async def test_quality_two_is_not_supported():
    async with account() as user, session_of(user) as line:
        await line.send(publish(f"/a/t/{GREENHOUSE.id}/e/i", b"\x80", qos=2))
        assert await line.packet() is None


async def test_a_session_ends_with_its_token():
    now = 1_700_000_000.0
    async with account(clock=lambda: now) as user:
        now += 299.8
        async with session_of(user, values(GREENHOUSE)) as line:
            assert await line.packet() is None
        (gone,) = [one for one in user.cloud.log if one.method == "DISCONNECT"]
        assert gone.body == "token expired"


async def test_a_broker_may_keep_the_session_beyond_its_token():
    now = 1_700_000_000.0
    async with account(clock=lambda: now, ends_with_token=False) as user:
        now += 299.9
        async with session_of(user) as line:
            await asyncio.sleep(0.3)
            assert await line.quiet()


async def test_the_log_tells_the_course_of_a_session_without_its_token():
    topic = values(GREENHOUSE)
    async with account() as user:
        async with session_of(user, topic, client_id="me") as line:
            await line.send(packet(0xE0))
            assert await line.packet() is None
        said = [entry for entry in user.cloud.log if entry.channel == "mqtt"]
        assert [(one.method, one.path, one.status) for one in said] == [
            ("CONNECT", "me", 0),
            ("SUBSCRIBE", topic, 1),
            ("DISCONNECT", "me", None),
        ]
        assert token_of(user) not in str(said)


async def test_stopping_the_cloud_ends_open_sessions():
    async with account() as user, session_of(user, values(GREENHOUSE)) as line:
        await user.cloud.stop()
        message = await line.socket.receive()
        assert message.type in (WSMsgType.CLOSED, WSMsgType.CLOSE, WSMsgType.ERROR)


async def test_an_idle_websocket_does_not_hold_up_the_stop():
    async with account() as user, wire(user.cloud), asyncio.timeout(1):
        await user.cloud.stop()
