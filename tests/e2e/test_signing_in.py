"""Whoever signs in learns what is wrong, puts it right, and is let in: every cloud, every way."""

import json
from pathlib import Path
import time
from unittest.mock import patch

import pytest

from custom_components.iot_clouds.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType

from .conftest import House, choose
from .signing_in import CASES, CODE, OTHERS, WAYS, Case, Way, changed

SOURCES = ("user", "reauth", "reconfigure")
TEXTS = json.loads(
    Path("custom_components/iot_clouds/translations/en.json").read_text(
        encoding="utf-8"
    )
)["config"]

_NOISE = pytest.mark.expects_errors("Unexpected error while signing in")


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch):
    """No test here is about the pace of requests, so none has to wait for it."""

    async def no_wait(self, *, urgent: bool = False) -> None:
        pass

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", no_wait
    )


class Visit:
    """Somebody who signs in one way, for the first time or again."""

    def __init__(self, house: House, way: Way) -> None:
        self.house = house
        self.way = way
        self.hass = house.hass
        self.source = "user"
        self.ahead = 0.0

    async def begin(self, source: str) -> None:
        """Start the cloud, with an account where one has to be there already."""
        self.cloud = await self.way.cloud(
            self.house.world,
            clock=lambda: time.time() + self.ahead,
            **self.way.options,
        ).start()
        self.house.clouds["it"] = self.cloud
        if source != "user":
            await self.sign_in(await self.open())
            self.source = source

    async def other(self):
        """The cloud that has somebody else's account, too."""
        if not self.way.others:
            return self.cloud
        other = self.house.clouds["other"] = self.way.cloud(
            self.house.world, **self.way.others
        )
        return await other.start()

    @property
    def right(self):
        """What has to be entered at first."""
        return self.way.entered(self.cloud)

    async def go(self, flow, data):
        return await self.hass.config_entries.flow.async_configure(
            flow["flow_id"], data
        )

    async def open(self):
        """The form, whatever menus there are before it."""
        if self.source == "user":
            return await choose(self.hass, *self.way.steps)
        [entry] = self.hass.config_entries.async_entries(DOMAIN)
        flow = await self.hass.config_entries.flow.async_init(
            DOMAIN,
            context={
                "source": self.source,
                "entry_id": entry.entry_id,
                "unique_id": entry.unique_id,
            },
            data=dict(entry.data),
        )
        for step in self.way.steps[1:]:
            assert flow["type"] is FlowResultType.MENU
            flow = await self.go(flow, {"next_step_id": step})
        return flow

    async def sign_in(self, flow):
        """Enter what is asked for until that is enough, and see that the account works."""
        while flow["type"] is FlowResultType.FORM:
            code = flow["step_id"] == "challenge"
            flow = await self.go(flow, {"otp": CODE} if code else self.right)
            assert flow.get("errors") in (None, {}, {"base": "sign_in_again"})
        await self.hass.async_block_till_done()
        if self.source == "user":
            assert flow["type"] is FlowResultType.CREATE_ENTRY
        else:
            assert flow["type"] is FlowResultType.ABORT
            assert flow["reason"] == f"{self.source}_successful"
        [entry] = self.hass.config_entries.async_entries(DOMAIN)
        assert entry.state is ConfigEntryState.LOADED
        self.house.entries["it"] = entry

    async def fail(self, flow, case: Case):
        """Make one attempt that goes wrong."""
        entered = changed({"otp": CODE} if self.way.code else self.right, case.wrong)
        if case.fault:
            self.cloud.faults.add(**case.fault)
        try:
            if case.broken:
                with patch(self.way.breaks, side_effect=RuntimeError("ours")):
                    return await self.go(flow, entered)
            if case.late:
                self.ahead += 3600
            return await self.go(flow, entered)
        finally:
            self.cloud.faults.clear()


@pytest.fixture
def visit(house):
    """Somebody who signs in."""
    return lambda way: Visit(house, WAYS[way])


def _marked(case: Case):
    marks = [_NOISE] if case.broken else []
    return pytest.param(case, id=str(case), marks=marks)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("case", [_marked(case) for case in CASES])
async def test_every_error_is_shown_and_can_be_recovered_from(visit, case, source):
    person = visit(case.way)
    await person.begin(source)
    shown = await person.open()
    if person.way.code:
        shown = await person.go(shown, person.right)
        assert shown["step_id"] == "challenge"
    before = shown["step_id"]

    again = await person.fail(shown, case)

    assert again["type"] is FlowResultType.FORM
    assert again["errors"] == case.errors
    # What the cloud waits for no longer begins anew with the credentials.
    assert again["step_id"] == (person.way.steps[-1] if case.late else before)
    await person.sign_in(again)


@pytest.mark.parametrize("way", WAYS)
async def test_the_same_account_is_not_added_twice(visit, way):
    person = visit(way)
    await person.begin("user")
    await person.sign_in(await person.open())
    done = await person.go(await person.open(), person.right)
    if person.way.code:
        done = await person.go(done, {"otp": CODE})
    assert (done["type"], done["reason"]) == (
        FlowResultType.ABORT,
        "already_configured",
    )


@pytest.mark.parametrize("source", ["reauth", "reconfigure"])
@pytest.mark.parametrize("way", OTHERS)
async def test_another_account_is_refused_and_the_first_one_stays(visit, way, source):
    person = visit(way)
    await person.begin(source)
    [entry] = person.hass.config_entries.async_entries(DOMAIN)
    before = dict(entry.data), entry.unique_id
    shown = await person.open()
    done = await person.go(shown, OTHERS[way](await person.other()))
    if person.way.code:
        done = await person.go(done, {"otp": CODE})
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "wrong_account")
    assert (dict(entry.data), entry.unique_id) == before
    assert entry.state is ConfigEntryState.LOADED
    # Whoever had the wrong ones at hand tries again with the right ones.
    await person.sign_in(await person.open())


def test_every_error_of_signing_in_is_among_these():
    assert {key for case in CASES for key in case.errors.values()} == {*TEXTS["error"]}
    assert {"already_configured", "wrong_account"} == {*TEXTS["abort"]}
