"""History and pages of the simulated iottly, in every form of the reference."""

import json
import math
from typing import Any

from aiohttp import ClientSession
import pytest

from simulated_clouds.boards.iottly import boards
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_filter import BadFilter, compiled, with_dates
from simulated_clouds.iottly_variant import DOCUMENTED, PUBLIC_CORE, IottlyVariant
from simulated_clouds.world import Board, Variable, World

from .iottly_rig import ATTIC, CELLAR, GATE, NOW, PROJECT, Clock, Rig, rig

USER_ONLY = {"type": "userdefined"}


async def test_a_board_that_starts_has_told_its_state_and_all_its_values() -> None:
    async with rig() as it:
        assert (await it.history(CELLAR, numMessages=100)).payloads == [
            {"connectionstatus": "connected"},
            {
                "process": {
                    "name": "MainProcess",
                    "status": {"started": "loaded firmware: Cellar"},
                },
                "operatingstatus": "ok",
            },
            {"process": {"name": "loop", "status": "started"}},
            {"sensor_data_reading": {"temperature": 14.2, "humidity": 61.5}},
            {"pump": {"state": False}},
        ]


async def test_a_message_has_the_fields_and_forms_of_the_documents() -> None:
    async with rig() as it:
        it.cloud.message(it.cellar, {"n": 1})
        answer = await it.history(numMessages=1)
        assert answer.json["status"] == 200
        (message,) = answer.json["messages"]
        assert message.pop("_id")["$oid"].startswith("59c1b757")
        assert message == {
            "from": CELLAR,
            "to": PROJECT,
            "timestamp": {"$date": "2017-09-20T00:33:27.230Z"},
            "devicetimestamp": {"$date": "2017-09-20T00:33:27.000Z"},
            "type": "userdefined",
            "payload": {"n": 1},
        }


@pytest.mark.parametrize(
    ("form", "stamp", "device"),
    [
        ("iso", "2017-09-20T00:33:27.230Z", "2017-09-20T00:33:27.000Z"),
        ("trimmed", "2017-09-20T00:33:27.230Z", "2017-09-20T00:33:27Z"),
        ("milliseconds", 1505867607230, 1505867607000),
        (
            "number_long",
            {"$numberLong": "1505867607230"},
            {"$numberLong": "1505867607000"},
        ),
    ],
)
async def test_dates_have_every_known_form(form: str, stamp: Any, device: Any) -> None:
    async with rig(IottlyVariant().switched(dates=form)) as it:
        (message,) = (await it.history(numMessages=1)).json["messages"]
        assert message["timestamp"] == {"$date": stamp}
        assert message["devicetimestamp"] == {"$date": device}


async def test_ids_are_unique_and_rise_with_arrival() -> None:
    async with rig() as it:
        it.cloud.burst(it.cellar, [{"n": n} for n in range(20)])
        messages = (await it.history(numMessages=100)).json["messages"]
        ids = [message["_id"]["$oid"] for message in messages]
        assert len(set(ids)) == 25
        assert ids == sorted(ids)


async def test_the_history_is_the_newest_ten_unless_told_otherwise() -> None:
    async with rig() as it:
        it.cloud.burst(it.cellar, [{"n": n} for n in range(12)])
        answer = await it.history()
        assert answer.payloads == [{"n": n} for n in range(2, 12)]
        assert (await it.history(numMessages=2)).payloads == [{"n": 10}, {"n": 11}]
        it.switch(order="descending")
        assert (await it.history(numMessages=2)).payloads == [{"n": 11}, {"n": 10}]


async def test_more_than_a_hundred_messages_are_clamped_or_refused() -> None:
    async with rig() as it:
        it.clock.now += 300
        it.cloud.burst(it.cellar, [{"n": n} for n in range(250)], spacing=1)
        answer = await it.history(numMessages=101)
        assert answer.payloads == [{"n": n} for n in range(150, 250)]
        it.switch(above_limit="bad_request")
        answer = await it.history(numMessages=101)
        assert (answer.status, answer.json) == (
            400,
            {"error": "numMessages must be in 1-100"},
        )
        assert (await it.history(numMessages=100)).status == 200


@pytest.mark.parametrize(
    "params",
    [
        {"numMessages": "0"},
        {"numMessages": "-1"},
        {"numMessages": "ten"},
        {"numMessages": "1.5"},
        {"numMessages": ""},
        {"queryJson": "{"},
        {"queryJson": "[]"},
        {"queryJson": '"type"'},
        {"queryJson": '{"$where": "1"}'},
        {"queryJson": '{"type": {"$near": 1}}'},
        {"queryJson": '{"type": {"$in": "userdefined"}}'},
        {"queryJson": '{"$or": []}'},
        {"queryJson": '{"$and": [1]}'},
    ],
)
async def test_a_bad_parameter_of_the_history_is_a_400(params: dict[str, str]) -> None:
    async with rig() as it:
        answer = await it.ask(f"messages/{CELLAR}", params=params)
        assert answer.status == 400
        assert answer.json["error"].startswith(next(iter(params)))


@pytest.mark.parametrize(
    "params", [{"numMessages": "ten"}, {"queryJson": "{"}, {"queryJson": '{"$x": 1}'}]
)
async def test_the_public_source_fails_with_html_on_bad_parameters(
    params: dict[str, str],
) -> None:
    async with rig(IottlyVariant(handlers="public")) as it:
        answer = await it.ask(f"messages/{CELLAR}", params=params)
        assert (answer.status, answer.type) == (500, "text/html; charset=UTF-8")
        assert "<title>500: Internal Server Error</title>" in answer.text


async def test_the_public_source_knows_no_limit_and_no_device() -> None:
    async with rig(IottlyVariant(handlers="public")) as it:
        it.cloud.burst(it.cellar, [{"n": n} for n in range(120)])
        assert len((await it.history(numMessages=0)).payloads) == 125
        unknown = await it.history("unknown")
        assert (unknown.status, unknown.payloads) == (200, [])


async def test_the_public_source_lets_a_filter_replace_its_own() -> None:
    query = {"from": GATE, "payload.CSQ": {"$exists": True}}
    async with rig() as it:
        assert (await it.history(CELLAR, queryJson=query)).payloads == []
        it.switch(handlers="public")
        assert (await it.history(CELLAR, queryJson=query)).payloads == [
            {"CSQ": {"signal": 17, "bit_error_rate": 0}}
        ]


async def test_the_history_of_an_unknown_device_is_forbidden() -> None:
    async with rig() as it:
        assert (await it.history("00000000-0000-4000-8000-000000000000")).status == 403
        assert (await it.history(CELLAR.upper())).status == 403


async def test_an_empty_history_is_a_list_or_404() -> None:
    async with rig() as it:
        nothing = {"type": "nothing"}
        answer = await it.history(queryJson=nothing)
        assert answer.json == {"status": 200, "messages": []}
        it.switch(history_empty="not_found")
        assert (await it.history(queryJson=nothing)).status == 404
        assert (await it.history()).status == 200


async def test_a_filter_chooses_by_type_and_payload() -> None:
    async with rig() as it:
        it.cloud.world.set(it.cellar, temperature=16.0)
        it.cloud.world.set(it.cellar, temperature=18.0)
        warm = {"payload.sensor_data_reading.temperature": {"$gt": 15}}
        assert [
            payload["sensor_data_reading"]["temperature"]
            for payload in (await it.history(queryJson=warm)).payloads
        ] == [16.0, 18.0]
        agent = await it.history(queryJson={"type": "iottlyagent"})
        assert len(agent.payloads) == 3


DOCUMENT = {
    "type": "userdefined",
    "payload": {"a": 5, "b": True, "s": "m", "n": None, "l": [1, {"x": 2}], "o": {}},
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True),
        ({"type": "userdefined", "payload.a": 5}, True),
        ({"type": "userdefined", "payload.a": 6}, False),
        ({"payload.a": 5.0}, True),
        ({"payload.b": 1}, False),
        ({"payload.a": "5"}, False),
        ({"payload.o": {}}, True),
        ({"payload.n": None}, True),
        ({"payload.missing": None}, True),
        ({"payload.a": None}, False),
        ({"payload.a": {"$exists": True}}, True),
        ({"payload.n": {"$exists": True}}, True),
        ({"payload.a.deeper": {"$exists": True}}, False),
        ({"payload.missing": {"$exists": False}}, True),
        ({"payload.a": {"$gt": 4, "$lt": 6}}, True),
        ({"payload.a": {"$gt": 5}}, False),
        ({"payload.a": {"$gte": 5}}, True),
        ({"payload.a": {"$lt": 5}}, False),
        ({"payload.a": {"$lte": 5}}, True),
        ({"payload.s": {"$gt": 4}}, False),
        ({"payload.s": {"$gt": "a"}}, True),
        ({"payload.b": {"$gte": 0}}, False),
        ({"payload.l": 1}, True),
        ({"payload.l.0": 1}, True),
        ({"payload.l.x": 2}, True),
        ({"payload.l.7": {"$exists": True}}, False),
        ({"payload.a": {"$ne": 5}}, False),
        ({"payload.missing": {"$ne": 5}}, True),
        ({"payload.a": {"$eq": 5}}, True),
        ({"payload.a": {"$in": [4, 5]}}, True),
        ({"payload.a": {"$in": []}}, False),
        ({"$or": [{"payload.a": 1}, {"payload.s": "m"}]}, True),
        ({"$and": [{"payload.a": 5}, {"payload.s": "n"}]}, False),
    ],
)
def test_a_filter_means_what_it_means_to_the_database(
    query: dict[str, Any], found: bool
) -> None:
    assert compiled(query)(DOCUMENT) is found


SINCE = {"timestamp": {"$gte": {"$date": "2017-09-20T00:33:27.230Z"}}}


async def test_a_date_in_a_filter_may_silently_match_nothing() -> None:
    async with rig() as it:
        answer = await it.history(queryJson=SINCE)
        assert (answer.status, answer.payloads) == (200, [])
        assert (await it.history(queryJson=USER_ONLY)).payloads != []


@pytest.mark.parametrize(
    ("switch", "status", "type"),
    [
        ("bad_request", 400, "application/json"),
        ("html_error", 500, "text/html; charset=UTF-8"),
    ],
)
async def test_a_date_in_a_filter_may_be_an_error(
    switch: str, status: int, type: str
) -> None:
    async with rig(IottlyVariant().switched(date_filter=switch)) as it:
        answer = await it.history(queryJson=SINCE)
        assert (answer.status, answer.type) == (status, type)
        assert (await it.history(queryJson=USER_ONLY)).status == 200


@pytest.mark.parametrize(
    "date",
    [
        "2017-09-20T00:33:28.230Z",
        "2017-09-20T02:33:28.230+02:00",
        1505867608230,
        {"$numberLong": "1505867608230"},
    ],
)
async def test_a_date_in_a_filter_may_work(date: Any) -> None:
    async with rig(IottlyVariant(date_filter="supported")) as it:
        it.clock.now += 1
        it.cloud.message(it.cellar, {"n": 1})
        since = await it.history(queryJson={"timestamp": {"$gte": {"$date": date}}})
        assert since.payloads == [{"n": 1}]
        after = await it.history(queryJson={"timestamp": {"$gt": {"$date": date}}})
        assert after.payloads == []
        plain = await it.history(queryJson={"timestamp": {"$gte": "2017-09-20"}})
        assert plain.payloads == []


@pytest.mark.parametrize("query", [{"$date": 5}, {"type": {"$gte": {"$oid": "x"}}}])
async def test_a_filter_that_is_no_filter_is_refused_where_dates_work(
    query: dict[str, Any],
) -> None:
    async with rig(IottlyVariant(date_filter="supported")) as it:
        assert (await it.history(queryJson=query)).status == 400


async def test_an_id_in_a_filter_may_work() -> None:
    async with rig(IottlyVariant(date_filter="supported")) as it:
        (last,) = (await it.history(numMessages=1)).json["messages"]
        it.cloud.message(it.cellar, {"n": 1})
        after = await it.history(queryJson={"_id": {"$gt": last["_id"]}})
        assert after.payloads == [{"n": 1}]


@pytest.mark.parametrize(
    "value",
    [
        {"$date": "2017-09-20T00:33:27Z"},
        {"$date": "2017-09-20"},
        {"$date": "yesterday"},
        {"$date": True},
        {"$date": None},
        {"$date": {"$numberLong": "soon"}},
        {"$date": 10**30},
        {"$oid": "59c1"},
        {"$oid": 5},
    ],
)
def test_a_malformed_date_or_id_is_refused(value: Any) -> None:
    with pytest.raises(BadFilter):
        with_dates({"timestamp": {"$gte": value}})


async def test_a_page_has_neither_status_nor_ids_and_dates_without_zone() -> None:
    async with rig() as it:
        it.cloud.message(it.cellar, {"n": 1})
        answer = await it.page(l=1)
        assert answer.json == {
            "messages": [
                {
                    "from": CELLAR,
                    "to": PROJECT,
                    "timestamp": "2017-09-20T00:33:27.230",
                    "devicetimestamp": "2017-09-20T00:33:27",
                    "type": "userdefined",
                    "payload": {"n": 1},
                }
            ]
        }


async def test_a_page_may_be_in_roman_time() -> None:
    async with rig(IottlyVariant(page_zone="Europe/Rome")) as it:
        (message,) = (await it.page(l=1)).json["messages"]
        assert message["timestamp"] == "2017-09-20T02:33:27.230"
        assert (await it.page(from_="2017-09-20T02:33:27.231")).status == 404
        assert (await it.page(from_="2017-09-20T02:33:27.230")).status == 200


async def test_pages_follow_each_other_from_the_newest() -> None:
    async with rig() as it:
        it.clock.now += 1
        it.cloud.burst(it.cellar, [{"n": n} for n in range(60)], spacing=0.001)
        first = await it.page(type="userdefined")
        assert first.payloads == [{"n": n} for n in range(59, 9, -1)]
        assert (await it.page(p=1, type="userdefined")).payloads == first.payloads
        second = await it.page(p=2, l=50, type="userdefined")
        assert second.payloads[:10] == [{"n": n} for n in range(9, -1, -1)]
        assert (await it.page(p=3)).status == 404
        oldest = await it.page(l=1, sort="asc", type="userdefined")
        assert oldest.payloads == [
            {"sensor_data_reading": {"temperature": 14.2, "humidity": 61.5}}
        ]


async def test_pages_may_be_counted_from_zero() -> None:
    async with rig(IottlyVariant(first_page=0)) as it:
        it.cloud.burst(it.cellar, [{"n": 0}, {"n": 1}], spacing=1)
        assert (await it.page(p=0, l=1)).payloads == [{"n": 1}]
        assert (await it.page(l=1)).payloads == [{"n": 1}]


@pytest.mark.parametrize(
    ("type", "count"), [("all", 5), ("userdefined", 2), ("iottlyagent", 3)]
)
async def test_a_page_is_of_one_type_or_all(type: str, count: int) -> None:
    async with rig() as it:
        assert len((await it.page(type=type)).payloads) == count


async def test_from_is_inclusive_and_to_is_exclusive() -> None:
    async with rig() as it:
        it.clock.now += 10
        it.cloud.burst(it.cellar, [{"n": 0}, {"n": 1}, {"n": 2}], spacing=1)
        answer = await it.page(
            from_="2017-09-20T00:33:35.230", to="2017-09-20T00:33:37.230", sort="asc"
        )
        assert answer.payloads == [{"n": 0}, {"n": 1}]
        assert (await it.page(from_="2017-09-20T00:33:37.231")).status == 404


@pytest.mark.parametrize(
    ("form", "accepted", "refused"),
    [
        ("iso", "2017-09-20T00:33:37.230", "1505867617230"),
        ("iso", "2017-09-20T00:33:37.230Z", "2017-09-20T02:33:37.230 02:00"),
        ("iso_z", "2017-09-20T00:33:37.230Z", "2017-09-20T00:33:37.230"),
        ("epoch_ms", "1505867617230", "2017-09-20T00:33:37.230"),
        ("epoch_s", "1505867617", "2017-09-20T00:33:37.230Z"),
    ],
)
async def test_only_one_form_of_from_is_understood(
    form: str, accepted: str, refused: str
) -> None:
    async with rig(IottlyVariant().switched(page_from=form)) as it:
        it.clock.now += 10
        it.cloud.message(it.cellar, {"n": 1})
        assert (await it.page(from_=accepted)).payloads == [{"n": 1}]
        answer = await it.page(from_=refused)
        assert answer.status == 400
        assert answer.json["error"].startswith("from ")


async def test_from_may_be_ignored() -> None:
    async with rig(IottlyVariant(page_from="ignored")) as it:
        answer = await it.page(from_="2017-09-21T00:00:00.000")
        assert len(answer.payloads) == 5


@pytest.mark.parametrize(
    "params",
    [
        {"p": "0"},
        {"p": "-1"},
        {"p": "one"},
        {"l": "0"},
        {"l": "101"},
        {"l": "many"},
        {"type": "user"},
        {"type": ""},
        {"sort": "ascending"},
        {"from": "2017"},
        {"from": "99999999999999999"},
        {"to": "tomorrow"},
    ],
)
async def test_a_bad_parameter_of_a_page_is_a_400(params: dict[str, str]) -> None:
    async with rig() as it:
        answer = await it.page(**params)
        assert answer.status == 400
        assert answer.json["error"].startswith(next(iter(params)))


@pytest.mark.parametrize(
    ("switch", "status", "text"),
    [
        ("json_404", 404, '{"error": "No messages"}'),
        (
            "html_404",
            404,
            "<html><title>404: Not Found</title><body>404: Not Found</body></html>",
        ),
        ("list", 200, '{"messages": []}'),
    ],
)
async def test_an_empty_page_is_404_or_a_list(
    switch: str, status: int, text: str
) -> None:
    async with rig(IottlyVariant().switched(page_empty=switch)) as it:
        answer = await it.page(p=9)
        assert (answer.status, answer.text) == (status, text)


async def test_the_public_source_has_no_pages() -> None:
    async with rig(PUBLIC_CORE) as it:
        assert (await it.page()).status == 404


async def test_the_public_source_stores_contents_beside_the_envelope() -> None:
    async with rig(PUBLIC_CORE) as it:
        it.cloud.message(it.cellar, {"looptest": {"pinstatus": 1}})
        it.cloud.message(it.cellar, [1, 2])
        loop, listed = (await it.history(numMessages=2)).json["messages"]
        assert sorted(loop) == ["_id", "from", "looptest", "timestamp", "to"]
        assert loop["timestamp"] == {"$date": 1505867607230}
        assert listed["payload"] == [1, 2]


async def test_the_documents_tell_the_newest_message_first() -> None:
    async with rig(DOCUMENTED) as it:
        it.cloud.message(it.cellar, {"n": 1})
        it.cloud.message(it.cellar, {"n": 2})
        assert (await it.history(numMessages=2)).payloads == [{"n": 2}, {"n": 1}]


async def test_what_a_board_measures_becomes_messages_in_its_own_nesting() -> None:
    async with rig() as it:
        it.cloud.world.set(it.cellar, temperature=15.0)
        it.cloud.world.set(it.attic, room_temperature=20.1, relay_state=False)
        it.cloud.world.set(it.gate, button=True, signal=20)
        assert (await it.history(CELLAR, numMessages=1)).payloads == [
            {"sensor_data_reading": {"temperature": 15.0, "humidity": 61.5}}
        ]
        assert (await it.history(ATTIC, numMessages=1)).payloads == [
            {"room_temperature": 20.1, "relay_state": False}
        ]
        assert (await it.history(GATE, numMessages=2)).payloads == [
            {"button_pressed": {"GPIO": 12, "state": True}},
            {"CSQ": {"signal": 20, "bit_error_rate": 0}},
        ]
        published = [entry for entry in it.cloud.log if entry.method == "PUBLISH"]
        assert [entry.body for entry in published] == [
            {"temperature": 15.0},
            {"room_temperature": 20.1, "relay_state": False},
            {"button": True, "signal": 20},
        ]


async def test_a_board_measures_over_http_and_is_listed_there() -> None:
    async with rig() as it:
        control = f"{it.cloud.url}/_control/boards"
        body = {"temperature": 17.0}
        async with it.session.post(f"{control}/{CELLAR}", json=body) as response:
            assert response.status == 200
        assert (await it.history(numMessages=1)).payloads == [
            {"sensor_data_reading": {"temperature": 17.0, "humidity": 61.5}}
        ]
        async with it.session.get(control) as response:
            names = [board["name"] for board in await response.json()]
        assert names == ["Cellar", "Attic heating", "Gate"]


async def test_the_boards_move_by_themselves_within_their_kinds() -> None:
    async with rig() as it:
        for board in (it.cellar, it.attic, it.gate):
            it.cloud.world.step(board)
        (cellar,) = (await it.history(CELLAR, numMessages=1)).payloads
        (attic,) = (await it.history(ATTIC, numMessages=1)).payloads
        assert cellar["sensor_data_reading"]["temperature"] != 14.2
        assert list(attic) == ["room_temperature"]
        assert (await it.history(GATE, numMessages=2)).payloads[0] == {
            "button_pressed": {"GPIO": 12, "state": True}
        }


async def test_the_gate_tells_where_it_is() -> None:
    async with rig() as it:
        found = await it.history(
            GATE, queryJson={"payload.position": {"$exists": True}}
        )
        assert found.payloads == [{"position": {"lat": 45.0703, "lon": 7.6869}}]


async def test_boards_have_clocks_of_their_own() -> None:
    async with rig() as it:
        (ahead,) = (await it.history(ATTIC, numMessages=1)).json["messages"]
        (behind,) = (await it.history(GATE, numMessages=1)).json["messages"]
        assert ahead["devicetimestamp"] == {"$date": "2017-09-20T00:33:29.000Z"}
        assert behind["devicetimestamp"] == {"$date": "2017-09-20T00:33:14.000Z"}
        it.cloud.message(it.cellar, {"n": 1}, device_time=0)
        (lost,) = (await it.history(numMessages=1)).json["messages"]
        assert lost["devicetimestamp"] == {"$date": "1970-01-01T00:00:00.000Z"}


async def test_a_connect_message_keeps_the_device_time_of_the_start() -> None:
    async with rig() as it:
        it.cloud.disconnect(it.cellar)
        it.clock.now += 86_400
        it.cloud.connect(it.cellar)
        answer = await it.history(numMessages=2)
        assert answer.payloads == [
            {"connectionstatus": "disconnected"},
            {"connectionstatus": "connected"},
        ]
        connected = answer.json["messages"][1]
        assert connected["timestamp"] == {"$date": "2017-09-21T00:33:27.230Z"}
        assert connected["devicetimestamp"] == {"$date": "2017-09-20T00:33:27.000Z"}


async def test_a_board_that_is_offline_from_the_start_has_a_history() -> None:
    household = boards()
    household[0].online = False
    async with IottlyCloud(World(household), clock=Clock()) as cloud:
        async with ClientSession() as session:
            it = Rig(cloud=cloud, clock=Clock(), session=session)
            answer = await it.history(numMessages=2)
        assert answer.payloads == [
            {"pump": {"state": False}},
            {"connectionstatus": "disconnected"},
        ]


async def test_boards_of_other_clouds_are_not_heard() -> None:
    stranger = Board(id="stranger", name="Stranger", cloud="particle")
    stranger.variables["n"] = Variable(name="n", type="int", value=0)
    async with IottlyCloud(World([stranger])) as cloud:
        cloud.world.set(stranger, n=1)
        assert cloud.log == []


async def test_losing_a_board_may_leave_no_message() -> None:
    async with rig(IottlyVariant(disconnect_stored=False)) as it:
        it.cloud.disconnect(it.cellar)
        (message,) = (await it.history(numMessages=1)).payloads
        assert message == {"pump": {"state": False}}


async def test_an_offline_board_sends_its_last_ten_messages_when_it_is_back() -> None:
    async with rig() as it:
        it.cloud.disconnect(it.cellar)
        for n in range(12):
            assert it.cloud.message(it.cellar, {"n": n}) == ()
        it.clock.now += 60
        it.cloud.connect(it.cellar)
        answer = await it.history(numMessages=11)
        assert answer.payloads == [
            {"connectionstatus": "connected"},
            *({"n": n} for n in range(2, 12)),
        ]
        last = answer.json["messages"][-1]
        assert last["timestamp"] == {"$date": "2017-09-20T00:34:27.230Z"}
        assert last["devicetimestamp"] == {"$date": "2017-09-20T00:33:27.000Z"}


async def test_a_late_message_stands_before_those_that_were_seen_first() -> None:
    async with rig() as it:
        it.clock.now += 10
        it.cloud.message(it.cellar, {"n": "seen"})
        assert (await it.history(numMessages=1)).payloads == [{"n": "seen"}]
        it.cloud.message(it.cellar, {"n": "late"}, late=5)
        answer = await it.history(numMessages=2)
        assert answer.payloads == [{"n": "late"}, {"n": "seen"}]
        assert answer.json["messages"][0]["timestamp"] == {
            "$date": "2017-09-20T00:33:32.230Z"
        }


async def test_duplicates_differ_in_nothing_but_their_ids() -> None:
    async with rig() as it:
        it.cloud.message(it.cellar, {"n": 1}, duplicate=2)
        messages = (await it.history(numMessages=3)).json["messages"]
        assert len({message.pop("_id")["$oid"] for message in messages}) == 3
        assert messages[0] == messages[1] == messages[2]
        assert messages[0]["payload"] == {"n": 1}


async def test_a_burst_shares_one_millisecond() -> None:
    async with rig() as it:
        it.cloud.burst(it.cellar, [{"n": n} for n in range(5)])
        messages = (await it.history(numMessages=5)).json["messages"]
        assert {message["timestamp"]["$date"] for message in messages} == {
            "2017-09-20T00:33:27.230Z"
        }
        assert [message["payload"]["n"] for message in messages] == [0, 1, 2, 3, 4]


async def test_old_and_malformed_messages_are_mixed_in() -> None:
    async with rig(IottlyVariant(oddities=True)) as it:
        messages = (await it.history(numMessages=100)).json["messages"][:7]
        flat, counter, empty, untyped, listed, text, broken = messages
        assert sorted(flat) == ["_id", "connectionstatus", "from", "timestamp", "to"]
        assert counter["old_counter"] == 7
        assert sorted(empty) == ["_id", "from", "timestamp", "to"]
        assert "type" not in untyped
        assert untyped["payload"] == {"untyped": 1}
        assert (listed["payload"], text["payload"]) == ([1, 2], "text")
        assert math.isnan(broken["payload"]["broken"])
        assert math.isinf(broken["payload"]["endless"])


async def test_numbers_that_json_lacks_are_sent_by_name() -> None:
    async with rig() as it:
        it.cloud.message(it.cellar, {"x": math.nan, "y": math.inf})
        answer = await it.history(numMessages=1)
        assert '{"x": NaN, "y": Infinity}' in answer.text


async def test_a_message_may_have_a_channel() -> None:
    async with rig() as it:
        it.cloud.message(it.cellar, {"n": 1}, channel="alarms")
        (message,) = (await it.history(numMessages=1)).json["messages"]
        assert message["channel"] == "alarms"


async def test_messages_are_kept_up_to_the_retention() -> None:
    async with rig(retention=3) as it:
        it.cloud.burst(it.cellar, [{"n": n} for n in range(5)])
        answer = await it.history(numMessages=100)
        assert answer.payloads == [{"n": 2}, {"n": 3}, {"n": 4}]


async def test_a_fault_stores_messages_twice_or_late() -> None:
    async with rig() as it:
        where = f"MESSAGE /{CELLAR}"
        it.cloud.faults.add("duplicate", path=where, count=1)
        it.cloud.message(it.cellar, {"n": 1})
        assert (await it.history(numMessages=2)).payloads == [{"n": 1}, {"n": 1}]
        it.cloud.faults.add("reorder", path=where, count=1)
        it.clock.now += 1
        it.cloud.message(it.cellar, {"n": 2})
        assert (await it.history(numMessages=1)).payloads == [{"n": 1}]
        it.clock.now += 1
        it.cloud.message(it.cellar, {"n": 3})
        answer = await it.history(numMessages=2)
        assert answer.payloads == [{"n": 2}, {"n": 3}]
        stamps = [m["timestamp"]["$date"] for m in answer.json["messages"]]
        assert stamps == ["2017-09-20T00:33:28.230Z", "2017-09-20T00:33:29.230Z"]


async def test_messages_connections_and_switches_work_over_http() -> None:
    async with rig() as it:
        control = f"{it.cloud.url}/_control"
        body = {"board": "Cellar", "payload": {"n": 1}, "duplicate": 1}
        async with it.session.post(f"{control}/messages", json=body) as response:
            assert response.status == 201
            assert len(await response.json()) == 2
        burst = {"board": CELLAR, "payloads": [{"n": 2}, {"n": 3}], "spacing": 0.5}
        async with it.session.post(f"{control}/bursts", json=burst) as response:
            assert response.status == 201
        gone = {"board": "Cellar", "online": False}
        async with it.session.post(f"{control}/connections", json=gone) as response:
            assert response.status == 200
        assert it.cellar.online is False
        switch = {"order": "descending", "unlisted": [ATTIC]}
        async with it.session.patch(f"{control}/variant", json=switch) as response:
            shown = await response.json()
        assert (shown["order"], shown["unlisted"]) == ("descending", [ATTIC])
        assert (await it.history(numMessages=2)).payloads == [
            {"connectionstatus": "disconnected"},
            {"n": 3},
        ]


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        ("messages", "POST", {"board": "Nobody", "payload": {}}),
        ("messages", "POST", {"board": "Cellar"}),
        ("messages", "POST", {"board": "Cellar", "payload": {}, "colour": 1}),
        ("connections", "POST", {"board": "Cellar"}),
        ("webhooks", "POST", {"url": "ftp://127.0.0.1/"}),
        ("variant", "PATCH", {"order": "sideways"}),
        ("variant", "PATCH", {"unheard": 1}),
    ],
)
async def test_the_control_interface_refuses_what_does_not_fit(
    path: str, method: str, body: dict[str, Any]
) -> None:
    async with (
        rig() as it,
        it.session.request(
            method, f"{it.cloud.url}/_control/{path}", data=json.dumps(body)
        ) as response,
    ):
        assert response.status == 400
        assert "error" in await response.json()


def test_the_clock_of_these_tests_is_the_sample_of_the_documents() -> None:
    assert f"{int(NOW):08x}" == "59c1b757"
