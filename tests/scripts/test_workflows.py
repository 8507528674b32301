"""Files that services outside of this project read."""

import json
from typing import Any

import pytest
import yaml

from .conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def workflow(name: str) -> dict[Any, Any]:
    content = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())
    assert isinstance(content, dict)
    return content


def test_there_are_workflows_for_tests_releases_and_the_outside_checks() -> None:
    assert [path.name for path in WORKFLOWS] == [
        "newest.yml",
        "release.yml",
        "test.yml",
        "validate.yml",
    ]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_step_of_a_workflow_does_something(path: Any) -> None:
    content = workflow(path.name)

    assert content["permissions"] == {"contents": "read"}
    for job in content["jobs"].values():
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)


def test_pushes_and_pull_requests_are_linted_and_tested_on_python_3_14() -> None:
    content = workflow("test.yml")
    steps = content["jobs"]["test"]["steps"]

    # YAML reads the key "on" as true.
    assert set(content[True]) == {"push", "pull_request"}
    assert {step.get("run") for step in steps} >= {"scripts/lint", "scripts/test"}
    assert {"python-version": "3.14"} in [step.get("with") for step in steps]


def test_the_scripts_that_workflows_run_exist() -> None:
    for path in WORKFLOWS:
        for job in workflow(path.name)["jobs"].values():
            for step in job["steps"]:
                if not step.get("run", "gh ").startswith("gh "):
                    assert (ROOT / step["run"].split()[0]).stat().st_mode & 0o100


def test_the_demo_is_used_in_a_browser_too() -> None:
    steps = workflow("test.yml")["jobs"]["browser"]["steps"]

    assert "scripts/test --browser" in [step.get("run") for step in steps]


def test_the_newest_home_assistant_is_tested_daily_and_with_every_push() -> None:
    content = workflow("newest.yml")
    runs = [
        step["run"]
        for job in content["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]

    assert {"push", "schedule"} <= set(content[True])
    assert runs == ["scripts/test --newest", "scripts/demo --newest --check"]


def test_no_version_of_the_newest_home_assistant_is_written_down() -> None:
    files = [ROOT / "scripts/lib/newest.sh", ROOT / "scripts/lib/newest.py"]

    for path in [*files, ROOT / ".github/workflows/newest.yml"]:
        assert "homeassistant==20" not in path.read_text()
        assert "2026." not in path.read_text()


def test_hassfest_and_hacs_check_daily() -> None:
    content = workflow("validate.yml")
    uses = [
        step["uses"].partition("@")[0]
        for job in content["jobs"].values()
        for step in job["steps"]
    ]

    assert "schedule" in content[True]
    assert {"home-assistant/actions/hassfest", "hacs/action"} <= set(uses)


def test_a_tag_is_checked_and_tested_before_it_is_published() -> None:
    content = workflow("release.yml")
    [job] = content["jobs"].values()
    runs = [step["run"] for step in job["steps"] if "run" in step]

    assert set(content[True]) == {"push"}
    assert content[True]["push"] == {"tags": ["[0-9]+.[0-9]+.[0-9]+*"]}
    assert job["permissions"] == {"contents": "write"}
    assert [run.split()[0] for run in runs] == [
        "scripts/release",
        "scripts/lint",
        "scripts/test",
        "gh",
    ]
    assert runs[0] == 'scripts/release "$GITHUB_REF_NAME" .tools/release'
    assert runs[-1].startswith('gh release create "$GITHUB_REF_NAME" --verify-tag')
    assert runs[-1].endswith(".tools/release/notes.md .tools/release/iot_clouds.zip")


def test_hacs_is_told_the_oldest_home_assistant() -> None:
    assert json.loads((ROOT / "hacs.json").read_text()) == {
        "name": "IoT Clouds",
        "homeassistant": "2026.10.0",
    }


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text()

    assert "Apache License\n                           Version 2.0" in text
    assert "END OF TERMS AND CONDITIONS" in text
