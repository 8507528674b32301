"""scripts/setup does its work once, whoever asks and however often."""

import os
from pathlib import Path
import shutil
import subprocess
import sys
import time

import pytest

from homeassistant.const import __version__

from .conftest import PYTHON, ROOT, UV, Workshop

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


def test_npm_packages_that_vanished_are_installed_again(workshop: Workshop) -> None:
    folder = workshop.root / "tests/contract/node"
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text("{}")
    workshop.program(
        "npm",
        """#!/bin/sh
        echo "npm $*" >>"$CALLS"
        mkdir -p "$3/node_modules"
        : >"$3/node_modules/.package-lock.json"
        """,
    )
    assert workshop.run("scripts/setup", "node")[0] == 0
    assert workshop.run("scripts/setup", "node") == (0, "")
    assert verbs(workshop) == ["npm ci"]
    shutil.rmtree(folder / "node_modules")

    assert workshop.run("scripts/setup", "node")[0] == 0
    assert verbs(workshop) == ["npm ci"]


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


def test_without_a_home_to_write_to_caches_have_a_place_here(
    workshop: Workshop,
) -> None:
    workshop.program("uv", UV.replace("uv $*", "$XDG_CACHE_HOME $npm_config_cache"))
    workshop.environment = {"HOME": "/dev/null", "npm_config_cache": "/var/npm"}

    assert workshop.run("scripts/setup")[0] == 0
    assert f"{workshop.root}/.tools/cache /var/npm" in workshop.calls()


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        ({}, "https://mirror/simple /etc/our.pem"),
        (
            {"UV_INDEX_URL": "https://own/simple", "SSL_CERT_FILE": "/own.pem"},
            " /own.pem",
        ),
        (
            {"PIP_INDEX_URL": "https://other/simple", "PIP_CERT": "/other.pem"},
            "https://other/simple /other.pem",
        ),
    ],
)
def test_what_pip_was_told_about_the_network_holds_for_uv(
    workshop: Workshop, told: dict[str, str], seen: str
) -> None:
    workshop.program("uv", UV.replace("uv $*", "$UV_DEFAULT_INDEX $SSL_CERT_FILE"))
    pip = (
        "global.cert='/etc/our.pem'",
        "global.index-url='https://mirror/simple'",
        "global.timeout='60'",
    )
    workshop.program(
        "python3",
        f"""#!/bin/sh\n[ "$*" = "-m pip config list" ] && echo "{"\n".join(pip)}"\n""",
    )
    workshop.environment = told

    assert workshop.run("scripts/setup")[0] == 0
    assert seen in workshop.calls()


@pytest.mark.parametrize(
    "name", ["PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "GIT_DIR", "CDPATH"]
)
def test_the_callers_environment_leads_nothing_astray(
    workshop: Workshop, name: str
) -> None:
    workshop.program("python3.14", PYTHON.replace("python $*", f"got ${{{name}-none}}"))
    workshop.environment = {name: "."}

    assert workshop.run("scripts/lint") == (0, "setup: packages into .venv\n")
    assert "got none" in workshop.calls()


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


def test_an_unpacked_program_starts_wherever_the_project_is(workshop: Workshop) -> None:
    program = workshop.root / ".tools/broker/usr/sbin/broker"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$1"\n')
    program.chmod(0o755)
    code = (
        ". scripts/lib/common.sh; . scripts/lib/targets.sh;"
        " launcher broker usr/sbin/broker; exec .tools/broker/run 'one two'"
    )

    done = subprocess.run(
        ["bash", "-c", code],
        cwd=workshop.root,
        env={**os.environ, "LC_ALL": "C"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout == "one two\n"


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


NEWEST_UV = """#!/bin/sh
case "$*" in
*compile*) [ ! -e "$CALLS.offline" ] && cat "$CALLS.index"; exit ;;
*--help) echo "  --clear"; exit ;;
esac
echo "uv $*" >>"$CALLS"
for last; do :; done
[ "$1" != venv ] || { mkdir -p "$last/bin" && cp "$(dirname "$0")/python3.14" "$last/bin/python"; }
"""


@pytest.fixture
def index(workshop: Workshop) -> Path:
    """A package index that knows a Home Assistant; what it says may be changed."""
    workshop.program("uv", NEWEST_UV)
    workshop.program("c++", "#!/bin/sh\n")
    (workshop.root / "demo").mkdir()
    (workshop.root / "demo/requirements.txt").write_text("hassil==1.0\n")
    index = workshop.calls_file.with_name("calls.index")
    index.write_text("homeassistant==2027.1.0\n")
    return index


def test_the_newest_home_assistant_is_asked_for_each_time(
    workshop: Workshop, index: Path
) -> None:
    assert workshop.run("scripts/setup", "newest")[0] == 0
    assert workshop.calls()
    assert workshop.run("scripts/setup", "newest") == (0, "")
    assert workshop.calls() == []

    index.write_text("homeassistant==2027.2.0\n")
    code, printed = workshop.run("scripts/setup", "newest")

    assert code == 0
    assert "homeassistant==2027.2.0 with tests" in printed
    assert workshop.calls()


def test_without_an_index_the_newest_home_assistant_is_the_one_that_is_there(
    workshop: Workshop, index: Path
) -> None:
    offline = workshop.calls_file.with_name("calls.offline")
    offline.touch()
    code, printed = workshop.run("scripts/setup", "newest")
    assert code != 0
    assert "the package index did not answer" in printed

    offline.unlink()
    assert workshop.run("scripts/setup", "newest")[0] == 0
    offline.touch()
    assert workshop.run("scripts/setup", "newest") == (0, "")


def test_the_newest_home_assistant_tells_what_it_is_held_to(tmp_path: Path) -> None:
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("# A list\nhassil==0.1\nhome-assistant-intents==0.1\n")
    program = ROOT / "scripts/lib/newest.py"

    def said(*arguments: str | Path) -> list[str]:
        command = [sys.executable, program, *arguments]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        return run.stdout.splitlines()

    constraints = said("constraints")
    assert constraints[0] == f"homeassistant=={__version__}"
    assert any(line.startswith("aiohttp==") for line in constraints)
    option, *packages = said("first-start", wanted)
    assert option.startswith("--constraint ")
    assert [each.partition("==")[0] for each in packages] == [
        "hassil",
        "home-assistant-intents",
    ]
    assert not any(each.endswith("==0.1") for each in packages)
