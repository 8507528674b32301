"""The seam between core and vendors holds: these rules keep a fourth cloud a folder."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
import sys

import pytest

from custom_components.iot_clouds.vendors import VENDORS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "custom_components" / "iot_clouds"
VENDOR_FOLDERS = sorted(
    path.name
    for path in (PACKAGE / "vendors").iterdir()
    if (path / "__init__.py").exists()
)
LONGEST_FILE = 300
LONGEST_FUNCTION = 40


def _python(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*.py") if "node_modules" not in path.parts
    )


def _imports(path: Path) -> Iterator[str]:
    """Every imported module, relative ones made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def test_every_vendor_folder_is_registered_under_its_name():
    assert VENDOR_FOLDERS
    assert sorted(VENDORS) == VENDOR_FOLDERS
    assert all(key == vendor.key for key, vendor in VENDORS.items())


@pytest.mark.parametrize("vendor", VENDOR_FOLDERS)
def test_a_vendor_knows_neither_home_assistant_nor_another_vendor(vendor):
    core = "custom_components.iot_clouds"
    for path in _python(PACKAGE / "vendors" / vendor):
        for module in _imports(path):
            assert not module.startswith("homeassistant"), f"{path}: {module}"
            if not module.startswith(core) or module == core:
                continue
            inner = module.removeprefix(f"{core}.").split(".")
            if inner[0] == "vendors":
                assert len(inner) == 1 or inner[1] == vendor, f"{path}: {module}"
            else:
                assert inner[0] in {"model", "cloud"}, f"{path}: {module}"


def test_the_words_need_only_the_standard_library():
    for path in _python(PACKAGE / "model"):
        for module in _imports(path):
            if not module.startswith("custom_components.iot_clouds.model"):
                assert module.split(".")[0] in sys.stdlib_module_names, module


def test_what_users_define_needs_only_the_words():
    core = "custom_components.iot_clouds"
    for path in _python(PACKAGE / "mappings"):
        for module in _imports(path):
            if module.startswith(core):
                inner = module.removeprefix(core).lstrip(".").split(".")[0]
                assert inner in {"", "model", "mappings"}, f"{path}: {module}"
            else:
                library = module.split(".")[0]
                assert library in {"yaml", *sys.stdlib_module_names}, module


def test_only_the_registry_imports_vendors():
    for path in _python(PACKAGE):
        if path.is_relative_to(PACKAGE / "vendors"):
            continue
        for module in _imports(path):
            assert not re.match(r".*\.vendors\.[a-z]", module) or module.endswith(
                ".vendors.VENDORS"
            ), f"{path}: {module}"


@pytest.mark.parametrize(
    "path",
    [
        *(p for p in _python(PACKAGE) if not p.is_relative_to(PACKAGE / "vendors")),
        PACKAGE / "services.yaml",
        PACKAGE / "icons.json",
    ],
    ids=lambda path: path.name,
)
def test_nothing_outside_its_folder_names_a_vendor(path):
    text = path.read_text(encoding="utf-8").lower()
    for vendor in VENDOR_FOLDERS:
        assert vendor not in text, f"{path} names {vendor}"


@pytest.mark.parametrize("folder", ["simulated_clouds"])
def test_the_simulated_clouds_need_nothing_of_the_integration(folder):
    for path in _python(ROOT / folder):
        for module in _imports(path):
            assert not module.startswith(("homeassistant", "custom_components")), (
                f"{path}: {module}"
            )


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function with its lines, without docstring and blank lines."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        doc = set()
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            doc = set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
        body = [
            number
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
            if number not in doc and lines[number - 1].strip()
        ]
        yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", len(body)


def test_files_and_functions_stay_small():
    sources = [*_python(PACKAGE), *_python(ROOT / "simulated_clouds")]
    long_files = {
        str(path.relative_to(ROOT)): count
        for path in sources
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    long_functions = {
        name: count
        for path in sources
        for name, count in _functions(path)
        if count > LONGEST_FUNCTION
    }
    assert long_files == {}
    assert long_functions == {}


def test_requirements_are_pinned_exactly_and_are_these():
    manifest = json.loads((PACKAGE / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["requirements"] == ["aiomqtt==2.5.1", "cbor2==6.2.1"]
    tested = (ROOT / "requirements_test.txt").read_text(encoding="utf-8").splitlines()
    assert set(manifest["requirements"]) <= set(tested)
