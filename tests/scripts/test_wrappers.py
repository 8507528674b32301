"""scripts/lint, scripts/test and .ci/run: what they call and how they end."""

from pathlib import Path

import pytest

from .conftest import Workshop


@pytest.fixture(autouse=True)
def _set_up(workshop: Workshop) -> None:
    workshop.run("scripts/setup")
    workshop.calls()


def test_arguments_of_test_go_to_pytest_as_they_are(workshop: Workshop) -> None:
    code, printed = workshop.run("scripts/test", "-k", "two words", "tests/e2e")

    assert (code, printed) == (0, "")
    assert workshop.calls() == ["python -m pytest -k two words tests/e2e"]


def test_a_run_of_everything_demands_the_coverage(workshop: Workshop) -> None:
    workshop.run("scripts/test")

    [call] = workshop.calls()
    assert "--cov-fail-under=97" in call.split()


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
    assert workshop.calls()[-1].startswith("python -m pytest ")


@pytest.mark.parametrize("script", ["scripts/lint", "scripts/test", ".ci/run"])
def test_they_work_from_any_folder(
    workshop: Workshop, tmp_path: Path, script: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    assert workshop.run(script, cwd=elsewhere)[0] == 0
    assert list(elsewhere.iterdir()) == []
