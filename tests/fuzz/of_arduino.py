"""What Arduino Cloud sends: listings, series, tokens, errors and messages."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any, cast

import cbor2

from custom_components.iot_clouds.model import HistoryQuery
from custom_components.iot_clouds.vendors.arduino import answers
from custom_components.iot_clouds.vendors.arduino.client import Client, Credentials
from custom_components.iot_clouds.vendors.arduino.cloud import ArduinoCloud
from custom_components.iot_clouds.vendors.arduino.faults import Faults
from custom_components.iot_clouds.vendors.arduino.limiter import Limiter
from custom_components.iot_clouds.vendors.arduino.models import parse_things
from custom_components.iot_clouds.vendors.arduino.names import ThingNames
from custom_components.iot_clouds.vendors.arduino.property_types import TYPES
from custom_components.iot_clouds.vendors.arduino.stream import Routes, topic_of
from tests.vendors.arduino.fake import THING, board, jwt, prop, thing

from .hunt import Decoder
from .scripted import Script, forgiving, run
from .soundness import check, storable

NOW = datetime(2026, 11, 20, 9, 0, 30, tzinfo=UTC)
NAMES = {kind: f"v{number}" for number, kind in enumerate((*TYPES, "WHATEVER"))}
_SEEN = "2026-11-20T09:00:00.123Z"

PROPERTIES = [
    prop(number, name, kind) for number, (kind, name) in enumerate(NAMES.items(), 1)
]
LISTED: dict[str, Any] = {
    "token": {"access_token": jwt(1), "expires_in": 300, "token_type": "Bearer"},
    "things": [
        thing(
            prop(1, "temperature", "FLOAT", last_value=21.5, value_updated_at=_SEEN),
            prop(2, "level", "PERCENTAGE", min_value=0, max_value=100, last_value=7),
            prop(3, "lamp", "HOME_COLORED_LIGHT", last_value={"swi": True, "bri": 5}),
            prop(4, "tv", "HOME_TELEVISION", last_value={"swi": True, "vol": 3}),
            prop(5, "place", "LOCATION", last_value={"lat": 45.0, "lon": 7.0}),
            prop(6, "plan", "SCHEDULE", last_value={"frm": 1, "to": 0, "len": 60}),
            prop(7, "anything", "COLOR_RGB", last_value={"r": 1, "other": [1, {}]}),
            prop(8, "text", "CHARSTRING", last_value="hello" * 60),
            prop(9, "power", "POWER", last_value=1.5, update_strategy="TIMED"),
            tags={"room": "living_room"},
        )
    ],
    "boards": [board(last_activity_at=_SEEN, wifi_fw_version="1.5.0")],
    "types": [{"type": "POWER", "units": ["kW"]}],
    "series": {
        "responses": [{"status": "ok", "times": [_SEEN, _SEEN], "values": [1, 2.5]}]
    },
}


def _route(method: str, url: str) -> str:
    for end, part in (
        ("token", "token"),
        ("things", "things"),
        ("devices", "boards"),
        ("property_types", "types"),
    ):
        if url.partition("?")[0].endswith(end):
            return part
    return "series"


def rest(data: bytes) -> None:
    """Two listings and a query, as an account makes them."""
    script = Script(data, _route)
    key = Credentials(client_id="a", client_secret="b")
    client = Client(script.session, "http://x", key, limiter=Limiter(0.0))
    cloud = ArduinoCloud(client, mqtt_url="ws://x", tls=cast(Any, None))
    start = NOW - timedelta(hours=1)

    async def use() -> None:
        await forgiving(cloud.identify())
        (found,) = await forgiving(cloud.snapshot())
        if found is None:
            return
        check(cloud_devices := found.devices)  # type: ignore[attr-defined]
        check(found.readings)  # type: ignore[attr-defined]
        await forgiving(cloud.snapshot())
        storable(dict(cloud.diagnostics()))
        for device in list(cloud_devices.values())[:3]:
            for name in list(device.points)[:3]:
                query = HistoryQuery(
                    device_id=device.id, key=name, start=start, end=NOW
                )
                (samples,) = await forgiving(cloud.history.query(query))
                for sample in cast(Any, samples or ()):
                    storable(sample.value)

    run(use())
    assert script.asked < 200


def errors(data: bytes) -> None:
    """Answers that are no success, and the header that says when to come back."""
    for status in (400, 403, 404, 500):
        assert len(str(answers.failure(status, data))) < 300
    wait = answers.pause_seconds(data.decode("latin-1"))
    assert wait is None or 0 <= wait <= answers.LONGEST_RETRY_AFTER


def _routes() -> Routes:
    routes = Routes(Faults())
    listed = [thing(*PROPERTIES)]
    (only,) = parse_things(cast(Any, listed), routes.faults).items
    routes.replace({topic_of(THING): ThingNames(only, routes.faults)}, set())
    return routes


def message(data: bytes) -> None:
    """One message of a board, twice."""
    routes = _routes()
    for _ in range(2):
        check(routes.update(topic_of(THING), data, NOW))


def messages(data: bytes) -> None:
    """Many messages of a board in a row, cut out of one input."""
    routes = _routes()
    step = max(1, len(data) // 20)
    for at in range(0, len(data), step):
        check(routes.update(topic_of(THING), data[at : at + step], NOW))


def _packs() -> tuple[bytes, ...]:
    lamp, unknown = NAMES["HOME_COLORED_LIGHT"], NAMES["COLOR_RGB"]
    records: list[list[dict[Any, Any]]] = [
        [{0: name, 2: 1.5} for name in NAMES.values()],
        [{0: name, 3: "text"} for name in NAMES.values()],
        [{0: name, 4: True} for name in NAMES.values()],
        [{-2: "urn:uuid:x", -3: 1.7e9, 0: f"{lamp}:bri", 2: 50}, {0: f"{lamp}:swi"}],
        [{0: f"{unknown}:part{number}", 2: number} for number in range(30)],
        [{"bn": "v", "bt": 1.7e12, "n": "1", "v": 3}, {"n": "2", "vs": "a", "t": 5}],
        [{0: 256 * part + 3, 2: 1} for part in range(8)],
    ]
    return tuple(cbor2.dumps(each) for each in records)


_WHOLE = json.dumps(LISTED).encode()

DECODERS = (
    Decoder(name="arduino.rest", run=rest, seeds=(_WHOLE,)),
    Decoder(
        name="arduino.errors",
        run=errors,
        seeds=(
            b'{"id":"x","code":"invalid","detail":"y"}',
            b"120",
            b"Fri, 20 Nov 2026 09:00:00 GMT",
        ),
    ),
    Decoder(name="arduino.message", run=message, seeds=_packs()),
    Decoder(name="arduino.messages", run=messages, seeds=_packs()),
)
