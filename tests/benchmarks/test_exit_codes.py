"""A bound that is not kept ends a measurement with 1, and so does a run that broke."""

import subprocess
import sys

import pytest

from benchmarks import flatness
from benchmarks.figures import Run
from benchmarks.processes import BrokenRunError


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
