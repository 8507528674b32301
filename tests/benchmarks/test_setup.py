"""What setting many entities up costs: how it is told; mosquitto is not needed."""

import asyncio

import pytest

from benchmarks.processes import Child, free_port
from benchmarks.setup import Told, arguments, main, report
from benchmarks.turns import Turns


def _told(seconds: float, cpu: float, memory: float) -> Told:
    return Told(seconds=seconds, cpu=cpu, memory=memory, entities=1000)


def test_ratios_are_of_medians_and_say_whether_the_target_is_met():
    ours = [_told(2.0, 1.0, 20.0), _told(3.0, 1.5, 30.0), _told(9.0, 1.2, 25.0)]
    theirs = [_told(2.0, 2.0, 50.0)]

    head, row, other, line, _ = report("arduino", 1000, (ours, theirs))

    assert head.split()[:4] == ["path", "sensors", "states", "seconds"]
    assert row.split()[:5] == ["arduino", "1000", "1000", "3.0", "(2.0-9.0)"]
    assert other.startswith("mqtt, sensors as arduino")
    assert line == (
        "setup arduino 1000 time_ratio=1.50 (missed) cpu_ratio=0.60 (met)"
        " memory_ratio=0.50 (met)"
    )


def test_quick_is_one_run_of_1000_entities():
    options = arguments("setup", ["--mosquitto", "mosquitto", "--quick"])

    assert (options.runs, options.entities) == (1, [1000])


def test_a_broken_run_ends_the_program_with_1(capsys: pytest.CaptureFixture[str]):
    assert main(["--quick", "--mosquitto", "/nonexistent/mosquitto"]) == 1
    assert "broken run: " in capsys.readouterr().err


def test_the_table_tells_how_long_requests_waited_for_their_turn():
    ours = Told(seconds=5, cpu=0.2, memory=20, entities=1000, requests=6, waited=4.9)

    head, row, other, *_ = report("arduino", 1000, ([ours], [_told(1.0, 1.0, 20.0)]))

    assert head.split()[-3:] == ["requests", "waited", "s"]
    assert row.split()[-3:] == ["6", "4.9", "(4.9-4.9)"]
    assert other.split()[-3:] == ["0", "0.0", "(0.0-0.0)"]


def test_a_pace_is_measured_by_setting_up_once_more():
    options = arguments("setup", ["--mosquitto", "mosquitto", "--pace", "10"])
    runs = ([_told(0.5, 0.1, 20.0)], [_told(1.0, 0.2, 20.0)])

    assert options.reload
    assert not arguments("setup", ["--mosquitto", "mosquitto"]).reload
    assert report("arduino", 1000, runs, "reload at 10/s")[3] == (
        "reload at 10/s arduino 1000 time_ratio=0.50 (met) cpu_ratio=0.50 (met)"
        " memory_ratio=1.00 (met)"
    )


def test_waits_at_the_same_time_count_once_and_those_after_the_end_not():
    times = iter([0.0, 1.0, 2.0, 3.0, 4.0, 6.0])
    turns = Turns(clock=lambda: next(times))
    turn = turns.noted(lambda _: asyncio.sleep(0))

    async def ask() -> None:
        # From 0 to 2, from 1 to 3, and from 4 to 6.
        await asyncio.gather(turn(1), turn(2))
        await turn(3)

    asyncio.run(ask())

    assert turns.until(5.0) == (2, 4.0)
    assert turns.until(2.5) == (1, 2.5)
    assert turns.until(9.0) == (3, 5.0)


def test_home_tells_its_memory_and_how_long_accounts_take(tmp_path):
    with (
        Child("clouds", "particle", "60", "2", on=set()) as clouds,
        Child("home", str(tmp_path), str(free_port()), on=set()) as home,
    ):
        accounts = [
            [
                {"next_step_id": "particle"},
                {"next_step_id": "particle_token"},
                {
                    "access_token": "secret",
                    "advanced": {"base_url": f"http://127.0.0.1:{port}"},
                },
            ]
            for port in clouds.ask("ports")["ports"]
        ]
        first, second = (
            home.ask("set_up", domain="iot_clouds", steps=steps, profiled=profiled)
            for steps, profiled in zip(accounts, (False, True), strict=True)
        )
        owners = {owner for owner, *_ in home.ask("profiled")["functions"]}
        again = home.ask("reload", domain="iot_clouds", number=0, steps=[])

        assert first["entities"] >= 40
        assert 0 < first["seconds"] < 60
        assert first["cpu"] > 0
        # Each of two boards, the list before, and who asks.
        assert first["requests"] >= 5
        assert 20 <= second["entities"] < first["entities"]
        assert {"iot_clouds.vendors.particle", "homeassistant", "event loop"} <= owners
        assert again["entities"] >= 40
        assert again["cpu"] > 0
        assert home.ask("memory")["bytes"] > 10_000_000
        assert home.ask("sensors", count=60, known=False, patience=0)["count"] >= 60
