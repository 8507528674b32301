"""The listener for boards, and Arduino's own Python client behind it."""

import asyncio
from contextlib import asynccontextmanager
import ssl
import threading

from arduino_iot_cloud import ArduinoCloudClient, Location  # type: ignore[import-untyped]
import cbor2
import pytest

from simulated_clouds import senml
from simulated_clouds.boards.arduino import boards

from .arduino_rig import (
    SOON,
    account,
    connect,
    household,
    packet,
    property_path,
    publish,
    session_of,
    subscribe,
    trusting,
    values,
)

GREENHOUSE, GARAGE, BOILER, *_ = boards()
DEVICE = BOILER.facts["device"]["id"]
SECRET = BOILER.facts["secret_key"]
AT = 1_700_000_000.0


class Line:
    """A board's connection, byte by byte."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def send(self, data):
        self.writer.write(data)

    async def packet(self):
        """The next packet, or None when the cloud closed."""
        async with asyncio.timeout(SOON):
            try:
                first = (await self.reader.readexactly(1))[0]
                length = shift = 0
                while True:
                    digit = (await self.reader.readexactly(1))[0]
                    length |= (digit & 127) << shift
                    shift += 7
                    if digit < 128:
                        return first, await self.reader.readexactly(length)
            except OSError, asyncio.IncompleteReadError:
                return None

    async def message(self):
        first, body = await self.packet()
        assert first == 0x32
        end = 2 + int.from_bytes(body[:2], "big")
        return body[2:end].decode(), body[end + 2 :]


@asynccontextmanager
async def line_to(cloud):
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", cloud.board_port, ssl=trusting(cloud)
    )
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def board_line(cloud, *topics):
    async with line_to(cloud) as line:
        line.send(connect(DEVICE, SECRET, client_id=DEVICE))
        assert await line.packet() == (0x20, b"\x00\x00")
        for topic in topics:
            line.send(subscribe(topic))
            assert await line.packet() == (0x90, b"\x00\x01\x01")
        yield line


@pytest.mark.parametrize(
    ("username", "password", "client_id", "code"),
    [
        (DEVICE, "wrong", DEVICE, 5),
        (DEVICE, GARAGE.facts["secret_key"], DEVICE, 5),
        (BOILER.id, SECRET, DEVICE, 5),
        ("99999999-9999-4999-8999-999999999999", SECRET, DEVICE, 5),
        (DEVICE, SECRET, "something else", 2),
        (DEVICE, None, DEVICE, 4),
        (None, None, DEVICE, 4),
        (DEVICE, SECRET, DEVICE, 0),
    ],
)
async def test_a_board_needs_its_id_and_its_key(username, password, client_id, code):
    async with account() as user, line_to(user.cloud) as line:
        line.send(connect(username, password, client_id=client_id))
        assert await line.packet() == (0x20, bytes([0, code]))
        if code:
            assert await line.packet() is None


async def test_an_applications_token_does_not_open_the_boards_door():
    async with account() as user, line_to(user.cloud) as line:
        token = await user.sign_in()
        line.send(connect(user.cloud.info()["user_id"], token))
        assert await line.packet() == (0x20, b"\x00\x05")


@pytest.mark.expects_errors("Error on transport creation", always=False)
async def test_boards_are_spoken_to_with_tls_only():
    async with account() as user:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", user.cloud.board_port
        )
        writer.write(connect(DEVICE, SECRET, client_id=DEVICE))
        try:
            answer = await reader.read()
        except ConnectionError:
            answer = b""
        writer.close()
        # At most an alert of TLS, never an answer of the broker.
        assert answer[:1] in (b"", b"\x15")


@pytest.mark.expects_errors("Error on transport creation", always=False)
async def test_the_certificate_is_good_for_its_address_and_only_for_who_trusts_it():
    async with account() as user:
        async with line_to(user.cloud):
            pass
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(
                "127.0.0.1", user.cloud.board_port, ssl=ssl.create_default_context()
            )


@pytest.mark.parametrize(
    ("topic", "granted"),
    [
        (f"/a/d/{DEVICE}/e/i", 1),
        (f"/a/d/{DEVICE}/c/dw", 1),
        (f"/a/t/{BOILER.id}/e/i", 1),
        (f"/a/t/{BOILER.id}/shadow/i", 1),
        (f"/a/t/{GREENHOUSE.id}/e/i", 0x80),
        (f"/a/d/{GARAGE.facts['device']['id']}/e/i", 0x80),
        (values(BOILER), 0x80),
        ("/a/t/+/e/i", 0x80),
    ],
)
async def test_a_board_hears_only_what_is_for_it(topic, granted):
    async with account() as user, board_line(user.cloud) as line:
        line.send(subscribe(topic))
        assert await line.packet() == (0x90, bytes([0, 1, granted]))


async def test_a_board_must_not_publish_for_another():
    async with account() as user, board_line(user.cloud) as line:
        line.send(publish(values(GREENHOUSE), b"\x80", qos=1))
        assert await line.packet() is None


async def test_a_board_that_asks_is_told_its_thing():
    topic = f"/a/d/{DEVICE}/e/i"
    async with account() as user, board_line(user.cloud, topic) as line:
        told, payload = await line.message()
        assert told == topic
        assert cbor2.loads(payload) == [{0: "thing_id", 3: BOILER.id}]


async def test_a_board_that_asks_gets_its_last_values():
    topic = f"/a/t/{BOILER.id}/shadow/i"
    async with (
        account(clock=lambda: AT) as user,
        board_line(user.cloud, topic) as line,
    ):
        ask = cbor2.dumps([{0: "r:m", 3: "getLastValues"}])
        line.send(publish(f"/a/t/{BOILER.id}/shadow/o", ask, qos=1))
        assert await line.packet() == (0x40, b"\x00\x07")
        told, payload = await line.message()
        assert told == topic
        assert cbor2.loads(payload) == [
            {-3: AT, 0: "boiler_temperature", 2: 58.0},
            {0: "pressure", 2: 151000.0},
            {0: "burner", 4: True},
            {0: "setpoint", 2: 60.0},
            {0: "energy", 2: 1250.5},
        ]


async def test_the_command_channel_answers_what_newer_boards_ask():
    up, down = f"/a/d/{DEVICE}/c/up", f"/a/d/{DEVICE}/c/dw"
    async with account(clock=lambda: AT) as user, board_line(user.cloud, down) as line:
        answers = {}
        for tag, arguments in ((0x010300, [""]), (0x010500, []), (0x010800, [])):
            line.send(publish(up, cbor2.dumps(cbor2.CBORTag(tag, arguments))))
            told, payload = await line.message()
            answer = cbor2.loads(payload)
            assert told == down
            answers[answer.tag] = list(answer.value)
        assert answers[0x010400] == [BOILER.id]
        assert len(senml.decode(answers[0x010600][0])) == 5
        assert answers[0x010900] == [3600, 1_700_086_400]


@pytest.mark.parametrize(
    "payload", ["", "80", "da00010700", "da0001070001", "da00099900"]
)
async def test_a_command_that_nobody_knows_is_passed_over(payload):
    up, down = f"/a/d/{DEVICE}/c/up", f"/a/d/{DEVICE}/c/dw"
    async with account() as user, board_line(user.cloud, down) as line:
        line.send(publish(up, bytes.fromhex(payload), qos=1) + packet(0xC0))
        assert await line.packet() == (0x40, b"\x00\x07")
        assert await line.packet() == (0xD0, b"")


@pytest.mark.parametrize(
    ("payload", "measured"),
    [
        ("9fa2006870726573737572652fff", None),
        ("9fa200666275726e657204f4ff", {"burner": False}),
        ("81a2006870726573737572650219ea60", {"pressure": 60000.0}),
        (
            "82a20069747a5f6f6666736574020aa200666275726e65720200",
            {"burner": False},
        ),
    ],
)
async def test_applications_get_a_boards_very_bytes(payload, measured):
    async with (
        account() as user,
        board_line(user.cloud) as line,
        session_of(user, values(BOILER)) as application,
    ):
        line.send(publish(values(BOILER), bytes.fromhex(payload), qos=1))
        assert await line.packet() == (0x40, b"\x00\x07")
        assert await application.message() == (values(BOILER), bytes.fromhex(payload))
        (said,) = [one for one in user.cloud.log if one.method == "PUBLISH"]
        assert (said.channel, said.path) == ("board", BOILER.id)
        assert said.body == (measured or {})
        for name, value in (measured or {}).items():
            shown = await user.read(property_path(user.cloud, BOILER, name))
            assert shown["last_value"] == value


async def test_the_serial_monitor_is_passed_on_as_text():
    topic = f"/a/d/{DEVICE}/s/o"
    async with (
        account() as user,
        board_line(user.cloud) as line,
        session_of(user, topic) as application,
    ):
        line.send(publish(topic, b"hello\n"))
        assert await application.message() == (topic, b"hello\n")


async def test_while_a_client_plays_a_board_the_invented_one_is_silent():
    async with (
        account() as user,
        session_of(user, values(BOILER)) as application,
    ):
        board = user.cloud.world.named("Boiler room")
        async with board_line(user.cloud, f"/a/t/{BOILER.id}/e/i") as line:
            user.cloud.world.set(board, burner=False)
            assert await application.quiet()
            await user.publish(board, "setpoint", 44)
            topic, payload = await line.message()
            assert topic == f"/a/t/{BOILER.id}/e/i"
            (sample,) = senml.decode(payload)
            assert (sample.name, sample.value) == ("setpoint", 44.0)
        (told,) = [one for one in user.cloud.log if one.method == "RECEIVE"]
        assert (told.path, told.body) == (BOILER.id, {"setpoint": 44.0})


async def test_a_played_board_is_online():
    world = household()
    world.named("Boiler room").online = False
    async with account(world) as user:
        path = f"/iot/v2/devices/{DEVICE}"
        assert (await user.read(path))["device_status"] == "OFFLINE"
        async with board_line(user.cloud):
            assert (await user.read(path))["device_status"] == "ONLINE"


class Player:
    """Arduino's published client in a thread of its own: its sockets block."""

    def __init__(self, cloud, loop):
        self.written = asyncio.Queue()
        self.ready = asyncio.Event()
        self.quit = threading.Event()
        self._loop = loop
        self.client = ArduinoCloudClient(
            device_id=DEVICE,
            username=DEVICE,
            password=SECRET,
            server="127.0.0.1",
            port=cloud.board_port,
            keepalive=10,
            sync_mode=True,
        )
        self.client.register("setpoint", on_write=self._on_write)
        self.client.register("burner", value=None)
        self.client.register("pressure", value=None)
        self.client.register(Location("place"))

    def run(self):
        self.client.start(interval=0.1)
        self._loop.call_soon_threadsafe(self.ready.set)
        while not self.quit.is_set():
            self.client.update()
        self.client.mqtt.disconnect()

    def _on_write(self, _, value):
        self._loop.call_soon_threadsafe(self.written.put_nowait, value)


@asynccontextmanager
async def player(cloud):
    playing = Player(cloud, asyncio.get_running_loop())
    task = asyncio.create_task(asyncio.to_thread(playing.run))
    try:
        async with asyncio.timeout(SOON):
            await playing.ready.wait()
        yield playing
    finally:
        playing.quit.set()
        await task


async def test_the_published_python_client_plays_a_board():
    world = household()
    place = world.named("Boiler room").variables["energy"]
    world.named("Boiler room").variables["place"] = type(place)(
        name="place", type="LOCATION", value={"lat": 45.5, "lon": 9.25}
    )
    async with (
        account(world) as user,
        session_of(user, values(BOILER)) as application,
        player(user.cloud) as board,
        asyncio.timeout(SOON),
    ):
        # What the cloud remembered has reached the client at its start.
        while board.client["setpoint"] is None:
            await asyncio.sleep(0.02)
        assert board.client["setpoint"] == 60.0
        assert board.client["place"].lat == 45.5
        device = await user.read(f"/iot/v2/devices/{DEVICE}")
        assert device["lib_version"] == "1.4.1-sync"

        # A command arrives.
        await board.written.get()
        assert await user.publish(world.named("Boiler room"), "setpoint", 48.5) == 200
        assert await board.written.get() == 48.5

        # A value goes out, in its own form, and becomes the last one.
        board.client["burner"] = False
        topic, payload = await application.message()
        assert topic == values(BOILER)
        assert payload.hex() == "81a200666275726e657204f4"
        shown = await user.read(property_path(user.cloud, BOILER, "burner"))
        assert shown["last_value"] is False


async def test_the_published_python_client_is_refused_with_a_wrong_key():
    async with account() as user:
        board = Player(user.cloud, asyncio.get_running_loop())
        board.client.mqtt.pswd = b"wrong"
        with pytest.raises(Exception, match="5"):
            await asyncio.to_thread(board.client.mqtt.connect)
        board.client.mqtt.sock.close()
