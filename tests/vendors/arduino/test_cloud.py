import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
import json
import logging
import ssl
from typing import Any

from aiohttp import ClientSession, web
import cbor2
import pytest

from custom_components.iot_clouds.cloud import Input, Link, SignedIn
from custom_components.iot_clouds.model import (
    Account,
    Call,
    CloudAuthError,
    CloudBusy,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Command,
    HistoryQuery,
    Kind,
    Light,
    Place,
    Publish,
    Reading,
    Ref,
    Sample,
    Send,
    SetPoint,
)
from custom_components.iot_clouds.vendors.arduino import VENDOR, connect, sign_in
from custom_components.iot_clouds.vendors.arduino.cloud import ArduinoCloud

from .conftest import SECRET, Clock
from .fake import THING, TOPIC, USER, FakeArduino, board, prop, thing

type MakeCloud = Callable[..., ArduinoCloud]

AT = "2026-01-02T03:04:05.123Z"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 123000, tzinfo=UTC)


def ref(number: int) -> Ref:
    return Ref(THING, f"property/33333333-3333-4333-8333-{number:012d}")


def household() -> list[dict[str, Any]]:
    return [
        thing(
            prop(
                1, "temperature", "TEMPERATURE_C", last_value=21.5, value_updated_at=AT
            ),
            prop(2, "lamp", "HOME_DIMMED_LIGHT", last_value={"swi": True, "bri": 75}),
            prop(3, "door", "HOME_CONTACT_SENSOR", permission="READ_ONLY"),
            prop(4, "pump", "STATUS", last_value=False, value_updated_at=AT),
            prop(5, "here", "LOCATION", last_value={"lat": 45.4, "lon": 9.1}),
            prop(6, "lost", "LOCATION", last_value={"lat": 0, "lon": 0}),
        )
    ]


@pytest.fixture
def home(fake: FakeArduino) -> FakeArduino:
    fake.things = household()
    return fake


@pytest.fixture
def link(session: ClientSession) -> Link:
    return Link(session=session, tls=ssl.create_default_context())


async def test_a_listing_carries_devices_points_and_values(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    before = datetime.now(UTC)
    snapshot = await cloud.snapshot()
    device = snapshot.devices[THING]
    assert (device.name, device.model) == ("Greenhouse", "Arduino NANO 33 IoT")
    assert device.online is True
    assert device.points[ref(4).key].kind is Kind.TOGGLE
    readings = snapshot.readings
    assert readings[ref(1)] == Reading(value=21.5, at=MOMENT)
    assert readings[ref(2)].value == Light(on=True, brightness=75)
    assert readings[ref(3)].value is None
    assert readings[ref(4)].value is False
    assert readings[ref(5)].value == Place(latitude=45.4, longitude=9.1)
    assert ref(6) not in readings
    assert before <= readings[ref(2)].at <= datetime.now(UTC)
    assert snapshot.complete


async def test_equal_listings_make_equal_snapshots(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    assert await cloud.snapshot() == await cloud.snapshot()
    home.things[0]["properties"][1]["last_value"] = {"swi": False, "bri": 75}
    changed = await cloud.snapshot()
    assert changed.readings[ref(2)].value == Light(on=False, brightness=75)


async def test_true_after_one_is_news(home: FakeArduino, cloud: ArduinoCloud) -> None:
    home.things = [thing(prop(1, "x", "FROM_THE_FUTURE", last_value=1))]
    await cloud.snapshot()
    home.things[0]["properties"][0]["last_value"] = True
    assert (await cloud.snapshot()).readings[ref(1)].value == "true"


async def test_a_poll_costs_one_request_and_boards_follow_a_slower_beat(
    home: FakeArduino, cloud: ArduinoCloud, clock: Clock
) -> None:
    for _ in range(3):
        await cloud.snapshot()
    assert home.paths()[1:] == [
        "GET /iot/v2/things",
        "GET /iot/v2/devices",
        "GET /iot/v2/things",
        "GET /iot/v2/things",
    ]
    clock.now += 240
    await cloud.snapshot()
    assert home.count("/devices") == 2


async def test_a_new_thing_makes_the_boards_due(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    home.things.append(thing(id="new", device_id="new-board"))
    home.boards.append(board(id="new-board", device_status="OFFLINE"))
    snapshot = await cloud.snapshot()
    assert snapshot.devices["new"].online is False


@pytest.mark.parametrize(
    "response",
    [
        web.Response(status=500),
        web.Response(status=429),
        web.json_response({"not": "a list"}),
    ],
    ids=str,
)
async def test_values_are_listed_even_if_the_boards_are_not(
    home: FakeArduino, cloud: ArduinoCloud, clock: Clock, response: web.Response
) -> None:
    home.boards = [board(device_status="OFFLINE")]
    await cloud.snapshot()
    clock.now += 240
    home.answer("/devices", response)
    snapshot = await cloud.snapshot()
    assert snapshot.devices[THING].online is False
    assert snapshot.readings[ref(1)].value == 21.5
    home.boards = [board()]
    assert (await cloud.snapshot()).devices[THING].online is True


async def test_credentials_refused_for_the_boards_alone_are_not_asked_for_anew(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    for _ in range(4):
        home.answer("/devices", web.Response(status=401))
    for _ in range(2):
        snapshot = await cloud.snapshot()
        assert snapshot.readings[ref(1)].value == 21.5
    assert cloud.faults.counts == {"the listing of boards failed: CloudAuthError": 2}


async def test_types_without_end_fill_neither_memory_nor_the_log(
    home: FakeArduino, cloud: ArduinoCloud, caplog: pytest.LogCaptureFixture
) -> None:
    home.things = [
        thing(*(prop(n, f"v{n}", f"TYPE_{n}", last_value=1) for n in range(1, 1501)))
    ]
    await cloud.snapshot()
    told = cloud.diagnostics()["unknown_types"]
    assert isinstance(told, list)
    assert len(told) == 1000
    assert told[0] == "TYPE_1"
    said = [line for line in caplog.messages if "an unknown type" in line]
    assert len(said) == 1000


async def test_broken_items_leave_the_good_ones_and_a_hole(
    home: FakeArduino, cloud: ArduinoCloud, caplog: pytest.LogCaptureFixture
) -> None:
    properties = home.things[0]["properties"]
    properties.append(prop(7, "odd", "INT", last_value=["no", "number"]))
    properties.append(prop(8, "new", "FROM_THE_FUTURE", last_value=5))
    properties.append({"broken": True})
    home.things.append({"broken": True})
    home.boards.append(None)
    for _ in range(3):
        snapshot = await cloud.snapshot()
    assert not snapshot.complete
    assert snapshot.readings.keys() == {ref(n) for n in (1, 2, 3, 4, 5, 8)}
    assert ref(7).key in snapshot.devices[THING].points
    told = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(told) == 5
    assert "no number" not in caplog.text


async def test_times_that_have_not_come_yet_do_not_block_later_values(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    home.things[0]["properties"][0]["value_updated_at"] = "2999-01-01T00:00:00Z"
    first = await cloud.snapshot()
    assert first.readings[ref(1)].at <= datetime.now(UTC)
    assert await cloud.snapshot() == first


async def test_a_write_goes_to_the_property_as_the_cloud(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    assert await cloud.execute(SetPoint(ref=ref(4), value=True)) is None
    sent = home.requests[-1]
    assert f"{sent.method} {sent.path}" == (
        f"PUT /iot/v2/things/{THING}/properties/"
        "33333333-3333-4333-8333-000000000004/publish"
    )
    assert json.loads(sent.body) == {"value": True}
    assert sent.headers["Content-Type"] == "application/json"
    await cloud.execute(SetPoint(ref=ref(1), value=20))
    assert home.requests[-1].body == '{"value": 20.0}'


async def test_a_partial_write_is_completed_from_the_listing_the_push_and_the_last_one(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    async with cloud.feeds()["values"]() as updates:
        await cloud.execute(SetPoint(ref=ref(2), value={"swi": False}))
        assert json.loads(home.requests[-1].body) == {
            "value": {"swi": False, "bri": 75}
        }
        await cloud.execute(SetPoint(ref=ref(2), value={"bri": 30}))
        assert json.loads(home.requests[-1].body) == {
            "value": {"swi": False, "bri": 30.0}
        }
        await home.sessions[0].publish(TOPIC, cbor2.dumps([{0: "lamp:bri", 2: 60}]))
        async with asyncio.timeout(5):
            update = await anext(updates)
        assert update.readings[ref(2)].value == Light(on=False, brightness=60)
        await cloud.execute(SetPoint(ref=ref(2), value={"swi": True}))
        assert json.loads(home.requests[-1].body) == {"value": {"swi": True, "bri": 60}}


async def test_an_older_listing_does_not_undo_what_a_push_said(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    lamp = home.things[0]["properties"][1]
    lamp["value_updated_at"] = AT
    async with cloud.feeds()["values"]() as updates:
        await home.sessions[0].publish(TOPIC, cbor2.dumps([{0: "lamp:bri", 2: 60}]))
        async with asyncio.timeout(5):
            await anext(updates)
        lamp["value_updated_at"] = "2026-01-02T03:04:06Z"
        await cloud.snapshot()
        await cloud.execute(SetPoint(ref=ref(2), value={"swi": True}))
    assert json.loads(home.requests[-1].body) == {"value": {"swi": True, "bri": 60}}


async def test_a_write_needs_no_listing_before_it(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.execute(SetPoint(ref=ref(4), value=True))
    assert home.requests[-1].method == "PUT"


async def test_a_read_only_property_is_not_written(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    with pytest.raises(CloudRejected) as caught:
        await cloud.execute(SetPoint(ref=ref(3), value=True))
    assert caught.value.key == "not_writable"
    assert home.requests[-1].method == "GET"


async def test_a_value_that_does_not_fit_is_not_sent(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    with pytest.raises(CloudRejected) as caught:
        await cloud.execute(SetPoint(ref=ref(2), value={"bri": 101}))
    assert (caught.value.key, caught.value.field) == ("invalid_value", "bri")
    assert home.requests[-1].method == "GET"


async def test_what_is_not_listed_is_missing(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    with pytest.raises(CloudMissing):
        await cloud.execute(SetPoint(ref=ref(99), value=True))
    home.answer("/publish", web.Response(status=404))
    with pytest.raises(CloudMissing):
        await cloud.execute(SetPoint(ref=ref(4), value=True))


@pytest.mark.parametrize("status", [400, 409, 412])
async def test_a_write_that_the_cloud_refuses_is_rejected_and_not_repeated(
    home: FakeArduino, cloud: ArduinoCloud, status: int
) -> None:
    await cloud.snapshot()
    home.answer("/publish", web.Response(status=status, text="no"))
    with pytest.raises(CloudRejected):
        await cloud.execute(SetPoint(ref=ref(4), value=True))
    assert home.count("/publish") == 1


@pytest.mark.parametrize(
    ("status", "text"),
    [(500, ""), (503, ""), (200, "\n<!DOCTYPE html><p>Pay for the network first")],
)
async def test_a_write_that_failed_is_not_repeated(
    home: FakeArduino, cloud: ArduinoCloud, status: int, text: str
) -> None:
    await cloud.snapshot()
    home.answer("/publish", web.Response(status=status, text=text))
    with pytest.raises(CloudUnreachable):
        await cloud.execute(SetPoint(ref=ref(4), value=True))
    assert home.count("/publish") == 1


@pytest.mark.parametrize(
    "command",
    [
        Call(device_id=THING, function="f"),
        Publish(name="e"),
        Send(device_id=THING, type="t"),
    ],
)
async def test_other_commands_are_rejected(
    home: FakeArduino, cloud: ArduinoCloud, command: Command
) -> None:
    assert cloud.accepts == (SetPoint,)
    with pytest.raises(CloudRejected):
        await cloud.execute(command)
    assert home.requests == []


async def test_an_account_is_the_user_and_the_space(
    fake: FakeArduino, make_cloud: MakeCloud
) -> None:
    assert await make_cloud().identify() == Account(id=USER, title="Arduino Cloud")
    assert await make_cloud("6d0f8b52-9a34").identify() == Account(
        id=f"{USER}_6d0f8b52-9a34", title="Arduino Cloud (space 6d0f8b52)"
    )
    fake.user = None
    with pytest.raises(CloudUnreachable):
        await make_cloud().identify()


async def test_a_closed_cloud_has_forgotten_its_token(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.close()
    await cloud.snapshot()
    await cloud.close()
    await cloud.snapshot()
    assert fake.count("/token") == 2


def form(fake: FakeArduino, **more: str) -> dict[str, str]:
    return {
        "client_id": " key ",
        "client_secret": SECRET,
        "organization_id": "",
        "base_url": fake.url,
        "mqtt_url": fake.mqtt_url,
        **more,
    }


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign in without the distance between requests."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.REQUESTS_PER_SECOND", 1e6
    )


def test_the_form_asks_for_what_the_cloud_needs() -> None:
    (shown,) = VENDOR.forms
    assert (VENDOR.key, VENDOR.name, shown.key) == (
        "arduino",
        "Arduino Cloud",
        "arduino",
    )
    assert [
        (f.key, f.input, f.required, f.default, f.advanced) for f in shown.fields
    ] == [
        ("client_id", Input.TEXT, True, None, False),
        ("client_secret", Input.SECRET, True, None, False),
        ("organization_id", Input.TEXT, False, None, False),
        ("base_url", Input.URL, True, "https://api2.arduino.cc", True),
        ("mqtt_url", Input.URL, True, "wss://wss.iot.arduino.cc:8443/mqtt", True),
    ]


@pytest.mark.usefixtures("quick")
async def test_signing_in_checks_the_key_and_saves_what_was_entered(
    fake: FakeArduino, link: Link
) -> None:
    signed_in = await sign_in(link, "arduino", form(fake))
    assert signed_in == SignedIn(
        account=Account(id=USER, title="Arduino Cloud"),
        data={
            "client_id": "key",
            "client_secret": SECRET,
            "base_url": fake.url,
            "mqtt_url": fake.mqtt_url,
        },
    )
    assert fake.paths() == ["POST /iot/v1/clients/token", "GET /iot/v2/things"]
    assert fake.requests[1].query == {"show_properties": "true"}
    cloud = connect(link, signed_in.data)
    assert await cloud.identify() == signed_in.account
    async with cloud.feeds()["values"]():
        assert len(fake.sessions) == 1
    await cloud.close()


@pytest.mark.usefixtures("quick")
async def test_a_key_that_is_refused_is_wrong(fake: FakeArduino, link: Link) -> None:
    fake.answer("/token", web.Response(status=401))
    with pytest.raises(CloudAuthError):
        await sign_in(link, "arduino", form(fake))
    assert len(fake.requests) == 1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_space_without_access_is_a_wrong_field(
    fake: FakeArduino, link: Link, status: int
) -> None:
    fake.answer("/things", web.Response(status=status))
    with pytest.raises(CloudRejected) as caught:
        await sign_in(link, "arduino", form(fake, organization_id="space-1"))
    assert (caught.value.key, caught.value.field) == (
        "invalid_space",
        "organization_id",
    )
    fake.answer("/things", web.Response(status=403))
    with pytest.raises(CloudRejected) as caught:
        await sign_in(link, "arduino", form(fake))
    assert caught.value.field is None


async def test_a_space_that_cannot_be_one_is_not_even_asked_for(
    fake: FakeArduino, link: Link
) -> None:
    with pytest.raises(CloudRejected) as caught:
        await sign_in(link, "arduino", form(fake, organization_id="a\r\nX-Evil: 1"))
    assert caught.value.field == "organization_id"
    assert fake.requests == []


@pytest.mark.usefixtures("quick")
async def test_a_busy_cloud_says_nothing_about_the_key(
    fake: FakeArduino, link: Link
) -> None:
    fake.answer("/token", web.Response(status=429, text="You have reached ..."))
    with pytest.raises(CloudBusy):
        await sign_in(link, "arduino", form(fake))


@pytest.mark.usefixtures("quick")
async def test_two_spaces_of_one_key_are_two_accounts(
    fake: FakeArduino, link: Link
) -> None:
    ids = set()
    for space in ("one", "two"):
        signed_in = await sign_in(link, "arduino", form(fake, organization_id=space))
        assert isinstance(signed_in, SignedIn)
        assert signed_in.data["organization_id"] == space
        ids.add(signed_in.account.id)
    assert ids == {f"{USER}_one", f"{USER}_two"}


@pytest.mark.parametrize(
    ("rate", "seconds"), [("10", 0.105), ("1", 1.05), (None, 1.05), ("fast", 1.05)]
)
async def test_the_distance_between_requests_follows_the_plan(
    link: Link, rate: Any, seconds: float
) -> None:
    cloud: Any = connect(link, {"client_id": "k", "requests_per_second": rate})
    assert cloud._client._limiter.interval == pytest.approx(seconds)


async def test_a_scene_on_one_thing_is_one_request(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    await asyncio.gather(
        cloud.execute(SetPoint(ref=ref(4), value=True)),
        cloud.execute(SetPoint(ref=ref(1), value=20)),
        cloud.execute(SetPoint(ref=ref(2), value={"swi": False})),
        cloud.execute(SetPoint(ref=ref(2), value={"bri": 40})),
    )
    [sent] = [request for request in home.requests if request.method == "PUT"]
    assert sent.path == f"/iot/v2/things/{THING}/publish"
    assert json.loads(sent.body) == {
        "to_device": True,
        "properties": [
            {"property": "pump", "value": True},
            {"property": "temperature", "value": 20.0},
            {"property": "lamp", "value": {"swi": False, "bri": 40}},
        ],
    }
    assert cloud.diagnostics()["writes_together"] is True


async def test_where_writing_together_is_refused_each_is_written_alone(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    home.answer(f"{THING}/publish", web.Response(status=404))
    for value in (True, False):
        await asyncio.gather(
            cloud.execute(SetPoint(ref=ref(4), value=value)),
            cloud.execute(SetPoint(ref=ref(1), value=20)),
        )
    puts = [request.path for request in home.requests if request.method == "PUT"]
    assert len(puts) == 5
    assert [path.endswith(f"{THING}/publish") for path in puts] == [True, *[False] * 4]
    assert cloud.diagnostics()["writes_together"] is False


async def test_a_sensed_value_is_written_by_the_switch_beside_it(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    home.things = [thing(prop(1, "motion", "HOME_MOTION_SENSOR", last_value=False))]
    switch = Ref(THING, f"{ref(1).key}/switch")
    assert (await cloud.snapshot()).readings[switch].value is False
    await cloud.execute(SetPoint(ref=switch, value=True))
    assert home.requests[-1].path.endswith(f"{ref(1).key.split('/')[1]}/publish")
    assert json.loads(home.requests[-1].body) == {"value": True}


async def test_a_colour_turned_off_comes_back_as_bright_as_it_was(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    lit = {"hue": 10, "sat": 20, "bri": 35}
    home.things = [thing(prop(1, "colour", "COLOR_HSB", last_value=lit))]
    await cloud.snapshot()
    await cloud.execute(SetPoint(ref=ref(1), value=Light(on=False, brightness=35)))
    assert json.loads(home.requests[-1].body)["value"] == {**lit, "bri": 0}
    home.things = [thing(prop(1, "colour", "COLOR_HSB", last_value={**lit, "bri": 0}))]
    off = (await cloud.snapshot()).readings[ref(1)].value
    assert off == Light(on=False, brightness=35, hue=10, saturation=20)
    await cloud.execute(SetPoint(ref=ref(1), value=Light(on=True)))
    assert json.loads(home.requests[-1].body)["value"] == lit


async def test_a_moment_is_written_as_the_time_on_the_wall_of_the_thing(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    home.things = [thing(prop(1, "alarm", "TIME"), timezone="Europe/Rome")]
    moment = datetime(2021, 10, 3, 22, tzinfo=UTC)
    await cloud.execute(SetPoint(ref=ref(1), value=moment))
    assert json.loads(home.requests[-1].body) == {"value": 1633305600}
    home.things[0]["timezone"] = "../nowhere"
    await cloud.snapshot()
    with pytest.raises(CloudRejected):
        await cloud.execute(SetPoint(ref=ref(1), value=moment))


def energy(**more: Any) -> list[dict[str, Any]]:
    return [thing(prop(1, "used", "ENERGY", last_value=5), **more)]


async def test_units_are_asked_for_once_where_a_type_carries_none(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    await cloud.snapshot()
    assert fake.count("/property_types") == 0
    fake.things = energy()
    types = [{"type": "ENERGY", "units": ["kWh"]}]
    fake.answer("/property_types", web.json_response(types))
    for _ in range(2):
        snapshot = await cloud.snapshot()
        assert snapshot.devices[THING].points[ref(1).key].unit == "kWh"
    assert fake.count("/property_types") == 1
    assert cloud.diagnostics()["units"] == {"ENERGY": "kWh"}


@pytest.mark.parametrize(
    "response",
    [
        web.Response(status=500),
        web.Response(status=404),
        web.Response(status=429),
        web.json_response("nonsense"),
        web.Response(text="<html>"),
    ],
    ids=str,
)
async def test_a_listing_does_without_the_units(
    fake: FakeArduino, cloud: ArduinoCloud, response: web.Response
) -> None:
    fake.things = energy()
    fake.answer("/property_types", response)
    snapshot = await cloud.snapshot()
    assert snapshot.devices[THING].points[ref(1).key].unit == "J"
    assert snapshot.readings[ref(1)].value == 5.0


async def test_setting_up_costs_four_requests(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.things = energy()
    fake.answer("/property_types", web.json_response([]))
    await cloud.identify()
    await cloud.snapshot()
    async with cloud.feeds()["values"]():
        pass
    assert fake.paths() == [
        "POST /iot/v1/clients/token",
        "GET /iot/v2/things",
        "GET /iot/v2/devices",
        "GET /iot/v1/property_types",
    ]


async def test_what_is_known_of_a_board_is_shown_at_its_thing(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    fake.things = [thing(), thing(id="boardless", device_id=None, device_type=None)]
    fake.boards = [board(last_activity_at=AT, wifi_fw_version="1.5.0")]
    snapshot = await cloud.snapshot()
    activity = snapshot.readings[Ref(THING, "board/last_activity")]
    assert activity.value == MOMENT
    assert snapshot.readings[Ref(THING, "board/wifi_firmware")].value == "1.5.0"
    bare = snapshot.devices["boardless"]
    assert (bare.online, bare.model, bare.points) == (None, None, {})
    assert await cloud.snapshot() == snapshot


async def test_history_is_that_of_the_variable_behind_the_point(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    series = {"responses": [{"status": "ok", "times": [AT], "values": [21.5]}]}
    home.answer("/series/batch_query_raw", web.json_response(series))
    query = HistoryQuery(
        device_id=THING, key=ref(1).key, start=MOMENT, end=datetime.now(UTC)
    )
    assert await cloud.history.query(query) == (Sample(at=MOMENT, value=21.5),)
    sent = home.requests[-1]
    assert (sent.method, sent.path) == ("POST", "/iot/v2/series/batch_query_raw")
    asked = json.loads(sent.body)
    assert asked["resp_version"] == 1
    assert asked["requests"][0]["q"] == "property.33333333-3333-4333-8333-000000000001"
    with pytest.raises(CloudRejected) as caught:
        await cloud.history.query(replace(query, key=None))
    assert caught.value.field == "key"
    with pytest.raises(CloudMissing):
        await cloud.history.query(replace(query, key="board/last_activity"))


async def test_diagnostics_name_what_is_odd(
    home: FakeArduino, cloud: ArduinoCloud
) -> None:
    home.things[0]["properties"].append(prop(9, "new", "FROM_THE_FUTURE"))
    home.things[0]["properties"].append(prop(10, "odd", "INT", last_value=[]))
    home.refuse = {TOPIC}
    with pytest.raises(CloudUnreachable):
        async with cloud.feeds()["values"]():
            pass
    assert cloud.diagnostics() == {
        "faults": {
            "an unknown type, shown as text": 1,
            "a listed value that is not of its type": 1,
        },
        "refused_topics": [TOPIC],
        "unknown_types": ["FROM_THE_FUTURE"],
        "units": {},
        "requests_per_second": 0.0,
        "too_many_requests": 0,
        "writes_together": True,
    }


async def test_closing_gives_up_a_write_that_waits(
    home: FakeArduino, make_cloud: MakeCloud, make_client: Any
) -> None:
    cloud = ArduinoCloud(
        make_client(),
        mqtt_url=home.mqtt_url,
        tls=ssl.create_default_context(),
        window=60,
    )
    await cloud.snapshot()
    waiting = asyncio.create_task(cloud.execute(SetPoint(ref=ref(4), value=True)))
    await asyncio.sleep(0)
    await cloud.close()
    with pytest.raises(CloudUnreachable):
        await waiting
    assert home.count("/publish") == 0


async def test_only_the_vendors_own_cloud_has_a_console(
    home: FakeArduino, link: Link, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {
        "client_id": "key",
        "client_secret": SECRET,
        "base_url": home.url,
        "mqtt_url": home.mqtt_url,
    }
    named = replace(link, account_id="entry-1")
    elsewhere = await connect(named, data).snapshot()
    assert elsewhere.devices[THING].url is None
    assert elsewhere.devices["entry-1"].url is None

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.BASE_URL", home.url
    )
    own = await connect(named, data).snapshot()
    assert own.devices[THING].url == f"https://app.arduino.cc/things/{THING}"
    account = own.devices["entry-1"]
    assert (account.url, account.is_account) == ("https://app.arduino.cc", True)
    assert account.points == {}
