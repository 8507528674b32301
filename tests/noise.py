"""Fails a test for what a user's log should not show: a plugin for every test.

Never allowed is what Home Assistant says about an integration that does something wrong:
blocks the event loop, uses what is deprecated, gives entities no unique ids. Errors are
allowed where a test names them, and then they must come unless that is left to chance:

    @pytest.mark.expects_errors("Error fetching Home data")
    @pytest.mark.expects_errors("Error on transport creation", always=False)

Warnings of Python are a matter of `filterwarnings` in pyproject.toml.
"""

from collections.abc import Iterator
import logging
from typing import override

import pytest

NEVER = (
    "Detected that custom integration",
    "Detected blocking call",
    "does not generate unique IDs",
)
MARKER = "expects_errors"


class Noise(logging.Handler):
    """Keeps what was loud during one test."""

    def __init__(self) -> None:
        """Listen to warnings and worse."""
        super().__init__(logging.WARNING)
        self.wrong: list[str] = []
        self.errors: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        line = f"{record.levelname} [{record.name}] {text}"
        if any(each in text for each in NEVER) or is_deprecation(text):
            self.wrong.append(line)
        elif record.levelno >= logging.ERROR:
            self.errors.append(line)

    def complaints(self, expected: dict[str, bool]) -> list[str]:
        """What must not have been said, and which errors were expected in vain.

        `expected` tells of each text whether it must come.
        """
        surprises = [
            line for line in self.errors if not any(each in line for each in expected)
        ]
        missing = [
            f"expected, but never logged: {each}"
            for each, always in expected.items()
            if always and not any(each in line for line in self.errors)
        ]
        return [*self.wrong, *surprises, *missing]


def is_deprecation(text: str) -> bool:
    """Whether Home Assistant says that this integration uses something deprecated."""
    return "deprecated" in text and "iot_clouds" in text


def _is_no_matter_of_speed(record: logging.LogRecord) -> bool:
    """Whether a line would be there on a fast machine, too."""
    return record.msg != "Executing %s took %.3f seconds"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and let no test depend on how busy the machine is."""
    logging.getLogger("asyncio").addFilter(_is_no_matter_of_speed)
    config.addinivalue_line(
        "markers", f"{MARKER}(*texts, always=True): errors that must (or may) be logged"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Listen from the first fixture's start to the last one's end."""
    noise = item.stash[_NOISE] = Noise()
    logger = logging.getLogger()
    logger.addHandler(noise)
    try:
        return (yield)
    finally:
        logger.removeHandler(noise)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fail the test if something was said that must not be."""
    yield
    expected = {
        str(text): bool(mark.kwargs.get("always", True))
        for mark in item.iter_markers(MARKER)
        for text in mark.args
    }
    if complaints := item.stash[_NOISE].complaints(expected):
        pytest.fail("\n".join(["noise in the log:", *complaints]), pytrace=False)


_NOISE = pytest.StashKey[Noise]()
