"""What a restart costs is counted, and more than the listing is noticed."""

from collections import Counter
import subprocess
import sys

from benchmarks.restart import EXPECTED, report


def test_a_restart_costs_the_listing_and_nothing_more():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.restart"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["particle", "GET", "/v1/devices", "1"] in lines
    assert ["particle", "billed", "operations", "0"] in lines
    assert ["arduino", "MQTT", "CONNECT", "1"] in lines
    assert lines[-1] == ["restart", "as", "expected"]


def test_one_request_more_is_not_as_expected():
    counts = Counter(EXPECTED["particle"])
    assert report({"particle": (counts, 0)})[1]

    counts["GET /v1/devices/*/*"] += 1
    table, good = report({"particle": (counts, 0)})
    assert not good
    assert "1  expected 0" in table
    assert table.endswith("restart NOT as expected")


def test_one_billed_operation_is_not_as_expected():
    assert not report({"particle": (Counter(EXPECTED["particle"]), 1)})[1]
