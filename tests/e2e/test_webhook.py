"""iottly delivers to Home Assistant's own HTTP server: let in, kept out, counted once."""

import asyncio
from contextlib import suppress
from datetime import timedelta
import json
import tracemalloc
import zlib

import aiohttp
import pytest

from custom_components.iot_clouds import webhook as door_module
from custom_components.iot_clouds.diagnostics import async_get_config_entry_diagnostics
from custom_components.iot_clouds.vendors.iottly import proof
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from simulated_clouds.iottly_variant import IottlyVariant

SENSOR = "Sensor data reading temperature"


@pytest.fixture(autouse=True)
def disable_http_server():
    """Nothing is disabled: here the server is what it is about."""


@pytest.fixture(autouse=True)
async def address(hass, unused_tcp_port):
    """Home Assistant's HTTP server, listening."""
    port = unused_tcp_port
    config = {"http": {"server_host": "127.0.0.1", "server_port": port}}
    assert await async_setup_component(hass, "http", config)
    await hass.http.start()
    hass.config.external_url = f"http://127.0.0.1:{port}"
    yield hass.config.external_url
    await hass.http.stop()


@pytest.fixture
async def entry(house, address):
    return await house.connect("iottly")


@pytest.fixture
def cloud(house, entry):
    return house.clouds["iottly"]


@pytest.fixture
def turn(hass, entry, until):
    """Turn the webhook on or off in the options; what the form told is returned."""

    async def turn(enabled=True):
        options = hass.config_entries.options
        menu = await options.async_init(entry.entry_id)
        form = await options.async_configure(
            menu["flow_id"], {"next_step_id": "webhook"}
        )
        assert form["type"] is FlowResultType.FORM
        await options.async_configure(form["flow_id"], {"enabled": enabled})
        await hass.async_block_till_done()
        await until(lambda: entry.state is ConfigEntryState.LOADED)
        return form["description_placeholders"]

    return turn


@pytest.fixture
async def told(turn):
    return await turn()


@pytest.fixture
def subscribe(cloud, told):
    """Paste what the form told into the vendor's page."""

    def subscribe(**more):
        settings = {"headers": {told["header"]: told["secret"]}, **more}
        return cloud.add_webhook(told["url"], **settings)

    return subscribe


@pytest.fixture
def heard(hass, house, cloud):
    """Payloads of the events of the cellar, in their order."""
    found, moments = [], set()

    @callback
    def listen(event):
        state = event.data["new_state"]
        if not state or state.domain != "event" or "data" not in state.attributes:
            return
        # The state is the moment of the event; what is restored is no event.
        if state.state not in moments:
            moments.add(state.state)
            found.append(state.attributes["data"])

    hass.bus.async_listen("state_changed", listen)
    return found


async def _poll(hass, entry):
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()


def _reading(value):
    return {"sensor_data_reading": {"temperature": value}}


def _deliveries(cloud):
    return [each for each in cloud.log if each.path.startswith("http")]


async def _post(told, body, **headers):
    given = {told["header"]: told["secret"], **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(told["url"], data=body, headers=given) as response,
    ):
        return response.status


async def test_until_the_user_turns_it_on_there_is_no_webhook(hass, entry):
    assert "webhook" not in entry.options
    assert hass.data.get("webhook", {}) == {}


async def test_the_form_tells_what_to_paste_and_keeps_telling_it(told, turn, entry):
    assert told["url"].startswith("http://127.0.0.1:")
    assert "/api/webhook/" in told["url"]
    assert told["header"] == "X-IoT-Clouds-Secret"
    assert len(told["secret"]) >= 32
    assert await turn() == told


@pytest.mark.parametrize("body", ["json", "form", "untyped"])
async def test_a_delivery_moves_the_state_at_once_and_a_poll_adds_nothing(
    hass, house, entry, cloud, subscribe, heard, until, body
):
    cloud.message(house.board("Cellar"), _reading(11.5))
    await _poll(hass, entry)
    await hass.async_block_till_done()
    heard.clear()
    subscribe(body=body)

    cloud.message(house.board("Cellar"), _reading(12.25))

    await until(lambda: house.state("Cellar", SENSOR) == "12.25")
    await _poll(hass, entry)
    await _poll(hass, entry)
    assert [each for each in heard if each == _reading(12.25)] == [_reading(12.25)]


async def test_what_a_poll_found_first_is_no_news_when_it_is_delivered(
    hass, house, entry, cloud, told, heard
):
    cloud.message(house.board("Cellar"), _reading(12.25))
    await _poll(hass, entry)
    assert heard.count(_reading(12.25)) == 1
    [row] = await _newest(cloud, house)
    assert await _post(told, json.dumps({"msg": row})) == 200
    await hass.async_block_till_done()
    assert heard.count(_reading(12.25)) == 1


async def _newest(cloud, house):
    """The newest message as a webhook has it: without its id, with its zone."""
    board = next(
        device["ID"]
        for device in (await _get(cloud, "devices/props"))["devices"]
        if device["name"] == "Cellar"
    )
    found = await _get(cloud, f"messages/{board}?numMessages=1")
    row = dict(found["messages"][0])
    del row["_id"]
    return [row]


async def _get(cloud, path):
    info = cloud.info()
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            f"{info['url']}project/{info['project_id']}/{path}",
            headers={"Authentication": f"bearer {info['api_key']}"},
        ) as response,
    ):
        return await response.json()


async def test_the_sensor_of_the_account_proves_the_first_delivery(
    hass, house, entry, cloud, subscribe, until
):
    last = f"sensor.{entry.title.lower().replace(' ', '_')}_last_delivery"
    assert hass.states.get(last).state == "unknown"
    subscribe()
    cloud.message(house.board("Cellar"), _reading(12.25))
    await until(lambda: hass.states.get(last).state not in {"unknown", "unavailable"})
    assert hass.states.get(last).attributes["device_class"] == "timestamp"


async def test_a_connection_message_shows_at_once_who_left(
    hass, house, entry, cloud, subscribe, until
):
    subscribe(type="iottly")
    assert house.state("Cellar", "Connection") == "on"
    cloud.disconnect(house.board("Cellar"))
    await until(lambda: house.state("Cellar", "Connection") == "off")


async def test_a_leaf_that_is_delivered_first_becomes_an_entity(
    hass, house, entry, cloud, subscribe, until
):
    subscribe()
    cloud.message(house.board("Cellar"), {"brand_new": 5})

    def appeared():
        try:
            return house.state("Cellar", "Brand new") == "5"
        except AssertionError:
            return False

    await until(appeared)


@pytest.mark.parametrize("secret", ["wrong", "", "naïve", None])
async def test_a_wrong_secret_is_refused_and_told_once(
    hass, house, cloud, told, caplog, secret
):
    before = house.state("Cellar", SENSOR)
    [row] = await _newest_after(cloud, house, 30)
    headers = {} if secret is None else {told["header"]: secret}
    for _ in range(3):
        async with (
            aiohttp.ClientSession() as session,
            session.post(told["url"], json={"msg": row}, headers=headers) as response,
        ):
            assert response.status == 200
            assert await response.text() == ""
    await hass.async_block_till_done()
    assert house.state("Cellar", SENSOR) == before
    assert caplog.text.count("without the right secret were refused") == 1
    assert told["secret"] not in caplog.text
    assert told["url"].rpartition("/")[2] not in _ours(caplog)


def _ours(caplog):
    return "\n".join(
        record.getMessage() for record in caplog.records if "iot_clouds" in record.name
    )


async def _newest_after(cloud, house, value):
    cloud.message(house.board("Cellar"), _reading(value))
    return await _newest(cloud, house)


async def test_wrong_secrets_cost_the_right_one_nothing(
    hass, house, cloud, told, until
):
    for _ in range(300):
        assert await _post(told, b"{}", **{told["header"]: "wrong"}) == 200
    [row] = await _newest_after(cloud, house, 14.5)
    assert await _post(told, json.dumps({"msg": row})) == 200
    await until(lambda: house.state("Cellar", SENSOR) == "14.5")


async def test_a_flood_is_bounded_and_then_it_goes_on(
    hass, house, entry, cloud, told, until, monkeypatch
):
    monkeypatch.setattr(door_module, "RATE", 0.0)
    [row] = await _newest_after(cloud, house, 15.5)
    body = json.dumps({"msg": row})
    async with aiohttp.ClientSession() as session:

        async def post():
            headers = {told["header"]: told["secret"]}
            async with session.post(told["url"], data=body, headers=headers) as answer:
                return answer.status

        found = await asyncio.gather(*(post() for _ in range(400)))
    assert found.count(200) == 200
    assert found.count(429) == 200
    assert house.state("Cellar", SENSOR) == "15.5"

    monkeypatch.setattr(door_module, "RATE", 1e9)
    [row] = await _newest_after(cloud, house, 16.5)
    assert await _post(told, json.dumps({"msg": row})) == 200
    await until(lambda: house.state("Cellar", SENSOR) == "16.5")


@pytest.mark.expects_errors("[aiohttp.server] Unhandled exception", always=False)
async def test_what_is_too_large_or_compressed_is_refused(told, monkeypatch):
    async def pieces():
        for _ in range(20):
            yield b"x" * 16384

    assert await _post(told, b"x" * (256 * 1024 + 1)) == 413
    assert await _post(told, pieces()) == 413
    headers = {"Content-Encoding": "gzip"}
    assert await _post(told, b"anything", **headers) in {400, 415}


@pytest.mark.parametrize("right", [True, False])
async def test_a_packed_delivery_costs_no_more_than_a_plain_one(
    hass, house, cloud, told, until, right
):
    """300 MB of blanks, packed into a few hundred kilobytes."""
    packer = zlib.compressobj(9, wbits=31)
    body = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(300))
    headers = {"Content-Encoding": "gzip"}
    if not right:
        headers[told["header"]] = "wrong"
    tracemalloc.start()
    try:
        # The connection may be closed before all of it was sent.
        with suppress(aiohttp.ClientError):
            assert await _post(told, body, **headers) == (415 if right else 200)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 96 << 20
    [row] = await _newest_after(cloud, house, 14.5)
    assert await _post(told, json.dumps({"msg": row})) == 200
    await until(lambda: house.state("Cellar", SENSOR) == "14.5")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"msg": 5}',
        b'{"msg": "{"}',
        b"msg=%7B",
        b"a=1&" * 50,
        b'{"msg": {"from": 5}}',
        b'{"msg": {"from": "nobody", "payload": {"a": 1}}}',
        b'{"msg": {"from": "x", "to": "another", "payload": {}}}',
        b'{"from": "9af78306-384e-4dbc-9d63-af21cc5496a8", "timestamp": "x"}',
    ],
)
async def test_what_makes_no_sense_changes_nothing(hass, told, entry, body):
    states = {each.entity_id: each.state for each in hass.states.async_all()}
    assert await _post(told, body) == 200
    await hass.async_block_till_done()
    after = {each.entity_id: each.state for each in hass.states.async_all()}
    assert {k: v for k, v in after.items() if "last_delivery" not in k} == {
        k: v for k, v in states.items() if "last_delivery" not in k
    }
    assert entry.state is ConfigEntryState.LOADED


async def test_only_payloads_are_told_as_a_repair_until_devices_come_along(
    hass, house, entry, cloud, subscribe, until
):
    subscribe(only_payload=True)
    cloud.message(house.board("Cellar"), _reading(12.25))
    issue = f"webhook_payload_only_{entry.entry_id}"
    issues = ir.async_get(hass)
    await until(lambda: _deliveries(cloud))
    await _poll(hass, entry)
    assert issues.async_get_issue("iot_clouds", issue)

    cloud.clear_webhooks()
    subscribe()
    cloud.message(house.board("Cellar"), _reading(13.25))
    await until(lambda: house.state("Cellar", SENSOR) == "13.25")
    await _poll(hass, entry)
    assert not issues.async_get_issue("iot_clouds", issue)


async def test_polls_are_rare_while_everything_is_delivered(
    hass, house, entry, cloud, subscribe, until
):
    coordinator = entry.runtime_data.coordinator
    await _poll(hass, entry)
    subscribe()
    cloud.message(house.board("Cellar"), _reading(12.25))
    await until(lambda: house.state("Cellar", SENSOR) == "12.25")
    await _poll(hass, entry)
    assert coordinator.update_interval == timedelta(minutes=5)

    cloud.clear_webhooks()
    cloud.message(house.board("Cellar"), _reading(13.25))
    await _poll(hass, entry)
    assert house.state("Cellar", SENSOR) == "13.25"
    assert coordinator.update_interval == timedelta(seconds=10)


async def test_turned_off_the_address_is_dead_and_the_next_one_is_another(
    hass, house, cloud, told, turn, entry
):
    await turn(enabled=False)
    assert "webhook" not in entry.options
    [row] = await _newest_after(cloud, house, 40)
    # Home Assistant never says whether an address exists.
    assert await _post(told, json.dumps({"msg": row})) == 200
    await hass.async_block_till_done()
    assert house.state("Cellar", SENSOR) != "40"
    again = await turn()
    assert again["url"] != told["url"]
    assert again["secret"] != told["secret"]


async def test_what_was_delivered_before_a_restart_is_no_news_after_it(
    hass, house, entry, cloud, subscribe, heard, until
):
    subscribe()
    cloud.message(house.board("Cellar"), _reading(12.25))
    await until(lambda: house.state("Cellar", SENSOR) == "12.25")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await _poll(hass, entry)
    assert house.state("Cellar", SENSOR) == "12.25"
    assert heard.count(_reading(12.25)) == 1


async def test_an_unloaded_account_takes_nothing(hass, told, entry):
    await hass.config_entries.async_unload(entry.entry_id)
    assert hass.data["webhook"] == {}


async def test_without_an_address_on_the_internet_the_user_is_told_what_to_do(
    hass, entry
):
    hass.config.external_url = None
    options = hass.config_entries.options
    menu = await options.async_init(entry.entry_id)
    result = await options.async_configure(menu["flow_id"], {"next_step_id": "webhook"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "no_address"


async def test_other_clouds_offer_no_webhook(hass, house, address):
    entry = await house.connect("particle")
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert "webhook" not in menu["menu_options"]


async def test_diagnostics_and_states_keep_address_and_secret_to_themselves(
    hass, entry, told, caplog
):
    report = json.dumps(await async_get_config_entry_diagnostics(hass, entry))
    states = json.dumps(
        [each.as_dict() for each in hass.states.async_all()], default=str
    )
    for text in (report, states, _ours(caplog)):
        assert told["secret"] not in text
        assert told["url"].rpartition("/")[2] not in text


async def test_removing_the_account_closes_the_door(hass, house, entry, told):
    await hass.config_entries.async_remove(entry.entry_id)
    del house.entries["iottly"]
    assert hass.data["webhook"] == {}


async def _send(house, cloud, *values):
    for value in values:
        cloud.message(house.board("Cellar"), _reading(value))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Rome"])
@pytest.mark.parametrize("dates", ["offset", "naive", "mongo"])
async def test_dates_in_every_form_are_those_of_the_polled_messages(
    hass, house, entry, cloud, subscribe, heard, until, dates, zone
):
    cloud.variant = IottlyVariant(webhook_dates=dates, page_zone=zone)
    subscribe()
    # Where the zone is open, the first one only says that there is something to read.
    await _send(house, cloud, 12)
    await until(lambda: house.state("Cellar", SENSOR) == "12")
    await _poll(hass, entry)
    await _send(house, cloud, 13)
    await until(lambda: house.state("Cellar", SENSOR) == "13")
    await _poll(hass, entry)
    await _send(house, cloud, 14)
    await _poll(hass, entry)
    await until(lambda: len(_deliveries(cloud)) == 3)
    assert house.state("Cellar", SENSOR) == "14"
    assert heard == [_reading(12), _reading(13), _reading(14)]


@pytest.mark.parametrize("fault", ["duplicate", "reorder", "drop", "garbage", "stall"])
async def test_whatever_happens_to_deliveries_each_message_is_told_once(
    house, address, hass, until, turn, heard, entry, cloud, fault
):
    told = await turn()
    cloud.add_webhook(told["url"], headers={told["header"]: told["secret"]})
    await _poll(hass, entry)
    heard.clear()
    cloud.faults.add(fault, path="^WEBHOOK", count=1)
    await _send(house, cloud, 21, 22, 23)
    if fault != "stall":
        await until(lambda: house.state("Cellar", SENSOR) == "23")
    await _poll(hass, entry)
    await _poll(hass, entry)
    assert house.state("Cellar", SENSOR) == "23"
    assert sorted(each["sensor_data_reading"]["temperature"] for each in heard) == [
        21,
        22,
        23,
    ]


async def test_a_webhook_that_fell_silent_is_a_repair_until_it_delivers_again(
    hass, house, entry, cloud, subscribe, until, monkeypatch
):
    monkeypatch.setattr(proof, "PATIENCE", 0.0)
    issues = ir.async_get(hass)
    issue = f"webhook_silent_{entry.entry_id}"
    subscribe()
    await _send(house, cloud, 20)
    await until(lambda: house.state("Cellar", SENSOR) == "20")
    cloud.clear_webhooks()
    await _send(house, cloud, 21, 22, 23, 24)
    await _poll(hass, entry)
    assert not issues.async_get_issue("iot_clouds", issue)
    await _send(house, cloud, 25)
    await _poll(hass, entry)
    assert issues.async_get_issue("iot_clouds", issue)

    subscribe()
    await _send(house, cloud, 26)
    await until(lambda: house.state("Cellar", SENSOR) == "26")
    await _poll(hass, entry)
    assert not issues.async_get_issue("iot_clouds", issue)
