"""A release is made from a tag when all versions agree, and holds the integration alone."""

import json
from pathlib import Path
import shutil
import subprocess
import sys
import tomllib
import zipfile

from awesomeversion import AwesomeVersion
import pytest

from .files import PACKAGE, ROOT, load

CHANGELOG = """# Changelog

What users notice.

## 1.2.3 - 2027-01-31

- A new thing.

## 1.2.2 - 2027-01-01

- An old thing.
"""


@pytest.fixture
def project(tmp_path):
    """A repository that is ready to be released as 1.2.3."""
    root = tmp_path / "project"
    package = root / "custom_components" / "iot_clouds"
    (package / "brand").mkdir(parents=True)
    (root / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "release", root / "scripts")
    (package / "manifest.json").write_text(json.dumps({"version": "1.2.3"}))
    (package / "__init__.py").write_text('"""Code."""\n')
    (package / "brand" / "icon.png").write_bytes(b"\x89PNG")
    (root / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (root / "CHANGELOG.md").write_text(CHANGELOG)
    (root / "README.md").write_text("# Read me\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    (package / "leftover.pyc").write_bytes(b"x")
    return root


def release(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, root / "scripts" / "release", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_release_holds_the_integration_alone_and_its_notes(project, tmp_path):
    done = release(project, "1.2.3", str(tmp_path / "out"))

    assert (done.returncode, done.stderr) == (0, "")
    with zipfile.ZipFile(tmp_path / "out" / "iot_clouds.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "custom_components/iot_clouds/__init__.py",
            "custom_components/iot_clouds/brand/icon.png",
            "custom_components/iot_clouds/manifest.json",
        ]
        assert archive.read("custom_components/iot_clouds/brand/icon.png") == b"\x89PNG"
    assert (tmp_path / "out" / "notes.md").read_text() == "- A new thing.\n"


def test_the_same_files_give_the_same_bytes(project, tmp_path):
    release(project, "1.2.3", str(tmp_path / "one"))
    (project / "custom_components" / "iot_clouds" / "__init__.py").touch()
    release(project, "1.2.3", str(tmp_path / "two"))

    one, two = (
        (tmp_path / each / "iot_clouds.zip").read_bytes() for each in ("one", "two")
    )
    assert one == two


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "custom_components/iot_clouds/manifest.json",
            "1.2.3",
            "1.2.4",
            "manifest.json says 1.2.4, the tag says 1.2.3",
        ),
        (
            "pyproject.toml",
            "1.2.3",
            "1.2.2",
            "pyproject.toml says 1.2.2, the tag says 1.2.3",
        ),
        (
            "CHANGELOG.md",
            "## 1.2.3",
            "## 1.3.0",
            "CHANGELOG.md says 1.3.0, the tag says 1.2.3",
        ),
        (
            "CHANGELOG.md",
            "2027-01-31",
            "unreleased",
            "CHANGELOG.md says unreleased for the date of 1.2.3",
        ),
        (
            "CHANGELOG.md",
            " - 2027-01-31",
            "",
            "CHANGELOG.md says nothing for the date of 1.2.3",
        ),
        (
            "CHANGELOG.md",
            "- A new thing.",
            "",
            "CHANGELOG.md says nothing about 1.2.3",
        ),
    ],
)
def test_a_release_that_does_not_agree_is_refused(
    project, tmp_path, file, old, new, said
):
    path = project / file
    path.write_text(path.read_text().replace(old, new, 1))

    done = release(project, "1.2.3", str(tmp_path / "out"))

    assert done.returncode == 1
    assert done.stderr.splitlines() == [said]
    assert not (tmp_path / "out").exists()


def test_a_tag_with_a_letter_before_the_version_is_refused(project, tmp_path):
    done = release(project, "v1.2.3", str(tmp_path / "out"))

    assert done.returncode == 1
    assert "manifest.json says 1.2.3, the tag says v1.2.3" in done.stderr


def test_the_command_says_how_it_is_called(project):
    done = release(project)

    assert done.returncode == 2
    assert "scripts/release 1.2.3 FOLDER" in done.stderr


def test_versions_of_this_project_agree():
    version = load(PACKAGE / "manifest.json")["version"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    first = next(
        line
        for line in (ROOT / "CHANGELOG.md").read_text().splitlines()
        if line.startswith("## ")
    )
    assert project["version"] == version
    assert first.split()[1] == version
    assert AwesomeVersion(version).valid
