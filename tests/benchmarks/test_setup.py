"""What setting many entities up costs: how it is told; mosquitto is not needed."""

import pytest

from benchmarks.processes import Child, free_port
from benchmarks.setup import Told, arguments, main, report


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


def test_home_tells_its_memory_and_how_long_an_account_takes(tmp_path):
    with Child("clouds", "particle", "40", "1", on=set()) as cloud:
        port = cloud.ask("ports")["ports"][0]
        steps = [
            {"next_step_id": "particle"},
            {"next_step_id": "particle_token"},
            {
                "access_token": "secret",
                "advanced": {"base_url": f"http://127.0.0.1:{port}"},
            },
        ]
        with Child("home", str(tmp_path), str(free_port()), on=set()) as home:
            told = home.ask("set_up", domain="iot_clouds", steps=steps)

            assert told["entities"] >= 40
            assert 0 < told["seconds"] < 60
            assert told["cpu"] > 0
            assert home.ask("memory")["bytes"] > 10_000_000
            assert home.ask("sensors", count=40, known=False, patience=0)["count"] >= 40
