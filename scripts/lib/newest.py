"""Lists for scripts/lib/newest.sh, told by the Home Assistant that is installed.

newest.py constraints         what it holds all packages to, itself included
newest.py first-start FILE    what FILE names, in the versions that it would install
"""

from importlib.metadata import version
import json
from pathlib import Path
import re
import sys

import homeassistant

CORE = Path(homeassistant.__file__).parent
CONSTRAINTS = CORE / "package_constraints.txt"


def held() -> list[str]:
    """Every package that is held to one version, and Home Assistant's own."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if re.match(r"[\w.-]+(\[[\w,-]+\])?==\d", line)]
    return [f"homeassistant=={version('homeassistant')}", *pins]


def first_start(wanted: Path) -> list[str]:
    """The same packages as in a list for another version of Home Assistant."""
    known: dict[str, str] = {}
    for manifest in CORE.glob("components/*/manifest.json"):
        needs = json.loads(manifest.read_text(encoding="utf-8")).get("requirements", [])
        known |= {_name(each): each for each in needs}
    lines = wanted.read_text(encoding="utf-8").splitlines()
    names = [_name(line) for line in lines if "==" in line]
    found = [known[name] for name in names if name in known]
    return [f"--constraint {CONSTRAINTS}", *found]


def _name(requirement: str) -> str:
    return re.split(r"[\[=<>!~; ]", requirement, maxsplit=1)[0].lower()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["constraints"]:
            print(*held(), sep="\n")
        case ["first-start", file]:
            print(*first_start(Path(file)), sep="\n")
        case _:
            sys.exit(__doc__)
