"""Definitions leave and come back as YAML, and what is wrong is told by its line."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.iot_clouds.mappings import dump, parse
from custom_components.iot_clouds.mappings.sheets import (
    LARGEST,
    BadSheet,
    Row,
    read,
    write,
)

DEVICES = {"c1": "Cellar", "w1": "Workshop", "w2": "Workshop"}

PUMP = {
    "device": "c1",
    "platform": "switch",
    "state": {
        "source": {"point": "message/pump"},
        "map": {"open": True, "shut": False},
    },
    "commands": {
        "on": {"send": {"type": "pump", "options": {"state": "on", "at": "12:30"}}},
        "off": {"send": {"type": "pump", "options": {"state": "off"}}},
    },
    "confirm": 30,
}

SHEET = """\
- name: Pump
  device: Cellar
  platform: switch
  state:
    source:
      point: message/pump
    map:
      open: true
      shut: false
  commands:
    on:
      send:
        type: pump
        options:
          state: "on"
          at: 12:30
    off:
      send:
        type: pump
        options:
          state: "off"
  confirm: 30
- name: Chime
  device: w2
  platform: button
  commands:
    press:
      call:
        function: chime
"""


def test_a_sheet_is_read_with_devices_by_name_or_by_id():
    pump, chime = read(SHEET, DEVICES)
    assert pump == Row(name="Pump", document=PUMP)
    assert chime == Row(
        name="Chime",
        document={
            "device": "w2",
            "platform": "button",
            "commands": {"press": {"call": {"function": "chime", "argument": ""}}},
        },
    )


def test_a_single_definition_needs_no_list():
    [chime] = read(
        "name: Chime\ndevice: Cellar\nplatform: button\n"
        "commands: {press: {publish: {name: chime}}}\n",
        DEVICES,
    )
    assert chime.name == "Chime"
    assert chime.document["device"] == "c1"


def test_what_is_written_is_read_again_as_the_same():
    definitions = [
        parse(row.name, row.name, row.document) for row in read(SHEET, DEVICES)
    ]
    text = write(definitions, DEVICES)
    assert "device: Cellar" in text
    assert "device: w2" in text
    again = read(text, DEVICES)
    assert [each.document for each in again] == [dump(each) for each in definitions]
    assert [each.name for each in again] == ["Pump", "Chime"]


def test_nothing_is_written_of_nothing():
    assert write([], DEVICES) == ""


def test_a_device_that_is_called_like_the_id_of_another_stays_the_one_it_is():
    devices = {"c1": "w1", "w1": "Workshop"}
    pump = parse("id", "Pump", PUMP)

    (row,) = read(write([pump], devices), devices)

    assert row.document["device"] == "c1"


@pytest.mark.parametrize(
    ("before", "after", "line", "field", "reason"),
    [
        ("device: Cellar", "device: Attic", 2, "device", "device"),
        ("device: Cellar", "device: Workshop", 2, "device", "device"),
        ("platform: switch", "platform: toaster", 3, "platform", "unknown"),
        ("point: message/pump", "pint: message/pump", 5, "state.source", "missing"),
        ("      shut: false", "      shut: maybe", 7, "state.map", "invalid"),
        ("confirm: 30", "confirm: soon", 22, "confirm", "invalid"),
        ("confirm: 30", "konfirm: 30", 22, "konfirm", "unknown"),
        ("- name: Pump", "- nome: Pump", 1, "name", "missing"),
        (
            "function: chime",
            "function: 5",
            29,
            "commands.press.call.function",
            "invalid",
        ),
        ("  device: w2\n", "", 23, "device", "missing"),
        ("    press:", "    poke:", 26, "commands.press", "missing"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(before, after, line, field, reason):
    assert SHEET.count(before) == 1
    with pytest.raises(BadSheet) as bad:
        read(SHEET.replace(before, after), DEVICES)
    assert (bad.value.line, bad.value.field, bad.value.reason) == (line, field, reason)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "missing"),
        ("# only words", 1, "missing"),
        ("- name: [", 1, "syntax"),
        ("- name: a\n  name: b", 2, "invalid"),
        ("- a: &x [1]\n  b: *x", 2, "syntax"),
        ("- name: !secret password", 1, "invalid"),
        ("- name: a\n  ? [1, 2]\n  : b", 2, "invalid"),
        ("just words", 1, "invalid"),
        ("- just words", 1, "invalid"),
        ("a: 1\n---\nb: 2", 2, "syntax"),
        ("- " * 3000, 1, "syntax"),
        ("name: \x00", 1, "syntax"),
        ("x" * (LARGEST + 1), 1, "too_large"),
    ],
)
def test_what_is_no_sheet_is_refused(text, line, reason):
    with pytest.raises(BadSheet) as bad:
        read(text, DEVICES)
    assert (bad.value.line, bad.value.reason) == (line, reason)


@settings(max_examples=300)
@given(
    st.text(alphabet=st.sampled_from("-: \n[]{}&*!#\"'nameon1.e>|?%@,"), max_size=80)
)
def test_no_text_does_more_than_be_refused(text):
    rows, line = [], 1
    try:
        rows = read(text, DEVICES)
    except BadSheet as bad:
        line = bad.line
    assert rows == []
    assert 1 <= line <= text.count("\n") + 2
