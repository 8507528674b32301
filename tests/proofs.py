"""Fails a run of all tests in which a test that proves a quality rule did not pass.

A run of some tests is not judged. With several processes, the one that collects their
reports judges.
"""

import pytest

from .quality import SCALE, named_tests


class Outcomes:
    """What became of tests by name, all parameters together."""

    def __init__(self) -> None:
        """Nothing ran yet."""
        self.passed: set[str] = set()
        self.others: set[str] = set()

    def take(self, node: str, when: str, outcome: str) -> None:
        """Take note of a step of a test."""
        name = node.partition("[")[0]
        if outcome != "passed":
            self.others.add(name)
        elif when == "call":
            self.passed.add(name)

    def missing(self, wanted: set[str]) -> list[str]:
        """Tests that did not run, or not all variants of which passed."""
        return sorted(wanted - (self.passed - self.others))


def is_whole(config: pytest.Config) -> bool:
    """Whether all tests were asked for."""
    options = ("keyword", "markexpr", "lf", "failedfirst", "deselect", "ignore")
    return (
        config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and not any(config.getoption(name, None) for name in options)
        and not config.getoption("collectonly", False)
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch where all reports arrive."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Watcher(config), "proofs-watcher")


class _Watcher:
    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._outcomes = Outcomes()
        self._missing: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._outcomes.take(report.nodeid, report.when, report.outcome)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        # A run that failed or was broken off says so itself.
        if exitstatus == pytest.ExitCode.OK and is_whole(self._config):
            wanted = named_tests(SCALE.read_text(encoding="utf-8"))
            self._missing = self._outcomes.missing(wanted)
            if self._missing:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        if self._missing:
            terminalreporter.section("quality rules without proof", red=True)
            for name in self._missing:
                terminalreporter.line(f"did not run or did not pass: {name}")
