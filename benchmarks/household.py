"""The devices of the comparison, in each cloud's own documents and in MQTT discovery."""

from collections.abc import Mapping
from dataclasses import dataclass
import json

from .updates import device_of, devices, entities_of

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

CREATED = "2026-01-02T03:04:05Z"

TEMPERATURE: Mapping[str, Json] = {
    "unit_of_measurement": "°C",
    "device_class": "temperature",
    "state_class": "measurement",
}
"""What a sensor of Arduino's type TEMPERATURE is in Home Assistant."""

NUMBER: Mapping[str, Json] = {"state_class": "measurement"}
"""What a sensor of a Particle variable is: the cloud knows no units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of several that share the devices; the first has number 0."""

    number: int = 0
    accounts: int = 1

    @property
    def user_id(self) -> str:
        """Arduino's id of the user."""
        return f"0a1b2c3d-0000-4000-8000-{self.number + 1:012d}"

    @property
    def username(self) -> str:
        """Particle's name of the user."""
        return f"owner{self.number + 1}@example.com"

    def devices(self, entities: int) -> range:
        """Numbers of its devices, where all accounts have so many entities."""
        return devices(entities, self.number, self.accounts)


ONLY = Account()


def variable(entity: int) -> str:
    """Name of the variable behind an entity."""
    return f"value_{entity}"


def thing_id(device: int) -> str:
    """Id of a device as an Arduino thing."""
    return f"11111111-0000-4000-8000-{device:012d}"


def board_id(device: int) -> str:
    """Id of the board of an Arduino thing."""
    return f"22222222-0000-4000-8000-{device:012d}"


def core_id(device: int) -> str:
    """Id of a device as a Particle board."""
    return f"e00fce68{device:016d}"


def arduino_topic(entity: int) -> str:
    """Where a thing's values are published (Arduino reference 5.3)."""
    return f"/a/t/{thing_id(device_of(entity))}/e/o"


def mqtt_topic(entity: int) -> str:
    """Where a value is published for Home Assistant's own MQTT integration."""
    return f"home/device_{device_of(entity)}/{variable(entity)}/state"


def arduino_things(entities: int, account: Account = ONLY) -> Json:
    """The answer to a listing of things with properties (Arduino reference 2.4, 2.5)."""
    owner = account.user_id
    return [_thing(device, entities, owner) for device in account.devices(entities)]


def _thing(device: int, entities: int, owner: str) -> dict[str, Json]:
    own_id = thing_id(device)
    properties: list[Json] = [
        _property(entity, own_id) for entity in entities_of(device, entities)
    ]
    return {
        "id": own_id,
        "href": f"/iot/v1/things/{own_id}",
        "name": f"Device {device}",
        "timezone": "Europe/Rome",
        "user_id": owner,
        "device_id": board_id(device),
        "device_name": f"Board {device}",
        "device_type": "nano_33_iot",
        "created_at": CREATED,
        "updated_at": CREATED,
        "properties": properties,
        "properties_count": len(properties),
    }


def _property(entity: int, own_thing: str) -> Json:
    own_id = f"33333333-0000-4000-8000-{entity:012d}"
    return {
        "id": own_id,
        "href": f"/iot/v1/things/{own_thing}/properties/{own_id}",
        "name": f"Value {entity}",
        "variable_name": variable(entity),
        "type": "TEMPERATURE",
        "permission": "READ_ONLY",
        "update_strategy": "ON_CHANGE",
        "thing_id": own_thing,
        "last_value": "N/A",
    }


def arduino_boards(entities: int, account: Account = ONLY) -> Json:
    """The answer to a listing of devices (Arduino reference 2.7)."""
    return [
        {
            "id": board_id(device),
            "href": f"/iot/v1/devices/{board_id(device)}",
            "name": f"Board {device}",
            "label": "Arduino NANO 33 IoT",
            "serial": f"{device:016d}",
            "type": "nano_33_iot",
            "user_id": account.user_id,
            "connection_type": "wifi",
            "device_status": "ONLINE",
            "created_at": CREATED,
        }
        for device in account.devices(entities)
    ]


def particle_boards(entities: int, account: Account = ONLY) -> dict[str, Json]:
    """Each Particle device with its variables, by id (Particle reference 2.2)."""
    return {
        core_id(device): {
            "id": core_id(device),
            "name": f"device_{device}",
            "platform_id": 12,
            "online": True,
            "connected": True,
            "cellular": False,
            "status": "normal",
            "last_handshake_at": CREATED,
            "variables": {
                variable(entity): "double" for entity in entities_of(device, entities)
            },
            "functions": [],
        }
        for device in account.devices(entities)
    }


def discovery(entities: int, sensor: Mapping[str, Json]) -> dict[str, bytes]:
    """Home Assistant's MQTT discovery messages by topic, one for each device."""
    return {
        f"homeassistant/device/device_{device}/config": json.dumps(
            {
                "device": {
                    "identifiers": [f"device_{device}"],
                    "name": f"Device {device}",
                },
                "origin": {"name": "benchmark"},
                "components": {
                    variable(entity): {
                        "platform": "sensor",
                        "name": f"Value {entity}",
                        "unique_id": variable(entity),
                        "state_topic": mqtt_topic(entity),
                        **sensor,
                    }
                    for entity in entities_of(device, entities)
                },
            }
        ).encode()
        for device in devices(entities)
    }
