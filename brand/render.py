#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["pillow", "resvg"]
# ///
"""Draws the pictures that Home Assistant shows for the integration from the SVG here.

Each PNG carries the SHA-256 of its SVG, so that a test can tell when one is old.
"""

from hashlib import sha256
from pathlib import Path
import subprocess

from PIL import Image, PngImagePlugin

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "custom_components" / "iot_clouds" / "brand"
HEIGHTS = {"icon": 256, "logo": 128, "dark_logo": 128}
"""Height of each picture in pixels; the one for dense screens has twice of it."""


def draw(name: str, height: int, suffix: str) -> None:
    """Write one PNG."""
    source = HERE / f"{name}.svg"
    target = TARGET / f"{name}{suffix}.png"
    subprocess.run(["resvg", "--height", str(height), source, target], check=True)
    picture = Image.open(target).convert("RGBA")
    note = PngImagePlugin.PngInfo()
    note.add_text("Source", sha256(source.read_bytes()).hexdigest())
    picture.save(target, optimize=True, pnginfo=note)


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for each, pixels in HEIGHTS.items():
        draw(each, pixels, "")
        draw(each, 2 * pixels, "@2x")
