"""What the push path comparison sends, computes and says; mosquitto is not needed."""

from collections.abc import Iterator
from dataclasses import asdict
import json
import os
from pathlib import Path
from signal import SIGTERM
import socket
from subprocess import PIPE, Popen
import sys
import threading

import cbor2
import pytest

from benchmarks import flatness, frames
from benchmarks.clouds import token
from benchmarks.figures import Run, Spread, percentile, result_line, table
from benchmarks.household import (
    NUMBER,
    TEMPERATURE,
    Account,
    arduino_boards,
    arduino_things,
    discovery,
    particle_boards,
)
from benchmarks.measuring import check
from benchmarks.processes import ROOT, BrokenRunError, Child, answer
from benchmarks.push_path import arguments, main
from benchmarks.sender import Sender, encode
from benchmarks.updates import Phase, Stream, Update, accounts_for, sequence_of
from custom_components.iot_clouds.vendors.arduino.access import parse_token
from custom_components.iot_clouds.vendors.arduino.senml import decode
from custom_components.iot_clouds.vendors.particle.sse import Decoder, Frame

STREAM = Stream(entities=30, rate=200, seconds=0.5, warm_seconds=0.1, seed=7)


def _update(sequence: int, entity: int) -> Update:
    return Update(sequence=sequence, entity=entity, due=0.0)


def test_the_same_seed_gives_the_same_stream_and_another_seed_another():
    other = Stream(entities=30, rate=200, seconds=0.5, warm_seconds=0.1, seed=8)

    assert STREAM.phases() == STREAM.phases()
    assert STREAM.phases() != other.phases()


def test_a_stream_fills_every_entity_and_keeps_its_rate():
    phases = STREAM.phases()

    assert [update.entity for update in phases[Phase.FILL]] == list(range(30))
    assert len(phases[Phase.WARM]) == 20
    assert len(phases[Phase.MEASURE]) == 100
    assert len(phases[Phase.ONCE]) == 1
    dues = [update.due for update in phases[Phase.MEASURE]]
    assert dues == sorted(dues)
    assert 0 <= dues[0] < 0.005
    assert 0.495 <= dues[-1] < 0.5


def test_no_two_updates_of_a_stream_have_the_same_value():
    values = [update.value for part in STREAM.phases().values() for update in part]

    assert len(values) == 151
    assert len(set(values)) == 151


@pytest.mark.parametrize(
    ("state", "sequence"),
    [
        ("12.34", 1234),
        ("12.3", 1230),
        ("12", 1200),
        ("12.340000152587890625", 1234),
        ("unknown", None),
        ("inf", None),
    ],
)
def test_a_state_tells_which_update_it_shows(state: str, sequence: int | None):
    assert sequence_of(state) == sequence


def test_a_publish_packet_is_what_the_standard_says():
    assert frames.publish("a/b", b"21.5") == b"\x30\x09\x00\x03a/b21.5"
    assert frames.publish("a/b", b"x", retain=True) == b"\x31\x06\x00\x03a/bx"


def test_a_long_packet_has_its_length_in_groups_of_seven_bits():
    assert frames.publish("t", bytes(318))[:3] == b"\x30\xc1\x02"
    assert frames.publish("t", bytes(124))[:2] == b"\x30\x7f"
    assert frames.publish("t", bytes(125))[:3] == b"\x30\x80\x01"


def test_a_connect_packet_asks_for_a_clean_session_of_mqtt_3_1_1():
    assert frames.connect("me") == b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x00\x00\x02me"


def test_a_pack_is_encoded_as_boards_do_and_read_by_the_integration():
    pack = frames.senml("value_3", 21.5)

    assert pack == b"\x9f\xa2\x00\x67value_3\x02\xfa\x41\xac\x00\x00\xff"
    assert cbor2.loads(pack) == [{0: "value_3", 2: 21.5}]
    (sample,) = decode(pack).samples
    assert (sample.name, sample.value) == ("value_3", 21.5)


def test_an_event_is_one_chunk_that_the_integration_reads():
    sent = frames.event("value_3", "e00fce680000000000000001", 21.5, 1700000000.25)
    size, _, rest = sent.partition(b"\r\n")

    assert int(size, 16) == len(rest) - 2
    (frame,) = Decoder().feed(rest.removesuffix(b"\r\n"))
    assert frame == Frame(
        "value_3",
        '{"data":"21.5","ttl":60,"published_at":"2023-11-14T22:13:20.250Z",'
        '"coreid":"e00fce680000000000000001"}',
    )


def test_every_side_gets_the_same_value_for_the_same_entity():
    update = _update(1234, 25)

    assert encode("mqtt", update, 0.0).endswith(b"home/device_1/value_25/state12.34")
    arduino = encode("arduino", update, 0.0)
    assert b"/a/t/11111111-0000-4000-8000-000000000001/e/o" in arduino
    assert arduino.endswith(frames.senml("value_25", 12.34))
    particle = encode("particle", update, 0.0)
    assert b"event: value_25\n" in particle
    assert b'"data":"12.34"' in particle
    assert b'"coreid":"e00fce680000000000000001"' in particle


def test_later_events_carry_later_times():
    first = encode("particle", _update(1, 0), 1700000000.0)
    second = encode("particle", _update(2, 0), 1700000000.0)

    assert b"22:13:20.001Z" in first
    assert b"22:13:20.002Z" in second


def test_the_clouds_list_every_entity_once():
    things = arduino_things(30)
    assert isinstance(things, list)
    names = [
        prop["variable_name"]
        for thing in things
        if isinstance(thing, dict) and isinstance(thing["properties"], list)
        for prop in thing["properties"]
        if isinstance(prop, dict)
    ]
    assert names == [f"value_{entity}" for entity in range(30)]
    boards = list(particle_boards(30).values())
    assert [
        name
        for board in boards
        if isinstance(board, dict) and isinstance(board["variables"], dict)
        for name in board["variables"]
    ] == names


def test_discovery_makes_sensors_like_those_of_the_cloud():
    announced = discovery(30, TEMPERATURE)

    assert list(announced) == [
        "homeassistant/device/device_0/config",
        "homeassistant/device/device_1/config",
    ]
    last = json.loads(announced["homeassistant/device/device_1/config"])
    assert len(last["components"]) == 10
    assert last["components"]["value_29"] == {
        "platform": "sensor",
        "name": "Value 29",
        "unique_id": "value_29",
        "state_topic": "home/device_1/value_29/state",
        "unit_of_measurement": "°C",
        "device_class": "temperature",
        "state_class": "measurement",
    }
    assert NUMBER == {"state_class": "measurement"}


def test_two_accounts_share_the_devices_and_have_owners_of_their_own():
    first, second = (Account(number=number, accounts=2) for number in (0, 1))

    assert list(first.devices(50)) == [0, 2]
    assert list(second.devices(50)) == [1]
    assert list(particle_boards(50, second)) == ["e00fce680000000000000001"]
    assert (first.username, second.username) == (
        "owner1@example.com",
        "owner2@example.com",
    )
    listings = (arduino_things(50, second), arduino_boards(50, second))
    for listing in listings:
        (entry,) = listing if isinstance(listing, list) else ()
        assert isinstance(entry, dict)
        assert entry["user_id"] == "0a1b2c3d-0000-4000-8000-000000000002"


def test_10000_entities_take_two_accounts_and_fewer_take_one():
    assert [accounts_for(entities) for entities in (1, 1_000, 5_000, 10_000)] == (
        [1, 1, 1, 2]
    )


def test_the_token_names_the_user():
    user = "0a1b2c3d-0000-4000-8000-000000000001"
    granted = parse_token({"access_token": token(user), "expires_in": 3600}, 0.0)

    assert granted.user_id == user


@pytest.fixture
def broker() -> Iterator[tuple[int, list[bytes]]]:
    """A port that accepts one sender as a broker would, and what it received."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                received.append(connection.recv(4096))
                connection.sendall(frames.CONNACK)
                while data := connection.recv(65536):
                    received.append(data)
                    if data.endswith(frames.PINGREQ):
                        connection.sendall(frames.PINGRESP)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], received
        thread.join(5)


def test_the_sender_sends_each_frame_of_a_phase_in_order(
    broker: tuple[int, list[bytes]],
):
    port, received = broker
    sender = Sender()
    stream = Stream(entities=3, rate=500, seconds=0.02, warm_seconds=0.0, seed=1)

    sender.prepare("mqtt", [port], asdict(stream))
    sent = sender.send("measure")["sent"]
    sender.close()

    updates = stream.phases()[Phase.MEASURE]
    assert [sequence for sequence, _ in sent] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert [when for _, when in sent] == sorted(when for _, when in sent)
    wire = b"".join(encode("mqtt", update, 0.0) for update in updates)
    assert b"".join(received[1:]) == wire + frames.PINGREQ


def test_the_parts_of_a_phase_are_the_whole_of_it(
    broker: tuple[int, list[bytes]],
):
    port, received = broker
    sender = Sender()
    stream = Stream(entities=3, rate=500, seconds=0.02, warm_seconds=0.0, seed=1)

    sender.prepare("mqtt", [port], asdict(stream))
    parts = [sender.send("measure", part, 3)["sent"] for part in range(3)]
    sender.close()

    assert [[sequence for sequence, _ in sent] for sent in parts] == [
        [4, 5, 6],
        [7, 8, 9],
        [10, 11, 12, 13],
    ]
    updates = stream.phases()[Phase.MEASURE]
    wire = b"".join(encode("mqtt", update, 0.0) for update in updates)
    assert b"".join(received[1:]).replace(frames.PINGREQ, b"") == wire


def test_each_account_gets_its_own_devices_over_its_own_connection():
    stream = Stream(
        entities=40, rate=500, seconds=0.1, warm_seconds=0.0, seed=1, accounts=2
    )
    with (
        socket.create_server(("127.0.0.1", 0)) as first,
        socket.create_server(("127.0.0.1", 0)) as second,
    ):
        servers = (first, second)
        sender = Sender()
        ports = [server.getsockname()[1] for server in servers]
        sender.prepare("particle", ports, asdict(stream))
        connections = [server.accept()[0] for server in servers]
        sender.send("fill")
        sender.close()
        received = []
        for connection in connections:
            with connection, connection.makefile("rb") as file:
                received.append(file.read())

    for number, wire in enumerate(received):
        assert wire.count(b"event: ") == 20
        assert wire.count(b'"coreid":"e00fce68%016d"' % number) == 20


def test_the_percentile_is_the_nearest_rank():
    values = [float(value) for value in range(1, 201)]

    assert percentile(values, 50) == 100.0
    assert percentile(values, 99) == 198.0
    assert percentile([5.0], 99) == 5.0


def test_a_spread_is_median_smallest_and_largest():
    assert str(Spread.of([3.0, 1.0, 2.04])) == "2.0 (1.0-3.0)"


def _run(cpu: float, p50: float, p99: float) -> Run:
    return Run(cpu=cpu, p50=p50, p95=p99 / 2, p99=p99, idle=0.5, late=p50)


def test_the_result_line_has_the_ratios_of_the_medians():
    ours = [_run(80, 100, 900), _run(90, 110, 800), _run(500, 900, 9000)]
    theirs = [_run(100, 100, 450), _run(100, 100, 450), _run(1, 1, 1)]

    assert result_line("arduino", STREAM, ours, theirs) == (
        "push_path arduino entities=30 rate=200"
        " cpu_ratio=0.90 p50_ratio=1.10 p95_ratio=2.00 p99_ratio=2.00"
    )


def test_flatness_compares_the_most_entities_with_the_fewest():
    few, many = [_run(75, 90, 900)], [_run(93, 99, 900)]

    assert flatness.told("arduino", few, many) == (
        "flatness arduino cpu_ratio=1.24 (missed, target 1.2) p50_ratio=1.10"
    )
    assert "cpu_ratio=0.81 (met, target 1.2)" in flatness.told("arduino", many, few)


def test_the_table_shows_absolute_numbers_with_their_spread():
    lines = table([("arduino", STREAM, [_run(80, 90, 900), _run(90, 110, 800)])])

    head, row = lines.splitlines()
    assert head.split() == (
        [
            "path",
            "entities",
            "rate",
            "runs",
            "CPU",
            "µs/message",
            "p50",
            "µs",
            "p95",
            "µs",
            "p99",
            "µs",
            "idle",
            "CPU",
            "ms/s",
        ]
    )
    assert row.split() == [
        "arduino",
        "30",
        "200",
        "2",
        *("85.0", "(80.0-90.0)"),
        *("100.0", "(90.0-110.0)"),
        *("425.0", "(400.0-450.0)"),
        *("850.0", "(800.0-900.0)"),
        *("0.5", "(0.5-0.5)"),
    ]


PHASES = {Phase.MEASURE: [_update(31, 0), _update(32, 1), _update(33, 0)]}
SENT = {31: 1000, 32: 2000, 33: 3000}
CHANGES = [(1100, "sensor.a", "0.31"), (2300, "sensor.b", "0.32")]
LAST = (3200, "sensor.a", "0.33")
STATES = {"sensor.a": "0.33", "sensor.b": "0.32"}


def test_latencies_are_from_the_socket_to_the_state():
    assert check(PHASES, SENT, [*CHANGES, LAST], STATES) == [100, 300, 200]


@pytest.mark.parametrize(
    ("changes", "states", "words"),
    [
        (CHANGES, STATES, "of 3 updates 1 were lost and 0 written twice"),
        ([*CHANGES, LAST, LAST], STATES, "0 were lost and 1 written twice"),
        ([*CHANGES, LAST, (1, "sensor.c", "unknown")], STATES, "1 other states"),
        ([*CHANGES, (3200, "sensor.b", "0.33")], STATES, "value of another entity"),
        ([*CHANGES, LAST], {**STATES, "sensor.a": "0.31"}, "its last value"),
    ],
)
def test_a_run_with_lost_or_wrong_values_is_broken(
    changes: list[tuple[int, str, str]], states: dict[str, str], words: str
):
    with pytest.raises(BrokenRunError, match=words):
        check(PHASES, SENT, changes, states)


def test_a_child_answers_line_by_line_and_its_failure_is_told():
    with Child("clouds", "particle", "40", "2", on=set()) as clouds:
        told = clouds.ask("ports")
        assert len({*told["ports"], *told["feeds"]}) == 4
    with (
        Child("clouds", "particle", "none", "1", on=set()) as cloud,
        pytest.raises(BrokenRunError, match="clouds ended .*\n(.*\n)*.*ValueError"),
    ):
        cloud.ask("ports")


def test_an_error_in_a_child_goes_back_as_words():
    def fail() -> dict[str, object]:
        raise BrokenRunError("no broker")

    assert answer('{"command": "go"}', {"go": fail}) == {"error": "no broker"}


def test_a_broken_run_ends_the_program_with_1(
    capsys: pytest.CaptureFixture[str],
):
    code = main(["--quick", "--mosquitto", "/nonexistent/mosquitto"])

    told = capsys.readouterr()
    assert code == 1
    assert told.out == ""
    assert "broken run: " in told.err


def test_quick_is_one_short_run():
    options = arguments(["--mosquitto", "mosquitto", "--quick"])

    assert (options.runs, options.windows, options.entities) == (1, 4, [100])


def test_a_comparison_that_is_terminated_ends_what_it_started(tmp_path: Path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "from benchmarks.command_line import end_with\n"
        "from benchmarks.processes import Program\n"
        "def main():\n"
        "    with Program('sleep', '600', on=set()) as started:\n"
        "        print(started._process.pid, flush=True)\n"
        "        return started._process.wait()\n"
        "end_with(main)\n"
    )
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Popen([sys.executable, program], stdout=PIPE, env=path) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.terminate()
        assert parent.wait(20) == 128 + SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
