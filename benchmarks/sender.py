"""The sender's process: encodes every frame, and sends each when it is due."""

import gc
import socket
import sys
import time
from typing import NamedTuple

from . import frames
from .household import arduino_topic, core_id, discovery, mqtt_topic, variable
from .processes import Answer, BrokenRunError, Commands, answer, say
from .updates import Phase, Stream, Update, account_of, device_of

LEAD = 0.05
"""Seconds between a command and the start of its phase."""

PATIENCE = 10.0
"""Seconds that a broker may take to answer."""


class Frame(NamedTuple):
    """What goes over the wire for one update, and over which connection."""

    sequence: int
    due: float
    content: bytes
    connection: int


def encode(kind: str, update: Update, started: float) -> bytes:
    """The bytes of one update as one side gets it.

    `started` is in epoch seconds; clouds that stamp say a later time for each update.
    """
    match kind:
        case "mqtt":
            return frames.publish(mqtt_topic(update.entity), str(update.value).encode())
        case "arduino":
            pack = frames.senml(variable(update.entity), update.value)
            return frames.publish(arduino_topic(update.entity), pack)
        case "particle":
            return frames.event(
                variable(update.entity),
                core_id(device_of(update.entity)),
                update.value,
                started + update.sequence / 1000,
            )
        case _:
            raise ValueError(kind)


class Sender:
    """The connections that everything is sent over: one, or one for each account."""

    def __init__(self) -> None:
        """Wait for `prepare`."""
        self._sockets: list[socket.socket] = []
        self._phases: dict[Phase, list[Frame]] = {}
        self._is_broker = False

    def prepare(self, kind: str, ports: list[int], stream: Answer) -> Answer:
        """Encode everything and connect, to one port or to that of each account."""
        started = time.time()
        self._phases = {
            phase: [
                Frame(
                    update.sequence,
                    update.due,
                    encode(kind, update, started),
                    account_of(update.entity, len(ports)),
                )
                for update in updates
            ]
            for phase, updates in Stream(**stream).phases().items()
        }
        gc.freeze()
        for port in ports:
            connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(connection)
        self._is_broker = kind != "particle"
        if self._is_broker:
            self._exchange(frames.connect("sender"), frames.CONNACK)
        return {}

    def announce(self, entities: int, sensor: Answer) -> Answer:
        """Leave MQTT discovery messages at the broker."""
        for topic, config in discovery(entities, sensor).items():
            self._sockets[0].sendall(frames.publish(topic, config, retain=True))
        self._exchange(frames.PINGREQ, frames.PINGRESP)
        return {}

    def send(self, phase: str, part: int = 0, parts: int = 1) -> Answer:
        """Send a phase, or a part of it, and tell when each frame was given to the socket.

        The moments are in ns of the monotonic clock.
        """
        sent: list[tuple[int, int]] = []
        connections, now, sleep = self._sockets, time.monotonic_ns, time.sleep
        whole = self._phases[Phase(phase)]
        chosen = whole[len(whole) * part // parts : len(whole) * (part + 1) // parts]
        skipped = chosen[0].due if part else 0.0
        start = now() + round((LEAD - skipped) * 1e9)
        for sequence, due, content, connection in chosen:
            wait = start + due * 1e9 - now()
            if wait > 0:
                sleep(wait / 1e9)
            sent.append((sequence, now()))
            connections[connection].sendall(content)
        if self._is_broker:
            self._exchange(frames.PINGREQ, frames.PINGRESP)
        return {"sent": sent}

    def close(self) -> None:
        """Leave."""
        for connection in self._sockets:
            connection.close()

    def _exchange(self, request: bytes, expected: bytes) -> None:
        """Ask the broker, which answers after it has handled all that came before."""
        broker = self._sockets[0]
        broker.sendall(request)
        told = b""
        while len(told) < len(expected):
            told += broker.recv(len(expected) - len(told)) or b"\0" * 4
        if told != expected:
            raise BrokenRunError("the broker did not accept the sender")


def main() -> None:
    """Do as told on standard input until it ends."""
    sender = Sender()
    commands: Commands = {
        "prepare": sender.prepare,
        "announce": sender.announce,
        "send": sender.send,
    }
    for line in sys.stdin:
        say(answer(line, commands))


if __name__ == "__main__":
    main()
