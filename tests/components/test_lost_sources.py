"""An entity whose source is gone says so, and gets another source with its history kept."""

from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType

import pytest

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import CloudUnreachable, Kind, Point, Ref
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component

from .fake import board, reading

GATE = "switch.shed_gate"
DOCUMENT = {
    "device": "board-1",
    "platform": "switch",
    "state": {"source": {"point": "variable/door"}},
    "commands": {
        "on": {"send": {"type": "open"}},
        "off": {"send": {"type": "close"}},
    },
    "confirm": 5,
}
HATCH = Point(key="variable/hatch", kind=Kind.FLAG, name="Hatch")


@pytest.fixture
async def gate(hass, loaded):
    subentry = ConfigSubentry(
        data=MappingProxyType(DOCUMENT),
        subentry_type="mapping",
        title="Gate",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(loaded, subentry)
    await hass.async_block_till_done()
    return subentry


@pytest.fixture
def relist(hass, cloud, loaded):
    """List these devices, or what else the cloud was given."""

    async def relist(devices=None):
        if devices is not None:
            cloud.devices = devices
        await loaded.runtime_data.coordinator.async_refresh()
        await hass.async_block_till_done()

    return relist


def _without_door(**more):
    plain = board()
    points = {key: each for key, each in plain.points.items() if key != "variable/door"}
    return {"board-1": replace(plain, points={**points, **more})}


def _issue(hass, gate):
    return ir.async_get(hass).async_get_issue(DOMAIN, f"source_gone_{gate.subentry_id}")


async def _begin(hass, client, gate):
    response = await client.post(
        "/api/repairs/issues/fix",
        json={"handler": DOMAIN, "issue_id": f"source_gone_{gate.subentry_id}"},
    )
    assert response.status == HTTPStatus.OK
    return await response.json()


@pytest.fixture
async def client(hass, hass_client):
    assert await async_setup_component(hass, REPAIRS, {})
    return await hass_client()


async def test_a_source_that_is_gone_makes_unavailable_and_opens_a_repair(
    hass, cloud, loaded, gate, relist
):
    assert hass.states.get(GATE).state == "off"
    assert _issue(hass, gate) is None

    await relist(_without_door())

    assert hass.states.get(GATE).state == "unavailable"
    issue = _issue(hass, gate)
    assert issue.is_fixable
    assert issue.translation_placeholders == {
        "account": loaded.title,
        "name": "Gate",
        "device": "Shed",
        "lost": "door",
    }

    await relist({"board-1": board()})
    assert hass.states.get(GATE).state == "off"
    assert _issue(hass, gate) is None


async def test_another_source_is_chosen_and_the_entity_stays(
    hass, cloud, loaded, gate, relist, client
):
    before = er.async_get(hass).async_get(GATE)
    cloud.readings[Ref("board-1", "variable/hatch")] = reading(True)
    await relist(_without_door(**{"variable/hatch": HATCH}))

    form = await _begin(hass, client, gate)
    assert form["step_id"] == "source"
    assert form["description_placeholders"] == {
        "name": "Gate",
        "device": "Shed",
        "lost": "door",
    }
    [field] = form["data_schema"]
    offered = {
        each["value"]: each["label"] for each in field["selector"]["select"]["options"]
    }
    assert offered["variable/hatch"] == "Hatch"
    # Neither numbers nor texts can be on or off.
    assert "variable/temp" not in offered
    assert f"mapping/{gate.subentry_id}" not in offered

    done = await client.post(
        f"/api/repairs/issues/fix/{form['flow_id']}", json={"source": "variable/hatch"}
    )
    assert (await done.json())["type"] == "create_entry"
    await hass.async_block_till_done()

    assert hass.states.get(GATE).state == "on"
    assert er.async_get(hass).async_get(GATE).id == before.id
    assert _issue(hass, gate) is None
    kept = loaded.subentries[gate.subentry_id].data
    assert kept["state"] == {"source": {"point": "variable/hatch"}}
    assert kept["confirm"] == 5


@pytest.mark.expects_errors("Error fetching Home data")
async def test_a_device_that_is_gone_or_a_listing_with_holes_opens_no_repair(
    hass, cloud, loaded, gate, relist
):
    cloud.complete = False
    await relist(_without_door())
    assert _issue(hass, gate) is None
    cloud.complete = True
    await relist({})
    assert _issue(hass, gate) is None
    cloud.error = CloudUnreachable("away")
    await relist(_without_door())
    assert _issue(hass, gate) is None


async def test_the_repair_ends_with_the_mapping_and_with_the_account(
    hass, cloud, loaded, gate, relist, client
):
    await relist(_without_door())
    form = await _begin(hass, client, gate)
    assert form["type"] == "form"
    hass.config_entries.async_remove_subentry(loaded, gate.subentry_id)
    await hass.async_block_till_done()
    assert _issue(hass, gate) is None

    late = await client.post(
        f"/api/repairs/issues/fix/{form['flow_id']}", json={"source": "variable/pump"}
    )
    assert (await late.json())["reason"] == "gone"

    await hass.config_entries.async_unload(loaded.entry_id)
    assert not ir.async_get(hass).issues


async def test_the_repair_needs_an_account_that_is_connected(
    hass, cloud, loaded, gate, relist, client
):
    await relist(_without_door())
    form = await _begin(hass, client, gate)
    await hass.config_entries.async_unload(loaded.entry_id)
    late = await client.post(
        f"/api/repairs/issues/fix/{form['flow_id']}", json={"source": "variable/pump"}
    )
    assert (await late.json())["reason"] == "not_loaded"


async def test_an_entity_of_two_lost_variables_is_repaired_one_after_the_other(
    hass, cloud, loaded, relist, client
):
    document = {
        "device": "board-1",
        "platform": "cover",
        "state": {"source": {"point": "variable/door"}},
        "level": {"source": {"point": "variable/travel"}},
        "commands": {
            "open": {"send": {"type": "open"}},
            "close": {"send": {"type": "close"}},
        },
    }
    blind = ConfigSubentry(
        data=MappingProxyType(document),
        subentry_type="mapping",
        title="Blind",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(loaded, blind)
    await hass.async_block_till_done()
    await relist(_without_door(**{"variable/hatch": HATCH}))

    first = await _begin(hass, client, blind)
    assert first["description_placeholders"]["lost"] == "door"
    url = f"/api/repairs/issues/fix/{first['flow_id']}"
    second = await (await client.post(url, json={"source": "variable/hatch"})).json()
    assert (second["type"], second["step_id"]) == ("form", "source")
    assert second["description_placeholders"]["lost"] == "travel"
    done = await (await client.post(url, json={"source": "variable/temp"})).json()
    assert done["type"] == "create_entry"
    await hass.async_block_till_done()
    kept = loaded.subentries[blind.subentry_id].data
    assert kept["state"]["source"] == {"point": "variable/hatch"}
    assert kept["level"]["source"] == {"point": "variable/temp"}
    assert _issue(hass, blind) is None


async def test_a_source_that_comes_back_leaves_nothing_to_choose(
    hass, cloud, loaded, gate, relist, client
):
    await relist(_without_door())
    form = await _begin(hass, client, gate)
    await relist({"board-1": board()})
    late = await client.post(
        f"/api/repairs/issues/fix/{form['flow_id']}", json={"source": "variable/pump"}
    )
    assert (await late.json())["reason"] == "gone"
    assert loaded.subentries[gate.subentry_id].data == DOCUMENT


async def test_a_device_without_variables_has_nothing_to_choose(
    hass, cloud, loaded, gate, relist, client
):
    await relist({"board-1": board(points={})})
    form = await _begin(hass, client, gate)
    assert form["type"] == "abort"
    assert form["reason"] == "nothing_left"


@pytest.fixture
async def bell(hass, loaded):
    """A switch whose two commands call one function."""
    document = {
        "device": "board-1",
        "platform": "switch",
        "state": {"source": {"point": "variable/door"}},
        "commands": {
            "on": {"call": {"function": "ring", "argument": "1"}},
            "off": {"call": {"function": "ring", "argument": "0"}},
        },
    }
    subentry = ConfigSubentry(
        data=MappingProxyType(document),
        subentry_type="mapping",
        title="Bell",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(loaded, subentry)
    await hass.async_block_till_done()
    return subentry


def _bell_issue(hass, bell):
    return ir.async_get(hass).async_get_issue(
        DOMAIN, f"function_gone_{bell.subentry_id}"
    )


async def test_a_function_that_is_gone_is_replaced_wherever_it_is_called(
    hass, cloud, loaded, bell, relist, client
):
    await relist({"board-1": board(functions=("ring",))})
    assert _bell_issue(hass, bell) is None
    await relist({"board-1": board(functions=("chime", "open"))})
    assert _bell_issue(hass, bell).translation_placeholders == {
        "account": "Home",
        "name": "Bell",
        "device": "Shed",
        "lost": "ring",
    }

    response = await client.post(
        "/api/repairs/issues/fix",
        json={"handler": DOMAIN, "issue_id": f"function_gone_{bell.subentry_id}"},
    )
    form = await response.json()
    assert form["step_id"] == "function"
    [field] = form["data_schema"]
    offered = [each["value"] for each in field["selector"]["select"]["options"]]
    assert offered == ["chime", "open"]
    done = await client.post(
        f"/api/repairs/issues/fix/{form['flow_id']}", json={"function": "chime"}
    )
    assert (await done.json())["type"] == "create_entry"
    await hass.async_block_till_done()
    assert loaded.subentries[bell.subentry_id].data["commands"] == {
        "on": {"call": {"function": "chime", "argument": "1"}},
        "off": {"call": {"function": "chime", "argument": "0"}},
    }
    assert _bell_issue(hass, bell) is None

    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.shed_bell"}, blocking=True
    )
    [called] = cloud.commands
    assert (called.function, called.argument) == ("chime", "1")


async def test_a_function_that_comes_back_or_was_never_told_of_is_no_repair(
    hass, cloud, loaded, bell, relist
):
    await relist({"board-1": board(functions=("open",))})
    assert _bell_issue(hass, bell)
    await relist({"board-1": board(functions=("open", "ring"))})
    assert _bell_issue(hass, bell) is None
    await relist({"board-1": board(functions=())})
    assert _bell_issue(hass, bell) is None
