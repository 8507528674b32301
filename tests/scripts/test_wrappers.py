"""scripts/lint, scripts/test and .ci/run: what they call and how they end."""

from importlib.metadata import entry_points
from pathlib import Path
import re

import pytest

from .conftest import ROOT, Workshop


@pytest.fixture(autouse=True)
def _set_up(workshop: Workshop) -> None:
    workshop.run("scripts/setup")
    workshop.calls()


def test_arguments_of_test_go_to_pytest_as_they_are(workshop: Workshop) -> None:
    code, printed = workshop.run("scripts/test", "-k", "two words", "tests/e2e")

    assert (code, printed) == (0, "")
    assert workshop.calls() == ["python -m pytest -k two words tests/e2e"]


def test_a_run_of_everything_demands_the_coverage(workshop: Workshop) -> None:
    assert workshop.run("scripts/test") == (0, "")

    tests, modules = workshop.calls()
    assert "--cov-fail-under=97" in tests.split()
    assert "--cov-report=json:.tools/coverage.json" in tests.split()
    assert modules == "python scripts/lib/covered.py .tools/coverage.json"


def test_coverage_is_not_judged_of_tests_that_failed(workshop: Workshop) -> None:
    assert workshop.run("scripts/test", fails="pytest")[0] == 3
    assert len(workshop.calls()) == 1


def test_too_little_coverage_of_a_module_fails_the_run(workshop: Workshop) -> None:
    assert workshop.run("scripts/test", fails="scripts/lib/covered.py")[0] == 3


def test_the_exit_code_of_pytest_is_that_of_test(workshop: Workshop) -> None:
    assert workshop.run("scripts/test", "x", fails="pytest")[0] == 3


def test_browser_tests_run_in_their_own_environment(workshop: Workshop) -> None:
    (workshop.root / "scripts/setup").write_text(
        '#!/bin/sh\necho "setup $*" >>"$CALLS"\necho "/opt/a browser"\n'
    )
    python = workshop.root / ".tools/browser/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(workshop.bin / "python3.14")

    code, _ = workshop.run("scripts/test", "--browser", "--screenshots", "-k", "map")

    assert code == 0
    assert workshop.calls() == [
        "setup demo chromium",
        "python -m pytest --rootdir=. -c tests/browser/pytest.ini"
        " --chromium=/opt/a browser --screenshots -k map",
    ]


@pytest.fixture
def newest(workshop: Workshop) -> Workshop:
    """A workshop that has the newest Home Assistant."""
    (workshop.root / "scripts/setup").write_text(
        '#!/bin/sh\necho "setup $*" >>"$CALLS"\n'
    )
    python = workshop.root / ".tools/newest/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(workshop.bin / "python3.14")
    return workshop


@pytest.mark.parametrize(
    ("given", "passed"),
    [((), "--numprocesses=2"), (("-k", "two words"), "-k two words")],
)
def test_tests_with_the_newest_home_assistant_are_led_to_it_first(
    newest: Workshop, given: tuple[str, ...], passed: str
) -> None:
    assert newest.run("scripts/test", "--newest", *given) == (0, "")

    first, call = newest.calls()
    assert first == "setup newest node"
    assert call.startswith(
        "python -m pytest --disable-plugin-autoload"
        " -W ignore::pytest.PytestAssertRewriteWarning -ptests.newest -phomeassistant "
    )
    assert call.endswith(f" -punordered {passed}")


def test_the_plugins_named_for_the_newest_home_assistant_exist() -> None:
    text = (ROOT / "scripts/test").read_text()
    [named] = re.findall(r"plugins=\(([^)]+)\)", text)
    first, *others = named.split()

    assert first == "tests.newest"
    assert {*others} <= {each.name for each in entry_points(group="pytest11")}


def test_the_demo_takes_the_newest_home_assistant_if_asked(newest: Workshop) -> None:
    assert newest.run("scripts/demo", "--newest", "--check") == (0, "")

    assert newest.calls() == ["setup newest", "python -m demo --check"]


def test_browser_tests_need_a_browser(workshop: Workshop) -> None:
    (workshop.root / "scripts/setup").write_text("#!/bin/sh\nexit 1\n")

    assert workshop.run("scripts/test", "--browser")[0] == 1
    assert workshop.calls() == []


def test_lint_checks_rules_format_and_types(workshop: Workshop) -> None:
    assert workshop.run("scripts/lint") == (0, "")
    assert workshop.calls() == [
        "ruff check --quiet",
        "ruff format --check --quiet",
        "python -m mypy",
    ]


@pytest.mark.parametrize(("part", "code"), [("format", 4), ("mypy", 3)])
def test_lint_fails_with_the_part_that_failed(
    workshop: Workshop, part: str, code: int
) -> None:
    assert workshop.run("scripts/lint", fails=part)[0] == code
    assert len(workshop.calls()) == 3


@pytest.mark.parametrize(("part", "code"), [("check", 4), ("pytest", 3), ("-", 0)])
def test_ci_ends_with_the_first_failure_and_runs_the_tests_last(
    workshop: Workshop, part: str, code: int
) -> None:
    assert workshop.run(".ci/run", fails=part)[0] == code
    tests = [call for call in workshop.calls() if call.startswith("python -m pytest ")]
    assert len(tests) == 1


@pytest.mark.parametrize("script", ["scripts/lint", "scripts/test", ".ci/run"])
def test_they_work_from_any_folder(
    workshop: Workshop, tmp_path: Path, script: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    assert workshop.run(script, cwd=elsewhere)[0] == 0
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "fails"),
    [
        ("scripts/faults", "tests/faults"),
        ("scripts/fuzz", "tests.fuzz"),
        ("scripts/bench", "benchmarks.restart"),
    ],
)
def test_what_is_found_out_fails_the_command(
    workshop: Workshop, script: str, fails: str
) -> None:
    command = (script, "restart") if script == "scripts/bench" else (script,)

    assert workshop.run(*command)[0] == 0
    assert workshop.run(*command, fails=fails)[0] == 3


def test_arguments_of_faults_and_fuzz_are_handed_on(workshop: Workshop) -> None:
    workshop.run("scripts/faults", "-k", "arduino poll")
    workshop.run("scripts/fuzz", "--minutes", "1")

    faults, fuzz = workshop.calls()
    assert faults.startswith("python -m pytest ")
    assert faults.endswith(" tests/faults -k arduino poll")
    assert fuzz == "python -m tests.fuzz --minutes 1"


@pytest.fixture
def bench(workshop: Workshop) -> Workshop:
    """A workshop that has a broker."""
    (workshop.root / "scripts/setup").write_text("#!/bin/sh\necho /opt/mosquitto\n")
    return workshop


def test_one_measurement_that_fails_fails_all_and_the_others_are_made(
    bench: Workshop,
) -> None:
    assert bench.run("scripts/bench")[0] == 0
    names = [call.split()[2] for call in bench.calls()]

    code, printed = bench.run(
        "scripts/bench", "all", "--quick", fails="benchmarks.storm"
    )

    assert code == 1
    assert printed.splitlines()[-1] == "out of bounds or broken: storm"
    assert [call.split()[2] for call in bench.calls()] == names
    assert {"benchmarks.flatness", "benchmarks.storm", "benchmarks.soak"} <= {*names}


def test_without_a_broker_nothing_is_measured_beside_it(bench: Workshop) -> None:
    (bench.root / "scripts/setup").write_text(
        '#!/bin/sh\n[ "$1" = tests ] || { echo "install mosquitto"; exit 1; }\n'
    )

    code, printed = bench.run("scripts/bench")

    assert code == 1
    assert "broken: push_path flatness" in printed.splitlines()[-1]
    names = [call.split()[2] for call in bench.calls()]
    assert "benchmarks.push_path" not in names
    assert "benchmarks.soak" in names


def test_a_measurement_that_does_not_exist_is_an_error(bench: Workshop) -> None:
    code, printed = bench.run("scripts/bench", "nonsense")

    assert code == 2
    assert "usage: scripts/bench" in printed
    assert bench.calls() == []
