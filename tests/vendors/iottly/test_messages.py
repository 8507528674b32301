from datetime import UTC, datetime

import pytest

from custom_components.iot_clouds.vendors.iottly.messages import (
    parse_batch,
    parse_message,
)
from custom_components.iot_clouds.vendors.iottly.replies import read_json

from .store import DEVICE, PROJECT

HISTORY_ROW = {
    "_id": {"$oid": "59c1b7578ae27a000779b32c"},
    "from": DEVICE,
    "to": PROJECT,
    "timestamp": {"$date": "2017-09-20T00:33:27.230Z"},
    "devicetimestamp": {"$date": "2017-09-20T00:33:27.000Z"},
    "type": "userdefined",
    "payload": {"ECHO": {"echo": {"content": "IOTTLY hello world!!!!"}}},
}


def test_the_documented_message_is_read():
    message = parse_message(HISTORY_ROW, DEVICE)
    assert message.at == datetime(2017, 9, 20, 0, 33, 27, 230_000, tzinfo=UTC)
    assert message.oid == "59c1b7578ae27a000779b32c"
    assert message.type == "userdefined"
    assert message.payload == {"ECHO": {"echo": {"content": "IOTTLY hello world!!!!"}}}


def test_a_message_is_the_same_one_in_history_page_and_webhook():
    page_row = {
        "from": DEVICE,
        "to": PROJECT,
        "timestamp": "2017-09-20T00:33:27.230",
        "devicetimestamp": "2017-09-20T00:33:27",
        "type": "userdefined",
        "payload": {"ECHO": {"echo": {"content": "IOTTLY hello world!!!!"}}},
    }
    webhook_row = {**page_row, "timestamp": "2017-09-20T02:33:27.230456+02:00"}
    fingerprint = parse_message(HISTORY_ROW, DEVICE).fingerprint
    assert parse_message(page_row, DEVICE).fingerprint == fingerprint
    assert parse_message(webhook_row, DEVICE).fingerprint == fingerprint
    other = {**page_row, "timestamp": "2017-09-20T00:33:27.231"}
    assert parse_message(other, DEVICE).fingerprint != fingerprint


@pytest.mark.parametrize(
    ("change", "kind", "payload"),
    [
        ({"payload": [1, 2]}, "userdefined", {"value": [1, 2]}),
        ({"payload": "text"}, "userdefined", {"value": "text"}),
        ({"payload": {}}, "userdefined", {}),
        ({"type": None, "payload": {"a": 1}}, "userdefined", {"a": 1}),
        (
            {"type": None, "payload": {"connectionstatus": "connected"}},
            "iottlyagent",
            {"connectionstatus": "connected"},
        ),
        ({"type": None, "payload": {"process": {}}}, "iottlyagent", {"process": {}}),
    ],
)
def test_odd_payloads_and_types_are_made_regular(change, kind, payload):
    message = parse_message({**HISTORY_ROW, **change}, DEVICE)
    assert (message.type, message.payload) == (kind, payload)


def test_a_flat_message_of_2016_has_its_content_at_the_top():
    row = {
        "_id": {"$oid": "58f73b41c3cc4800078010c5"},
        "from": DEVICE,
        "to": PROJECT,
        "timestamp": {"$date": 1492597597019},
        "connectionstatus": "connected",
    }
    message = parse_message(row, DEVICE)
    assert message.type == "iottlyagent"
    assert message.payload == {"connectionstatus": "connected"}


def test_without_a_time_the_id_tells_the_second():
    row = {**HISTORY_ROW, "timestamp": "broken"}
    assert parse_message(row, DEVICE).at == datetime(2017, 9, 20, 0, 33, 27, tzinfo=UTC)


@pytest.mark.parametrize("stamp", [1505867607, {"$date": 1505867607}])
def test_a_server_that_counts_seconds_is_not_taken_for_one_of_1970(stamp):
    row = {**HISTORY_ROW, "timestamp": stamp}
    assert parse_message(row, DEVICE).at == datetime(2017, 9, 20, 0, 33, 27, tzinfo=UTC)


def test_rows_of_other_devices_and_empty_ones_do_not_count_as_bad():
    rows = [
        HISTORY_ROW,
        {**HISTORY_ROW, "from": "9af78306-384e-4dbc-9d63-af21cc5496a8"},
        {"from": DEVICE, "to": PROJECT, "timestamp": {"$date": 1}},
        {**HISTORY_ROW, "payload": None},
        {"payload": {"no": "time"}},
        "no message",
    ]
    batch = parse_batch(rows, DEVICE)
    assert [message.oid for message in batch.messages] == ["59c1b7578ae27a000779b32c"]
    assert (batch.size, batch.skipped) == (6, 2)


def test_the_order_is_made_here_whatever_the_answer_has():
    def row(oid, second):
        return {
            "_id": {"$oid": oid * 24},
            "timestamp": f"2026-01-01T00:00:0{second}Z",
            "payload": {"n": oid},
        }

    rows = [row("b", 1), row("c", 2), row("a", 1)]
    expected = ["a", "b", "c"]
    for each in (rows, rows[::-1]):
        batch = parse_batch(each, DEVICE)
        assert [message.payload["n"] for message in batch.messages] == expected


def test_without_ids_a_descending_answer_keeps_its_order_within_a_millisecond():
    rows = [
        {"timestamp": f"2026-01-01T00:00:0{second}Z", "payload": {"n": n}}
        for second, n in ((2, 4), (1, 3), (1, 2), (0, 1))
    ]
    batch = parse_batch(rows, DEVICE)
    assert [message.payload["n"] for message in batch.messages] == [1, 2, 3, 4]


def test_a_payload_that_is_very_deep_is_read_as_deep_as_it_is_shown():
    deep = '{"d":' * 20_000 + "1" + "}" * 20_000
    row, is_json = read_json(
        f'{{"timestamp": "2026-01-01T00:00:00Z", "payload": {deep}}}'
    )
    batch = parse_batch([row, HISTORY_ROW], DEVICE)
    assert is_json
    assert (len(batch.messages), batch.skipped) == (2, 0)
