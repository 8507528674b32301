"""Has a browser take pictures of the demo's device pages and entities."""

import asyncio
from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from typing import Any

from .clouds import CloudClient
from .household import CLOSE_UPS, PICTURED
from .installation import FOLDER, ROOT
from .observer import Observer
from .processes import completed
from .terminal import DemoError

DEVICE_PAGE = "ha-device-entities-card"
"""What a device's page has when its entities are drawn."""
MAPS = tuple(
    {"page": f"/demo-map/{page}", "ready": "ha-map", "file": f"{cloud}-map.png"}
    for page, cloud in (("mower", "arduino"), ("van", "particle"))
)
"""Where boards were; taken last, so that they have been somewhere."""

type Boards = Mapping[str, Mapping[str, dict[str, Any]]]
"""By cloud and name."""


async def take_screenshots(
    target: Path,
    address: str,
    tokens: Mapping[str, Any],
    observer: Observer,
    clouds: Mapping[str, CloudClient],
) -> list[str]:
    """Take pictures of device pages and of entities; returns what to say of them."""
    target.mkdir(parents=True, exist_ok=True)
    boards = {name: await cloud.boards() for name, cloud in clouds.items()}
    shots = [*_pages(observer, boards), *_dialogs(observer, boards), *MAPS]
    shots = [{**shot, "file": str(target.resolve() / shot["file"])} for shot in shots]
    job = {
        "address": address,
        "tokens": tokens,
        "browser": await _browser(),
        "shots": shots,
    }
    await completed(
        "the browser",
        [ROOT / ".tools/browser/bin/python", "-m", "demo.screenshots"],
        cwd=ROOT,
        output=FOLDER / "browser.log",
        environment={"JOB": json.dumps(job)},
    )
    return [f"picture: {shot['file']}" for shot in shots]


def _pages(observer: Observer, boards: Boards) -> Iterator[dict[str, str]]:
    """One device page of each cloud."""
    for cloud, board in PICTURED.items():
        device = observer.device(cloud, boards[cloud][board])
        yield {
            "page": f"/config/devices/device/{device['id']}",
            "ready": DEVICE_PAGE,
            "file": f"device-{cloud}.png",
        }


def _dialogs(observer: Observer, boards: Boards) -> Iterator[dict[str, str]]:
    """Entities that are shown bigger, in front of their device's page."""
    for picture in CLOSE_UPS:
        board = boards[picture.cloud][picture.board]
        device = observer.device(picture.cloud, board)
        yield {
            "page": f"/config/devices/device/{device['id']}",
            "ready": DEVICE_PAGE,
            "press": picture.press,
            "entity": observer.entity(
                picture.cloud, board, picture.variable, picture.domain
            ),
            "file": f"{picture.file}.png",
        }


async def _browser() -> str:
    """The path of a browser, which the setup fetches where there is none."""
    setup = await asyncio.create_subprocess_exec(
        ROOT / "scripts/setup", "chromium", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await setup.communicate()
    if setup.returncode:
        raise DemoError("there is no browser to take pictures with")
    return out.decode().strip()
