"""scripts/setup does its work once, whoever asks and however often."""

import time

from .conftest import Workshop

BUILT = ["uv venv", "uv pip"]


def verbs(workshop: Workshop) -> list[str]:
    return [" ".join(call.split()[:2]) for call in workshop.calls()]


def test_the_first_run_makes_the_environment_and_says_so(workshop: Workshop) -> None:
    code, printed = workshop.run("scripts/setup")

    assert (code, printed) == (0, "setup: packages into .venv\n")
    assert verbs(workshop) == BUILT


def test_a_second_run_is_quick_silent_and_calls_nothing(workshop: Workshop) -> None:
    workshop.run("scripts/setup")
    workshop.calls()

    started = time.monotonic()
    assert workshop.run("scripts/setup") == (0, "")

    assert time.monotonic() - started < 5
    assert not workshop.calls_file.exists()


def test_changed_requirements_are_installed(workshop: Workshop) -> None:
    workshop.run("scripts/setup")
    workshop.calls()
    (workshop.root / "requirements_test.txt").write_text("pytest\nruff\n")

    assert workshop.run("scripts/setup")[0] == 0

    assert verbs(workshop) == ["uv pip"]


def test_a_project_that_moved_gets_its_environment_anew(workshop: Workshop) -> None:
    workshop.run("scripts/setup")
    workshop.calls()
    workshop.root = workshop.root.rename(workshop.root.with_name("moved"))

    assert workshop.run("scripts/setup")[0] == 0

    assert "uv pip" in verbs(workshop)


def test_an_environment_that_vanished_is_made_again(workshop: Workshop) -> None:
    workshop.run("scripts/setup")
    workshop.calls()
    (workshop.root / ".venv/bin/python").unlink()

    assert workshop.run("scripts/setup")[0] == 0

    assert verbs(workshop) == BUILT


def test_two_runs_at_once_do_the_work_once(workshop: Workshop) -> None:
    both = [workshop.start("scripts/setup") for _ in range(2)]
    for process in both:
        process.communicate(timeout=30)

    assert [process.returncode for process in both] == [0, 0]
    assert verbs(workshop) == BUILT


def test_two_runs_at_once_take_turns_without_flock(workshop: Workshop) -> None:
    common = workshop.root / "scripts/lib/common.sh"
    text = common.read_text()
    assert "have flock" in text
    common.write_text(text.replace("have flock", "have no-such-program"))

    both = [workshop.start("scripts/setup") for _ in range(2)]
    for process in both:
        process.communicate(timeout=30)

    assert [process.returncode for process in both] == [0, 0]
    assert verbs(workshop) == BUILT
    assert not (workshop.root / ".tools/lock.d").exists()


def test_a_failed_installation_shows_why_and_is_tried_again(workshop: Workshop) -> None:
    workshop.program(
        "uv",
        '#!/bin/sh\n[ "$2" = --help ] && echo --clear && exit\necho "no such wheel"\nexit 2\n',
    )

    code, printed = workshop.run("scripts/setup")
    again, _ = workshop.run("scripts/setup")

    assert code != 0
    assert again != 0
    assert "no such wheel" in printed


def test_an_unfit_python_is_passed_over(workshop: Workshop) -> None:
    unfit = "#!/bin/sh\nexit 1\n"
    workshop.program("python3.14", unfit)
    workshop.program("python", "#!/bin/sh\necho /opt/fit/python\n")
    workshop.program("python3", unfit)
    workshop.program("ruff", unfit)

    workshop.run("scripts/setup")

    assert any("--python /opt/fit/python" in call for call in workshop.calls())


def test_without_any_python_it_says_what_to_install(workshop: Workshop) -> None:
    unfit = "#!/bin/sh\nexit 1\n"
    for name in ("python3.14", "python3", "python", "timeout", "apt-get", "dpkg"):
        workshop.program(name, unfit)

    code, printed = workshop.run("scripts/setup")

    assert code == 1
    assert "Install python3.14 with its headers" in printed


def test_without_a_browser_it_says_what_to_install(workshop: Workshop) -> None:
    unfit = "#!/bin/sh\nexit 1\n"
    browsers = ("chromium", "chromium-browser", "google-chrome")
    for name in (*browsers, "timeout", "apt-get", "dpkg"):
        workshop.program(name, unfit)

    code, printed = workshop.run("scripts/setup", "chromium")

    assert code == 1
    assert "no browser: install chromium" in printed


def test_a_browser_that_the_machine_has_is_taken(workshop: Workshop) -> None:
    workshop.program("chromium", "#!/bin/sh\nexit 0\n")

    code, printed = workshop.run("scripts/setup", "chromium")

    assert code == 0
    assert printed.splitlines()[0] == str(workshop.bin / "chromium")
    assert not (workshop.root / ".tools/chromium").exists()


def test_an_unknown_target_is_refused(workshop: Workshop) -> None:
    code, printed = workshop.run("scripts/setup", "coffee")

    assert code == 1
    assert "unknown target: coffee" in printed
