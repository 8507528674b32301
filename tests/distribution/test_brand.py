"""Home Assistant shows marks of our own, in the sizes that it asks for."""

from hashlib import sha256
import re

from PIL import Image
import pytest

from homeassistant.components.brands.const import ALLOWED_IMAGES
from homeassistant.setup import async_setup_component

from .files import PACKAGE, ROOT

SIZES = {
    "icon.png": (256, 256),
    "icon@2x.png": (512, 512),
    "logo.png": (595, 128),
    "logo@2x.png": (1190, 256),
    "dark_logo.png": (595, 128),
    "dark_logo@2x.png": (1190, 256),
}


def source(name):
    return ROOT / "brand" / f"{name.removesuffix('.png').removesuffix('@2x')}.svg"


def test_the_folder_holds_only_pictures_that_home_assistant_serves():
    found = {path.name for path in (PACKAGE / "brand").iterdir()}
    assert found == {*SIZES}
    assert found <= {*ALLOWED_IMAGES}


@pytest.mark.parametrize("name", SIZES)
def test_each_picture_has_its_size_is_transparent_and_trimmed(name):
    with Image.open(PACKAGE / "brand" / name) as picture:
        assert picture.format == "PNG"
        assert picture.size == SIZES[name]
        assert picture.mode == "RGBA"
        alpha = picture.getchannel("A")
        assert alpha.getextrema() == (0, 255)
        assert alpha.getbbox() == (0, 0, *SIZES[name])


@pytest.mark.parametrize("name", SIZES)
def test_each_picture_was_drawn_from_the_svg_as_it_is_now(name):
    drawn = sha256(source(name).read_bytes()).hexdigest()
    with Image.open(PACKAGE / "brand" / name) as picture:
        assert picture.info["Source"] == drawn, "run brand/render.py"


def test_the_sources_refer_to_nothing_outside_and_need_no_font():
    for path in (ROOT / "brand").glob("*.svg"):
        text = path.read_text()
        tags = {*re.findall(r"<([a-zA-Z]+)", text)}
        assert tags == {
            "svg",
            "title",
            "linearGradient",
            "stop",
            "clipPath",
            "rect",
            "circle",
            "path",
            "g",
        }
        assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


def test_the_logo_on_dark_ground_differs_in_one_colour_only():
    dark = source("dark_logo.png").read_text()
    assert dark.replace("#eaf1fb", "#1d2b4a") == source("logo.png").read_text()


@pytest.mark.parametrize("name", [*SIZES, "dark_icon.png"])
async def test_home_assistant_serves_the_picture(hass, hass_client, name):
    assert await async_setup_component(hass, "brands", {})
    client = await hass_client()

    answer = await client.get(f"/api/brands/integration/iot_clouds/{name}")

    fallback = name.replace("dark_icon", "icon")
    assert answer.status == 200
    assert answer.content_type == "image/png"
    assert await answer.read() == (PACKAGE / "brand" / fallback).read_bytes()
