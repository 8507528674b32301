"""Variables and functions of the simulated Particle cloud (reference 3 and 4)."""

import asyncio
from collections.abc import Iterable, Mapping
import json

from aiohttp import web

from .particle_answers import Said, plain
from .particle_billing import Item
from .particle_core import Core, Target
from .particle_devices import DEVICE, PRODUCT_DEVICE
from .particle_unit import exposed, unit_of

LIMIT = 1024
"""Bytes of a function's argument (reference 3.3)."""


class Values:
    """Reads variables and calls functions: what the account pays for."""

    def __init__(self, core: Core) -> None:
        """Take the cloud's parts."""
        self._core = core

    def routes(self) -> Iterable[web.RouteDef]:
        """The catch-all names of a device: other paths below it come first."""
        for path in (DEVICE, PRODUCT_DEVICE):
            yield web.get(f"{path}/{{name}}", self.variable)
            yield web.post(f"{path}/{{name}}", self.function)

    async def variable(self, request: web.Request) -> web.Response:
        """Ask the device for a variable."""
        target = await self._core.target(request, "devices.variable:get")
        payer = self._core.payer(target)
        board, name = target.board, request.match_info["name"]
        if not await self._answers(target):
            if self._core.options.bill_timeouts:
                self._core.billing.take(payer, Item.VARIABLE)
            return self._core.answers.variable_timeout().response()
        seen = self._core.fleet.presence(board)
        if seen.status or name not in exposed(board):
            return self._core.answers.no_variable(name).response()
        self._core.billing.take(payer, Item.VARIABLE)
        seen.heard = self._core.clock()
        if request.query.get("format") == "raw":
            return _raw(plain(board.variables[name].value))
        return Said(200, self._core.answers.variable(board, name, seen)).response()

    async def function(self, request: web.Request) -> web.Response:
        """Let the device carry out a function; nothing is ever done twice."""
        target = await self._core.target(request, "devices.function:call")
        payer = self._core.payer(target)
        fields = await self._core.fields(request)
        argument = self._argument(fields)
        board, name = target.board, request.match_info["name"]
        if not await self._answers(target):
            if self._core.options.bill_timeouts:
                self._core.billing.take(payer, Item.FUNCTION)
            return self._core.answers.function_timeout().response()
        seen = self._core.fleet.presence(board)
        if seen.status or name not in unit_of(board).functions:
            return self._core.answers.no_function(name).response()
        self._core.billing.take(payer, Item.FUNCTION)
        seen.heard = self._core.clock()
        result = self._core.publications.call(board, name, argument)
        if fields.get("format") == "raw":
            return _raw(result)
        return Said(200, self._core.answers.called(board, seen, result)).response()

    async def _answers(self, target: Target) -> bool:
        """Wait for the device; one that is away costs the whole patience."""
        if self._core.fleet.answers(target.board):
            return True
        await asyncio.sleep(self._core.options.device_timeout)
        return False

    def _argument(self, fields: Mapping[str, object]) -> str:
        """Return the argument: any member will do (reference 4), but only as a string."""
        members = {
            key: value
            for key, value in fields.items()
            if key not in {"access_token", "format"}
        }
        first = next(iter(members.values()), "")
        argument = members.get("arg", members.get("args", first))
        if not isinstance(argument, str):
            raise self._core.answers.bad_request("The argument is no string").refused()
        if len(argument.encode()) > LIMIT:
            raise self._core.answers.bad_request("The argument is too long").refused()
        return argument


def _raw(value: object) -> web.Response:
    text = value if isinstance(value, str) else json.dumps(value)
    return web.Response(text=text)
