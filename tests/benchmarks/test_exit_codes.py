"""A bound that is not kept ends a measurement with 1, and so does a run that broke; a
target that is missed ends it with 3."""

import subprocess
import sys

import pytest

from benchmarks import flatness, push_path, setup
from benchmarks.figures import Run, exit_code, target_lines
from benchmarks.processes import BrokenRunError
from benchmarks.sides import SIDES
from benchmarks.updates import Stream


@pytest.mark.parametrize(
    ("bound", "arguments", "said"),
    [
        (
            "from benchmarks import restart as it;"
            " it.EXPECTED['particle']['GET /v1/devices'] = 2",
            (),
            "restart NOT as expected",
        ),
        (
            "from benchmarks import storm as it; it.FEED_BOUND = -1.0",
            ("--accounts", "3", "--quick"),
            "storm OUT OF BOUNDS",
        ),
        (
            "from benchmarks import soak as it; it.NOISE = -1e6",
            ("--days", "0.01"),
            "soak OUT OF BOUNDS",
        ),
        (
            "from benchmarks import storm as it; it.current = lambda account: False",
            ("--accounts", "1", "--quick"),
            "broken run: not everything was current before",
        ),
    ],
    ids=["restart", "storm", "soak", "broken"],
)
def test_what_is_out_of_bounds_ends_with_1_and_says_so(
    bound: str, arguments: tuple[str, ...], said: str
):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {bound}; sys.exit(it.main())", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert (done.returncode, said in done.stdout + done.stderr) == (1, True), done


def test_one_broken_comparison_of_several_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    sound = Run(cpu=90.0, p50=100.0, p95=200.0, p99=300.0, idle=0.5, late=100.0)

    def measure(vendor: str, *_: object) -> list[list[Run]]:
        if vendor == "arduino":
            raise BrokenRunError("values were lost")
        return [[sound]] * 4

    monkeypatch.setattr(flatness, "measure", measure)

    assert flatness.main(["--quick", "--mosquitto", "mosquitto"]) == 1
    told = capsys.readouterr()
    assert told.err == "broken run: values were lost\n"
    assert "flatness particle cpu_ratio=1.00" in told.out


@pytest.mark.parametrize(
    ("cpu", "p50", "missed"),
    [
        (1.004, 1.0, []),
        (1.01, 0.5, ["cpu_ratio=1.01"]),
        (0.5, 1.2, ["p50_ratio=1.20"]),
        (2.0, 3.0, ["cpu_ratio=2.00", "p50_ratio=3.00"]),
    ],
)
def test_a_push_that_is_dearer_than_with_mqtt_misses_its_target(cpu, p50, missed):
    stream = Stream(entities=100, rate=1, seconds=1.0, warm_seconds=0.0, seed=1)
    ours, theirs = (
        [Run(cpu=each[0], p50=each[1], p95=9, p99=9, idle=1, late=1)]
        for each in ((cpu, p50), (1.0, 1.0))
    )
    lines = target_lines("particle", stream, ours, theirs)
    assert lines == [
        f"particle entities=100 rate=1 {each} (missed, target 1.0)" for each in missed
    ]
    assert exit_code(broken=False, lines=lines, quick=False) == (3 if missed else 0)
    assert exit_code(broken=False, lines=lines, quick=True) == 0
    assert exit_code(broken=True, lines=lines, quick=False) == 1


SOUND = Run(cpu=100.0, p50=100.0, p95=200.0, p99=300.0, idle=0.5, late=100.0)
DEAR = Run(cpu=130.0, p50=100.0, p95=200.0, p99=300.0, idle=0.5, late=100.0)


@pytest.mark.parametrize(
    ("ours", "theirs", "code"),
    [([SOUND, DEAR], [SOUND, SOUND], 3), ([SOUND, SOUND], [SOUND, DEAR], 0)],
    ids=["ours", "theirs"],
)
def test_values_that_many_entities_make_dearer_miss_their_target_on_our_side(
    monkeypatch: pytest.MonkeyPatch, ours: list[Run], theirs: list[Run], code: int
):
    found = [[run] for run in (*ours, *theirs)]
    monkeypatch.setattr(flatness, "measure", lambda *_: found)
    arguments = ["--mosquitto", "mosquitto"]

    assert flatness.main(arguments) == code
    assert flatness.main([*arguments, "--quick"]) == 0


def test_a_dear_push_is_named_in_the_last_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(push_path, "compare", lambda *_: ([DEAR], [SOUND]))
    arguments = ["--mosquitto", "mosquitto", "--vendors", "arduino"]

    assert push_path.main([*arguments, "--entities", "10", "--rates", "7"]) == 3
    assert capsys.readouterr().out.splitlines()[-1] == (
        "arduino entities=10 rate=7 cpu_ratio=1.30 (missed, target 1.0)"
    )


@pytest.mark.parametrize(("seconds", "code"), [(2.0, 3), (1.0, 0)])
def test_a_slow_set_up_misses_its_target(
    monkeypatch: pytest.MonkeyPatch, seconds: float, code: int
):
    ours, _ = SIDES["arduino"]

    def once(side: object, entities: int, *_: object) -> setup.Told:
        took = seconds if side is ours else 1.0
        return setup.Told(seconds=took, cpu=1.0, memory=1.0, entities=entities)

    monkeypatch.setattr(setup, "once", once)
    arguments = ["--mosquitto", "mosquitto", "--vendors", "arduino"]

    assert setup.main(arguments) == code
    assert setup.main([*arguments, "--quick"]) == 0
