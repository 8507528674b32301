"""Firmware of products and versions of Device OS in the simulated Particle cloud."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from .particle_answers import Said, iso
from .particle_catalog import Product, Release
from .particle_core import Core
from .particle_flash import Flasher

DEVICE_OS = "6.3.2"
PLATFORMS = frozenset({6, 8, 10, 12, 13, 15, 22, 23, 24, 25, 26, 28, 32, 35, 37})


class Firmware:
    """What can be installed (reference 8.4)."""

    def __init__(self, core: Core, flasher: Flasher) -> None:
        """Take the cloud's parts and who installs."""
        self._core = core
        self._flasher = flasher

    def routes(self) -> Iterable[web.RouteDef]:
        """Firmware exists within products, Device OS for everybody."""
        product = "/v1/products/{product}/firmware"
        yield web.get(product, self.list)
        yield web.put(f"{product}/release", self.release)
        yield web.get(f"{product}/{{version}}", self.version)
        yield web.get("/v1/device-os/versions/latest", self.device_os)

    async def list(self, request: web.Request) -> web.Response:
        """List a product's firmware, a bare array."""
        product = await self._core.team(request, "firmware:get")
        documents = [
            self._document(product, release)
            for _, release in sorted(product.firmware.items())
        ]
        return Said(200, documents).response()

    async def version(self, request: web.Request) -> web.Response:
        """Describe one firmware."""
        product = await self._core.team(request, "firmware:get")
        asked = request.match_info["version"]
        release = product.firmware.get(int(asked)) if asked.isdecimal() else None
        if release is None:
            return self._core.answers.no_firmware(asked).response()
        return Said(200, self._document(product, release)).response()

    async def release(self, request: web.Request) -> web.Response:
        """Make a firmware the one that the product's devices shall run."""
        product = await self._core.team(request, "firmware:release")
        fields = await self._core.fields(request)
        version = fields.get("version")
        if not isinstance(version, int) or version not in product.firmware:
            return self._core.answers.no_firmware(str(version)).response()
        self._flasher.release(product, version, immediate=not fields.get("intelligent"))
        return Said(200, {"ok": True}).response()

    async def device_os(self, request: web.Request) -> web.Response:
        """Tell the newest Device OS of a platform; nobody needs a token for it."""
        platform = request.query.get("platform_id", "")
        if not platform.isdecimal() or int(platform) not in PLATFORMS:
            return self._core.answers.not_found().response()
        module = {
            "filename": "system-part1.bin",
            "prefixInfo": {"moduleFunction": "system_part"},
        }
        body = {
            "version": DEVICE_OS,
            "base_url": f"https://binaries.particle.io/device-os/v{DEVICE_OS}",
            "modules": [module],
        }
        return Said(200, body).response()

    def _document(self, product: Product, release: Release) -> dict[str, Any]:
        devices = [
            board
            for board in self._core.fleet.of_product(product.number)
            if self._core.fleet.presence(board).firmware_version == release.version
        ]
        default = product.released == release.version
        return {
            "version": release.version,
            "title": release.title,
            "description": release.description,
            "name": "firmware.bin",
            "size": release.size,
            "device_count": len(devices),
            "current": default,
            "product_default": default,
            "groups": [],
            "uploaded_on": iso(release.uploaded_at),
        }
