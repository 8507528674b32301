"""Names and ids are data: whatever stands in them, they lead a request nowhere else."""

import json
import logging
import re
from typing import Any

from aiohttp import web
import pytest

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import (
    Call,
    CloudError,
    Press,
    Publish,
    Ref,
    Rename,
    Send,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from tests.e2e.conftest import CLOUDS, STEPS, choose, form
from tests.vendors.particle.fake import read_all

HOSTILE = [
    "..",
    ".",
    "../../v1/user",
    "a/b",
    "a\\b",
    "a?b=c",
    "a#b",
    "a%2fb",
    "%2e%2e",
    "+",
    "#",
    "/a/t/+/e/o",
    "a b",
    "a\r\nX-Evil: 1",
    "a\nX-Evil: 1",
    "a\0b",
    "a\x7fb",
    "a;b",
    "a:b@c",
    "//evil.example/x",
    "http://evil.example",
    "ä",
    "日本",
    "\ud800",
    "a" * 5000,
]
QUOTED = {
    "..": "%2E%2E",
    ".": "%2E",
    "../../v1/user": "..%2F..%2Fv1%2Fuser",
    "a/b": "a%2Fb",
    "a\\b": "a%5Cb",
    "a?b=c": "a%3Fb%3Dc",
    "a#b": "a%23b",
    "a%2fb": "a%252fb",
    "%2e%2e": "%252e%252e",
    "+": "%2B",
    "#": "%23",
    "a b": "a%20b",
    "a\r\nX-Evil: 1": "a%0D%0AX-Evil%3A%201",
    "a:b@c": "a%3Ab%40c",
    "//evil.example/x": "%2F%2Fevil.example%2Fx",
    "ä": "%C3%A4",
}
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
WORKSHOP = "e00fce6801a2b3c4d5e6f701"

PATHS = {
    "arduino": rf"/mqtt|/iot/v1/(clients/token|property_types)|/iot/v2/(things|devices)"
    rf"(\?[a-z_]+=true)?|/iot/v2/things/{UUID}/properties/{UUID}/publish",
    "particle": r"/v1/(devices|devices/events|user|access_tokens/current|sims\?page=1)"
    r"|/v1/sims/([0-9]{20}|a%2Fb)/data_usage|/v1/user/[a-z_/]+"
    r"|/v1/(devices|diagnostics)/[0-9a-f]{24}(/last)?"
    r"|/v1/devices/[0-9a-f]{24}/(?!\.+$)[A-Za-z0-9%._~-]+"
    r"|/v1/products/[0-9]+(/[a-z]+)?(/[0-9a-f]{24})?(\?[a-z_=&0-9]+)?",
    "iottly": rf"/v1\.0/project/[0-9a-f]{{24}}/(inspect|license|devices/props"
    rf"|messages/{UUID}\?numMessages=\d+"
    rf"|device/{UUID}/(command|props|messages/paginated\?[a-zA-Z0-9=&%:.+-]+))",
}
"""What may be asked for at each cloud, as it goes over the wire."""


class Listener:
    """Sees what goes over the wire, and may change what a cloud answers."""

    def __init__(self, cloud: Any) -> None:
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.changes: dict[str, Any] = {}
        answer = cloud._answer

        async def listen(request: web.Request, handler: Any) -> web.StreamResponse:
            self.paths.append(request.raw_path)
            self.headers.append(dict(request.headers))
            response: web.Response = await answer(request, handler)
            for path, change in self.changes.items():
                if response.status == 200 and re.fullmatch(path, request.path):
                    return web.json_response(change(json.loads(response.text or "")))
            return response

        cloud._answer = listen

    def strays(self, cloud: str) -> list[str]:
        """Requests that nobody should have made."""
        allowed = re.compile(PATHS[cloud])
        return [path for path in self.paths if not allowed.fullmatch(path)]


@pytest.fixture
def start(house, monkeypatch):
    """Start a cloud that is listened to, and returns it with the account's form."""

    async def start(name, **options):
        cloud = house.clouds[name] = await CLOUDS[name](house.world, **options).start()
        return cloud, Listener(cloud)

    return start


async def _sign_in(house, cloud, filled=None, steps=None):
    shown = await choose(house.hass, *(steps or STEPS[cloud.name]))
    done = await house.hass.config_entries.flow.async_configure(
        shown["flow_id"], filled or form(cloud)
    )
    await house.hass.async_block_till_done()
    if done["type"] is FlowResultType.CREATE_ENTRY:
        house.entries[cloud.name] = done["result"]
    return done


def _more_things(listed):
    good = listed[0]
    if "properties" not in good:
        # The form only wants to know whether there is a listing.
        return listed
    hostile = [{**good, "id": each, "name": each} for each in HOSTILE]
    properties = [
        {**good["properties"][0], "id": each, "name": each, "variable_name": each}
        for each in HOSTILE
    ]
    named = [
        {**listed[1], "name": each, "id": f"{n:08x}{listed[1]['id'][8:]}"}
        for n, each in enumerate(HOSTILE)
    ]
    more = {**good, "properties": [*good["properties"], *properties]}
    return [more, *listed[1:], *hostile, *named]


def _more_devices(listed):
    hostile = [{**listed[0], "id": each, "name": each} for each in HOSTILE]
    above = [{**listed[0], "id": f"{each}/{WORKSHOP}"} for each in HOSTILE]
    return [*listed, *hostile, *above]


def _more_functions(device):
    return {
        **device,
        "name": "a\r\nb",
        "iccid": "a/b",
        "functions": [*device["functions"], *HOSTILE],
        "variables": {**device["variables"], **dict.fromkeys(HOSTILE, "string")},
    }


def _more_props(listed):
    good = listed["devices"][0]
    hostile = [{**good, "ID": each, "name": each} for each in HOSTILE]
    return {**listed, "devices": [*listed["devices"], *hostile]}


LISTINGS = {
    "arduino": {"/iot/v2/things": _more_things},
    "particle": {"/v1/devices": _more_devices},
    "iottly": {"/v1.0/project/[0-9a-f]+/devices/props": _more_props},
}


@pytest.mark.parametrize("name", CLOUDS)
@pytest.mark.expects_errors("Error fetching")
async def test_names_that_a_cloud_lists_make_no_lines_of_the_log(
    hass, house, start, until, caplog, name
):
    caplog.set_level(logging.DEBUG, "custom_components.iot_clouds")
    cloud, listener = await start(name)
    listener.changes = LISTINGS[name] | {
        f"/v1/devices/{WORKSHOP}": _more_functions,
    }
    done = await _sign_in(house, cloud)
    runtime = done["result"].runtime_data
    await until(lambda: all(runtime.feeds.live.values()))
    cloud.faults.add("server_error")
    await runtime.coordinator.async_refresh()
    cloud.faults.clear()
    await runtime.coordinator.async_refresh()
    said = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.iot_clouds")
    ]
    assert said
    assert [line for line in said if re.search(r"[\r\n\0]", line)] == []


HUGE = "x" * (1 << 20)


def _huge(told):
    """The same, with a megabyte in each text but those that tell what it belongs to."""
    if isinstance(told, dict):
        return {
            key: each if key in {"id", "ID", "thing_id", "permission"} else _huge(each)
            for key, each in told.items()
        }
    if isinstance(told, list):
        # One of each is enough, and takes less time.
        return [*map(_huge, told[:1]), *told[1:]]
    return HUGE if isinstance(told, str) else told


@pytest.mark.parametrize("name", CLOUDS)
@pytest.mark.expects_errors("Error fetching", always=False)
async def test_a_megabyte_makes_no_long_line_of_the_log(
    hass, house, start, until, caplog, name
):
    cloud, listener = await start(name)
    done = await _sign_in(house, cloud)
    runtime = done["result"].runtime_data
    await until(lambda: all(runtime.feeds.live.values()))
    board = {"arduino": "Greenhouse", "particle": "Workshop", "iottly": "Cellar"}[name]
    action, data = ACTIONS[name]
    target = (
        {"entity_id": house.entity(board, "Pump")}
        if action == "set_value"
        else {"device_id": house.device_id(board)}
    )
    caplog.set_level(logging.DEBUG, "custom_components.iot_clouds")
    for path in (*LISTINGS[name], f"/v1/devices/{WORKSHOP}"):
        listener.changes[path] = _huge
    await runtime.coordinator.async_refresh()
    cloud.server_error = lambda status: web.json_response(
        {"error": HUGE, "code": HUGE, "detail": HUGE, "errors": [HUGE]}, status=400
    )
    cloud.faults.add("server_error")
    await runtime.coordinator.async_refresh()
    with pytest.raises(HomeAssistantError) as failed:
        await hass.services.async_call(
            DOMAIN, action, {**target, **data}, blocking=True
        )
    placeholders = failed.value.translation_placeholders or {}
    assert all(len(each) <= 255 for each in placeholders.values())
    said = [
        logging.Formatter().format(record)
        for record in caplog.records
        if record.name.startswith("custom_components.iot_clouds")
    ]
    assert said
    assert max(map(len, said)) < 4000


@pytest.mark.parametrize("name", CLOUDS)
async def test_ids_that_a_cloud_lists_lead_a_request_nowhere_else(
    hass, house, start, until, name
):
    cloud, listener = await start(name)
    listener.changes = LISTINGS[name]
    done = await _sign_in(house, cloud)
    runtime = done["result"].runtime_data
    await until(lambda: all(runtime.feeds.live.values()))
    await runtime.coordinator.async_refresh()
    await hass.async_block_till_done()
    ours = {board.id for board in house.world.of(name)}
    made_up = {f"{n:08x}" for n in range(len(HOSTILE))}
    listed = set(runtime.coordinator.data) - {done["result"].entry_id}
    assert {each for each in listed if each[:8] not in made_up} <= ours
    assert listener.strays(name) == []
    assert [head for head in listener.headers if "X-Evil" in head] == []


async def test_things_that_a_cloud_lists_lead_to_no_other_topic(house, start, until):
    cloud, listener = await start("arduino")
    listener.changes = LISTINGS["arduino"]
    done = await _sign_in(house, cloud)
    runtime = done["result"].runtime_data
    await until(lambda: all(runtime.feeds.live.values()))
    [session] = cloud.broker.sessions(label="MQTT")
    topics = set(session.subscriptions)
    assert f"/a/t/{house.board('Greenhouse').id}/e/o" in topics
    assert [each for each in topics if not re.fullmatch(f"/a/t/{UUID}/e/o", each)] == []


@pytest.fixture
async def workshop(hass, house, start):
    """A Particle account whose board has hostile functions and variables."""
    cloud, listener = await start("particle")
    listener.changes = {f"/v1/devices/{WORKSHOP}": _more_functions}
    done = await _sign_in(house, cloud)
    await hass.async_block_till_done()
    assert listener.strays("particle") == []
    return done["result"].runtime_data.coordinator, listener


@pytest.mark.parametrize("name", QUOTED, ids=ascii)
async def test_a_function_is_called_by_its_name_and_by_nothing_else(
    hass, house, workshop, name
):
    coordinator, listener = workshop
    assert name in coordinator.data[WORKSHOP].functions
    [device_id] = [
        each.id
        for each in dr.async_get(hass).devices
        if (DOMAIN, WORKSHOP) in each.identifiers
    ]
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            DOMAIN,
            "call_function",
            {"device_id": device_id, "function": name},
            blocking=True,
            return_response=True,
        )
    assert f"/v1/devices/{WORKSHOP}/{QUOTED[name]}" in listener.paths
    assert listener.strays("particle") == []


@pytest.mark.parametrize("name", QUOTED, ids=ascii)
async def test_a_variable_is_read_by_its_name_and_by_nothing_else(workshop, name):
    coordinator, listener = workshop
    assert f"variable/{name}" in coordinator.data[WORKSHOP].points
    reader = coordinator.cloud.reader
    await read_all(reader, [Ref(WORKSHOP, f"variable/{name}")], asked=True)
    assert f"/v1/devices/{WORKSHOP}/{QUOTED[name]}" in listener.paths
    assert listener.strays("particle") == []


ACTIONS = {
    "arduino": ("set_value", {"value": True}),
    "particle": ("call_function", {"function": "setNote", "argument": "x"}),
    "iottly": ("send_command", {"type": "beep"}),
}
COMMANDS = {
    "particle": lambda name: [
        Call(device_id=WORKSHOP, function=name),
        Publish(name=name, data=name),
        Press(ref=Ref(WORKSHOP, f"function/{name}")),
    ],
    "iottly": lambda name: [
        Send(device_id="CELLAR", type=name, options={name: name}),
        Rename(device_id="CELLAR", name=name),
    ],
}


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:30])
@pytest.mark.parametrize("vendor", COMMANDS)
async def test_what_a_user_names_stays_in_its_place(house, start, vendor, name):
    cloud, listener = await start(vendor)
    done = await _sign_in(house, cloud)
    listener.paths.clear()
    listener.headers.clear()
    execute = done["result"].runtime_data.coordinator.cloud.execute
    cellar = house.board("Cellar").id
    for command in COMMANDS[vendor](name):
        if getattr(command, "device_id", "") == "CELLAR":
            object.__setattr__(command, "device_id", cellar)
        try:
            await execute(command)
        except CloudError:
            continue
    assert listener.strays(vendor) == []
    assert [head for head in listener.headers if "X-Evil" in head] == []


FIELDS = [
    ("arduino", ("arduino",), "client_id"),
    ("arduino", ("arduino",), "client_secret"),
    ("arduino", ("arduino",), "organization_id"),
    ("particle", ("particle", "particle_token"), "access_token"),
    ("particle", ("particle", "particle_token"), "product"),
    ("particle", ("particle", "particle_token"), "organization"),
    ("particle", ("particle", "particle_password"), "username"),
    ("particle", ("particle", "particle_password"), "password"),
    ("iottly", ("iottly",), "project_id"),
    ("iottly", ("iottly",), "api_key"),
]
ERRORS = {
    "invalid_auth",
    "invalid_api_key",
    "invalid_organization",
    "invalid_product",
    "invalid_project_id",
    "invalid_space",
    "cannot_connect",
}
SIGN_IN = {
    "arduino": r"/iot/v1/clients/token",
    "particle": r"/oauth/token|/v1/access_tokens/current|/v1/user|/v1/devices"
    r"|/v1/(products|orgs)/[A-Za-z0-9%._~-]+(/devices\?page=1|/products)?",
    "iottly": r"never",
}


# Home Assistant takes no halves of surrogate pairs from a browser.
@pytest.mark.parametrize(
    "value",
    [each for each in HOSTILE if each != "\ud800"],
    ids=lambda name: ascii(name)[:30],
)
@pytest.mark.parametrize(("name", "steps", "key"), FIELDS)
async def test_what_is_typed_in_a_form_stays_in_its_place(
    house, start, name, steps, key, value
):
    cloud, listener = await start(name)
    filled = form(cloud)
    if steps[-1] == "particle_password":
        advanced = filled["advanced"]
        filled = {
            "username": cloud.options.username,
            "password": cloud.options.password,
            "advanced": advanced,
        }
    done = await _sign_in(house, cloud, {**filled, key: value}, steps)
    assert done["type"] is FlowResultType.FORM
    assert set(done["errors"].values()) <= ERRORS
    assert [
        path for path in listener.paths if not re.fullmatch(SIGN_IN[name], path)
    ] == []
    assert [head for head in listener.headers if "X-Evil" in head] == []
