"""Forms, helpers and papers for people who report and contribute."""

import re

import pytest

from .files import PACKAGE, ROOT, load

GITHUB = ROOT / ".github"
FORMS = sorted(
    path
    for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml")
    if path.name != "config.yml"
)
HOME = load(PACKAGE / "manifest.json")["documentation"]
PAPERS = ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]


def test_there_is_a_form_for_faults_for_wishes_and_for_what_a_cloud_really_says():
    assert [path.stem for path in FORMS] == [
        "bug_report",
        "cloud_differs",
        "feature_request",
    ]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_has_what_github_demands(path):
    form = load(path)
    assert {*form} <= {"name", "description", "title", "labels", "body"}
    assert form["name"]
    assert form["description"]
    asked = [each for each in form["body"] if each["type"] != "markdown"]
    assert len({each["id"] for each in asked}) == len(asked) > 0
    assert any(each.get("validations", {}).get("required") for each in asked)
    for each in form["body"]:
        assert each["type"] in {"markdown", "input", "textarea", "dropdown"}
        if each["type"] == "markdown":
            assert each["attributes"]["value"]
        else:
            assert each["attributes"]["label"]
        if each["type"] == "dropdown":
            options = each["attributes"]["options"]
            assert len(set(options)) == len(options) > 1


@pytest.mark.parametrize("name", ["bug_report", "cloud_differs"])
def test_forms_that_ask_for_data_warn_of_secrets_first(name):
    first = load(GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml")["body"][0]
    assert first["type"] == "markdown"
    assert "token" in first["attributes"]["value"]


def test_weaknesses_are_reported_in_private():
    config = load(GITHUB / "ISSUE_TEMPLATE" / "config.yml")
    address = f"{HOME}/security/advisories/new"
    assert config["blank_issues_enabled"] is False
    assert [each["url"] for each in config["contact_links"]] == [address]
    assert address in (ROOT / "SECURITY.md").read_text()


@pytest.mark.parametrize("name", PAPERS)
def test_links_of_a_paper_lead_somewhere(name):
    text = (ROOT / name).read_text()
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if "://" in target:
            assert target.startswith("https://")
        else:
            assert (ROOT / target.partition("#")[0]).exists(), target
    for command in re.findall(r"(?:scripts|brand|tests)/[a-z_./]+[a-z]", text):
        assert (ROOT / command).exists(), command


def test_dependabot_looks_at_every_place_that_names_versions():
    updates = load(GITHUB / "dependabot.yml")["updates"]
    places = {
        update["package-ecosystem"]: {
            *update.get("directories", []),
            *filter(None, [update.get("directory")]),
        }
        for update in updates
    }
    npm = {
        f"/{path.parent.relative_to(ROOT)}"
        for path in (ROOT / "tests").glob("contract/*/package.json")
    }
    assert places == {"github-actions": {"/"}, "pip": {"/", "/demo"}, "npm": npm}
    assert {update["schedule"]["interval"] for update in updates} <= {
        "daily",
        "weekly",
        "monthly",
    }
    assert list(ROOT.glob("requirements*.txt"))
    assert list((ROOT / "demo").glob("requirements*.txt"))


def test_what_runs_before_a_commit_is_what_lint_and_tests_run():
    repositories = load(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [each["repo"] for each in repositories] == ["local"]
    hooks = {hook["id"]: hook for hook in repositories[0]["hooks"]}
    assert {*hooks} == {"ruff-check", "ruff-format", "mypy", "distribution"}
    for hook in hooks.values():
        program, *arguments = hook["entry"].split()
        assert program.startswith(".venv/bin/")
        assert hook["language"] == "system"
        for each in arguments:
            assert not each.startswith("tests/") or (ROOT / each).is_dir()
    assert re.search(hooks["distribution"]["files"], "hacs.json")
