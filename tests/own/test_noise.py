"""Tests that are loud fail, whatever they assert."""

import asyncio
import logging
from pathlib import Path
import tomllib

import pytest

from tests.noise import Noise

pytest_plugins = ("pytester",)

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FILTERS = PROJECT["tool"]["pytest"]["ini_options"]["filterwarnings"]


@pytest.fixture
def outcome(pytester, monkeypatch):
    """Run a test file with the plugin; returns how many tests ended how."""

    def run(text, *options):
        lines = "".join(f"\n  {each}" for each in FILTERS)
        pytester.makeini(f"[pytest]\nfilterwarnings ={lines}\n")
        pytester.makepyfile(text)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        result = pytester.runpytest_subprocess(
            "--disable-plugin-autoload", "-p", "tests.noise", *options
        )
        counts = result.parseoutcomes()
        return {key: counts[key] for key in counts if key != "warnings"}

    return run


@pytest.mark.parametrize(
    "said",
    [
        "Detected that custom integration 'iot_clouds' does something old",
        "Detected blocking call to open in the event loop",
        "Platform iot_clouds does not generate unique IDs. ID board-1 exists already",
        "percentage is a deprecated constant, used from iot_clouds. Use UnitOfRatio",
    ],
)
def test_what_is_never_allowed_is_found_even_where_it_is_expected(said):
    noise = Noise()
    noise.handle(logging.makeLogRecord({"msg": said, "levelno": logging.WARNING}))
    assert len(noise.complaints({said: True})) == 2
    assert said in noise.complaints({said: True})[0]


@pytest.mark.parametrize(
    "said",
    ["Home lost its connection", "x is deprecated, used from another_one"],
)
def test_other_warnings_are_none_of_its_business(said):
    noise = Noise()
    noise.handle(logging.makeLogRecord({"msg": said, "levelno": logging.WARNING}))
    assert noise.complaints({}) == []


def test_an_error_that_nobody_expected_fails_the_test(outcome):
    assert outcome("""
import logging
import pytest

@pytest.fixture
def late():
    yield
    logging.getLogger("x").error("while it is taken down")

def test_loud():
    logging.getLogger("x").error("broken")

def test_late(late):
    pass

@pytest.mark.expects_errors("brok")
def test_known():
    logging.getLogger("x").critical("broken")

@pytest.mark.expects_errors("broken")
def test_in_vain():
    logging.getLogger("x").warning("broken")

@pytest.mark.expects_errors("broken", always=False)
def test_perhaps():
    pass

@pytest.mark.expects_errors("broken")
def test_another():
    logging.getLogger("x").error("broken")
    logging.getLogger("x").error("crashed")
""") == {"passed": 6, "errors": 4}


def test_a_coroutine_that_nobody_awaits_fails_the_test(outcome):
    assert outcome("""
async def never():
    pass

def test_forgets():
    never()

def test_is_fine():
    pass
""") == {"failed": 1, "passed": 1}


def test_what_python_will_drop_fails_the_test_where_it_is_our_use(outcome, pytester):
    pytester.mkpydir("simulated_clouds")
    pytester.path.joinpath("simulated_clouds/old.py").write_text(
        "import warnings\n\n\ndef use(level):\n"
        "    warnings.warn('old', DeprecationWarning, stacklevel=level)\n"
    )
    assert outcome("""
from simulated_clouds.old import use

def test_ours():
    use(1)

def test_of_somebody_else():
    use(2)
""") == {"failed": 1, "passed": 1}


async def test_a_busy_machine_is_no_noise(caplog):
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    await asyncio.sleep(0)
    logging.getLogger("asyncio").warning("something else")
    assert [record.getMessage() for record in caplog.records] == ["something else"]
