"""Particle's own published client beside Home Assistant, on one simulated cloud."""

from homeassistant.helpers import device_registry as dr
from tests.contract.particle_node.client import particle_js

WORKSHOP = "e00fce6801a2b3c4d5e6f701"
VAN = "e00fce6804d5e6f701122334"
OPENED = ("sse", "OPEN")


async def started(house, until):
    """Connect Particle, and wait for Home Assistant's stream and first values."""
    entry = await house.connect("particle")
    cloud = house.clouds["particle"]
    await until(lambda: [e for e in cloud.log if (e.channel, e.method) == OPENED])
    await until(lambda: house.state("Workshop", "note") != "unknown")
    return entry, cloud


async def signed_in(js, cloud):
    """Sign the client in as a person would, and return its token."""
    info = cloud.info()
    answer = await js.call(
        "login", username=info["username"], password=info["password"]
    )
    return answer["body"]["access_token"]


async def test_the_client_sees_what_home_assistant_publishes(house, until):
    entry, cloud = await started(house, until)
    async with particle_js(cloud.url) as js:
        auth = await signed_in(js, cloud)
        await js.call("getEventStream", auth=auth, deviceId="mine")
        await house.hass.services.async_call(
            "iot_clouds",
            "publish_event",
            {"config_entry_id": entry.entry_id, "name": "home/away", "data": "3 °C"},
            blocking=True,
        )
        event = await js.until(lambda event: event["name"] == "home/away")
    assert (event["data"], event["coreid"]) == ("3 °C", "api")


async def test_the_client_sees_what_a_board_does_that_home_assistant_calls(
    house, until
):
    _, cloud = await started(house, until)
    async with particle_js(cloud.url) as js:
        auth = await signed_in(js, cloud)
        await js.call("getEventStream", auth=auth, deviceId=WORKSHOP, name="fan")
        answer = await house.hass.services.async_call(
            "iot_clouds",
            "call_function",
            {
                "device_id": house.device_id("Workshop"),
                "function": "setFan",
                "argument": "on",
            },
            blocking=True,
            return_response=True,
        )
        event = await js.event()
        value = await js.call("getVariable", auth=auth, deviceId=WORKSHOP, name="fan")
    assert answer["return_value"] == 1
    assert (event["coreid"], event["data"]) == (WORKSHOP, "true")
    assert value["body"]["result"] is True


async def test_home_assistant_sees_what_a_board_does_that_the_client_calls(
    house, until
):
    _, cloud = await started(house, until)
    assert house.state("Workshop", "fan") == "off"
    reads = len(cloud.requests("GET", f"/v1/devices/{WORKSHOP}/"))
    async with particle_js(cloud.url) as js:
        auth = await signed_in(js, cloud)
        asked = {"deviceId": WORKSHOP, "name": "setFan", "argument": "on"}
        called = await js.call("callFunction", auth=auth, **asked)
        assert called["body"]["return_value"] == 1
        await until(lambda: house.state("Workshop", "fan") == "on")
        assert len(cloud.requests("GET", f"/v1/devices/{WORKSHOP}/")) == reads
        asked = {"deviceId": VAN, "name": "cmd", "argument": '{"cmd":"get_loc"}'}
        await js.call("callFunction", auth=auth, **asked)
    tracker = house.entity("Van", None)
    await until(lambda: "latitude" in house.hass.states.get(tracker).attributes)
    assert house.hass.states.get(tracker).attributes["latitude"] == 48.14012345


async def test_the_client_and_home_assistant_show_the_same_boards(house, until):
    entry, cloud = await started(house, until)
    async with particle_js(cloud.url) as js:
        listed = await js.call("listDevices", auth=await signed_in(js, cloud))
    registered = {
        device.name
        for device in dr.async_entries_for_config_entry(
            dr.async_get(house.hass), entry.entry_id
        )
    }
    assert {device["name"] for device in listed["body"]} == {
        "Workshop",
        "Beehive",
        "Aquarium",
        "Van",
    }
    assert {device["name"] for device in listed["body"]} <= registered


async def test_signing_the_client_out_leaves_home_assistant_signed_in(house, until):
    _, cloud = await started(house, until)
    async with particle_js(cloud.url) as js:
        auth = await signed_in(js, cloud)
        gone = await js.call("deleteCurrentAccessToken", auth=auth)
        assert gone["body"] == {"ok": True}
        assert (await js.call("listDevices", auth=auth))["failed"] == 401
    house.world.set(house.board("Workshop"), temperature=26.25)
    await until(lambda: house.state("Workshop", "temperature") == "26.25")
