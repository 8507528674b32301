"""SenML in the forms of Arduino's encoders, byte for byte, and back."""

from contextlib import suppress
import struct

from hypothesis import given, strategies as st
import pytest

from simulated_clouds import senml
from simulated_clouds.arduino_encoding import messages, pack, values_of
from simulated_clouds.arduino_store import Property, Store
from simulated_clouds.arduino_types import NAMES, coerce, shape
from simulated_clouds.world import Board, Variable, World

AT = 1_700_000_000.0
RGB = {"hue": 210.5, "sat": 80.0, "bri": 50.0}
POSITION = {"lat": 45.4642, "lon": 9.19}
TV = {"swi": True, "vol": 50, "mut": False, "pbc": 3, "inp": 16, "cha": 7}
SCHEDULE = {"frm": 1633305600, "to": 1633651200, "len": 600, "msk": 1140850708}
TYPES = {
    "switch1": "STATUS",
    "counter": "INT",
    "count": "INT",
    "temperature": "TEMPERATURE_C",
    "message": "CHARSTRING",
    "position": "LOCATION",
    "rgb": "COLOR_HSB",
    "lamp": "HOME_DIMMED_LIGHT",
    "clight": "HOME_COLORED_LIGHT",
    "tv": "HOME_TELEVISION",
    "sched": "SCHEDULE",
}
COLOURED = TYPES | {"lamp": "HOME_COLORED_LIGHT"}

# fmt: off
CPP = [
    ("D1", {"switch1": True}, "9fa200677377697463683104f5ff"),
    ("D2", {"counter": -7}, "9fa20067636f756e7465720226ff"),
    ("D3", {"temperature": 21.5}, "9fa2006b74656d706572617475726502fa41ac0000ff"),
    ("D4", {"message": "hello"}, "9fa200676d657373616765036568656c6c6fff"),
    ("D5", {"position": POSITION}, "9fa2006c706f736974696f6e3a6c617402fa4235db57a2006c706f736974696f6e3a6c6f6e02fa41130a3dff"),
    ("D6", {"rgb": RGB}, "9fa200677267623a68756502fa43528000a200677267623a73617402fa42a00000a200677267623a62726902fa42480000ff"),
    ("D8", {"lamp": {"swi": True, "bri": 75.0}}, "9fa200686c616d703a73776904f5a200686c616d703a62726902fa42960000ff"),
    ("D9", {"tv": TV}, "9fa2006674763a73776904f5a2006674763a766f6c021832a2006674763a6d757404f4a2006674763a7062630203a2006674763a696e700210a2006674763a6368610207ff"),
    ("D10", {"sched": SCHEDULE}, "9fa2006973636865643a66726d021a615a4400a2006873636865643a746f021a615f8a00a2006973636865643a6c656e02190258a2006973636865643a6d736b021a44000014ff"),
    ("D11", {"counter": 1, "switch1": False, "temperature": 2.5, "message": "ok"}, "9fa20067636f756e7465720201a200677377697463683104f4a2006b74656d706572617475726502fa40200000a200676d65737361676503626f6bff"),
]
PYTHON = [
    ("P1", {"switch1": True}, "81a200677377697463683104f5"),
    ("P2", {"counter": -7, "switch1": False}, "82a20067636f756e7465720226a200677377697463683104f4"),
    ("P3", {"temperature": 21.5}, "81a2006b74656d706572617475726502fb4035800000000000"),
    ("P4", {"lamp": {"swi": True, "bri": 75.0}}, "82a200686c616d703a62726902fb4052c00000000000a200686c616d703a73776904f5"),
]
JS = [
    ("J1", {"switch1": True}, "81a300677377697463683104f5221b0000018bcfe56800"),
    ("J2", {"counter": 42}, "81a30067636f756e74657202182a221b0000018bcfe56800"),
    ("J3", {"counter": -7}, "81a30067636f756e7465720226221b0000018bcfe56800"),
    ("J4", {"temperature": 21.5}, "81a3006b74656d706572617475726502fb4035800000000000221b0000018bcfe56800"),
    ("J5", {"temperature": 21.0}, "81a3006b74656d70657261747572650215221b0000018bcfe56800"),
    ("J6", {"message": "Ciao è 🚀"}, "81a300676d657373616765036c4369616f20c3a820f09f9a80221b0000018bcfe56800"),
    ("J7", {"lamp": {"swi": True, "bri": 75.0}}, "82a300686c616d703a73776904f5221b0000018bcfe56800a200686c616d703a62726902184b"),
    ("J9", {"position": POSITION}, "82a3006c706f736974696f6e3a6c617402fb4046bb6ae7d566cf221b0000018bcfe56800a2006c706f736974696f6e3a6c6f6e02fb40226147ae147ae1"),
    ("J11", {"message": ""}, "81a300676d6573736167650360221b0000018bcfe56800"),
    ("J12", {"switch1": False}, "81a300677377697463683104f4221b0000018bcfe56800"),
    ("J13", {"counter": 0}, "81a30067636f756e7465720200221b0000018bcfe56800"),
]
CONNECTOR = [
    ("H2", {"clight": {"swi": True, "hue": 30.0, "sat": 50.0, "bri": 70.0}}, "85a22167636c696768743a22fb41d954fc40000000a2006373776904f5a2006368756502fb403e000000000000a2006373617402fb4049000000000000a2006362726902fb4051800000000000"),
]
# fmt: on


def device(encoder, types=TYPES, **facts):
    variables = {
        name: Variable(name=name, type=type_, value=None)
        for name, type_ in types.items()
    }
    return Board(
        id="11111111-1111-4111-8111-111111111111",
        name="Bench",
        cloud="arduino",
        variables=variables,
        facts={"encoder": encoder, "device": {"id": "d"}} | facts,
    )


def values(board, holds):
    tags = {name: number for number, name in enumerate(board.variables, start=1)}
    return [
        (Property(board=board, variable=board.variables[name], tag=tags[name]), value)
        for name, value in holds.items()
    ]


@pytest.mark.parametrize(
    ("encoder", "holds", "expected"),
    [
        pytest.param(encoder, holds, expected, id=name)
        for encoder, table in (
            ("cpp", CPP),
            ("python", PYTHON),
            ("js", JS),
            ("connector", CONNECTOR),
        )
        for name, holds, expected in table
    ],
)
def test_each_encoder_gives_exactly_its_vendors_bytes(encoder, holds, expected):
    board = device(encoder)
    (payload,) = messages(board, values(board, holds), at=AT)
    assert payload.hex() == expected


@pytest.mark.parametrize(
    ("encoder", "holds", "expected"),
    [
        pytest.param(
            "cpp",
            {"lamp": {"swi": True} | RGB},
            "9fa200686c616d703a73776904f5a200686c616d703a68756502fa43528000a200686c616d70"
            "3a73617402fa42a00000a200686c616d703a62726902fa42480000ff",
            id="D7",
        ),
        pytest.param(
            "js",
            {"lamp": {"swi": True} | RGB},
            "84a300686c616d703a73776904f5221b0000018bcfe56800a200686c616d703a68756502fb40"
            "6a500000000000a200686c616d703a736174021850a200686c616d703a627269021832",
            id="J8",
        ),
    ],
)
def test_coloured_lights_are_encoded_in_the_vendors_order(encoder, holds, expected):
    board = device(encoder, COLOURED)
    (payload,) = messages(board, values(board, holds), at=AT)
    assert payload.hex() == expected


@pytest.mark.parametrize(
    ("types", "holds", "expected"),
    [
        pytest.param(
            {"switch1": "STATUS"}, {"switch1": True}, "9fa2000104f5ff", id="L1"
        ),
        pytest.param(
            {"a": "INT", "lamp": "HOME_DIMMED_LIGHT", "rgb": "COLOR_HSB"},
            {"rgb": {"hue": 2.0, "sat": 2.0, "bri": 2.0}},
            "9fa20019010302fa40000000a20019020302fa40000000a20019030302fa40000000ff",
            id="L2",
        ),
        pytest.param(
            {"a": "INT", "lamp": "HOME_DIMMED_LIGHT"},
            {"lamp": {"swi": True, "bri": 75.0}},
            "9fa20019010204f5a20019020202fa42960000ff",
            id="L3",
        ),
    ],
)
def test_light_payload_numbers_its_names(types, holds, expected):
    board = device("cpp", types, light_payload=True)
    (payload,) = messages(board, values(board, holds), at=AT)
    assert payload.hex() == expected


def test_the_cpp_form_may_carry_a_time():
    record = senml.Record("temperature", 21.5)
    expected = "9fa3006b74656d706572617475726502fa41ac0000061a6553f100ff"
    assert senml.cpp([record], at=AT).hex() == expected


def test_the_clouds_own_form_starts_with_its_time_in_seconds():
    board = device("cpp")
    payload = pack(values(board, {"switch1": True}), at=AT)
    assert payload.hex() == "81a322fb41d954fc4000000000677377697463683104f5"
    assert pack([], at=AT).hex() == "80"


def test_the_cpp_library_splits_at_its_buffer_but_never_a_property():
    types = {f"some_long_variable_name_{index}": "LOCATION" for index in range(5)}
    board = device("cpp", types)
    holds = dict.fromkeys(types, POSITION)
    payloads = messages(board, values(board, holds), at=AT)
    assert len(payloads) > 1
    assert all(len(payload) <= 256 for payload in payloads)
    names = [[sample.name for sample in senml.decode(one)] for one in payloads]
    assert all(len(one) % 2 == 0 for one in names)
    assert sum(map(len, names)) == 10


def test_the_connector_shortens_names_by_its_base():
    board = device(
        "connector", {"hall_a": "INT", "hall_b": "STATUS"}, base_name="hall_"
    )
    holds = {"hall_a": 1, "hall_b": True}
    (payload,) = messages(board, values(board, holds), at=AT)
    assert payload.hex() == (
        "83a2216568616c6c5f22fb41d954fc40000000a20061610201a200616204f5"
    )


def test_the_connector_without_a_base_sends_whole_names():
    board = device("connector")
    (payload,) = messages(board, values(board, {"counter": 3}), at=AT)
    assert payload.hex() == "82a122fb41d954fc40000000a20067636f756e7465720203"


def single(value):
    return struct.unpack(">f", struct.pack(">f", value))[0]


# fmt: off
DECODED = [
    *((name, holds, text) for table in (PYTHON, CONNECTOR) for name, holds, text in table),
    *((name, holds, text) for name, holds, text in CPP if name != "D5"),
    ("D5", {"position": {"lat": single(45.4642), "lon": single(9.19)}}, CPP[4][2]),
    *((name, holds, text) for name, holds, text in JS),
    ("P5", {}, "81a20063723a6d036d6765744c61737456616c756573"),
    ("J10", {"switch1": True}, "81a36262741b0000018bcfe56800616e6773776974636831627662f5"),
    ("J14", {"switch1": True}, "81a200677377697463683104f5"),
    ("T3", {}, "81a3187b187b0064746573740201"),
    ("H1", {"switch1": True}, "81a322fb41d954fc4000000000677377697463683104f5"),
    ("H3", {"clight": {"swi": True, "bri": 70.0}}, "83a122fb41d954fc40000000a2006a636c696768743a73776904f5a2006a636c696768743a62726902fb4051800000000000"),
    ("H4", {"counter": 5}, "83a20069747a5f6f666673657402190e10a2006c747a5f6473745f756e74696c021a6608b590a20067636f756e7465720205"),
    ("H5", {"lamp": {"swi": True, "bri": 50.0}, "count": 1}, "83a200686c616d703a73776904f5a20065636f756e740201a200686c616d703a627269021832"),
    ("H6", {"counter": 3}, "81a421782d75726e3a757569643a31663463656437302d353361642d346232392d623232312d316230616262646663373537221a6553f1000067636f756e7465720203"),
    ("H7", {"counter": 3}, "83a3221a6553f1000067636f756e7465720201a3060a0067636f756e7465720202a306140067636f756e7465720203"),
    ("H8", {}, "80"),
    ("H10", {"temperature": 21.5}, "81a2006b74656d706572617475726502f94d60"),
    ("H11", {"switch1": True}, "81a20067737769746368310201"),
    ("H12", {"counter": 2}, "81a20067636f756e74657202fb4004cccccccccccd"),
]
# fmt: on


@pytest.mark.parametrize(
    ("holds", "payload"),
    [pytest.param(holds, text, id=name) for name, holds, text in DECODED],
)
def test_every_form_is_understood(holds, payload):
    board = device("cpp")
    store = Store(World([board]), clock=lambda: AT, user_id="u")
    found = values_of(store, board, senml.decode(bytes.fromhex(payload)))
    assert {item.variable.name: value for item, value, _ in found} == holds


@pytest.mark.parametrize(
    ("payload", "at"),
    [
        ("81a300677377697463683104f5221b0000018bcfe56800", 1_700_000_000.0),
        ("81a322fb41d954fc4000000000677377697463683104f5", 1_700_000_000.0),
        ("9fa3006b74656d706572617475726502fa41ac0000061a6553f100ff", 1_700_000_000.0),
        ("81a200677377697463683104f5", None),
        ("81a3060a0067636f756e7465720202", None),
    ],
)
def test_times_are_seconds_whatever_their_unit_and_unknown_when_relative(payload, at):
    (sample,) = senml.decode(bytes.fromhex(payload))
    assert sample.at == at


@pytest.mark.parametrize("payload", ["", "83a200fb40", "01", "8101", "a10001", "ff"])
def test_what_is_no_pack_is_refused(payload):
    with pytest.raises(ValueError):
        senml.decode(bytes.fromhex(payload))


@given(st.binary(max_size=40))
def test_noise_is_refused_or_understood_but_never_breaks(noise):
    with suppress(ValueError):
        senml.decode(noise)


def test_all_types_of_the_interface_are_known():
    assert len(NAMES) == 132


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("SMART_HOME_LIGHT", "bool"),
        ("GOOGLE_HOME_DIMMED_LIGHT", "complex"),
        ("HOME_SMART_PLUG", "bool"),
        ("COUNT", "int"),
        ("LENGHT_C", "float"),
        ("CHARSTRING", "String"),
        ("SOMETHING_NEW", "unknown"),
    ],
)
def test_a_type_has_a_shape(type_, expected):
    assert shape(type_) == expected


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("STATUS", "on"),
        ("STATUS", 2),
        ("INT", 1.5),
        ("INT", True),
        ("TEMPERATURE_C", "warm"),
        ("CHARSTRING", 1),
        ("HOME_DIMMED_LIGHT", True),
        ("HOME_DIMMED_LIGHT", {"hue": 1}),
        ("HOME_DIMMED_LIGHT", {"swi": "on"}),
        ("COLOR_RGB", 1),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused(type_, value):
    with pytest.raises(ValueError):
        coerce(type_, value)
