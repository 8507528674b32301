"""What HACS, or the Marketplace, asks of a repository, as far as files can tell."""

from awesomeversion import AwesomeVersion
import probatio
import pytest

from homeassistant.const import __version__

from .files import PACKAGE, ROOT, load

HACS = probatio.Schema(
    {
        probatio.Required("name"): str,
        probatio.Optional("content_in_root"): bool,
        probatio.Optional("country"): probatio.Any(str, [str]),
        probatio.Optional("filename"): str,
        probatio.Optional("hacs"): str,
        probatio.Optional("hide_default_branch"): bool,
        probatio.Optional("homeassistant"): str,
        probatio.Optional("persistent_directory"): str,
        probatio.Optional("render_readme"): bool,
        probatio.Optional("zip_release"): bool,
    }
)


def published():
    """What is in `custom_components`, but for what Python makes there."""
    folder = ROOT / "custom_components"
    files = [each.relative_to(folder) for each in folder.rglob("*") if each.is_file()]
    return [each for each in files if "__pycache__" not in each.parts]


def test_hacs_json_has_only_keys_that_hacs_knows():
    assert HACS(load(ROOT / "hacs.json"))["name"] == "IoT Clouds"
    with pytest.raises(probatio.Invalid):
        HACS({"name": "IoT Clouds", "domains": ["sensor"]})


def test_the_oldest_home_assistant_is_not_newer_than_the_one_tested_with():
    oldest = load(ROOT / "hacs.json")["homeassistant"]
    assert oldest == "2026.10.0"
    assert AwesomeVersion(oldest) <= AwesomeVersion(__version__)


def test_the_manifest_has_what_hacs_needs():
    assert {
        "codeowners",
        "documentation",
        "domain",
        "issue_tracker",
        "name",
        "version",
    } <= {key for key, value in load(PACKAGE / "manifest.json").items() if value}


def test_the_repository_has_a_mark_a_readme_and_a_licence():
    assert (PACKAGE / "brand" / "icon.png").is_file()
    assert (ROOT / "README.md").read_text().startswith("# IoT Clouds")
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def test_the_repository_holds_one_integration():
    assert {each.parts[0] for each in published()} == {"__init__.py", "iot_clouds"}


def test_the_integration_holds_only_what_home_assistant_reads():
    kinds = {each.suffix for each in published() if each.parts[0] == "iot_clouds"}
    assert kinds == {".py", ".json", ".yaml", ".png", ".typed"}
