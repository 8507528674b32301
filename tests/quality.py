"""Reads `quality_scale.yaml` and writes `docs/quality.md` from it: `scripts/quality`."""

from dataclasses import dataclass
from pathlib import Path
import re

import yaml

ROOT = Path(__file__).parents[1]
SCALE = ROOT / "custom_components" / "iot_clouds" / "quality_scale.yaml"
PAGE = ROOT / "docs" / "quality.md"
RULES_URL = "https://developers.home-assistant.io/docs/core/integration-quality-scale"

TIERS = {
    "Bronze": (
        "action-setup",
        "appropriate-polling",
        "brands",
        "common-modules",
        "config-flow-test-coverage",
        "config-flow",
        "dependency-transparency",
        "docs-actions",
        "docs-conditions",
        "docs-high-level-description",
        "docs-installation-instructions",
        "docs-removal-instructions",
        "docs-triggers",
        "entity-event-setup",
        "entity-unique-id",
        "has-entity-name",
        "runtime-data",
        "test-before-configure",
        "test-before-setup",
        "unique-config-entry",
    ),
    "Silver": (
        "action-exceptions",
        "config-entry-unloading",
        "docs-configuration-parameters",
        "docs-installation-parameters",
        "entity-unavailable",
        "integration-owner",
        "log-when-unavailable",
        "parallel-updates",
        "reauthentication-flow",
        "test-coverage",
    ),
    "Gold": (
        "devices",
        "diagnostics",
        "discovery-update-info",
        "discovery",
        "docs-data-update",
        "docs-examples",
        "docs-known-limitations",
        "docs-supported-devices",
        "docs-supported-functions",
        "docs-troubleshooting",
        "docs-use-cases",
        "dynamic-devices",
        "entity-category",
        "entity-device-class",
        "entity-disabled-by-default",
        "entity-translations",
        "exception-translations",
        "icon-translations",
        "reconfiguration-flow",
        "repair-issues",
        "stale-devices",
    ),
    "Platinum": ("async-dependency", "inject-websession", "strict-typing"),
}
"""Home Assistant's rules, all of them."""

_PROOF = re.compile(r"(?<!\S)((?:[\w.-]+/)*[\w.-]+\.[a-z]+)(?:::(test_\w+))?(?!\S)")
_OPENING = """\
# Quality

How IoT Clouds meets each rule of Home Assistant's [Integration Quality Scale]({url}), and what proves it. A custom integration cannot hold a tier of that scale; this is a promise of
the project to itself. A test checks that every file and every test named here exists, and a run of all tests fails if one of them did not pass.

The same tests and the check of the demo also run daily with the newest Home Assistant that can be installed: `scripts/test --newest` and `scripts/demo --newest --check`.
The test package then belongs to an older Home Assistant than the one it tests; `tests/newest.py` says what is done about that.

This page is written by `scripts/quality` from [quality_scale.yaml](../custom_components/iot_clouds/quality_scale.yaml).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A file, or a test in it."""

    path: str
    test: str | None

    @property
    def name(self) -> str:
        """As pytest names it, without parameters."""
        return f"{self.path}::{self.test}" if self.test else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is said about a rule."""

    name: str
    status: str
    comment: str

    @property
    def words(self) -> str:
        """The comment without what proves it."""
        return " ".join(_PROOF.sub(self._keep, self.comment).split())

    @property
    def proofs(self) -> list[Proof]:
        """What proves it: everything that is named with its folder or its test."""
        found = (
            Proof(path=match[1], test=match[2])
            for match in _PROOF.finditer(self.comment)
        )
        return [each for each in found if self._is_proof(each)]

    def _keep(self, match: re.Match[str]) -> str:
        proof = Proof(path=match[1], test=match[2])
        return "" if self._is_proof(proof) else match[0]

    @staticmethod
    def _is_proof(proof: Proof) -> bool:
        return bool(proof.test) or "/" in proof.path or proof.path == "README.md"


def rules(text: str) -> list[Rule]:
    """The rules of a file, in its order; a rule may be a status alone."""
    return [
        Rule(
            name=name,
            status=said if isinstance(said, str) else said["status"],
            comment="" if isinstance(said, str) else said.get("comment", ""),
        )
        for name, said in yaml.safe_load(text)["rules"].items()
    ]


def named_tests(text: str) -> set[str]:
    """Every test that proves something."""
    return {proof.name for rule in rules(text) for proof in rule.proofs if proof.test}


def page(text: str) -> str:
    """The page that shows a file as tables."""
    told = {rule.name: rule for rule in rules(text)}
    parts = [_OPENING.format(url=RULES_URL)]
    for tier, names in TIERS.items():
        done = sum(told[name].status == "done" for name in names)
        parts.append(f"\n## {tier}\n\n{done} of {len(names)} rules are met")
        exempt = len(names) - done
        parts.append(f", {exempt} cannot apply.\n\n" if exempt else ".\n\n")
        parts.append("| Rule | Status | How | Proof |\n|---|---|---|---|\n")
        parts += [_row(told[name]) for name in names]
    return "".join(parts)


def _row(rule: Rule) -> str:
    links = [
        f"[{proof.test or proof.path.rpartition('/')[2]}](../{proof.path})"
        for proof in rule.proofs
    ]
    url = f"{RULES_URL}/rules/{rule.name}"
    cells = [f"[{rule.name}]({url})", rule.status, rule.words, "<br>".join(links)]
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(SCALE.read_text(encoding="utf-8")), encoding="utf-8")
