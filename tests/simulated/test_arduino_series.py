"""History by REST."""

import pytest

from simulated_clouds.boards.arduino import boards

from .arduino_rig import account

GREENHOUSE = boards()[0]
NOON = 1_700_049_600.0  # 2023-11-15T12:00:00Z
UNKNOWN = "99999999-9999-4999-8999-999999999999"


def query(user, name, **more):
    item = user.cloud.store.find(user.cloud.world.boards[GREENHOUSE.id], name)
    hours = {"from": "2023-11-15T10:00:00Z", "to": "2023-11-15T12:00:00Z"}
    return {"q": f"property.{item.id}"} | hours | more


async def ask(user, what, *queries):
    body = {"resp_version": 1, "requests": list(queries)}
    answer = await user.ask("POST", f"/iot/v2/series/{what}", json=body)
    assert answer.status == 200, await answer.text()
    return (await answer.json(content_type=None))["responses"]


async def put(user, name, **values):
    """Give a property its only samples: minute past eleven to value."""
    item = user.cloud.store.find(user.cloud.world.boards[GREENHOUSE.id], name)
    user.cloud.store.history(item).clear()
    for minute, value in values.items():
        at = NOON - 3600 + int(minute.removeprefix("m")) * 60
        user.cloud.store.put(item, value, at=at)


@pytest.mark.parametrize(
    ("aggregation", "values"),
    [
        ("AVG", [2.0, 10.0]),
        ("MIN", [1.0, 10.0]),
        ("MAX", [3.0, 10.0]),
        ("SUM", [6.0, 10.0]),
        ("COUNT", [3.0, 1.0]),
        ("PCT_50", [2.0, 10.0]),
        ("PCT_95", [3.0, 10.0]),
        ("PCT_5", [1.0, 10.0]),
    ],
)
async def test_numbers_are_aggregated_by_interval(aggregation, values):
    async with account(clock=lambda: NOON) as user:
        await put(user, "temperature", m0=1.0, m1=2.0, m4=3.0, m59=10.0)
        asked = query(user, "temperature", interval=300, aggregation=aggregation)
        (found,) = await ask(user, "batch_query", asked)
        assert found["values"] == values
        assert found["times"] == [
            "2023-11-15T11:00:00.000Z",
            "2023-11-15T11:55:00.000Z",
        ]
        assert (found["status"], found["message"], found["count_values"]) == (
            "ok",
            "",
            2,
        )


async def test_booleans_are_or_ed_unless_told_otherwise():
    async with account(clock=lambda: NOON) as user:
        await put(user, "pump", m0=False, m1=True, m10=False)
        asked = query(user, "pump", interval=300)
        both = query(user, "pump", interval=300, aggregation="BOOL_AND")
        first, second = await ask(user, "batch_query", asked, both)
        assert (first["aggregation"], first["values"]) == ("BOOL_OR", [1.0, 0.0])
        assert second["values"] == [0.0, 0.0]


async def test_texts_cannot_be_aggregated_but_sampled():
    async with account(clock=lambda: NOON) as user:
        await put(user, "mode", m0="auto", m2="off", m10="on")
        (refused,) = await ask(user, "batch_query", query(user, "mode"))
        assert (refused["status"], refused["values"]) == ("error", [])
        assert refused["message"]
        (sampled,) = await ask(user, "batch_query_sampling", query(user, "mode"))
        assert sampled["values"] == ["off", "on"]


async def test_raw_samples_come_newest_first_unless_told_otherwise():
    async with account(clock=lambda: NOON) as user:
        await put(user, "temperature", m0=1.0, m1=2.0, m2=3.0)
        newest = query(user, "temperature", series_limit=2)
        oldest = query(user, "temperature", sort="ASC")
        first, second = await ask(user, "batch_query_raw", newest, oldest)
        assert first["values"] == [3.0, 2.0]
        assert second["values"] == [1.0, 2.0, 3.0]
        assert second["series"] == {"metric": "temperature"}


async def test_the_last_value_comes_with_its_time():
    async with account(clock=lambda: NOON) as user:
        await put(user, "temperature", m0=1.0, m30=2.5)
        board = user.cloud.world.boards[GREENHOUSE.id]
        item = user.cloud.store.find(board, "temperature")
        asked = {"thing_id": board.id, "property_id": item.id}
        (found,) = await ask(user, "batch_query_raw/lastvalue", asked)
        assert (found["values"], found["times"]) == (
            [2.5],
            ["2023-11-15T11:30:00.000Z"],
        )


async def test_a_thing_answers_for_each_of_its_properties():
    async with account(clock=lambda: NOON) as user:
        asked = query(user, "mode") | {"q": f"thing.{GREENHOUSE.id}"}
        found = await ask(user, "batch_query_raw", asked)
        assert [one["property_name"] for one in found] == [
            "Temperature",
            "Humidity",
            "Soil moisture",
            "Pump",
            "Valve",
            "Mode",
        ]


async def test_timeseries_gives_points_of_one_property():
    async with account(clock=lambda: NOON) as user:
        await put(user, "temperature", m0=1.0, m1=3.0, m30=5.0)
        asked = query(user, "temperature")
        path = f"/iot/v2/things/{GREENHOUSE.id}/properties/{asked['q'][9:]}/timeseries"
        found = await user.read(path, interval=600, desc="true")
        assert [point["value"] for point in found["data"]] == [5.0, 2.0]


async def test_a_day_before_the_start_is_invented_and_ends_where_the_board_is():
    async with account() as user:
        board = user.cloud.world.boards[GREENHOUSE.id]
        moving = user.cloud.store.history(user.cloud.store.find(board, "temperature"))
        assert len(moving) == 288
        assert moving[-1].value == 21.5
        assert all(12 <= sample.value <= 34 for sample in moving)
        boiler = user.cloud.world.named("Boiler room")
        meter = user.cloud.store.history(user.cloud.store.find(boiler, "energy"))
        readings = [sample.value for sample in meter]
        assert readings == sorted(readings)
        assert readings[-1] == 1250.5


async def test_what_a_board_publishes_is_kept():
    async with account() as user:
        board = user.cloud.world.boards[GREENHOUSE.id]
        user.cloud.world.set(board, temperature=22.25)
        item = user.cloud.store.find(board, "temperature")
        asked = {"thing_id": board.id, "property_id": item.id}
        (found,) = await ask(user, "batch_query_raw/lastvalue", asked)
        assert found["values"] == [22.25]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"q": "nothing"}, 400),
        ({"q": f"property.{UNKNOWN}"}, 404),
        ({"q": f"thing.{UNKNOWN}"}, 404),
        ({"from": None}, 400),
        ({"from": "yesterday"}, 400),
        ({"from": "2023-11-15T13:00:00Z"}, 400),
        ({"interval": 0}, 400),
        ({"interval": 86_401}, 400),
        ({"interval": "300"}, 400),
        ({"series_limit": 1001}, 400),
        ({"aggregation": "MEDIAN"}, 400),
        ({"aggregation": "PCT_42"}, 400),
    ],
)
async def test_a_series_request_that_makes_no_sense_is_refused(change, status):
    async with account(clock=lambda: NOON) as user:
        asked = query(user, "temperature") | change
        body = {"resp_version": 1, "requests": [asked]}
        answer = await user.ask("POST", "/iot/v2/series/batch_query", json=body)
        assert answer.status == status


@pytest.mark.parametrize("body", [{}, {"requests": []}, {"requests": [1]}, []])
async def test_a_batch_without_requests_is_refused(body):
    async with account() as user:
        answer = await user.ask("POST", "/iot/v2/series/batch_query", json=body)
        assert answer.status == 400
