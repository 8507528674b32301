"""A run of all tests fails when a test that proves a quality rule is not among them."""

import pytest

from tests.proofs import Outcomes
from tests.quality import ROOT

pytest_plugins = ("pytester",)

SCALE = """
rules:
  devices:
    status: done
    comment: tests/test_it.py::test_first tests/test_it.py::test_second
"""
PLUGIN = """
from pathlib import Path
import tests.proofs
tests.proofs.SCALE = Path(__file__).with_name("quality_scale.yaml")
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run two tests with the plugin in a project that promises both."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\ntestpaths = checks\naddopts = -p judge")
    pytester.path.joinpath("quality_scale.yaml").write_text(
        SCALE.replace("tests/", "checks/")
    )
    pytester.makepyfile(judge=PLUGIN + "from tests.proofs import *\n")
    pytester.mkdir("checks")

    def run(text, *options):
        pytester.path.joinpath("checks/test_it.py").write_text(text)
        plugins = ("--disable-plugin-autoload", "-p", "xdist")
        return pytester.runpytest_subprocess(*plugins, *options)

    return run


BOTH = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_first(number):
    pass

def test_second():
    pass
"""
ONE = "def test_first():\n    pass\n"
SKIPPED = BOTH.replace("def test_second", "@pytest.mark.skip\ndef test_second")


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "in parts"])
def test_a_whole_run_needs_every_proof(run, options):
    result = run(SKIPPED, *options)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["did not run or did not pass: checks/test_it.py::test_second"]
    )
    result.stdout.no_fnmatch_line("*not pass: checks/test_it.py::test_first")
    assert run(BOTH, *options).ret == 0


def test_a_proof_that_is_gone_is_missed(run):
    assert run(ONE).ret == 1


@pytest.mark.parametrize(
    "options",
    [
        ("checks/test_it.py",),
        ("checks",),
        ("-k", "first"),
        ("-m", "not slow"),
        ("--deselect", "checks/test_it.py::test_x"),
    ],
    ids=" ".join,
)
def test_a_run_of_some_tests_is_not_judged(run, options):
    assert run(ONE, *options).ret == 0


def test_a_test_of_which_one_variant_failed_proves_nothing():
    outcomes = Outcomes()
    for node, when, outcome in (
        ("a.py::test_it[1]", "call", "passed"),
        ("a.py::test_it[2]", "call", "failed"),
        ("a.py::test_late", "call", "passed"),
        ("a.py::test_late", "teardown", "failed"),
        ("a.py::test_good[x::y]", "setup", "passed"),
        ("a.py::test_good[x::y]", "call", "passed"),
        ("a.py::test_good[x::y]", "teardown", "passed"),
    ):
        outcomes.take(node, when, outcome)
    wanted = {f"a.py::test_{name}" for name in ("it", "late", "good", "gone")}
    assert outcomes.missing(wanted) == [
        "a.py::test_gone",
        "a.py::test_it",
        "a.py::test_late",
    ]
