import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
import gc
import logging
import socket
import ssl
import threading
from typing import Any
from unittest.mock import patch

from aiohttp import web
import aiomqtt
import cbor2
import pytest
from yarl import URL

from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudUnreachable,
    Drop,
    Reading,
    Ref,
    Update,
)
from custom_components.iot_clouds.vendors.arduino import connection, stream
from custom_components.iot_clouds.vendors.arduino.cloud import ArduinoCloud
from custom_components.iot_clouds.vendors.arduino.connection import Connection
from simulated_clouds.tls import self_signed

from .conftest import SECRET, Clock
from .fake import THING, TOPIC, USER, FakeArduino, board, frame, jwt, prop, thing

type MakeCloud = Callable[..., ArduinoCloud]

BROKEN = b"\x30\x01\x00"
"""A message that ends before its topic."""
TEMPERATURE = Ref(THING, "property/33333333-3333-4333-8333-000000000001")


@pytest.fixture(autouse=True)
def _nothing_broke(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A callback that fails is only logged by the loop."""
    yield
    for when in ("setup", "call", "teardown"):
        errors = [r for r in caplog.get_records(when) if r.levelno >= logging.ERROR]
        # A server says this of a client that does not trust it.
        assert not [r for r in errors if "incoming connection" not in r.getMessage()]


def celsius(value: Any) -> bytes:
    return cbor2.dumps([{0: "temperature", 2: value}])


def other(number: int) -> str:
    return f"44444444-4444-4444-8444-{number:012d}"


def values(cloud: ArduinoCloud) -> Any:
    return cloud.feeds()["values"]()


async def following(updates: AsyncIterator[Update]) -> Update:
    async with asyncio.timeout(5):
        return await anext(updates)


@asynccontextmanager
async def clean() -> AsyncIterator[None]:
    """What runs in here leaves no task behind."""
    before = asyncio.all_tasks()
    yield
    # Sessions of the fake end with their sockets.
    async with asyncio.timeout(5):
        while left := asyncio.all_tasks() - before:
            if not any(
                "aiomqtt" in repr(task) or "_follow" in repr(task) for task in left
            ):
                break
            await asyncio.sleep(0)


async def test_a_value_that_a_board_publishes_becomes_an_update(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    async with values(cloud) as updates:
        (session,) = fake.sessions
        assert session.subscriptions == [[(TOPIC, 1)]]
        before = datetime.now(UTC)
        await session.publish(TOPIC, celsius(21.5))
        update = await following(updates)
        assert update.readings.keys() == {TEMPERATURE}
        assert update.readings[TEMPERATURE].value == 21.5
        assert update.sent is None
        assert before <= update.readings[TEMPERATURE].at <= datetime.now(UTC)
        frame = cbor2.dumps([{0: "temperature", 2: 3.0, -3: 1700000000}])
        await session.publish(TOPIC, frame)
        sent = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
        assert await following(updates) == Update(
            readings={TEMPERATURE: Reading(value=3.0, at=sent)}, sent=sent
        )


async def test_a_broker_that_sends_without_end_is_left(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    async with values(cloud) as updates:
        (session,) = fake.sessions
        await session.publish(TOPIC, b"x" * (400 << 10))
        await session.publish(TOPIC, celsius(21.5))
        update = await following(updates)
        assert update.readings[TEMPERATURE].value == 21.5
        sending = asyncio.create_task(session.publish(TOPIC, b"x" * (2 << 20)))
        with pytest.raises(CloudUnreachable):
            await following(updates)
        sending.cancel()
        await asyncio.wait([sending])
    assert cloud.faults.tally.drops[Drop.TOO_LARGE] == 2
    async with values(cloud) as updates:
        await fake.sessions[-1].publish(TOPIC, celsius(22.5))
        assert (await following(updates)).readings[TEMPERATURE].value == 22.5


async def test_a_message_without_end_in_small_frames_is_left_too(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    name = TOPIC.encode()
    packet = frame(0x30, len(name).to_bytes(2) + name + b"x" * (2 << 20))
    async with values(cloud) as updates:
        (session,) = fake.sessions

        async def send() -> None:
            for place in range(0, len(packet), 1 << 14):
                await session.socket.send_bytes(packet[place : place + (1 << 14)])

        sending = asyncio.create_task(send())
        with pytest.raises(CloudUnreachable):
            await following(updates)
        sending.cancel()
        await asyncio.wait([sending])
    assert cloud.faults.tally.drops == {Drop.TOO_LARGE: 1}


async def test_small_messages_in_a_frame_without_end_are_left_too(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    name = TOPIC.encode()
    packet = frame(0x30, len(name).to_bytes(2) + name + b"x" * 1000)
    async with values(cloud) as updates:
        (session,) = fake.sessions
        sending = asyncio.create_task(session.socket.send_bytes(packet * 2000))
        with pytest.raises(CloudUnreachable):
            await following(updates)
        sending.cancel()
        await asyncio.wait([sending])
    assert cloud.faults.tally.drops[Drop.TOO_LARGE] == 1


@pytest.mark.parametrize(
    "answer", [b"\r\n\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc def\r\n\r\n"]
)
async def test_a_handshake_that_is_no_http_is_unreachable(
    make_cloud: MakeCloud, answer: bytes
) -> None:
    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(read, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        cloud = make_cloud(mqtt_url=f"ws://127.0.0.1:{port}/mqtt")
        await cloud.snapshot()
        with pytest.raises(CloudUnreachable):
            async with values(cloud):
                pytest.fail("entered")
        await worker_is_gone()


async def test_the_session_is_opened_as_the_broker_wants_it(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    for _ in range(2):
        async with values(cloud):
            pass
    # Nothing of a session is left that would be told of listings.
    assert cloud._routes._changed == set()
    first, second = fake.sessions
    assert (first.user, first.password) == (USER, jwt(1))
    assert (first.keepalive, first.clean) == (30, True)
    assert first.client_id.startswith(f"{USER}:")
    assert first.client_id != second.client_id
    assert first.socket.ws_protocol == "mqtt"


async def test_leaving_says_farewell_closes_the_socket_and_leaves_nothing(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with clean(), values(cloud):
        (session,) = fake.sessions
    await fake.until(lambda: session.disconnected)
    assert session.farewell


async def test_a_message_of_quality_1_is_acknowledged(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with values(cloud) as updates:
        (session,) = fake.sessions
        await session.publish(TOPIC, celsius(1), qos=1)
        assert (await following(updates)).readings[TEMPERATURE].value == 1.0
        await fake.until(lambda: session.acknowledged == [7])


async def test_200_things_take_four_packets_and_one_session(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.things = [thing(prop(1, "x", "INT"), id=other(n)) for n in range(200)]
    async with values(cloud):
        (session,) = fake.sessions
        assert [len(packet) for packet in session.subscriptions] == [50, 50, 50, 50]
        topics = {topic for packet in session.subscriptions for topic, _ in packet}
        assert topics == {f"/a/t/{other(n)}/e/o" for n in range(200)}


async def test_topics_are_lower_case_whatever_the_listing_says(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.things = [thing(prop(1, "x", "INT"), id="ABCDEF")]
    async with values(cloud) as updates:
        (session,) = fake.sessions
        assert session.subscriptions == [[("/a/t/abcdef/e/o", 1)]]
        await session.publish("/a/t/abcdef/e/o", cbor2.dumps([{0: "x", 2: 1}]))
        assert {ref.device_id for ref in (await following(updates)).readings} == {
            "ABCDEF"
        }


async def test_subscriptions_follow_the_things(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with values(cloud) as updates:
        (session,) = fake.sessions
        fake.things = [thing(prop(5, "x", "INT"), id=other(1))]
        await cloud.snapshot()
        added = f"/a/t/{other(1)}/e/o"
        await fake.until(lambda: session.subscriptions[1:] == [[(added, 1)]])
        assert session.unsubscribed == [TOPIC]
        await session.publish(TOPIC, celsius(1))
        await session.publish(added, cbor2.dumps([{0: "x", 2: 7}]))
        (value,) = (await following(updates)).readings.values()
        assert value.value == 7
        await cloud.snapshot()
        fake.things = []
        await cloud.snapshot()
        await fake.until(lambda: session.unsubscribed == [TOPIC, added])
        assert len(session.subscriptions) == 2


async def test_an_account_without_things_is_listened_to_all_the_same(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.things = []
    async with values(cloud) as updates:
        (session,) = fake.sessions
        assert session.subscriptions == []
        fake.things = [thing(prop(1, "temperature", "FLOAT"))]
        await cloud.snapshot()
        await fake.until(lambda: session.subscriptions == [[(TOPIC, 1)]])
        await session.publish(TOPIC, celsius(5))
        assert (await following(updates)).readings[TEMPERATURE].value == 5.0


async def test_a_refused_thing_is_remembered_and_named_once(
    fake: FakeArduino, cloud: ArduinoCloud, caplog: pytest.LogCaptureFixture
) -> None:
    foreign = f"/a/t/{other(1)}/e/o"
    fake.things += [thing(id=other(1))]
    fake.refuse = {foreign}
    for _ in range(2):
        async with values(cloud):
            assert cloud.refused == {foreign}
    lines = [r for r in caplog.records if foreign in r.getMessage()]
    assert len(lines) == 1
    fake.things.pop()
    await cloud.snapshot()
    assert cloud.refused == frozenset()


async def test_refused_things_without_end_do_not_fill_the_log(
    fake: FakeArduino, cloud: ArduinoCloud, caplog: pytest.LogCaptureFixture
) -> None:
    fake.things += [thing(id=other(number)) for number in range(1, 121)]
    fake.refuse = {f"/a/t/{other(number)}/e/o" for number in range(1, 121)}
    async with values(cloud):
        assert len(cloud.refused) == 120
    [line] = [r.getMessage() for r in caplog.records if "refused" in r.getMessage()]
    assert line.startswith("The broker refused 120 things")
    assert line.count("/a/t/") == 5


async def test_a_feed_that_would_hear_nothing_is_none(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.refuse = {TOPIC}
    async with clean():
        with pytest.raises(CloudUnreachable, match="every subscription"):
            async with values(cloud):
                pytest.fail("entered")
    await fake.until(lambda: fake.sessions[0].disconnected)


async def test_a_broken_session_is_unreachable(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with clean(), values(cloud) as updates:
        await fake.sessions[0].publish(TOPIC, celsius(1))
        await fake.sessions[0].close()
        await following(updates)
        for _ in range(2):
            with pytest.raises(CloudUnreachable, match="closed the session"):
                await following(updates)


async def test_the_end_of_the_token_is_an_ordinary_end(
    fake: FakeArduino, cloud: ArduinoCloud, clock: Clock
) -> None:
    async with values(cloud) as updates:
        clock.now += 296
        await fake.sessions[0].close()
        async with asyncio.timeout(5):
            assert [update async for update in updates] == []
    async with values(cloud):
        assert fake.sessions[1].password == jwt(2)


@pytest.mark.parametrize("code", [4, 5])
async def test_a_token_that_grew_old_unseen_is_replaced_once(
    fake: FakeArduino, cloud: ArduinoCloud, code: int
) -> None:
    await cloud.snapshot()
    fake.connack = [code]
    async with values(cloud):
        assert [session.password for session in fake.sessions] == [jwt(1), jwt(2)]


async def test_refusals_of_new_tokens_are_no_reason_to_ask_for_other_credentials(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    fake.connack = [5] * 5
    async with clean():
        with pytest.raises(CloudUnreachable, match="refused the token"):
            async with values(cloud):
                pytest.fail("entered")
        with pytest.raises(CloudUnreachable, match="refused the token"):
            async with values(cloud):
                pytest.fail("entered")
    used = [session.password for session in fake.sessions]
    assert used == [jwt(1), jwt(2), jwt(3)]


async def test_only_the_token_endpoint_says_that_credentials_are_wrong(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    fake.connack = [5]
    fake.answer("/token", web.Response(status=401))
    with pytest.raises(CloudAuthError):
        async with values(cloud):
            pytest.fail("entered")


async def test_a_broker_that_has_no_room_is_unreachable(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.connack = [3]
    with pytest.raises(CloudUnreachable, match="No session"):
        async with values(cloud):
            pytest.fail("entered")
    assert len(fake.sessions) == 1


async def test_a_token_without_a_user_opens_no_session(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.user = None
    with pytest.raises(CloudUnreachable, match="whose"):
        async with values(cloud):
            pytest.fail("entered")
    assert fake.sessions == []


async def test_a_broker_that_hangs_up_on_connect_is_seen_at_once(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.close_on_connect = True
    async with clean(), asyncio.timeout(5):
        with pytest.raises(CloudUnreachable):
            async with values(cloud):
                pytest.fail("entered")


@pytest.mark.parametrize(
    "address",
    [
        "ws://127.0.0.1:9/mqtt",
        "ws://127.0.0.1:{port}/elsewhere",
        "wss://127.0.0.1:{port}/mqtt",
        "ws://127.0.0.1:{port}/iot/v1/clients/token",
    ],
)
async def test_what_is_no_broker_is_unreachable_and_named_nowhere(
    fake: FakeArduino, make_cloud: MakeCloud, address: str
) -> None:
    cloud = make_cloud(mqtt_url=address.format(port=fake.port))
    async with clean():
        with pytest.raises(CloudUnreachable) as caught:
            async with values(cloud):
                pytest.fail("entered")
    assert "127.0.0.1" not in str(caught.value)


async def worker_is_gone() -> None:
    """Wait until the executor has nothing to do any more."""
    async with asyncio.timeout(2):
        await asyncio.to_thread(lambda: None)
        loop: Any = asyncio.get_running_loop()
        while loop._default_executor._idle_semaphore._value < len(
            [t for t in threading.enumerate() if t.name.startswith("asyncio_")]
        ):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_a_silent_handshake_ends_in_time_and_with_its_worker(
    make_cloud: MakeCloud, scheme: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/mqtt"
        cloud = make_cloud(mqtt_url=address)
        await cloud.snapshot()
        with (
            patch.object(stream, "ENTER_TIMEOUT", 0.1),
            pytest.raises(CloudUnreachable, match="in time"),
        ):
            async with values(cloud):
                pytest.fail("entered")
        await worker_is_gone()


async def test_cancelling_during_the_handshake_leaves_nothing(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.silent = True
    await cloud.snapshot()

    async def listen() -> None:
        async with values(cloud):
            pytest.fail("entered")

    async with clean():
        listening = asyncio.create_task(listen())
        await asyncio.sleep(0.1)
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        await worker_is_gone()


async def test_cancelling_while_waiting_to_be_let_in_leaves_nothing(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.connack = [-1]

    async def listen() -> None:
        async with values(cloud):
            pytest.fail("entered")

    async with clean():
        listening = asyncio.create_task(listen())
        await fake.until(lambda: fake.sessions)
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
    await fake.until(lambda: fake.sessions[0].disconnected)


async def test_a_connection_that_comes_too_late_is_closed_by_its_worker(
    fake: FakeArduino,
) -> None:
    late = Connection(
        URL(fake.mqtt_url),
        tls=ssl.create_default_context(),
        user=USER,
        password="p",
        suffix="s",
    )
    dial, started, go = late._dial, threading.Event(), threading.Event()

    def slow() -> socket.socket:
        started.set()
        go.wait(5)
        return dial()

    late._dial = slow
    entering = asyncio.create_task(late.__aenter__())
    await asyncio.to_thread(started.wait, 5)
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering
    go.set()
    await worker_is_gone()
    assert fake.sessions == []
    assert late._client.socket() is None


async def test_an_address_cannot_add_a_header_to_the_handshake() -> None:
    asked = []

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    async with await asyncio.start_server(read, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        session = Connection(
            URL(f"ws://127.0.0.1:{port}/mqtt%20HTTP/1.1%0D%0AX-Added:%201"),
            tls=ssl.create_default_context(),
            user=USER,
            password="p",
            suffix="s",
        )
        with pytest.raises(aiomqtt.MqttError):
            await session.__aenter__()
    (handshake,) = asked
    first, *headers = handshake.decode().split("\r\n")
    assert first == "GET /mqtt%20HTTP/1.1%0D%0AX-Added:%201 HTTP/1.1"
    assert [each for each in headers if each.startswith("X-Added")] == []


async def test_a_session_that_ends_in_the_moment_of_a_ping_ends_quietly(
    fake: FakeArduino,
) -> None:
    session = Connection(
        URL(fake.mqtt_url),
        tls=ssl.create_default_context(),
        user=USER,
        password="p",
        suffix="s",
    )
    async with clean(), session:
        # The ping waits for its turn to be written, and a read fails before that.
        session._client._send_pingreq()
        session._client._sock_close()
        await asyncio.sleep(0)


async def test_a_handshake_that_ends_after_nobody_waits_any_more_is_closed(
    fake: FakeArduino,
) -> None:
    fake.late.clear()
    late = Connection(
        URL(fake.mqtt_url),
        tls=ssl.create_default_context(),
        user=USER,
        password="p",
        suffix="s",
    )
    async with clean():
        entering = asyncio.create_task(late.__aenter__())
        await fake.until(lambda: fake.handshakes)
        assert late._dialled
        # As if the answer had been on its way already.
        with patch.object(late, "_dialled", None):
            entering.cancel()
            with pytest.raises(asyncio.CancelledError):
                await entering
        fake.late.set()
        async with asyncio.timeout(5):
            while late._connecting:
                await asyncio.sleep(0.01)
        assert late._client.socket() is None


@pytest.mark.expects_errors("Error on transport creation", always=False)
async def test_the_broker_is_spoken_to_through_tls(
    make_cloud: MakeCloud, fake: FakeArduino
) -> None:
    identity = self_signed()
    trusting = ssl.create_default_context(cadata=identity.certificate)
    broker = FakeArduino()
    await broker.start(identity.context)
    try:
        address = broker.mqtt_url.replace("ws:", "wss:")
        cloud = make_cloud(mqtt_url=address, tls=trusting)
        async with clean(), values(cloud) as updates:
            for number in range(3):
                await broker.sessions[0].publish(TOPIC, celsius(number))
            for number in range(3):
                reading = (await following(updates)).readings[TEMPERATURE]
                assert reading.value == number
        await broker.until(lambda: broker.sessions[0].farewell)
        with pytest.raises(CloudUnreachable):
            async with values(make_cloud(mqtt_url=address)):
                pytest.fail("a certificate that nobody vouches for was taken")
    finally:
        await broker.stop()


async def test_a_subscription_without_an_answer_is_unreachable(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.suback = False
    with (
        patch.object(connection, "REQUEST_TIMEOUT", 0.1),
        pytest.raises(CloudUnreachable, match="did not take"),
    ):
        async with values(cloud):
            pytest.fail("entered")


async def test_a_later_subscription_without_an_answer_ends_the_feed(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    with patch.object(connection, "REQUEST_TIMEOUT", 0.1):
        async with values(cloud) as updates:
            fake.suback = False
            fake.things = [*fake.things, thing(id=other(1))]
            await cloud.snapshot()
            with pytest.raises(CloudUnreachable):
                await following(updates)


async def test_garbage_costs_one_count_and_one_line_and_the_feed_goes_on(
    fake: FakeArduino, cloud: ArduinoCloud, caplog: pytest.LogCaptureFixture
) -> None:
    async with values(cloud) as updates:
        (session,) = fake.sessions
        for _ in range(3):
            await session.publish(TOPIC, b"\xffgarbage")
            await session.publish(TOPIC, cbor2.dumps([5]))
            await session.publish(TOPIC, cbor2.dumps([]))
            await session.publish(f"/a/t/{other(9)}/e/o", celsius(3))
        await session.publish(TOPIC, celsius(4))
        assert (await following(updates)).readings[TEMPERATURE].value == 4.0
    assert cloud.faults.counts == {
        "a message that is not CBOR": 3,
        "a record that makes no sense": 3,
    }
    assert cloud.faults.tally.drops == {Drop.UNREADABLE: 6, Drop.UNKNOWN_DEVICE: 3}
    lines = [r for r in caplog.records if "Skipped" in r.getMessage()]
    assert len(lines) == 2


async def test_what_a_pack_has_besides_known_values_is_counted(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with values(cloud) as updates:
        (session,) = fake.sessions
        await session.publish(TOPIC, b"\x80" + bytes(1 << 18))
        await session.publish(TOPIC, cbor2.dumps([{0: "unheard-of", 2: 1}]))
        # What boards publish for themselves is no value that anybody misses.
        await session.publish(TOPIC, cbor2.dumps([{0: "tz_offset", 2: 3600}]))
        await session.publish(TOPIC, cbor2.dumps([{0: "temperature", 3: "warm"}]))
        await session.publish(TOPIC, celsius(4))
        assert (await following(updates)).readings[TEMPERATURE].value == 4.0
    assert cloud.faults.tally.drops == {
        Drop.TOO_LARGE: 1,
        Drop.UNKNOWN_POINT: 1,
        Drop.WRONG_TYPE: 1,
    }


async def test_a_broken_packet_breaks_the_session_and_nothing_else(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with clean(), values(cloud) as updates:
        await fake.sessions[0].socket.send_bytes(b"\x30\x01\x00")
        with pytest.raises(CloudUnreachable):
            await following(updates)


@pytest.mark.parametrize("things", [0, 1])
@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    "instead",
    [
        {0x10: BROKEN * 50},
        {0x10: b"\x20\x02\x00\x00" + BROKEN * 50},
        {0x10: b"\x20\x02\x00\x00\xf0\x00"},
        {0x10: b"\x20\x02\x00\x00", 0x82: BROKEN * 50},
        {0x10: b"\x20\x02\x00\x00", 0x82: b"\xf0\x00"},
    ],
    ids=["connack", "with connack", "type with connack", "suback", "type for suback"],
)
async def test_a_broken_packet_in_place_of_an_answer_ends_the_session_at_once(
    fake: FakeArduino,
    make_cloud: MakeCloud,
    instead: dict[int, bytes],
    tls: bool,
    things: int,
) -> None:
    identity = self_signed()
    broker = FakeArduino()
    broker.instead = instead
    await broker.start(identity.context if tls else None)
    cloud = make_cloud(
        mqtt_url=broker.mqtt_url.replace("ws:", "wss:" if tls else "ws:"),
        tls=ssl.create_default_context(cadata=identity.certificate),
    )
    if not things and 0x82 not in instead:
        fake.things = []
    await cloud.snapshot()
    try:
        async with clean(), asyncio.timeout(5):
            with pytest.raises(CloudUnreachable):
                async with values(cloud) as updates:
                    await following(updates)
    finally:
        await broker.stop()
    gc.collect()
    await asyncio.sleep(0)


async def test_what_a_broker_has_retained_may_be_old_and_is_no_news(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with values(cloud) as updates:
        (session,) = fake.sessions
        await session.publish(TOPIC, celsius(3), qos=1, retained=True)
        await session.publish(TOPIC, celsius(4))
        assert (await following(updates)).readings[TEMPERATURE].value == 4.0
        await fake.until(lambda: session.acknowledged == [7])
        assert cloud.faults.tally.drops == {Drop.OUTDATED: 1}
        # A broker that flags everything so must not silence the board.
        await session.publish(TOPIC, celsius(5), retained=True)
        assert (await following(updates)).readings[TEMPERATURE].value == 5.0


async def test_a_ping_in_the_middle_of_a_long_packet_breaks_nothing(
    fake: FakeArduino, cloud: ArduinoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    receive = Connection._receive_within

    def noticed(self: Connection, size: int) -> bytes:
        try:
            return receive(self, size)
        finally:
            if len(getattr(self._client._sock, "_readbuffer", b"")) == 102:
                begun.set()

    monkeypatch.setattr(Connection, "_receive_within", noticed)
    async with values(cloud) as updates:
        (session,) = fake.sessions
        pack = cbor2.dumps([{0: "temperature", 2: number} for number in range(40)])
        topic = TOPIC.encode()
        packet = frame(0x30, len(topic).to_bytes(2) + topic + pack)
        assert len(packet) > 300
        await session.socket.send_bytes(packet[:150])
        transport = session.socket._req.transport  # type: ignore[union-attr]
        assert transport
        transport.write(b"\x89\x7d" + b"x" * 100)
        async with asyncio.timeout(5):
            await begun.wait()
        transport.write(b"x" * 25)
        await session.socket.send_bytes(packet[150:])
        assert (await following(updates)).readings[TEMPERATURE].value == 39.0


async def test_a_short_frame_of_text_is_passed_over_and_a_long_one_ends_the_session(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with values(cloud) as updates:
        (session,) = fake.sessions
        await session.socket.send_str("x" * 100)
        await session.publish(TOPIC, celsius(4))
        assert (await following(updates)).readings[TEMPERATURE].value == 4.0
        await session.socket.send_str("x" * 1000)
        await session.publish(TOPIC, celsius(5))
        with pytest.raises(CloudUnreachable):
            await following(updates)


async def test_what_the_broker_does_not_mention_is_not_granted(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.things += [thing(id=other(1))]
    fake.instead = {0x82: b"\x90\x03\x00\x01\x01"}
    async with values(cloud):
        assert cloud.refused == {f"/a/t/{other(1)}/e/o"}


async def test_a_topic_that_is_no_text_is_ignored(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with values(cloud) as updates:
        (session,) = fake.sessions
        await session.socket.send_bytes(b"\x30\x05\x00\x02\xff\xffx")
        await session.publish(TOPIC, celsius(4))
        assert (await following(updates)).readings[TEMPERATURE].value == 4.0
    assert cloud.faults.tally.drops == {Drop.UNREADABLE: 1}


async def test_a_board_that_speaks_is_online_again(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.boards = [board(device_status="OFFLINE")]
    assert (await cloud.snapshot()).devices[THING].online is False
    async with values(cloud) as updates:
        (session,) = fake.sessions
        await session.publish(TOPIC, celsius(1))
        assert (await following(updates)).online == {THING: True}
        await session.publish(TOPIC, celsius(2))
        assert (await following(updates)).online == {}
        fake.boards = [board()]
        assert (await cloud.snapshot()).devices[THING].online is True
        assert fake.count("/devices") == 2


async def test_nothing_of_the_session_is_logged(
    fake: FakeArduino, cloud: ArduinoCloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.connack = [5, 5]
    with pytest.raises(CloudUnreachable):
        async with values(cloud):
            pytest.fail("entered")
    async with values(cloud) as updates:
        await fake.sessions[-1].close()
        with pytest.raises(CloudUnreachable):
            await following(updates)
    for secret in (SECRET, USER, *(session.password for session in fake.sessions)):
        assert secret not in caplog.text
    assert not [r for r in caplog.records if r.levelno > logging.INFO]


async def test_updates_are_handed_over_those_that_waited_first(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    shown: list[object] = []
    third = asyncio.Event()

    def show(update: Update) -> None:
        shown.append(update.readings[TEMPERATURE].value)
        if len(shown) == 3:
            third.set()

    async with values(cloud) as updates, asyncio.timeout(5):
        (session,) = fake.sessions
        await session.publish(TOPIC, celsius(1))
        await session.publish(TOPIC, celsius(2))
        while updates._inbox.qsize() < 2:
            await asyncio.sleep(0)
        handing = asyncio.create_task(updates.hand_to(show))
        await session.publish(TOPIC, b"\xff")
        await session.publish(TOPIC, celsius(3))
        await third.wait()
        assert shown == [1.0, 2.0, 3.0]
        assert not handing.done()
        await session.close()
        with pytest.raises(CloudUnreachable):
            await handing


async def test_handing_over_ends_quietly_together_with_the_token(
    fake: FakeArduino, cloud: ArduinoCloud, clock: Clock
) -> None:
    async with values(cloud) as updates, asyncio.timeout(5):
        clock.now += 300
        await fake.sessions[0].close()
        await updates.hand_to(lambda update: None)


async def test_what_goes_wrong_while_handing_over_is_raised_and_ends_it(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    shown: list[Update] = []

    def fail(update: Update) -> None:
        shown.append(update)
        raise ZeroDivisionError

    async with values(cloud) as updates, asyncio.timeout(5):
        (session,) = fake.sessions
        handing = asyncio.create_task(updates.hand_to(fail))
        await session.publish(TOPIC, celsius(1))
        with pytest.raises(ZeroDivisionError):
            await handing
        # The connection itself is as good as before, and nobody is told any more.
        await session.publish(TOPIC, celsius(2))
        while updates._inbox.empty():
            await asyncio.sleep(0)
        assert len(shown) == 1
        assert (await following(updates)).readings[TEMPERATURE].value == 2.0


async def test_a_session_that_has_ended_hands_over_what_came_before(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    shown: list[object] = []
    async with values(cloud) as updates, asyncio.timeout(5):
        (session,) = fake.sessions
        await session.publish(TOPIC, celsius(1))
        await session.close()
        while updates._inbox.qsize() < 2:
            await asyncio.sleep(0)
        with pytest.raises(CloudUnreachable):
            await updates.hand_to(lambda update: shown.extend(update.readings))
    assert shown == [TEMPERATURE]
