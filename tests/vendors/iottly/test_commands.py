import pytest

from custom_components.iot_clouds.model import (
    Call,
    CloudAuthError,
    CloudBusy,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Rename,
    Send,
)
from custom_components.iot_clouds.vendors.iottly.commands import root_of
from custom_components.iot_clouds.vendors.iottly.words import words_of

from .fake import OTHER, Answer, error, ok, props
from .store import DEVICE


def echo(**options):
    return Send(device_id=DEVICE, type="echo", options=options or {"content": "hi"})


@pytest.mark.parametrize(
    ("command_type", "options", "values"),
    [
        ("echo", {"content": "hi"}, {"echo.content": "hi"}),
        ("echo", {"echo.content": "hi"}, {"echo.content": "hi"}),
        ("echo", {"echoes": 1}, {"echo.echoes": 1}),
        ("LED, low.", {"a": 5}, {"LED_low.a": 5}),
        (
            "LED, low.",
            {"LED, low..a": 5, "LED_low.b": 6},
            {"LED_low.a": 5, "LED_low.b": 6},
        ),
        ("echo", {}, {}),
        (
            "echo",
            {"l": [1, {"a": None}], "f": False},
            {"echo.l": [1, {"a": None}], "echo.f": False},
        ),
    ],
)
async def test_every_option_is_sent_with_its_prefix(
    fake, cloud, command_type, options, values
):
    command = Send(device_id=DEVICE, type=command_type, options=options)
    assert await cloud.execute(command) == {"status": 200}
    assert fake.bodies == [{"cmd_type": command_type, "values": values}]
    assert fake.requests[-1].method == "POST"
    assert fake.requests[-1].content_type == "application/json"


def test_the_root_of_a_type_is_the_one_of_the_console():
    assert root_of("read sensor, v1.2 now") == "read_sensor_v12_now"


@pytest.mark.parametrize(
    ("command_type", "options", "field", "key"),
    [
        ("echo", {"content": ""}, "content", "empty_option"),
        ("echo", {"content": None}, "content", "empty_option"),
        ("", {"content": "x"}, "type", "empty_option"),
        ("echo", {"x": float("nan")}, "x", "invalid_value"),
        ("echo", {"x": [{"y": float("inf")}]}, "x", "invalid_value"),
        ("echo", {"x": 1, "echo.x": 2}, "echo.x", "invalid_value"),
    ],
)
async def test_an_option_that_would_do_harm_is_not_sent(
    fake, cloud, command_type, options, field, key
):
    command = Send(device_id=DEVICE, type=command_type, options=options)
    with pytest.raises(CloudRejected) as raised:
        await cloud.execute(command)
    assert (raised.value.field, raised.value.key) == (field, key)
    assert fake.requests == []


@pytest.mark.parametrize(
    ("answer", "key", "field", "reason"),
    [
        (
            error(500, "list index out of range"),
            "unknown_command",
            "type",
            "list index out of range",
        ),
        (error(500, "u'foo'"), "unknown_option", "foo", "u'foo'"),
        (error(500, "'foo'"), "unknown_option", "foo", "'foo'"),
        (error(500, "document is missing"), None, None, "document is missing"),
        (error(400, "bad  values\n"), None, None, "bad values"),
        (error(400), None, None, "status 400"),
        (
            Answer(status=400, text='{"values": ["too long", "odd"]}'),
            None,
            None,
            "values: too long, odd",
        ),
        (ok({"status": 400, "error": "inside"}), None, None, "inside"),
    ],
)
async def test_what_the_cloud_refuses_is_told_in_words(
    fake, cloud, answer, key, field, reason
):
    fake.answers["command"] = [answer]
    with pytest.raises(CloudRejected) as raised:
        await cloud.execute(echo())
    error = raised.value
    assert (error.key, error.field, error.reason) == (key, field, reason)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(401, "who"), CloudAuthError),
        (error(403, "device"), CloudMissing),
        (error(404), CloudMissing),
        (error(429), CloudBusy),
        (error(500), CloudUnreachable),
        (error(503, "overloaded"), CloudUnreachable),
        (Answer(text="<html>a hotel's login page"), CloudUnreachable),
        (Answer(status=302, headers={"Location": "/"}), CloudUnreachable),
    ],
)
async def test_other_failures_of_a_command_are_told_apart(fake, cloud, answer, kind):
    fake.answers["command"] = [answer]
    with pytest.raises(kind):
        await cloud.execute(echo())
    assert fake.paths().count(f"device/{DEVICE}/command") == 1


async def test_a_command_that_got_lost_is_not_sent_again(fake, cloud):
    async def drop(request):
        request.transport.abort()
        return await ok({})(request)

    fake.answers["command"] = [drop]
    with pytest.raises(CloudUnreachable):
        await cloud.execute(echo())
    assert fake.paths().count(f"device/{DEVICE}/command") == 1


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Answer(text=""), {}),
        (Answer(text="OK"), {}),
        (Answer(status=204), {}),
        (ok({"status": 200, "id": 7}), {"status": 200, "id": 7}),
    ],
)
async def test_any_body_of_a_good_answer_will_do(fake, cloud, answer, result):
    fake.answers["command"] = [answer]
    assert await cloud.execute(echo()) == result


async def test_nothing_is_sent_to_a_device_that_is_away_or_unknown(fake, cloud):
    fake.devices = [props(operatingstatus="disconnected")]
    with pytest.raises(DeviceOffline):
        await cloud.execute(echo())
    with pytest.raises(CloudMissing):
        await cloud.execute(Send(device_id=OTHER, type="echo"))
    assert fake.bodies == []


async def test_a_device_whose_state_is_unknown_may_be_sent_to(fake, cloud):
    fake.devices = [props(operatingstatus="dozing")]
    assert await cloud.execute(echo()) == {"status": 200}


async def test_only_commands_for_devices_are_taken(cloud):
    assert set(cloud.accepts) == {Send, Rename}
    with pytest.raises(CloudRejected):
        await cloud.execute(Call(device_id=DEVICE, function="f"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, None),
        ([], None),
        ({}, None),
        ({"error": ""}, None),
        ({"error": "key 719cc48b13aa7be9a89a433493966f64 is bad"}, "key … is bad"),
        ({"error": "x" * 500}, "x" * 200),
        ({"a": ["b"], "c": 1}, "a: b"),
    ],
)
def test_the_words_of_an_error_are_short_and_hold_no_secret(body, words):
    assert words_of(body) == words
