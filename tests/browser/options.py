"""Options of the browser tests; a plugin, so that pytest knows them from the start."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tell which browser, and whether pictures are wanted."""
    parser.addoption(
        "--chromium",
        required=True,
        metavar="PROGRAM",
        help="the browser; scripts/test --browser finds it",
    )
    parser.addoption(
        "--screenshots",
        action="store_true",
        help="take the pictures of docs/images that these tests come by",
    )
