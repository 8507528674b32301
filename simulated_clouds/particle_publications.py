"""What boards send to the simulated Particle cloud, and what the cloud makes of it."""

from collections.abc import Callable
import json
import random
from typing import Any

from .particle_access import Access
from .particle_billing import Billing, Item
from .particle_fleet import Fleet, Record
from .particle_options import Options
from .particle_positions import Positions
from .particle_streams import Event, Streams
from .particle_tracker import MODBUS, PLACE, modbus
from .particle_unit import EXPOSED, Outcome, event_text, unit_of
from .particle_vitals import vitals
from .world import Board, Value, World

BLIP = 0.013
"""Seconds between a late `offline` and the `online` after it (reference 2.3)."""
KEPT = 200
"""Vitals that the cloud keeps of each board."""


class Publications:
    """Turns what happens on boards into events on streams, bills and records."""

    def __init__(
        self,
        *,
        world: World,
        cloud: str,
        options: Options,
        clock: Callable[[], float],
        fleet: Fleet,
        access: Access,
        billing: Billing,
        streams: Streams,
        record: Callable[..., None],
    ) -> None:
        """`record` adds an entry to the cloud's log."""
        self._world = world
        self._cloud = cloud
        self._options = options
        self._clock = clock
        self._fleet = fleet
        self._access = access
        self._billing = billing
        self._streams = streams
        self._record = record
        self._rng = random.Random(7)
        self._last: dict[str | None, float] = {}
        self.positions = Positions(options, clock, fleet, billing)
        self.handshake: Callable[[Board], None] | None = None
        """Is told of each board that has come online."""

    def measured(self, board: Board, values: dict[str, Value]) -> None:
        """Publish what a board has measured, as far as its firmware publishes it."""
        if board.cloud != self._cloud or board.id not in self._world.boards:
            return
        presence = self._fleet.presence(board)
        if presence.silent or presence.status:
            return
        events = {
            name: self._event_name(board, name)
            for name in values
            if self._event_name(board, name)
        }
        if not events:
            return
        published = {name: values[name] for name in events}
        self._record("board", "PUBLISH", board.id, body=published)
        for name, event in events.items():
            self.emit(board, event, self._text(board, name, values[name]))
        presence.published += 1
        every = self._options.vitals_every
        if every and presence.published % every == 0:
            self.send_vitals(board)

    def emit(
        self, board: Board, name: str, data: str | None, *, coreid: str | None = None
    ) -> None:
        """Send an event of a board; what users publish costs operations.

        `coreid` is another sender than the board, where the cloud speaks of it.
        """
        presence = self._fleet.presence(board)
        payer = presence.owner or self._options.username
        if not name.lower().startswith(("spark", "particle")):
            if self._billing.paused(payer):
                return
            self._billing.take(payer, Item.PUBLISH, size=len((data or "").encode()))
        at = self._next(board.id)
        presence.heard = at
        if name == "loc" and data:
            self._locate(board, data, at, payer)
        else:
            self._send(board, name, data, at, coreid=coreid)

    def locate(self, board: Board, **options: Any) -> None:
        """Let a tracker tell where it is; options are those of `Positions.text`."""
        data = self.positions.text(board, **options)
        self._record("board", "PUBLISH", board.id, body={"loc": json.loads(data)})
        self.emit(board, "loc", data)

    def announce(self, product: int, name: str, data: str) -> None:
        """Send an event about a product, which no board has sent."""
        at = self._next(None)
        event = Event(name=name, data=data, coreid="api", at=at, product=product)
        self._log(event)
        self._streams.publish(event)

    def tell(self, board: Board, body: dict[str, Any]) -> None:
        """Note that a board was told something."""
        self._record("board", "RECEIVE", board.id, body=body)

    def configure(self, board: Board, document: dict[str, Any]) -> bool:
        """Give a tracker its settings, and return whether it takes them."""
        presence = self._fleet.presence(board)
        self.tell(board, {"config": document})
        presence.pending_config = None
        if presence.rejects_config:
            return False
        config = unit_of(board).config
        config.clear()
        config.update(document)
        text = json.dumps({"cmd": "sync", "time": int(self._clock())})
        self.emit(board, "sync", text)
        return True

    def publish(self, event: Event) -> None:
        """Deliver an event that came over REST, also to boards that subscribe to it."""
        self._log(event)
        self._streams.publish(event)
        if event.owner is None:
            return
        for board in self._fleet.claimed(event.owner):
            self._receive(board, event)

    def call(self, board: Board, name: str, argument: str) -> int:
        """Let a board carry out one of its functions and return what it returned."""
        body = {"function": name, "argument": argument}
        self._record("board", "RECEIVE", board.id, body=body)
        function = unit_of(board).functions[name]
        return self._settle(board, function(board, argument, self._clock()))

    def set_online(self, board: Board, online: bool) -> None:
        """Connect or disconnect a board, and tell its listeners."""
        presence = self._fleet.presence(board)
        if online and (presence.quarantined or presence.denied):
            return
        if presence.silent and online:
            self._status(board, "offline", self._next(board.id))
        if online:
            now = self._next(board.id, BLIP if presence.silent else 0.001)
            presence.handshake = presence.heard = now
            presence.silent = presence.never_connected = False
            board.online = True
            self._status(board, "online", now)
            self._connected(board)
        elif board.online:
            board.online = presence.silent = False
            self._status(board, "offline", self._next(board.id))

    def cut_power(self, board: Board) -> None:
        """Take a board's power away without the cloud noticing (reference 2.3)."""
        self._fleet.presence(board).silent = True

    def send_vitals(self, board: Board) -> None:
        """Let a board report on itself."""
        presence = self._fleet.presence(board)
        payload = vitals(board, presence, self._clock(), self._rng)
        at = self._next(board.id)
        presence.vitals = [*presence.vitals[-KEPT:], Record(at=at, body=payload)]
        text = json.dumps(payload, separators=(",", ":"))
        self.emit(board, "spark/device/diagnostics/update", text)

    def now(self) -> float:
        """Return the time at which the cloud receives something over REST."""
        return self._next(None)

    def _status(self, board: Board, status: str, at: float) -> None:
        self._record("board", "PUBLISH", board.id, body={"spark/status": status})
        self._send(board, "spark/status", status, at)

    def _connected(self, board: Board) -> None:
        """Catch up on what waited for a board."""
        pending = self._fleet.presence(board).pending_config
        if pending is not None:
            self.configure(board, pending)
        if self.handshake:
            self.handshake(board)

    def _locate(self, board: Board, data: str, at: float, payer: str) -> None:
        """Send a `loc` and what the cloud makes of it, and keep the position."""
        self.positions.keep(board, json.loads(data)["loc"], at, payer)
        events = [("loc", data)]
        if better := self.positions.enhance(board, data):
            events.append(("loc-enhanced", better))
            if json.loads(better).get("loc_cb"):
                self.tell(board, {"function": "cmd", "argument": better})
        if self._options.enhanced_first:
            events.reverse()
        for name, text in events:
            self._send(board, name, text, max(at, self._next(board.id)))

    def _send(
        self,
        board: Board,
        name: str,
        data: str | None,
        at: float,
        *,
        coreid: str | None = None,
    ) -> None:
        unit = unit_of(board)
        presence = self._fleet.presence(board)
        owner = presence.owner
        person = self._access.people.get(owner or "")
        event = Event(
            name=name,
            data=data,
            coreid=coreid or board.id,
            at=at,
            owner=owner,
            userid=person.id if person else "",
            product=unit.product_id,
            version=presence.firmware_version,
            ttl="60" if self._options.ttl_text else 60,
        )
        self._log(event)
        self._streams.publish(event)

    def _log(self, event: Event) -> None:
        self._record("sse", "EVENT", event.name, body=event.document(product=True))

    def _receive(self, board: Board, event: Event) -> None:
        if not self._fleet.answers(board):
            return
        for prefix, handler in unit_of(board).subscribes.items():
            if event.name.startswith(prefix) and event.owner:
                data = event.data or ""
                size = len(data.encode())
                self._billing.take(event.owner, Item.SUBSCRIPTION, size=size)
                body = {"event": event.name, "data": data}
                self._record("board", "RECEIVE", board.id, body=body)
                self._settle(board, handler(board, data, self._clock()))

    def _settle(self, board: Board, outcome: Outcome) -> int:
        if outcome.values:
            self._world.set(board, **outcome.values)
        for name, data in outcome.events:
            self._record("board", "PUBLISH", board.id, body={name: data})
            self.emit(board, name, data)
        return outcome.result

    def _event_name(self, board: Board, variable: str) -> str:
        publishes = unit_of(board).publishes
        if publishes is not None:
            return publishes.get(variable, "")
        return variable if board.variables[variable].type in EXPOSED else ""

    def _text(self, board: Board, name: str, value: Value) -> str:
        if name == PLACE and isinstance(value, dict):
            return self.positions.text(board)
        if name == MODBUS and isinstance(value, dict):
            return modbus(value)
        return event_text(value)

    def _next(self, sender: str | None, step: float = 0.001) -> float:
        """Return the time now, later than anything this sender has sent."""
        at = max(round(self._clock(), 3), self._last.get(sender, 0.0) + step)
        self._last[sender] = at = round(at, 3)
        return at
