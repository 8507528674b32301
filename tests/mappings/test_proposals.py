"""What is proposed for payloads that devices really send, and for any other."""

from datetime import UTC, datetime
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.iot_clouds.mappings.paths import MISSING, resolve
from custom_components.iot_clouds.mappings.payloads import parse
from custom_components.iot_clouds.mappings.proposals import MOST, Proposal, propose
from custom_components.iot_clouds.mappings.states import state
from custom_components.iot_clouds.model import Kind, Place, Point
from custom_components.iot_clouds.rules import problems

from .strategies import json_values, keys, texts

MEASURE, FLAG, TEXT, PLACE = Kind.MEASURE, Kind.FLAG, Kind.TEXT, Kind.PLACE

LOC = """{"cmd":"loc","time":1584484345,
 "loc":{"lck":1,"time":1584484333,"lat":37.29594500,"lon":-121.98683000,"alt":71.600,
 "hd":46.16,"spd":0.12,"h_acc":10.000,"hdop":1.2,"v_acc":2.570,"vdop":1.8,"cell":37.1,
 "batt":98.8,"temp":24.3},"trig":["lock"],"loc_cb":true,
 "towers":[{"rat":"lte","mcc":310,"mnc":410,"lac":3339,"cid":205999999,"str":-102},
 {"nid":1,"ch":5110,"str":-110}],
 "wps":[{"bssid":"aa:bb:cc:dd:ee:ff","ch":6,"str":-70}],"req_id":1}"""
VITALS = {
    "device": {
        "network": {
            "signal": {
                "at": "Wi-Fi",
                "strength": 78.5,
                "strength_units": "%",
                "strengthv": -55.0,
                "strengthv_units": "dBm",
                "strengthv_type": "RSSI",
            },
            "connection": {"status": "connected", "error": 0, "disconnects": 2},
        },
        "power": {"battery": {"charge": 81.2, "state": "charging"}},
        "system": {"uptime": 3600, "memory": {"used": 90000, "total": 160000}},
    },
    "service": {"device": {"status": "ok"}, "coap": {"round_trip": 251}},
}
THERMOSTAT = {
    "auto": True,
    "manual": False,
    "desired_temp": 20.5,
    "room_temperature": 19.8,
    "relay_state": True,
    "program": 1,
    "time_elapsed": "0:12:00",
}
IFCONFIG = {
    "ifconfig": {
        "interfaces": [],
        "networkconf": {
            "IP": "192.168.72.161",
            "# Configurazione DelphiTool ": " Tue Mar 15 13:59:41 2016",
        },
    }
}
SIGNAL_AND_TIME = {
    "CSQ": {"signal": 12, "bit_error_rate": 0},
    "last_reading": "Mon Sep 18 12:52:18 2017",
}
MODBUS = '{"modbus":[{"name":"modbus1","result":0,"value":12.5}]}'
CLOSED = {
    "closed": False,
    "open": True,
    "opened": True,
    "opening": True,
    "closing": True,
    "close": False,
    "shut": False,
}


def _celsius(path: str, name: str, shown: float) -> Proposal:
    return Proposal(
        path=path,
        kind=MEASURE,
        name=name,
        device_class="temperature",
        unit="°C",
        state_class="measurement",
        guessed_unit=True,
        shown=shown,
    )


def _number(
    path: str,
    name: str,
    shown: float,
    device_class: str | None = None,
    unit: str | None = None,
) -> Proposal:
    return Proposal(
        path=path,
        kind=MEASURE,
        name=name,
        device_class=device_class,
        unit=unit,
        state_class="measurement",
        shown=shown,
    )


@pytest.mark.parametrize(
    ("raw", "name", "first"),
    [
        # Variables and events of boards.
        (46, "temperature", _celsius("", "Temperature", 46)),
        ("25.34", "temperature", _celsius("", "Temperature", 25.34)),
        (
            90.7249984741211,
            "min_average",
            _number("", "Min average", 90.7249984741211),
        ),
        (True, "binFull", Proposal(path="", kind=FLAG, name="Bin full", shown=True)),
        (
            60,
            "counter",
            Proposal(path="", kind=MEASURE, name="Counter", shown=60),
        ),
        (
            "status=closed|time=3h|sensor=59|signal=-52",
            "doorStatus",
            Proposal(
                path="/status",
                kind=FLAG,
                name="Status",
                device_class="door",
                map=CLOSED,
                shown=False,
            ),
        ),
        (
            "online",
            "spark/status",
            Proposal(
                path="",
                kind=FLAG,
                name="Spark status",
                device_class="connectivity",
                map={"online": True, "offline": False},
                shown=True,
            ),
        ),
        (
            LOC,
            "loc",
            Proposal(
                path="/loc",
                kind=PLACE,
                name="Location",
                shown=Place(latitude=37.295945, longitude=-121.98683, accuracy=10.0),
            ),
        ),
        (
            '{"cmd":"loc","time":1584484345,"loc":{"lck":0,"cell":37.1,"batt":98.8,'
            '"temp":24.3},"req_id":1}',
            "loc",
            _number("/loc/batt", "Battery", 98.8, "battery", "%"),
        ),
        (
            VITALS,
            "spark/device/diagnostics/update",
            _number(
                "/device/network/signal/strengthv",
                "Strengthv",
                -55.0,
                "signal_strength",
                "dBm",
            ),
        ),
        (
            {"battery": {"charge": {"err": -210}, "state": "disconnected"}},
            "vitals",
            Proposal(
                path="/battery/state",
                kind=FLAG,
                name="Battery state",
                device_class="connectivity",
                map={"disconnected": False, "connected": True},
                shown=False,
            ),
        ),
        (MODBUS, "modbus", _number("/modbus/0/value", "Modbus 1 value", 12.5)),
        (
            "panic, hard_fault",
            "spark/device/last_reset",
            Proposal(
                path="",
                kind=TEXT,
                name="Spark device last reset",
                shown="panic, hard_fault",
            ),
        ),
        # Properties of things.
        (
            {"lat": 45.4642, "lon": 9.19},
            "position",
            Proposal(
                path="",
                kind=PLACE,
                name="Position",
                shown=Place(latitude=45.4642, longitude=9.19),
            ),
        ),
        (
            {"swi": True, "bri": 75},
            "lamp",
            Proposal(path="/swi", kind=FLAG, name="Swi", shown=True),
        ),
        # Messages of agents and scripts.
        ({"temperature": 22}, "app", _celsius("/temperature", "Temperature", 22)),
        (
            {"sensor_data_reading": {"temperaure": 33.94, "humidity": 51.2}},
            "sensor_data_reading",
            _celsius("/sensor_data_reading/temperaure", "Temperaure", 33.94),
        ),
        (
            {"ALARM": {"description": "temperature too high", "temp_value": 48.7}},
            "ALARM",
            _celsius("/ALARM/temp_value", "Temperature value", 48.7),
        ),
        (
            {"new_threshold_value": 45.0},
            "new_threshold_value",
            _number("/new_threshold_value", "New threshold value", 45.0),
        ),
        (
            {"button_pressed": {"GPIO": 12, "state": 0}},
            "button_pressed",
            Proposal(
                path="/button_pressed/state",
                kind=FLAG,
                name="Button pressed state",
                map={"1": True, "0": False},
                shown=False,
            ),
        ),
        (
            {"button_pressed": {"GPIO": 12, "state": True}},
            "button_pressed",
            Proposal(
                path="/button_pressed/state",
                kind=FLAG,
                name="Button pressed state",
                shown=True,
            ),
        ),
        (
            {"looptest": {"pinstatus": 1}},
            "looptest",
            Proposal(
                path="/looptest/pinstatus",
                kind=FLAG,
                name="Pinstatus",
                map={"1": True, "0": False},
                shown=True,
            ),
        ),
        (SIGNAL_AND_TIME, "CSQ", _number("/CSQ/signal", "Signal", 12)),
        (
            IFCONFIG,
            "ifconfig",
            Proposal(
                path="/ifconfig/networkconf/IP",
                kind=TEXT,
                name="Networkconf IP",
                shown="192.168.72.161",
            ),
        ),
        (
            {"PID": {"log_file": "/tmp/log", "pid": 2357}},  # noqa: S108
            "PID",
            Proposal(path="/PID/pid", kind=MEASURE, name="PID PID", shown=2357),
        ),
        ({"kill": "2357"}, "kill", _number("/kill", "Kill", 2357)),
        (
            {"download_file": {"status": "successful", "dest_file": "/tmp/isi"}},  # noqa: S108
            "download_file",
            Proposal(
                path="/download_file/status",
                kind=TEXT,
                name="Download file status",
                shown="successful",
            ),
        ),
        (
            THERMOSTAT,
            "thermostat",
            _celsius("/room_temperature", "Room temperature", 19.8),
        ),
    ],
)
def test_the_first_proposal_for_a_real_payload(raw, name, first):
    assert propose(raw, name)[0] == first


def _table(raw: object, name: str) -> list[tuple[object, ...]]:
    return [
        (each.path, each.platform, each.name, each.device_class, each.unit, each.shown)
        for each in propose(raw, name)
        if each.unit != "°F"
    ]


def test_all_proposals_for_a_thermostat():
    assert _table(THERMOSTAT, "thermostat") == [
        ("/room_temperature", "sensor", "Room temperature", "temperature", "°C", 19.8),
        ("/desired_temp", "sensor", "Desired temperature", "temperature", "°C", 20.5),
        ("/auto", "binary_sensor", "Auto", None, None, True),
        ("/manual", "binary_sensor", "Manual", None, None, False),
        ("/relay_state", "binary_sensor", "Relay state", None, None, True),
        ("/time_elapsed", "sensor", "Time elapsed", None, None, "0:12:00"),
        ("/program", "sensor", "Program", None, None, 1),
        ("/program", "binary_sensor", "Program", None, None, True),
    ]


def test_all_proposals_for_fields_that_the_name_names():
    assert _table("21.5,40,ok", "tempHumStatus") == [
        ("/0", "sensor", "Temperature", "temperature", "°C", 21.5),
        ("/1", "sensor", "Humidity", "humidity", "%", 40),
        (
            "/2",
            "binary_sensor",
            "Temperature humidity status 3",
            "problem",
            None,
            False,
        ),
        ("/2", "sensor", "Temperature humidity status 3", None, None, "ok"),
    ]


def test_fields_without_names_are_numbered_and_numbers_come_first():
    assert _table("ok;21.5;40", "readings") == [
        ("/1", "sensor", "Readings 2", None, None, 21.5),
        ("/2", "sensor", "Readings 3", None, None, 40),
        ("/0", "binary_sensor", "Readings 1", "problem", None, False),
        ("/0", "sensor", "Readings 1", None, None, "ok"),
    ]


def test_single_letters_are_understood_where_they_stand_together():
    assert _table({"t": 21.5, "h": 40, "p": 1013.2}, "env") == [
        ("/t", "sensor", "Temperature", "temperature", "°C", 21.5),
        ("/h", "sensor", "Humidity", "humidity", "%", 40),
        ("/p", "sensor", "Pressure", "atmospheric_pressure", "hPa", 1013.2),
    ]
    assert _table({"t": 21.5}, "env") == [("/t", "sensor", "T", None, None, 21.5)]


def test_a_position_takes_the_place_of_its_coordinates():
    found = _table({"pos": {"lat": 45.07, "lon": 7.68, "speed": 3}}, "report")

    place = Place(latitude=45.07, longitude=7.68)
    assert found == [
        ("/pos", "device_tracker", "Position", None, None, place),
        ("/pos/speed", "sensor", "Speed", "speed", "m/s", 3),
    ]
    assert _table("45.07,7.68", "gps") == [
        ("", "device_tracker", "GPS", None, None, place)
    ]
    geojson = {"type": "Point", "coordinates": [7.68, 45.07]}
    for pos in ([45.07, 7.68], geojson):
        assert _table({"pos": pos}, "report") == [
            ("/pos", "device_tracker", "Position", None, None, place)
        ]


def test_a_position_that_is_not_known_is_not_proposed_as_numbers():
    assert _table({"lat": 0, "lon": 0, "batt": 50}, "report") == [
        ("/batt", "sensor", "Battery", "battery", "%", 50)
    ]


def test_equal_names_are_told_apart_by_the_object_around_them():
    found = propose({"in": {"temp": 21}, "out": {"temp": 8}}, "house")

    assert [(each.path, each.name) for each in found[:2]] == [
        ("/in/temp", "In temperature"),
        ("/out/temp", "Out temperature"),
    ]


def test_what_is_called_as_the_event_comes_first():
    assert propose({"batt": 50, "temp": 21}, "temp")[0].path == "/temp"
    assert propose({"batt": 50, "temp": 21}, "report")[0].path == "/batt"


def test_a_temperature_can_be_chosen_in_fahrenheit():
    assert [(each.unit, each.guessed_unit) for each in propose(72.5, "temp")] == [
        ("°C", True),
        ("°F", True),
    ]
    for raw, name in ((72.5, "temp_f"), ("72.5 F", "temp"), ("72.5", "tempF")):
        (only,) = propose(raw, name)
        assert (only.unit, only.guessed_unit, only.shown) == ("°F", False, 72.5)


NAMES = [
    ("temperature", 21.5, "temperature", "°C", "measurement", True),
    ("roomTemp", 21.5, "temperature", "°C", "measurement", True),
    ("tmp", 21.5, "temperature", "°C", "measurement", True),
    ("temp_c", 21.5, "temperature", "°C", "measurement", False),
    ("temp_f", 70.5, "temperature", "°F", "measurement", False),
    ("temp_k", 294.5, "temperature", "K", "measurement", None),
    ("Température °C", 20.1, "temperature", "°C", "measurement", False),
    ("温度", 21, "temperature", "°C", "measurement", True),
    ("temperature_raw", 5000, None, None, "measurement", False),
    ("humidity", 40, "humidity", "%", "measurement", False),
    ("hum", 40.5, "humidity", "%", "measurement", False),
    ("rh", 40, "humidity", "%", "measurement", False),
    ("humidity", 400, None, None, "measurement", False),
    ("humidity", 0.405, "humidity", "%", "measurement", True),
    ("soilMoisture", 33, "moisture", "%", "measurement", False),
    ("soil_moisture_raw", 612, None, None, "measurement", False),
    ("battery", 87, "battery", "%", "measurement", False),
    ("battery", 3.71, "voltage", "V", "measurement", True),
    ("batt", 3710, "voltage", "mV", "measurement", True),
    ("batteryMv", 3710, "voltage", "mV", "measurement", False),
    ("bat_v", 3.71, "voltage", "V", "measurement", False),
    ("vbat", 12.6, "voltage", "V", "measurement", True),
    ("soc", 87.5, "battery", "%", "measurement", False),
    ("voltage", 230.1, "voltage", "V", "measurement", True),
    ("voltage", 3300, "voltage", "mV", "measurement", True),
    ("current", 0.5, "current", "A", "measurement", True),
    ("current_ma", 512, "current", "mA", "measurement", False),
    ("power", 60.5, "power", "W", "measurement", True),
    ("power_kw", 2.5, "power", "kW", "measurement", False),
    ("energy", 12.5, "energy", "kWh", "total_increasing", True),
    ("energy_wh", 125, "energy", "Wh", "total_increasing", False),
    ("energy_stored_kwh", 4.5, "energy_storage", "kWh", "measurement", None),
    ("pressure", 1013.2, "atmospheric_pressure", "hPa", "measurement", True),
    ("pressure", 101325, "atmospheric_pressure", "Pa", "measurement", True),
    ("pressure", 2.4, "pressure", "bar", "measurement", True),
    ("pressure_kpa", 240, "pressure", "kPa", "measurement", False),
    ("lux", 300, "illuminance", "lx", "measurement", False),
    ("ambientLight", 300, "illuminance", "lx", "measurement", True),
    ("co2", 800, "carbon_dioxide", "ppm", "measurement", False),
    ("eCO2", 800, "carbon_dioxide", "ppm", "measurement", False),
    ("tvoc", 120, "volatile_organic_compounds_parts", "ppb", "measurement", True),
    ("pm2_5", 12, "pm25", "μg/m³", "measurement", False),
    ("distance", 120, "distance", "cm", "measurement", True),
    ("distance_mm", 1200, "distance", "mm", "measurement", False),
    ("altitude", 240.5, "distance", "m", "measurement", True),
    ("speed", 3.5, "speed", "m/s", "measurement", True),
    ("speed_kmh", 35, "speed", "km/h", "measurement", False),
    ("windSpeed", 3.5, "wind_speed", "m/s", "measurement", True),
    ("heading", 46.2, None, "°", "measurement_angle", False),
    ("rssi", -52, "signal_strength", "dBm", "measurement", False),
    ("signal", 12, None, None, "measurement", False),
    ("uptime", 3600, "duration", "s", "total_increasing", True),
    ("millis", 3600, "duration", "ms", "total_increasing", False),
    ("rain_mm", 1.2, "precipitation", "mm", "measurement", False),
    ("rainTotal_mm", 1.2, "precipitation", "mm", "total_increasing", False),
    ("ph", 7.1, "ph", None, "measurement", False),
    ("value_lux", 300, "illuminance", "lx", "measurement", False),
    ("foo_cm", 12, "distance", "cm", "measurement", False),
    ("foo_rpm", 900, None, "rpm", "measurement", False),
    ("foo_kJ", 12, "energy", "kJ", None, False),
    ("foo", 12.5, None, None, "measurement", False),
    ("pid", 2357, None, None, None, False),
    ("device_id", 7, None, None, None, False),
    ("error_code", 7, None, None, None, False),
    ("port", 8080, None, None, None, False),
    ("version", 7, None, None, None, False),
    ("count", 7, None, None, None, False),
    ("total", 7, None, None, None, False),
    ("pulses", 7, None, None, None, False),
]


@pytest.mark.parametrize(
    ("name", "raw", "device_class", "unit", "state_class", "guessed"), NAMES
)
def test_a_name_and_a_number_tell_class_and_unit(
    name, raw, device_class, unit, state_class, guessed
):
    for payload, called in ((raw, name), ({name: raw}, "report"), (str(raw), name)):
        first = propose(payload, called)[0]

        assert first.kind is MEASURE
        assert (first.device_class, first.unit) == (device_class, unit)
        assert first.state_class == state_class
        if guessed is not None:
            assert first.guessed_unit is guessed


UNITS = [
    ("21.5 °C", "x", "temperature", "°C"),
    ("55%", "x", None, "%"),
    ("55%", "hum", "humidity", "%"),
    ("55%", "battery", "battery", "%"),
    ("3.3V", "x", "voltage", "V"),
    ("3.3V", "battery", "voltage", "V"),
    ("1013 hPa", "x", "atmospheric_pressure", "hPa"),
    ("1013 hPa", "boiler pressure", "pressure", "hPa"),
    ("230 W", "x", "power", "W"),
    ("12 L", "water", None, "L"),
    ("12 L", "tank volume", "volume_storage", "L"),
    ("800 ppm", "co2", "carbon_dioxide", "ppm"),
    ("800 ppm", "x", None, "ppm"),
    ("40 %", "signal", None, "%"),
    ("3h", "time", "duration", "h"),
    ("5m", "time", "duration", "min"),
    ("5m", "depth", "distance", "m"),
    ("90°", "direction", None, "°"),
]


@pytest.mark.parametrize(("raw", "name", "device_class", "unit"), UNITS)
def test_a_written_unit_decides(raw, name, device_class, unit):
    for payload, called in ((raw, name), ({name: raw}, "report")):
        first = propose(payload, called)[0]

        assert (first.device_class, first.unit) == (device_class, unit)
        assert not first.guessed_unit


def test_a_unit_may_stand_beside_its_number():
    first = propose({"value": 55, "unit": "%", "name": "humidity"}, "humidity")[0]
    assert (first.path, first.device_class, first.unit) == ("/value", "humidity", "%")

    (only,) = propose({"water": {"level": 1.2, "levelUnit": "m"}}, "x")[:1]
    assert (only.path, only.device_class, only.unit) == (
        "/water/level",
        "distance",
        "m",
    )


@pytest.mark.parametrize(
    ("name", "raw", "device_class", "meaning", "shown"),
    [
        ("door", True, "door", None, True),
        ("door_closed", True, "door", {"true": False, "false": True}, False),
        ("motion", 1, "motion", {"1": True, "0": False}, True),
        ("motion", "0", "motion", {"1": True, "0": False}, False),
        ("locked", 1, "lock", {"1": False, "0": True}, False),
        ("pump", "on", "running", {"on": True, "off": False}, True),
        ("relay", "OFF", None, {"OFF": False, "ON": True}, False),
        ("led", "Yes", None, {"Yes": True, "No": False}, True),
        ("garageDoor", "closed", "garage_door", CLOSED, False),
        ("lid", "closed", "opening", CLOSED, False),
        ("x", "closed", "opening", CLOSED, False),
        ("locked", "yes", "lock", {"yes": False, "no": True}, False),
        ("leak", "dry", "moisture", {"dry": False, "wet": True}, False),
        ("binFull", False, None, None, False),
    ],
)
def test_a_boolean_in_any_form_becomes_a_binary_sensor(
    name, raw, device_class, meaning, shown
):
    for payload, called in ((raw, name), ({name: raw}, "report")):
        first = propose(payload, called)[0]

        assert first.platform == "binary_sensor"
        assert (first.device_class, first.map) == (device_class, meaning)
        assert first.shown is shown


def test_a_zero_is_a_number_until_the_history_shows_nothing_but_zeros_and_ones():
    assert [each.kind for each in propose(0, "x")] == [MEASURE, FLAG]
    assert [each.kind for each in propose(0, "x", history=[1, 1])] == [FLAG, MEASURE]
    assert [each.kind for each in propose(0, "x", history=[5, 1])] == [MEASURE]
    assert [each.kind for each in propose(0, "x", history=[0, 0])] == [MEASURE, FLAG]


def test_a_word_among_words_for_more_than_two_states_is_a_text():
    assert propose("idle", "pump", history=["running"])[0].kind is FLAG
    (only,) = propose("idle", "pump", history=["running", "heating"])
    assert only.kind is TEXT


def test_a_counter_is_one_when_it_was_seen_to_count():
    def state_class(*values: int) -> str | None:
        return propose(values[-1], "pulses", history=values[:-1])[0].state_class

    assert state_class(3, 4, 9) == "total_increasing"
    assert state_class(3, 4) is None
    assert state_class(3, 4, 2) is None
    assert state_class(3, 3, 3) is None


def test_an_energy_that_fell_is_not_taken_for_one_that_only_grows():
    def state_class(*values: float) -> str | None:
        return propose(values[-1], "energy_kwh", history=values[:-1])[0].state_class

    assert state_class(3.1, 3.2) == "total_increasing"
    assert state_class(3.2, 3.1) is None


def test_the_history_may_show_what_a_value_cannot_be():
    assert propose(40, "humidity")[0].device_class == "humidity"
    assert propose(40, "humidity", history=[612])[0].device_class is None
    assert propose(1, "soc", history=[0.5])[0].scale == 100
    assert propose(1, "soc", history=[50])[0].scale is None


def test_a_history_of_another_shape_changes_nothing():
    history = ["oops", None, {"t": "x"}, [1, 2], 5, {"other": 1}]

    assert propose({"t": 21.5, "h": 40}, "env", history=history) == propose(
        {"t": 21.5, "h": 40}, "env"
    )


def test_a_fraction_is_scaled_to_percent():
    first = propose({"soc": 0.87}, "report")[0]

    assert (first.scale, first.unit, first.shown) == (100, "%", 87.0)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("2026-07-28T16:53:05Z", "last_seen"),
        (1785257585, "time"),
        (1785257585000, "updatedAt"),
    ],
)
def test_a_moment_becomes_a_timestamp(raw, name):
    first = propose(raw, name)[0]

    assert (first.device_class, first.unit, first.state_class) == (
        "timestamp",
        None,
        None,
    )
    assert first.shown == datetime(2026, 7, 28, 16, 53, 5, tzinfo=UTC)


@pytest.mark.parametrize("raw", [None, "nan", {}, [], "{}", {"a": None}, [[], {}]])
def test_nothing_is_proposed_for_nothing(raw):
    assert propose(raw, "x") == []


def test_codes_stay_texts():
    (only,) = propose({"iccid": "8931080016012345678"}, "sim")
    assert (only.kind, only.shown) == (TEXT, "8931080016012345678")
    (only,) = propose("007", "agent")
    assert (only.kind, only.shown) == (TEXT, "007")


def test_no_more_are_proposed_than_a_person_can_look_through():
    found = propose({f"text{index}": "x" for index in range(500)} | {"temp": 21}, "x")

    assert len(found) == MOST == 100
    assert found[0].path == "/temp"


names = st.one_of(keys, st.text(max_size=300))


@given(
    raw=st.one_of(json_values, texts),
    name=names,
    history=st.lists(st.one_of(json_values, texts), max_size=3),
)
def test_any_payload_gets_proposals_that_hold(raw, name, history):
    for given_ in (raw, json.dumps(raw)):
        payload = parse(given_)
        found = propose(given_, name, history=history)

        assert len(found) <= 100
        assert found == propose(given_, name, history=history)
        for each in found:
            assert resolve(payload.tree, each.path) is not MISSING
            assert each.shown is not None
            assert state(payload, each.formula) == each.shown
            _check(each)


TYPES: dict[Kind, type | tuple[type, ...]] = {
    MEASURE: (int, float),
    FLAG: bool,
    TEXT: str,
    PLACE: Place,
}


def _check(proposal: Proposal) -> None:
    """A proposal makes an entity that Home Assistant takes, and with a name."""
    assert 0 < len(proposal.name) <= 64
    if proposal.device_class == "timestamp":
        assert isinstance(proposal.shown, datetime)
        assert proposal.unit is proposal.state_class is None
    else:
        assert isinstance(proposal.shown, TYPES[proposal.kind])
        assert proposal.kind is FLAG or not isinstance(proposal.shown, bool)
        point = Point(
            key="x",
            kind=proposal.kind,
            device_class=proposal.device_class,
            unit=proposal.unit,
            state_class=proposal.state_class,
        )
        assert proposal.kind not in {MEASURE, FLAG} or problems(point) == {}
    if proposal.kind is not MEASURE:
        assert (proposal.unit, proposal.state_class, proposal.scale) == (None,) * 3


WORDS = (
    "temp hum battery voltage power energy current pressure light co2 rain water speed"
    " signal uptime count id total state door level value stored direction tank volume"
    " c f mv kwh"
)
WRITTEN = "°C °F % V mV W kWh hPa dBm m h L ppm ° kg lx mm km/h apples"


@given(
    name=st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=4).map("_".join),
    number=st.one_of(
        st.sampled_from([0, 1, 0.5, 3.7, 21.5, 40, 1013.2, -52, 101325, 1785257585]),
        st.integers(),
        st.floats(),
    ),
    unit=st.sampled_from(WRITTEN.split()),
)
def test_any_name_with_any_number_and_unit_makes_an_entity_that_fits(
    name, number, unit
):
    for raw in (number, f"{number} {unit}", {name: number, f"{name}_unit": unit}):
        for each in propose(raw, name, history=[number]):
            _check(each)


def test_two_fields_are_proposed_as_one_number_with_a_comma_too():
    shown = [(each.path, each.shown) for each in propose("21,5", "outside")]

    assert ("/0", 21) in shown
    assert ("", 21.5) in shown
