"""What iottly sends: listings, messages, deliveries, errors, and what is kept of it."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any, cast
from urllib.parse import urlencode

from custom_components.iot_clouds.model import HistoryQuery
from custom_components.iot_clouds.vendors.iottly import VENDOR
from custom_components.iot_clouds.vendors.iottly.dates import milliseconds, parse_date
from custom_components.iot_clouds.vendors.iottly.messages import parse_batch
from custom_components.iot_clouds.vendors.iottly.models import Board
from custom_components.iot_clouds.vendors.iottly.replies import read_json
from custom_components.iot_clouds.vendors.iottly.tracked import Tracked
from custom_components.iot_clouds.vendors.iottly.words import words_of
from tests.vendors.iottly.fake import KEY, props
from tests.vendors.iottly.store import DEVICE, PROJECT

from .hunt import Decoder
from .scripted import Kept, Script, forgiving, run
from .soundness import check, storable

NOW = datetime(2026, 11, 20, 9, 0, 30, tzinfo=UTC)
_SEEN = "2026-11-20T09:00:00.123Z"
_OPTIONS = {"webhook": {"id": "x", "secret": "y", "since": "2026-03-01T12:00:00Z"}}


def _row(payload: Any, number: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "_id": {"$oid": f"5b5b5c9c{number:016x}"},
        "from": DEVICE,
        "to": PROJECT,
        "timestamp": {"$date": f"2026-11-20T09:{number % 60:02}:00.123Z"},
        "devicetimestamp": {"$date": 1795165200000 + number},
        "type": "userdefined",
        "payload": payload,
        **more,
    }


PAYLOADS: list[Any] = [
    {"temperature": 21.5, "on": True, "state": "idle", "empty": None},
    {"gps": {"lat": 45.0, "lon": 7.0, "accuracy": 5}, "started_at": _SEEN},
    {"geo": {"type": "Point", "coordinates": [7.0, 45.0]}, "list": [1, 2, 3]},
    {"deep": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}, "long": {"$numberLong": "5"}},
    {"table": {f"10.0.0.{number}": number for number in range(8)}},
    {"ECHO": {"a": 1}},
    17,
    "text",
]
ROWS = [_row(payload, number) for number, payload in enumerate(PAYLOADS)]
AGENT = _row({"connectionstatus": "connected"}, 30, type="iottlyagent")
LISTED: dict[str, Any] = {
    "project": {"name": "Home", "board": "Linux", "agentfile": "agent_1.8.3_x.tar.gz"},
    "devices": {"count": 1, "errors": None, "devices": [props()]},
    "licenses": {"0" * 32: {"status": "paired", "board": {"id": DEVICE, "name": "a"}}},
    "messages": {"status": 200, "messages": [*ROWS, AGENT]},
    "pages": {"messages": [_row({"old": number}, number) for number in range(5)]},
    "kept": {},
}


def _route(method: str, url: str) -> str:
    for mark, part in (
        ("/inspect", "project"),
        ("/devices/props", "devices"),
        ("/license", "licenses"),
        ("/paginated", "pages"),
        ("/messages/", "messages"),
    ):
        if mark in url:
            return part
    return "command"


def _connected(script: Script, kept: Kept) -> Any:
    data = {"project_id": PROJECT, "api_key": KEY, "base_url": "http://x", **_OPTIONS}
    return VENDOR.connect(script.link(kept), cast(Any, data))


def rest(data: bytes) -> None:
    """List twice and ask for the past."""
    script = Script(data, _route)
    kept = Kept(script.parts.get("kept"))
    cloud = _connected(script, kept)

    async def use() -> None:
        await forgiving(cloud.identify(), cloud.snapshot())
        (found,) = await forgiving(cloud.snapshot())
        if found is None:
            return
        check(found.devices)  # type: ignore[attr-defined]
        check(found.readings)  # type: ignore[attr-defined]
        check(found.events)  # type: ignore[attr-defined]
        storable(dict(cloud.diagnostics()))
        storable(dict(kept.written()))
        for key in (None, "message/temperature"):
            query = HistoryQuery(
                device_id=DEVICE, key=key, start=NOW - timedelta(hours=1), end=NOW
            )
            (samples,) = await forgiving(cloud.history.query(query))
            for sample in cast(Any, samples or ()):
                storable(sample.value)
        await cloud.close()

    run(use())
    assert script.asked < 3000


def _with_one_device() -> Any:
    cloud = _connected(Script(json.dumps(LISTED).encode(), _route), Kept())
    run(cloud.snapshot())
    return cloud


def delivery(data: bytes) -> None:
    """What a webhook brings, again, and again after a listing."""
    cloud = _with_one_device()
    check(cloud.receiver.receive(data))
    check(cloud.receiver.receive(data))
    found = run(cloud.snapshot())
    check(found.devices)
    check(found.readings)
    check(found.events)


def messages(data: bytes) -> None:
    """The rows of an answer, and their values as a device without a past has them."""
    body, _ = read_json(data.decode("utf-8", "replace"))
    batch = parse_batch(body if isinstance(body, list) else [body], DEVICE)
    for message in batch.messages:
        assert isinstance(milliseconds(message.at), int)
    board = Board.parse(cast(Any, props()))
    assert board
    tracked = Tracked(board)
    for row in body if isinstance(body, list) else [body]:
        tracked.receive(row)
    check(tracked.leaves.readings())
    check(tracked.take_events())
    storable(tracked.notes())
    assert len(tracked.leaves.points) <= 60


def dates(data: bytes) -> None:
    """A date in any form, and the words of an error."""
    body, _ = read_json(data.decode("utf-8", "replace"))
    if (found := parse_date(body)) is not None:
        assert found - timedelta(days=30) < found + timedelta(days=30)
        found.astimezone(UTC).isoformat()
    assert len(words_of(body) or "") <= 200


_KEPT: dict[str, Any] = {
    "devices": {
        DEVICE: {
            "cursor": {
                "watermark": _SEEN,
                "since": _SEEN,
                "gap": [_SEEN, _SEEN, _SEEN],
                "seen": ["5b5b5c9c0000000000000001"],
                "copies": [["f", 1, 1, "5b5b5c9c0000000000000001"]],
                "early": {"x": _SEEN},
            },
            "leaves": {
                "shown": [
                    {
                        "path": ["temperature"],
                        "at": _SEEN,
                        "place": "",
                        "form": "value",
                        "kind": "measure",
                        "enabled": True,
                        "value": 21.5,
                    }
                ],
                "hidden": [{"path": ["a"], "at": _SEEN, "place": "", "form": "value"}],
                "lengths": [{"path": ["list"], "counts": [[3, 2]]}],
            },
            "agent": [_SEEN, "", True],
            "events": [
                {
                    "name": "a",
                    "id": "b",
                    "place": "",
                    "at": _SEEN,
                    "data": {"a": 1},
                }
            ],
        }
    },
    "delivered": _SEEN,
}
_ONE = json.dumps(_row({"temperature": 22, "new": [1, 2]}, 59))

DECODERS = (
    Decoder(
        name="iottly.rest",
        run=rest,
        seeds=(
            json.dumps(LISTED).encode(),
            json.dumps({**LISTED, "kept": _KEPT}).encode(),
            json.dumps(
                {**LISTED, "devices": {"status": 404, "raw": '{"error":"none"}'}}
            ).encode(),
            json.dumps(
                {
                    **LISTED,
                    "messages": {
                        "status": 200,
                        "raw": "[]",
                        "headers": {"Date": "Fri, 20 Nov 2026 09:00:00 GMT"},
                    },
                }
            ).encode(),
        ),
    ),
    Decoder(
        name="iottly.delivery",
        run=delivery,
        seeds=(
            _ONE.encode(),
            json.dumps({"msg": _ONE}).encode(),
            urlencode({"msg": _ONE}).encode(),
            json.dumps({"msg": json.loads(_ONE)}).encode(),
            json.dumps(AGENT).encode(),
            b'{"temperature": 5}',
        ),
    ),
    Decoder(
        name="iottly.messages",
        run=messages,
        seeds=(json.dumps(ROWS).encode(), json.dumps([*ROWS, AGENT]).encode()),
    ),
    Decoder(
        name="iottly.dates",
        run=dates,
        seeds=(
            b'"2026-07-28T17:50:04.968"',
            b"1795165200000",
            b'{"$date": "2026-07-28T17:50:04.968Z"}',
            b'{"$date": {"$numberLong": "1795165200000"}}',
            b'{"error": "bad", "field": ["one", "two"]}',
        ),
    ),
)
