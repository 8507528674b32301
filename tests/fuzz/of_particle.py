"""What Particle sends: listings, details, events, errors, and what is kept of it."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any, cast

from custom_components.iot_clouds.cloud import Reader
from custom_components.iot_clouds.model import HistoryQuery, Reading, Ref
from custom_components.iot_clouds.vendors.particle.client import Client
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud
from custom_components.iot_clouds.vendors.particle.directory import Directory
from custom_components.iot_clouds.vendors.particle.events import Interpreter
from custom_components.iot_clouds.vendors.particle.models import Board
from custom_components.iot_clouds.vendors.particle.pace import Pace
from custom_components.iot_clouds.vendors.particle.presence import Presence
from custom_components.iot_clouds.vendors.particle.shelf import Shelf
from custom_components.iot_clouds.vendors.particle.sign_in import TOKEN_FORM, sign_in
from custom_components.iot_clouds.vendors.particle.sse import LIMIT, Decoder as Lines
from tests.vendors.particle.fake import ARGON, TOKEN, TRACKER, board, event, tracker

from .hunt import Decoder
from .scripted import Kept, Script, forgiving, run
from .soundness import check, storable

NOW = datetime(2026, 11, 20, 9, 0, 30, tzinfo=UTC)
_SEEN = "2026-11-20T09:00:00.123Z"
VARIABLES = {"temp": "double", "on": "bool", "note": "string", "n": "int32"}

VITALS: dict[str, Any] = {
    "device": {
        "network": {"signal": {"strength": 80, "quality": 70, "at": "Wi-Fi"}},
        "power": {"battery": {"charge": 50, "state": "charging"}, "source": "usb"},
        "system": {"uptime": 5000, "memory": {"used": 100, "total": 200}},
        "cloud": {"connection": {"disconnects": 2}, "coap": {"round_trip": 5}},
    },
    "service": {"coap": {"round_trip": 7}},
}
LOC: dict[str, Any] = {
    "cmd": "loc",
    "time": 1795165200,
    "loc": {"lck": 1, "lat": 45.0, "lon": 7.0, "h_acc": 5, "batt": 80, "src": ["gnss"]},
    "trig": ["time", "inside1"],
    "req_id": 3,
}
CFG = {"location": {"interval_min": 60, "radius": 5}, "imu_trig": {"motion": "low"}}
LISTED: dict[str, Any] = {
    "user": {"username": "a@b.example"},
    "token": {"expires_at": _SEEN},
    "devices": [board(), tracker(product_id=7, firmware_version=3, groups=["a"])],
    "device": board(variables=VARIABLES, functions=["go"], product_id=7),
    "variable": {"name": "temp", "result": 21.5, "coreInfo": {}},
    "vitals": {"diagnostics": {"updated_at": _SEEN, "payload": VITALS}},
    "config": {"configuration": {"current": CFG, "pending": CFG}},
    "firmware": {"title": "v3", "description": "fixes"},
    "sims": {"sims": [{"_id": "89", "status": "active"}], "meta": {"total_pages": 1}},
    "usage": {"usage_by_day": [{"mbs_used_cumulative": 1.5}]},
    "places": {
        "location": {
            "geometry": {"coordinates": [[7.0, 45.0], [7.1, 45.1]]},
            "timestamps": [_SEEN, _SEEN],
            "properties": [{"h_acc": 5}, {"spd": 2}],
        }
    },
    "grant": {"access_token": TOKEN, "expires_in": 5000},
    "kept": {},
}


def _route(method: str, url: str) -> str:
    path = url.partition("?")[0]
    for mark, part in (
        ("/oauth/token", "grant"),
        ("/v1/user", "user"),
        ("/access_tokens", "token"),
        ("/diagnostics/", "vitals"),
        ("/config/", "config"),
        ("/firmware/", "firmware"),
        ("/data_usage", "usage"),
        ("/sims", "sims"),
        ("/locations/", "places"),
    ):
        if mark in path:
            return part
    if path.endswith("/devices"):
        return "devices"
    return "variable" if path.count("/") > 5 else "device"


def _cloud(script: Script, kept: Kept) -> ParticleCloud:
    async def at_once(seconds: float) -> None:
        pass

    client = Client(
        script.session, "http://x", TOKEN, pace=Pace(1 << 20, sleep=at_once)
    )
    return ParticleCloud(client, memory=kept, now=lambda: NOW, sleep=at_once)


def rest(data: bytes) -> None:
    """Sign in, list twice, read variables and ask for the past."""
    script = Script(data, _route)
    kept = Kept(script.parts.get("kept"))
    cloud = _cloud(script, kept)

    async def use() -> None:
        await forgiving(cloud.identify(), cloud.snapshot())
        (found,) = await forgiving(cloud.snapshot())
        if found is None:
            return
        check(devices := found.devices)  # type: ignore[attr-defined]
        check(found.readings)  # type: ignore[attr-defined]
        storable(dict(cloud.diagnostics()))
        storable(dict(kept.written()))
        reader = cast(Any, cloud.reader)
        refs = [
            Ref(device.id, key)
            for device in list(devices.values())[:5]
            for key in list(device.points)[:10]
        ]
        assert timedelta(0) < reader.interval(refs) < timedelta(days=1)
        await forgiving(_read(reader, refs))
        query = HistoryQuery(device_id=TRACKER, start=NOW - timedelta(hours=1), end=NOW)
        (samples,) = await forgiving(cast(Any, cloud.history).query(query))
        for sample in cast(Any, samples or ()):
            storable(sample.value)
        await cloud.close()

    run(use())
    assert script.asked < 2000


async def _read(reader: Reader, refs: list[Ref]) -> None:
    async for update in reader.read(refs, asked=True):
        check(update)


def signing_in(data: bytes) -> None:
    """A password, and a token, whatever the cloud says to them."""
    script = Script(data, _route)
    link = script.link(Kept())
    password = {"username": "a", "password": "b", "base_url": "http://x"}
    token = {"access_token": TOKEN, "product": "slug", "base_url": "http://x"}

    async def use() -> None:
        for signed in await forgiving(
            sign_in(link, "particle_password", password),
            sign_in(link, TOKEN_FORM.key, token),
        ):
            if (kept := getattr(signed, "data", None)) is not None:
                storable(dict(kept), 64 * 1024)

    run(use())


def _interpreter() -> tuple[Interpreter, Shelf]:
    known = Directory(presence=Presence(0, clock=lambda: 0.0))
    boards = [Board.parse(board(variables=VARIABLES)), Board.parse(tracker())]
    known.take_listing([each for each in boards if each], 0, complete=True)
    known.devices()
    shelf = Shelf()
    return Interpreter(known, shelf=shelf, now=lambda: NOW), shelf


def stream(data: bytes) -> None:
    """The bytes of an event stream, in pieces of a few sizes."""
    frames = [Lines().feed(data)]
    cut = Lines()
    frames.append([])
    for at in range(0, len(data), 7):
        frames[1] += cut.feed(data[at : at + 7])
    assert frames[0] == frames[1]
    interpreter, shelf = _interpreter()
    for frame in frames[0]:
        assert len(frame.data) <= LIMIT
        check(interpreter.take(frame))
    check(interpreter.late())
    storable(shelf.notes())


def restored(data: bytes) -> None:
    """Readings that were kept, or are said to have been."""
    shelf = Shelf()
    try:
        shelf.restore(json.loads(data.decode("utf-8", "replace")))
    except RecursionError:
        return
    storable(shelf.notes())
    shelf.take({Ref(ARGON, "a"): Reading(value=1, at=NOW)})


_EVENTS = (
    event("temp", "21.5") + event("on", "true", at=_SEEN) + event("n", "1e3"),
    event("any", json.dumps({"temp": 1, "on": 0, "note": "x" * 300, "n": [1]})),
    event("loc", json.dumps(LOC), TRACKER, _SEEN),
    event("loc-enhanced", json.dumps(LOC), TRACKER),
    event("cfg", json.dumps({"cfg": CFG}), TRACKER),
    event("modbus", json.dumps({"modbus": [{"name": "a", "result": 0, "value": 2}]})),
    event("spark/device/diagnostics/update", json.dumps(VITALS)),
    event("spark/status", "offline") + event("spark/status", "online"),
    event("spark/flash/status", "started file.bin"),
    event("picture", "data:image/png;base64,AAAA"),
    b":ok\r\n\r\n\xef\xbb\xbfevent: a\rdata: {}\r\rdata: x\n\n",
)
_KEPT = {
    "budget": {"since": _SEEN, "grown": _SEEN, "used": 5, "credit": 1.5},
    "definitions": {
        ARGON: {"variables": VARIABLES, "functions": ["go"], "asked": 1.7e9}
    },
    "members": {ARGON: {"firmware_version": 3, "groups": ["a"]}},
    "tried": {f"{ARGON} variable/temp": _SEEN},
    "readings": {
        ARGON: {
            "variable/temp": {"at": _SEEN, "value": 2.5},
            "location": {"at": _SEEN, "place": [45.0, 7.0, 5.0]},
            "last_fix": {"at": _SEEN, "moment": _SEEN, "attributes": {"a": 1}},
        }
    },
    "sims": _SEEN,
}
_REFUSED = {"error": "invalid_grant", "error_description": "User credentials"}

DECODERS = (
    Decoder(
        name="particle.rest",
        run=rest,
        seeds=(
            json.dumps(LISTED).encode(),
            json.dumps({**LISTED, "kept": _KEPT}).encode(),
            json.dumps(
                {**LISTED, "device": {"status": 404, "raw": '{"error":"x","info":"y"}'}}
            ).encode(),
        ),
    ),
    Decoder(
        name="particle.sign_in",
        run=signing_in,
        seeds=(
            json.dumps({**LISTED, "device": {"product": {"id": 5}}}).encode(),
            json.dumps(
                {"grant": {"status": 400, "raw": json.dumps(_REFUSED)}}
            ).encode(),
            json.dumps(
                {
                    "grant": {
                        "status": 403,
                        "raw": '{"error":"mfa_required","mfa_token":"x"}',
                    }
                }
            ).encode(),
        ),
    ),
    Decoder(name="particle.stream", run=stream, seeds=_EVENTS),
    Decoder(
        name="particle.kept",
        run=restored,
        seeds=(json.dumps(_KEPT["readings"]).encode(),),
    ),
)
