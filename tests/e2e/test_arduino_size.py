"""An account of 200 things with 1000 variables costs no more than a small one."""

from uuid import UUID

import pytest

from custom_components.iot_clouds.const import DOMAIN
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from simulated_clouds import mqtt_session
from simulated_clouds.world import Board, Value, Variable, World

THINGS = 200


def _board(number: int) -> Board:
    """A thing with five variables; the first four things have nothing but switches."""
    types = ["TEMPERATURE", "PERCENTAGE", "INT", "CHARSTRING", "STATUS"]
    values: list[Value] = [20.5, 40.0, number, "auto", False]
    if number < 4:
        types, values = ["STATUS"] * 5, [False] * 5
    return Board(
        id=str(UUID(int=0x5B000000000040008000000000000000 + number)),
        name=f"Thing {number}",
        cloud="arduino",
        variables={
            f"v{index}": Variable(
                name=f"v{index}", type=type_, value=value, writable=type_ == "STATUS"
            )
            for index, (type_, value) in enumerate(zip(types, values, strict=True))
        },
        facts={
            "encoder": "cpp",
            "secret_key": f"KEY-{number}",
            "device": {
                "id": str(UUID(int=0x0D000000000040008000000000000000 + number)),
                "name": f"Board {number}",
                "label": "Arduino NANO 33 IoT",
                "type": "nano_33_iot",
                "fqbn": "arduino:samd:nano_33_iot",
                "serial": f"{number:016X}",
                "connection_type": "wifi",
            },
        },
    )


@pytest.fixture
def subscribes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many topics each SUBSCRIBE packet had that reached the broker."""
    packets: list[int] = []
    handle = mqtt_session.Session._subscribe

    async def counted(self, who, packet):
        await handle(self, who, packet)
        packets.append(len(packet.filters))

    monkeypatch.setattr(mqtt_session.Session, "_subscribe", counted)
    return packets


async def _no_wait(self, *, urgent: bool = False) -> None:
    pass


def _asked(cloud) -> list[str]:
    return sorted(
        f"{entry.method} {entry.path}"
        for entry in cloud.requests()
        if entry.path != "/mqtt"
    )


async def test_200_things_cost_three_requests_four_packets_and_one_connection(
    hass, house, until, subscribes, monkeypatch
):
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", _no_wait
    )
    house.world = World([_board(number) for number in range(THINGS)], seed=7)
    entry = await house.connect("arduino", rate_limit=1000)
    cloud = house.clouds["arduino"]
    await until(lambda: sum(subscribes) == THINGS)

    # What a start costs, without the check of the credentials in the form.
    cloud.log.clear()
    del subscribes[:]
    await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: sum(subscribes) == THINGS)
    assert _asked(cloud) == [
        "GET /iot/v2/devices",
        "GET /iot/v2/things",
        "POST /iot/v1/clients/token",
    ]
    assert len(subscribes) <= 4
    assert len(cloud.broker.sessions()) == 1
    assert len(cloud.requests("GET", "/mqtt")) == 1
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    shown = [entity for entity in entities if "_property/" in entity.unique_id]
    assert len(shown) == THINGS * 5
    assert house.state("Thing 199", "V2") == "199"

    # A poll is one listing.
    cloud.log.clear()
    await entry.runtime_data.coordinator.async_refresh()
    assert _asked(cloud) == ["GET /iot/v2/things"]

    # A scene of 20 switches on 4 things is 4 requests.
    switches = [
        house.entity(f"Thing {thing}", f"V{index}")
        for thing in range(4)
        for index in range(5)
    ]
    scene = {"name": "All on", "entities": dict.fromkeys(switches, "on")}
    assert await async_setup_component(hass, "scene", {"scene": [scene]})
    await hass.async_block_till_done()
    cloud.log.clear()
    await hass.services.async_call(
        "scene", "turn_on", {"entity_id": "scene.all_on"}, blocking=True
    )
    assert len(_asked(cloud)) == 4
    assert all(path.endswith("/publish") for path in _asked(cloud))
    for thing in range(4):
        board = house.board(f"Thing {thing}")
        assert all(variable.value is True for variable in board.variables.values())
    assert {hass.states.get(switch).state for switch in switches} == {"on"}
    assert entry.domain == DOMAIN
