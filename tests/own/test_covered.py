"""A module with too little coverage fails a run of all tests."""

import json
import runpy
import subprocess
import sys

import pytest

from tests.quality import ROOT

PROGRAM = ROOT / "scripts" / "lib" / "covered.py"


def file(percent, *missing):
    return {"summary": {"percent_covered": percent}, "missing_lines": [*missing]}


@pytest.fixture
def judge(tmp_path):
    """What the program says about a report, and how it ends."""

    def run(files):
        report = tmp_path / "coverage.json"
        report.write_text(json.dumps({"files": files}))
        command = [sys.executable, PROGRAM, report]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    return run


def test_modules_with_too_little_are_told(judge):
    folder = "custom_components/iot_clouds"
    code, said = judge(
        {
            f"{folder}/sensor.py": file(95.0, 7, 9),
            f"{folder}/switch.py": file(95.1, 3),
            f"{folder}/config_flow.py": file(99.9, 12),
            f"{folder}/mapping_flow/base.py": file(99, 1),
            f"{folder}/vendors/particle/sse.py": file(10, 1, 2),
            "demo/check.py": file(0),
        }
    )
    assert code == 1
    assert said.splitlines() == [
        "too little is covered:",
        "config_flow.py: 99.9 %, not 100; lines 12",
        "mapping_flow/base.py: 99.0 %, not 100; lines 1",
        "sensor.py: 95.0 %, not more than 95; lines 7, 9",
        "vendors/particle/sse.py: 10.0 %, not more than 95; lines 1, 2",
    ]


def test_enough_coverage_is_nothing_to_talk_about(judge):
    files = {"custom_components/iot_clouds/config_flow.py": file(100)}
    assert judge(files) == (0, "")


def test_the_flows_are_where_they_are_looked_for():
    integration = ROOT / "custom_components" / "iot_clouds"
    flows = runpy.run_path(str(PROGRAM))["FLOWS"]
    assert [each for each in flows if not (integration / each).exists()] == []
