"""Each promise of the page about security names a test that there is."""

import ast
import re

from .pages import ROOT

PAGE = ROOT / "docs/security.md"
NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)::([a-z0-9_]+)`")
ROW = re.compile(
    r"^\| (?!Promise|Who|-)(?P<promise>[^|]+)\|(?P<test>[^|]+)\|$", re.MULTILINE
)


def _tests(path):
    tree = ast.parse((ROOT / path).read_text())
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_every_test_that_is_named_exists():
    named = NAMED.findall(PAGE.read_text())
    assert len(named) > 30
    assert [each for each in named if each[1] not in _tests(each[0])] == []


def test_every_promise_has_its_test():
    text = PAGE.read_text()
    rows = ROW.findall(text[text.index("## On the way") :])
    assert len(rows) > 25
    assert [promise for promise, test in rows if not NAMED.search(test)] == []
