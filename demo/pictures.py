"""Has a browser take pictures of the demo's device pages."""

import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

from .clouds import CloudClient
from .household import PICTURED
from .installation import FOLDER, ROOT
from .observer import Observer
from .processes import completed
from .terminal import DemoError


async def take_screenshots(
    target: Path,
    address: str,
    tokens: Mapping[str, Any],
    observer: Observer,
    clouds: Mapping[str, CloudClient],
) -> list[str]:
    """Take a picture of one device page of each cloud; returns what to say of them."""
    target.mkdir(parents=True, exist_ok=True)
    pages: dict[str, str] = {}
    for cloud, board in PICTURED.items():
        device = observer.device(cloud, (await clouds[cloud].boards())[board])
        file = target.resolve() / f"device-{cloud}.png"
        pages[f"/config/devices/device/{device['id']}"] = str(file)
    job = {
        "address": address,
        "tokens": tokens,
        "browser": await _browser(),
        "pages": pages,
    }
    await completed(
        "the browser",
        [ROOT / ".tools/browser/bin/python", "-m", "demo.screenshots"],
        cwd=ROOT,
        output=FOLDER / "browser.log",
        environment={"JOB": json.dumps(job)},
    )
    return [f"picture: {file}" for file in pages.values()]


async def _browser() -> str:
    """The path of a browser, which the setup fetches where there is none."""
    setup = await asyncio.create_subprocess_exec(
        ROOT / "scripts/setup", "chromium", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await setup.communicate()
    if setup.returncode:
        raise DemoError("there is no browser to take pictures with")
    return out.decode().strip()
