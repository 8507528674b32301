"""Fails where tests cover too little: `covered.py REPORT`, coverage's report as JSON.

Of each module of the integration more than 95 % must be covered, of the flows all. This is
what the quality scale asks for (test-coverage, config-flow-test-coverage).
"""

from collections.abc import Mapping
import json
from pathlib import Path
import sys
from typing import Any

INTEGRATION = "custom_components/iot_clouds/"
FLOWS = (
    "config_flow.py",
    "options_flow/",
    "account_form.py",
    "variable_form.py",
    "mapping_flow/",
    "repairs.py",
    "fixes/",
)
LEAST = 95.0


def uncovered(report: Mapping[str, Any]) -> list[str]:
    """Modules of which too little is covered, each with its share and missing lines."""
    found = []
    for path, told in report["files"].items():
        name = Path(path).as_posix().partition(INTEGRATION)[2]
        covered = told["summary"]["percent_covered"]
        whole = name.startswith(FLOWS)
        if name and (covered < 100 if whole else covered <= LEAST):
            lines = ", ".join(map(str, told["missing_lines"]))
            wanted = "100" if whole else f"more than {LEAST:g}"
            found.append(f"{name}: {covered:.1f} %, not {wanted}; lines {lines}")
    return sorted(found)


if __name__ == "__main__":
    if problems := uncovered(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))):
        sys.exit("\n".join(["too little is covered:", *problems]))
