"""MQTT 3.1.1 packets, cut and joined in every way, and those that are refused."""

from contextlib import suppress
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from simulated_clouds.mqtt_codec import (
    Decoder,
    MalformedError,
    UnacceptableProtocolError,
)
from simulated_clouds.mqtt_packets import (
    Connect,
    Disconnect,
    PingReq,
    PubAck,
    Publish,
    Subscribe,
    Unsubscribe,
    publish,
)

from .arduino_rig import connect, packet, publish as publication, subscribe, text

STREAM = (
    connect("user", "secret", client_id="me", keep_alive=30)
    + subscribe("/a/t/x/e/o", "/a/t/y/e/o", qos=1, identifier=9)
    + publication("/a/t/x/e/i", b"\x80" * 200, qos=1, identifier=3)
    + publication("/a/t/x/e/i", b"")
    + packet(0x40, b"\x00\x05")
    + packet(0xA2, b"\x00\x06" + text("/a/t/x/e/o"))
    + packet(0xC0)
    + packet(0xE0)
)
PACKETS = [
    Connect(
        client_id="me", clean=True, keep_alive=30, username="user", password=b"secret"
    ),
    Subscribe(packet_id=9, filters=(("/a/t/x/e/o", 1), ("/a/t/y/e/o", 1))),
    Publish(topic="/a/t/x/e/i", payload=b"\x80" * 200, qos=1, packet_id=3),
    Publish(topic="/a/t/x/e/i", payload=b""),
    PubAck(packet_id=5),
    Unsubscribe(packet_id=6, filters=("/a/t/x/e/o",)),
    PingReq(),
    Disconnect(),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_packets_come_out_whole_however_the_bytes_are_cut(places):
    decoder = Decoder()
    cuts = [0, *sorted(places), len(STREAM)]
    found = [
        item
        for start, end in pairwise(cuts)
        for item in decoder.feed(STREAM[start:end])
    ]
    assert found == PACKETS


@given(st.binary(max_size=64))
def test_noise_is_refused_or_waited_for_but_never_breaks(noise):
    with suppress(MalformedError):
        list(Decoder().feed(noise))


def test_a_will_is_understood():
    body = text("MQTT") + b"\x04\x2e\x00\x0a" + text("me") + text("/w") + text("bye")
    (found,) = Decoder().feed(packet(0x10, body))
    assert found.will == Publish(topic="/w", payload=b"bye", qos=1, retain=True)


def test_a_long_message_has_its_length_in_two_bytes():
    message = Publish(topic="/a", payload=b"x" * 300, qos=1, packet_id=258)
    assert publish(message)[:9] == b"\x32\xb2\x02\x00\x02/a\x01\x02"


def test_a_password_is_in_no_representation():
    (found,) = Decoder().feed(connect("user", "very secret"))
    assert "very secret" not in repr(found)


BAD = {
    "type 0": packet(0x00),
    "type 15": packet(0xF0),
    "a packet only servers send": packet(0x20, b"\x00\x00"),
    "QoS 2 acknowledgement": packet(0x50, b"\x00\x01"),
    "length of five bytes": b"\x30\xff\xff\xff\xff\x01",
    "too large": b"\x30\xff\xff\xff\x7f",
    "another protocol": connect("u", "p", protocol="MQIsdp"),
    "reserved connect flag": connect("u", "p", flags=1),
    "password without user name": connect(None, "p"),
    "will QoS without a will": connect("u", "p", flags=0x08),
    "will retain without a will": connect("u", "p", flags=0x20),
    "bytes after CONNECT": packet(0x10, connect("u", "p")[2:] + b"x"),
    "CONNECT breaks off": packet(0x10, connect("u", "p")[2:-1]),
    "client id is not UTF-8": packet(
        0x10, text("MQTT") + b"\x04\x02\x00\x0a" + text(b"\xff")
    ),
    "null in a topic": publication("/a\0b", b""),
    "QoS 3": packet(0x36, text("/a") + b"\x00\x01"),
    "duplicate with QoS 0": packet(0x38, text("/a")),
    "QoS 1 without identifier": packet(0x32, text("/a")),
    "identifier zero": publication("/a", b"", qos=1, identifier=0),
    "empty topic": publication("", b""),
    "wildcard in a topic": publication("/a/+", b""),
    "SUBSCRIBE flags": packet(0x80, subscribe("/a")[2:]),
    "SUBSCRIBE without topics": packet(0x82, b"\x00\x01"),
    "SUBSCRIBE identifier zero": subscribe("/a", identifier=0),
    "SUBSCRIBE QoS 3": subscribe("/a", qos=3),
    "SUBSCRIBE reserved bits": subscribe("/a", qos=0x81),
    "filter with # inside": subscribe("/a/#/b"),
    "filter with # beside": subscribe("/a/b#"),
    "filter with + beside": subscribe("/a/+b"),
    "empty filter": subscribe(""),
    "UNSUBSCRIBE flags": packet(0xA0, b"\x00\x01" + text("/a")),
    "UNSUBSCRIBE without topics": packet(0xA2, b"\x00\x01"),
    "PINGREQ with a body": packet(0xC0, b"\x00"),
    "PINGREQ with flags": packet(0xC1),
    "DISCONNECT with a body": packet(0xE0, b"\x00"),
    "PUBACK too short": packet(0x40, b"\x00"),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_what_the_standard_forbids_is_malformed(data):
    with pytest.raises(MalformedError):
        list(Decoder().feed(data))


@pytest.mark.parametrize("level", [3, 5])
def test_another_protocol_level_is_told_apart(level):
    with pytest.raises(UnacceptableProtocolError):
        list(Decoder().feed(connect("u", "p", level=level)))
