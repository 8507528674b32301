"""Commands to the boards of the simulated iottly (reference 4)."""

import asyncio
from typing import Any

import pytest

from simulated_clouds.iottly_variant import IottlyVariant

from .iottly_rig import ATTIC, CELLAR, GATE, rig


async def test_a_command_reaches_the_board_and_the_board_answers() -> None:
    async with rig() as it:
        answer = await it.command({"cmd_type": "pump", "values": {"pump.state": "on"}})
        assert (answer.status, answer.text) == (200, '{"status": 200}')
        assert it.received() == [{"pump": {"state": "on"}}]
        assert it.cellar.variables["pump"].value is True
        assert (await it.history(numMessages=1)).payloads == [{"pump": {"state": True}}]


async def test_commands_are_not_in_the_history() -> None:
    async with rig(IottlyVariant(replies="none")) as it:
        await it.command({"cmd_type": "pump", "values": {"pump.state": "on"}})
        assert it.received() == [{"pump": {"state": "on"}}]
        assert len((await it.history(numMessages=100)).payloads) == 5


@pytest.mark.parametrize(
    ("name", "values", "received"),
    [
        ("echo", {"echo.content": "hi"}, {"echo": {"content": "hi"}}),
        ("echo", {}, {"echo": {"content": "IOTTLY hello world!!!!"}}),
        ("examplecommand", {}, {"examplecommand": {"status": "<start|stop>"}}),
        ("set_temp", {}, {"set_temp": {"temperature": "<free value>"}}),
        ("pump", {"pump.state": ""}, {"pump": {"state": "<on|off>"}}),
        ("pump", {"pump.state": None}, {"pump": {"state": "<on|off>"}}),
        ("echo", {"echo.content": 5}, {"echo": {"content": 5}}),
        ("echo", {"echo.content": 0}, {"echo": {"content": 0}}),
        ("echo", {"echo.content": False}, {"echo": {"content": False}}),
        ("echo", {"echo.content": [1, {"a": 2}]}, {"echo": {"content": [1, {"a": 2}]}}),
        (
            "echo",
            {"echo.new": 1},
            {"echo": {"content": "IOTTLY hello world!!!!", "new": 1}},
        ),
        (
            "echo",
            {"content": "x"},
            {"echo": {"content": "IOTTLY hello world!!!!"}, "content": "x"},
        ),
        (
            "read sensor data",
            {"read_sensor_data.sensortype": "both"},
            {"read_sensor_data": {"sensortype": "both"}},
        ),
        (
            "set_temp",
            {"set_temp.temperature": "21", "set_temp.mode": "auto"},
            {"set_temp": {"temperature": "21", "mode": "auto"}},
        ),
    ],
)
async def test_options_are_written_into_the_declared_template(
    name: str, values: dict[str, Any], received: dict[str, Any]
) -> None:
    async with rig() as it:
        answer = await it.command({"cmd_type": name, "values": values})
        assert answer.status == 200
        assert it.received() == [received]


async def test_the_public_source_keeps_the_placeholder_of_an_optional() -> None:
    async with rig(IottlyVariant(handlers="public", reply_delay=0)) as it:
        values = {"set_temp.temperature": 21}
        await it.command({"cmd_type": "set_temp", "values": values}, ATTIC)
        assert it.received(ATTIC) == [
            {"set_temp": {"temperature": 21, "mode": "[<auto|manual>]"}}
        ]


REFUSED = [
    ({"values": {}}, 400, "cmd_type is missing", "'cmd_type'"),
    ({"cmd_type": "echo"}, 400, "values is missing", "'values'"),
    (
        {"cmd_type": "echo", "values": []},
        400,
        "values is not an object",
        "object has no attribute 'iteritems'",
    ),
    (
        {"cmd_type": 5, "values": {}},
        400,
        "cmd_type is no command",
        "No JSON object could be decoded",
    ),
    ([], 400, "cmd_type is no command", "No JSON object could be decoded"),
    (
        {"cmd_type": "dance", "values": {}},
        400,
        "cmd_type is not declared",
        "list index out of range",
    ),
    # The type is sent as declared; only its root has underscores.
    (
        {"cmd_type": "read_sensor_data", "values": {}},
        400,
        "cmd_type is not declared",
        "list index out of range",
    ),
    (
        {"cmd_type": "echo", "values": {"foo.content": "x"}},
        400,
        "values has no option foo",
        "u'foo'",
    ),
    (
        {"cmd_type": "echo", "values": {"echo.foo.bar": "x"}},
        400,
        "values has no option foo",
        "u'foo'",
    ),
    (
        {"cmd_type": "echo", "values": {"echo.content.x": 1}},
        400,
        "values has no option x",
        "'unicode' object does not support item assignment",
    ),
]


@pytest.mark.parametrize(("body", "status", "reason", "raw"), REFUSED)
async def test_a_wrong_command_is_refused_and_reaches_nobody(
    body: Any, status: int, reason: str, raw: str
) -> None:
    async with rig() as it:
        hosted = await it.command(body)
        assert (hosted.status, hosted.json) == (status, {"error": reason})
        it.switch(handlers="public")
        public = await it.command(body)
        assert (public.status, public.json) == (500, {"error": raw})
        assert it.received() == []


async def test_a_command_that_is_not_json_is_refused() -> None:
    async with rig() as it:
        path = f"device/{CELLAR}/command"
        assert (await it.ask(path, "POST", data=b"{")).status == 400
        assert (await it.ask(path, "POST")).status == 400


async def test_a_command_to_an_unknown_device_is_refused() -> None:
    body = {"cmd_type": "echo", "values": {}}
    async with rig() as it:
        assert (await it.command(body, "unknown")).status == 403
        it.switch(handlers="public")
        answer = await it.command(body, "unknown")
        assert (answer.status, answer.json) == (
            500,
            {"error": "list index out of range"},
        )


@pytest.mark.parametrize("status", [400, 403, 500])
async def test_every_command_may_be_refused(status: int) -> None:
    async with rig(IottlyVariant().switched(command_status=status)) as it:
        answer = await it.command({"cmd_type": "echo", "values": {}})
        assert (answer.status, answer.json) == (
            status,
            {"error": "The command was refused"},
        )
        assert it.received() == []


async def test_the_answer_to_a_command_may_be_empty() -> None:
    async with rig(IottlyVariant(command_body="empty")) as it:
        answer = await it.command({"cmd_type": "echo", "values": {}})
        assert (answer.status, answer.text) == (200, "")


async def test_a_generated_handler_echoes_after_a_delay() -> None:
    async with rig(IottlyVariant(reply_delay=0.05)) as it:
        answer = await it.command(
            {"cmd_type": "echo", "values": {"echo.content": "hi"}}
        )
        assert answer.status == 200
        echoed = {"payload.ECHO": {"$exists": True}}
        assert (await it.history(queryJson=echoed)).payloads == []
        async with asyncio.timeout(5):
            while not (found := (await it.history(queryJson=echoed)).json["messages"]):
                await asyncio.sleep(0.01)
        assert found[0]["type"] == "userdefined"
        assert found[0]["payload"] == {"ECHO": {"echo": {"content": "hi"}}}


async def test_a_reaction_that_is_due_when_the_cloud_stops_never_happens() -> None:
    async with rig(IottlyVariant(reply_delay=60)) as it:
        await it.command({"cmd_type": "pump", "values": {"pump.state": "on"}})
        pump = it.cellar.variables["pump"]
    assert pump.value is False


async def test_a_missing_handler_is_an_agent_message() -> None:
    async with rig() as it:
        body = {"cmd_type": "pump", "values": {"pump.state": "on"}}
        assert (await it.command(body, GATE)).status == 200
        (message,) = (await it.history(GATE, numMessages=1)).json["messages"]
        assert message["type"] == "iottlyagent"
        process = message["payload"]["process"]
        assert process["function"] == "pump"
        assert process["status"] == {"warning": "Not Found"}
        assert process["receivedcmd"] == {"pump": {"state": "on"}}
        assert message["payload"]["operatingstatus"] == "error"


@pytest.mark.parametrize(
    ("values", "function"),
    [
        ({"pump.state": "sideways"}, "pump"),
        ({}, "pump"),
        ({"pump.state": "on", "state": "on"}, None),
    ],
)
async def test_a_command_that_fails_on_the_board_is_an_agent_error(
    values: dict[str, str], function: str | None
) -> None:
    async with rig() as it:
        await it.command({"cmd_type": "pump", "values": values})
        (message,) = (await it.history(numMessages=1)).json["messages"]
        assert message["type"] == "iottlyagent"
        process = message["payload"]["process"]
        assert process.get("function") == function
        assert "error" in process["status"]
        assert "cmd" in process
        assert it.cellar.variables["pump"].value is False


@pytest.mark.parametrize(
    ("replies", "root"), [("echo", "ECHO"), ("receivedcmd", "process")]
)
async def test_all_boards_may_react_alike(replies: str, root: str) -> None:
    async with rig(IottlyVariant(reply_delay=0).switched(replies=replies)) as it:
        await it.command({"cmd_type": "pump", "values": {"pump.state": "on"}})
        (payload,) = (await it.history(numMessages=1)).payloads
        assert root in payload
        assert it.cellar.variables["pump"].value is False


async def test_a_reading_on_demand_is_told_in_the_usual_nesting() -> None:
    async with rig() as it:
        values = {"read_sensor_data.sensortype": "humidity"}
        await it.command({"cmd_type": "read sensor data", "values": values})
        assert (await it.history(numMessages=1)).payloads == [
            {"sensor_data_reading": {"temperature": 14.2, "humidity": 61.5}}
        ]


async def test_the_thermostat_tells_what_the_command_changed() -> None:
    async with rig() as it:
        values = {"set_temp.temperature": "18", "set_temp.mode": "manual"}
        await it.command({"cmd_type": "set_temp", "values": values}, ATTIC)
        assert (await it.history(ATTIC, numMessages=1)).payloads == [
            {"desired_temp": 18.0, "relay_state": False, "auto": False, "manual": True}
        ]


@pytest.mark.parametrize(
    ("offline", "received"), [("lost", []), ("queued", [{"pump": {"state": "on"}}])]
)
async def test_a_command_to_an_offline_board_is_lost_or_waits(
    offline: str, received: list[Any]
) -> None:
    async with rig(IottlyVariant(reply_delay=0).switched(offline=offline)) as it:
        it.cloud.disconnect(it.cellar)
        body = {"cmd_type": "pump", "values": {"pump.state": "on"}}
        assert (await it.command(body)).status == 200
        assert it.received() == []
        it.cloud.connect(it.cellar)
        assert it.received() == received
