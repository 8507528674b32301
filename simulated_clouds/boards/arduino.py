"""The boards that this household keeps in Arduino Cloud.

A board's id is its thing's id. Its facts are what the cloud knows beside the values:
`device` (fields of the device), `secret_key`, `encoder` (whose SenML form it speaks) and
`properties` (fields of single variables that differ from the usual).
"""

import random
from typing import Any

from simulated_clouds.boards import arduino_home
from simulated_clouds.world import Board, Value, Variable, drift, toggle

TIMEZONE = "Europe/Rome"


def boards() -> list[Board]:
    """All boards of the account, as they are at the start."""
    return [
        _greenhouse(),
        _garage(),
        _boiler_room(),
        _weather_mast(),
        *arduino_home.boards(),
    ]


def _variables(*variables: Variable) -> dict[str, Variable]:
    return {variable.name: variable for variable in variables}


def _reading(name: str, type_: str, value: Value, **more: Any) -> Variable:
    return Variable(name=name, type=type_, value=value, **more)


def _control(name: str, type_: str, value: Value) -> Variable:
    return Variable(name=name, type=type_, value=value, writable=True)


def _greenhouse() -> Board:
    return Board(
        id="5b1f6a3e-7c24-4d0b-9e51-2f8c6d1a4e01",
        name="Greenhouse",
        cloud="arduino",
        variables=_variables(
            _reading("temperature", "TEMPERATURE_C", 21.5, move=drift(12, 34, 0.4)),
            _reading(
                "humidity", "PERCENTAGE_RELATIVE_HUMIDITY", 62.0, move=drift(35, 95, 1)
            ),
            _reading("soil_moisture", "PERCENTAGE", 41.0, move=drift(15, 80, 0.8)),
            _control("pump", "STATUS", False),
            _control("valve", "HOME_SWITCH", True),
            _reading("mode", "CHARSTRING", "auto"),
        ),
        facts={
            "encoder": "cpp",
            "secret_key": "GREEN-7Q2M-PX4K-0001",
            "device": {
                "id": "0d6b2f94-31aa-4c7e-8b15-6e90c2d4a701",
                "name": "Greenhouse Nano",
                "label": "Arduino NANO 33 IoT",
                "type": "nano_33_iot",
                "fqbn": "arduino:samd:nano_33_iot",
                "serial": "4A51C2D85150484B392E3120FF0B1C2D",
                "connection_type": "wifi",
                "lib_version": "2.9.3",
                "wifi_fw_version": "1.5.0",
            },
            "tags": {"room": "garden"},
            "properties": {
                "soil_moisture": {"name": "Soil moisture", "update_parameter": 0.5},
                "temperature": {"min_value": -20, "max_value": 60},
            },
        },
    )


def _garage() -> Board:
    return Board(
        id="9c0e4d72-18b5-4f63-a2d7-70b3e95c1f02",
        name="Garage",
        cloud="arduino",
        variables=_variables(
            _reading("garage_door", "HOME_CONTACT_SENSOR", False),
            _control("garage_lamp", "HOME_LIGHT", False),
            _reading("garage_motion", "HOME_MOTION_SENSOR", False, move=toggle),
            _reading("garage_cars", "INT", 1),
        ),
        facts={
            "encoder": "connector",
            "base_name": "garage_",
            "secret_key": "GARAG-3H8N-TW6D-0002",
            "device": {
                "id": "e27a95c0-4b6d-4813-9f02-b1d85f3c6a02",
                "name": "Garage MKR",
                "label": "Arduino MKR WiFi 1010",
                "type": "mkrwifi1010",
                "fqbn": "arduino:samd:mkrwifi1010",
                "serial": "8E03B7A15150484B392E3120FF0A2B3C",
                "connection_type": "wifi",
                "lib_version": "2.9.3",
                "wifi_fw_version": "1.4.8",
                "latest_wifi_fw_version": "1.5.0",
            },
            "tags": {"room": "garage"},
            "properties": {
                "garage_door": {"name": "Door"},
                "garage_lamp": {"name": "Lamp"},
                "garage_motion": {"name": "Motion"},
                "garage_cars": {"name": "Car count"},
            },
        },
    )


def _boiler_room() -> Board:
    return Board(
        id="c4a8715d-6e0f-4b39-85c2-1d7f92ab3003",
        name="Boiler room",
        cloud="arduino",
        variables=_variables(
            _reading(
                "boiler_temperature", "TEMPERATURE_C", 58.0, move=drift(40, 80, 1)
            ),
            _reading(
                "pressure", "PASCAL", 151000.0, move=drift(120000, 190000, 900, 0)
            ),
            _reading("burner", "STATUS", True),
            _control("setpoint", "TEMPERATURE_C", 60.0),
            _reading("energy", "ENERGY", 1250.5, move=_count_up),
        ),
        facts={
            "encoder": "python",
            "secret_key": "BOILR-5V1C-ZR9S-0003",
            "device": {
                "id": "7f3d1b68-a9c2-4e50-b6d4-58e0c71f2b03",
                "name": "Boiler ESP32",
                "label": "ESP32",
                "type": "login_and_secretkey_wifi",
                "fqbn": "esp32:esp32:esp32",
                "serial": "",
                "connection_type": "wifiandsecret",
                "lib_version": "1.4.1-async",
            },
            "tags": {"room": "cellar", "floor": "-1"},
            "properties": {
                "pressure": {"update_strategy": "TIMED", "update_parameter": 30},
            },
        },
    )


def _weather_mast() -> Board:
    return Board(
        id="2e9f5c81-d04b-47a6-9b38-c65a10e7d404",
        name="Weather mast",
        cloud="arduino",
        variables=_variables(
            _reading("wind_speed", "METER_PER_SECOND", 3.4, move=drift(0, 22, 0.7)),
            _reading("rain", "LENGTH", 0.002, move=drift(0, 0.03, 0.0004, 5)),
            _reading(
                "outdoor_temperature", "TEMPERATURE_C", 14.2, move=drift(-5, 32, 0.3)
            ),
            _reading("battery", "PERCENTAGE_BATTERY_LEVEL", 87.0),
            _reading("note", "CHARSTRING", None),
        ),
        facts={
            "encoder": "js",
            "secret_key": "WEATH-8L4J-KB2F-0004",
            "device": {
                "id": "b85e0a37-2c9d-4f16-a741-03d9e6f85c04",
                "name": "Mast LoRa",
                "label": "Arduino MKR WAN 1310",
                "type": "mkrwan1310",
                "fqbn": "arduino:samd:mkrwan1310",
                "serial": "1D92F4E05150484B392E3120FF0C3D4E",
                "connection_type": "lora",
                "lib_version": "2.9.3",
            },
            "tags": {"room": "garden"},
            "properties": {
                "wind_speed": {"update_strategy": "TIMED", "update_parameter": 60}
            },
        },
    )


def _count_up(rng: random.Random, value: Any) -> float:
    """A meter: it never runs backwards."""
    return round(float(value) + rng.uniform(0.1, 0.6), 2)
