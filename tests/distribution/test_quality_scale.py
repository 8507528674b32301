"""Every rule of the quality scale is met or cannot apply, and what proves it exists."""

import ast
from importlib.metadata import metadata
import json
import re
import tomllib

import pytest

from tests.quality import PAGE, ROOT, SCALE, TIERS, Rule, named_tests, page, rules

from .files import PACKAGE, load

TEXT = SCALE.read_text(encoding="utf-8")
RULES = rules(TEXT)
ALL = [name for names in TIERS.values() for name in names]

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def test_there_are_all_rules_once_by_tier():
    assert len(ALL) == len({*ALL}) == 54
    assert [rule.name for rule in RULES] == ALL
    # A key that comes twice would be taken silently.
    assert len(re.findall(r"^  [a-z-]+:", TEXT, re.MULTILINE)) == 54
    assert load(SCALE).keys() == {"rules"}


@each_rule
def test_a_rule_is_done_or_cannot_apply_and_says_why(rule):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert rule.status in {"done", "exempt"}
    assert len(rule.words.split()) >= 3
    assert bool(rule.proofs) is (rule.status == "done")


@each_rule
def test_what_proves_a_rule_exists(rule):
    assert missing(rule) == []


def missing(rule: Rule) -> list[str]:
    """Proofs that there are not."""
    return [
        proof.name
        for proof in rule.proofs
        if not (ROOT / proof.path).is_file()
        or (proof.test and proof.test not in _tests(proof.path))
    ]


def _tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_a_proof_that_there_is_not_would_be_found():
    here = "tests/distribution/test_quality_scale.py"
    [rule] = rules(
        "rules: {a-rule: {status: done, comment: 'Yes. README.md docs/nothing.md"
        f" {here}::test_nothing {here}::test_the_manifest_claims_no_tier'}}}}"
    )
    assert rule.words == "Yes."
    assert missing(rule) == ["docs/nothing.md", f"{here}::test_nothing"]


def test_a_file_that_is_only_spoken_of_is_no_proof():
    [rule] = rules(
        "rules: {a-rule: {status: done, comment: 'In entity.py. py.typed'}, }"
    )
    assert rule.words == "In entity.py. py.typed"
    assert rule.proofs == []


def test_the_page_is_the_one_that_the_script_writes():
    assert PAGE.read_text(encoding="utf-8") == page(TEXT)
    assert (ROOT / "scripts" / "quality").stat().st_mode & 0o100


def test_the_page_shows_what_does_not_apply_too():
    told = page(TEXT)
    assert told.count("| done |") + told.count("| exempt |") == 54
    assert "## Platinum\n\n3 of 3 rules are met.\n" in told
    assert "19 of 21 rules are met, 2 cannot apply." in told


def test_the_manifest_claims_no_tier():
    assert "quality_scale" not in load(PACKAGE / "manifest.json")


def test_tests_that_prove_something_are_many():
    assert len(named_tests(TEXT)) > 40


def test_requirements_are_open_source():
    licences = {}
    for requirement in load(PACKAGE / "manifest.json")["requirements"]:
        name = requirement.partition("==")[0]
        told = metadata(name)
        classified = [
            each
            for each in told.get_all("Classifier") or []
            if each.startswith("License :: OSI Approved :: ")
        ]
        licences[name] = told.get("License-Expression") or classified[0]
    assert licences == {
        "aiomqtt": "License :: OSI Approved :: BSD License",
        "cbor2": "MIT",
    }


def test_types_are_checked_strictly():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert settings["strict"] is True
    assert "custom_components" in settings["files"]
    ours = [
        each
        for each in settings["overrides"]
        if "custom_components" in json.dumps(each["module"])
    ]
    assert ours == [
        {"module": "custom_components.*", "enable_error_code": ["explicit-override"]}
    ]
    assert (PACKAGE / "py.typed").read_bytes() == b""
    assert "mypy" in (ROOT / "scripts" / "lint").read_text()
