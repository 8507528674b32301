"""The files of the integration that are not code."""

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "custom_components" / "iot_clouds"


def load(path: Path) -> Any:
    """Content of a JSON or YAML file; of JSON, a key that comes twice is an error."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text, object_pairs_hook=_once)
    return yaml.safe_load(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError(f"a key comes twice in {[key for key, _ in pairs]}")
    return content
