"""What hassfest checks of a custom integration, as functions that list what is wrong."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
import re
from typing import Any
from urllib.parse import urlparse

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from awesomeversion.exceptions import AwesomeVersionException
import probatio

import homeassistant.components
from homeassistant.const import Platform
from homeassistant.helpers.selector import TargetSelector, validate_selector

CORE = Path(homeassistant.components.__file__).parent

REQUIRED, OPTIONAL = probatio.Required, probatio.Optional
REQUIREMENT = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?==\d+(?:\.\d+)*(?:\.?(?:a|b|rc|post|dev)\d+)*"
)
KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
ICON = re.compile(r"mdi:[a-z0-9]+(?:-[a-z0-9]+)*")
INTERNAL = {
    "automation",
    "conversation",
    "device_automation",
    "frontend",
    "group",
    "homeassistant",
    "media_source",
    "persistent_notification",
    "person",
    "script",
    "sun",
    "system_health",
    "system_log",
    "webhook",
    "websocket_api",
    "zone",
}
"""Parts of Home Assistant that may be used without being named in the manifest."""


def problems_of(schema: probatio.Schema, content: Any) -> list[str]:
    try:
        schema(content)
    except probatio.MultipleInvalid as err:
        return [str(each) for each in err.errors]
    except probatio.Invalid as err:
        return [str(err)]
    return []


def matches(pattern: re.Pattern[str], what: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise probatio.Invalid(f"{value!r} is not {what}")
        return value

    return check


def _https(value: Any) -> str:
    url = urlparse(value) if isinstance(value, str) else urlparse("")
    if url.scheme != "https" or not url.netloc:
        raise probatio.Invalid(f"{value!r} is no https address")
    if url.netloc.endswith("home-assistant.io") and "/integrations" in url.path:
        raise probatio.Invalid("documentation of a custom integration is its own")
    return str(value)


def _version(value: Any) -> str:
    strategies = AwesomeVersionStrategy
    try:
        AwesomeVersion(
            value,
            ensure_strategy=[
                strategies.CALVER,
                strategies.SEMVER,
                strategies.SIMPLEVER,
                strategies.BUILDVER,
                strategies.PEP440,
            ],
        )
    except AwesomeVersionException as err:
        raise probatio.Invalid(f"{value!r} is no version") from err
    return str(value)


_NAMES = [matches(KEY, "a domain")]
MANIFEST = probatio.Schema(
    {
        REQUIRED("domain"): matches(KEY, "a domain"),
        REQUIRED("name"): str,
        REQUIRED("codeowners"): [matches(re.compile(r"@[\w/-]+"), "an owner")],
        REQUIRED("documentation"): _https,
        REQUIRED("iot_class"): probatio.In(
            [
                "assumed_state",
                "calculated",
                "cloud_polling",
                "cloud_push",
                "local_polling",
                "local_push",
            ]
        ),
        REQUIRED("version"): _version,
        OPTIONAL("after_dependencies"): _NAMES,
        OPTIONAL("config_flow"): bool,
        OPTIONAL("dependencies"): _NAMES,
        OPTIONAL("integration_type"): probatio.In(
            ["device", "entity", "hardware", "helper", "hub", "service", "system"]
        ),
        OPTIONAL("issue_tracker"): _https,
        OPTIONAL("loggers"): [str],
        OPTIONAL("requirements"): [matches(REQUIREMENT, "an exact requirement")],
        OPTIONAL("single_config_entry"): bool,
    }
)


def manifest_problems(manifest: dict[str, Any]) -> list[str]:
    """Unknown, missing or wrong keys, and keys out of order."""
    found = problems_of(MANIFEST, manifest)
    first = ["domain", "name"]
    order = first + sorted(key for key in manifest if key not in first)
    if list(manifest) != order:
        found.append(f"keys are not in the order {order}")
    for kind in ("dependencies", "after_dependencies", "requirements"):
        if len(set(manifest.get(kind, []))) != len(manifest.get(kind, [])):
            found.append(f"{kind} names something twice")
    return found


def imported_components(package: Path) -> Iterator[tuple[str, str]]:
    """Place and name of each component of Home Assistant that the code imports."""
    prefix = "homeassistant.components"
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == prefix:
                names = [f"{prefix}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                if name.startswith(f"{prefix}."):
                    yield place, name.split(".")[2]


def dependency_problems(manifest: dict[str, Any], package: Path) -> list[str]:
    """Components that are imported without being a dependency."""
    allowed = INTERNAL | {platform.value for platform in Platform}
    allowed |= {*manifest.get("dependencies", [])}
    allowed |= {*manifest.get("after_dependencies", [])}
    return [
        f"{place} imports {name}"
        for place, name in imported_components(package)
        # A file that is made for a component may import it, and so may what is made
        # for none at all, once there is such a file.
        if name not in allowed
        if place != name
        if (CORE / place).is_dir() or not (package / f"{name}.py").is_file()
    ]


def _section(value: Any) -> dict[str, Any]:
    return dict(probatio.Schema({OPTIONAL("collapsed"): bool, "fields": FIELDS})(value))


def _selector(value: Any) -> Any:
    validate_selector(value)
    return value


def _field_or_section(value: Any) -> Any:
    if isinstance(value, dict) and "fields" in value:
        return _section(value)
    return FIELD(value)


FIELD = probatio.Schema(
    {
        OPTIONAL("required"): bool,
        OPTIONAL("advanced"): bool,
        OPTIONAL("default"): object,
        OPTIONAL("example"): object,
        OPTIONAL("filter"): dict,
        OPTIONAL("selector"): _selector,
    }
)
FIELDS = probatio.Schema({matches(KEY, "a key"): FIELD})
SERVICES = probatio.Schema(
    {
        matches(KEY, "a key"): probatio.Any(
            None,
            {
                OPTIONAL("target"): probatio.Any(None, TargetSelector.CONFIG_SCHEMA),
                OPTIONAL("fields"): {matches(KEY, "a key"): _field_or_section},
            },
        )
    }
)


def service_problems(services: Any, texts: dict[str, Any]) -> list[str]:
    """Wrong shapes, and actions, fields and choices without a text."""
    if found := problems_of(SERVICES, services):
        return found
    for name, action in services.items():
        told = texts.get("services", {}).get(name, {})
        if not {"name", "description"} <= {*told}:
            found.append(f"{name} has no name or no description")
        for key, field in ((action or {}).get("fields") or {}).items():
            if "fields" in field:
                if "name" not in told.get("sections", {}).get(key, {}):
                    found.append(f"{name}: section {key} has no name")
                continue
            words = told.get("fields", {}).get(key, {})
            if not {"name", "description"} <= {*words}:
                found.append(f"{name}: {key} has no name or no description")
            for config in (field.get("selector") or {}).values():
                choices = (config or {}).get("translation_key")
                if choices and choices not in texts.get("selector", {}):
                    found.append(f"{name}: the choices of {key} have no texts")
    return found


_ICON = matches(ICON, "an icon")


def _ranges(value: Any) -> Any:
    numbers = [float(key) for key in value]
    if numbers != sorted(set(numbers)):
        raise probatio.Invalid(f"{list(value)} do not ascend")
    return value


_STATES = {
    OPTIONAL("state"): {matches(KEY, "a state"): _ICON},
    OPTIONAL("range"): probatio.All({str: _ICON}, _ranges),
}
ICONS = probatio.Schema(
    {
        OPTIONAL("entity"): {
            probatio.In([platform.value for platform in Platform]): {
                matches(KEY, "a key"): {
                    OPTIONAL("default"): _ICON,
                    **_STATES,
                    OPTIONAL("state_attributes"): {
                        matches(KEY, "a key"): {OPTIONAL("default"): _ICON, **_STATES}
                    },
                }
            }
        },
        OPTIONAL("services"): {
            matches(KEY, "a key"): {
                OPTIONAL("service"): _ICON,
                OPTIONAL("sections"): {matches(KEY, "a key"): _ICON},
            }
        },
    }
)


def icon_problems(icons: Any) -> list[str]:
    """Wrong shapes, names that are no icons and ranges that do not ascend."""
    return problems_of(ICONS, icons)
