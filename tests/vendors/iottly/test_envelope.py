"""What a webhook's request says, in every form that it may have (reference 5.1)."""

import json
from urllib.parse import urlencode

import pytest

from custom_components.iot_clouds.model import CloudRejected
from custom_components.iot_clouds.vendors.iottly.envelope import (
    PayloadOnly,
    read_delivery,
)

from .store import DEVICE, PROJECT

MESSAGE = {
    "from": DEVICE,
    "to": PROJECT,
    "timestamp": "2017-09-20T00:33:27.230000+02:00",
    "devicetimestamp": "2017-09-20T00:33:27+02:00",
    "type": "userdefined",
    "payload": {"temperature": 22},
}
TEXT = json.dumps(MESSAGE)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"msg": MESSAGE}),
        json.dumps({"msg": TEXT}),
        "\ufeff" + json.dumps({"msg": MESSAGE}),
        TEXT,
        urlencode({"msg": TEXT}),
        urlencode({"other": "x", "msg": TEXT}),
        f"&flag&{urlencode({'msg': TEXT})}&",
    ],
    ids=[
        "object",
        "text",
        "byte order mark",
        "bare",
        "form",
        "form with more",
        "form with less",
    ],
)
def test_a_message_is_read_in_every_form(body):
    delivery = read_delivery(body.encode())
    assert (delivery.device_id, delivery.project_id) == (DEVICE, PROJECT)
    assert delivery.row == MESSAGE


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_is_read_in_every_unicode(encoding):
    message = {**MESSAGE, "payload": {"Température": "20 °C"}}
    text = json.dumps({"msg": message}, ensure_ascii=False)

    assert read_delivery(text.encode(encoding)).row == message


def test_of_what_is_no_unicode_nothing_is_guessed():
    message = {**MESSAGE, "payload": {"Température": "20 °C"}}
    text = json.dumps(message, ensure_ascii=False)
    for body in (
        f'{{"msg": {text}}}'.encode("latin-1"),
        urlencode({"msg": text}, encoding="latin-1").encode(),
        b"msg=" + text.encode("latin-1"),
    ):
        delivery = read_delivery(body)
        assert (delivery.device_id, delivery.project_id) == (DEVICE, PROJECT)
        assert delivery.row == {
            "from": DEVICE,
            "to": PROJECT,
            "type": "userdefined",
        }


def test_ids_are_read_however_they_are_spelled():
    message = {**MESSAGE, "from": f" {DEVICE.upper()} ", "to": PROJECT.upper()}
    delivery = read_delivery(json.dumps({"msg": message}).encode())
    assert (delivery.device_id, delivery.project_id) == (DEVICE, PROJECT)


def test_the_project_may_be_left_out():
    message = {key: value for key, value in MESSAGE.items() if key != "to"}
    assert read_delivery(json.dumps({"msg": message}).encode()).project_id is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"temperature": 22}', "userdefined"),
        ('{"msg": {"temperature": 22}}', "userdefined"),
        ('{"msg": "hello"}', "userdefined"),
        ('{"msg": 5}', "userdefined"),
        ('{"msg": null}', "userdefined"),
        ('{"from": "Rome", "to": "Turin"}', "userdefined"),
        ("{}", "userdefined"),
        ("[1, 2]", "userdefined"),
        ("22", "userdefined"),
        ('"text"', "userdefined"),
        (urlencode({"msg": '{"temperature": 22}'}), "userdefined"),
        ('{"connectionstatus": "connected"}', "iottlyagent"),
        ('{"msg": {"process": {"name": "loop"}}}', "iottlyagent"),
    ],
)
def test_a_payload_alone_is_told_apart_from_nonsense(body, kind):
    with pytest.raises(PayloadOnly) as caught:
        read_delivery(body.encode())
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{",
        b"\xff\xfe\x00",
        b"text",
        b"a=1",
        b"msg",
        b"a=1&" * 50 + b"msg=%7B%7D",
        b'{"msg": {',
        b"[" * 250_000,
    ],
    ids=range(10),
)
def test_nonsense_is_refused(body):
    with pytest.raises(CloudRejected) as caught:
        read_delivery(body)
    assert not isinstance(caught.value, PayloadOnly)


def test_what_was_refused_is_not_repeated_in_the_reason():
    with pytest.raises(CloudRejected) as caught:
        read_delivery(b'{"password": "hunter2"}')
    assert "hunter2" not in str(caught.value) + repr(caught.value)
    assert "22" not in repr(read_delivery(TEXT.encode())).replace(PROJECT, "")
