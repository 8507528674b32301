"""What proved a key is used for the account that is added right after, once and soon."""

from collections.abc import Mapping
from datetime import UTC, datetime
import ssl

from aiohttp import ClientSession, web
import cbor2
import pytest

from custom_components.iot_clouds.cloud import Link, SignedIn
from custom_components.iot_clouds.model import CloudAuthError, Json, Outcome, Purpose
from custom_components.iot_clouds.vendors import arduino
from custom_components.iot_clouds.vendors.arduino import connect, sign_in
from custom_components.iot_clouds.vendors.arduino.cloud import ArduinoCloud
from custom_components.iot_clouds.vendors.arduino.handover import Handover

from .conftest import SECRET, Clock
from .fake import THING, TOPIC, FakeArduino, jwt, prop, thing

TOKEN = "POST /iot/v1/clients/token"
THINGS = "GET /iot/v2/things"
BOARDS = "GET /iot/v2/devices"
KEY = "property/33333333-3333-4333-8333-000000000001"


@pytest.fixture(autouse=True)
def handover(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Handover:
    """Requests without a distance, and a clock that only these tests move."""
    handover = Handover(clock=clock)
    monkeypatch.setattr(arduino, "REQUESTS_PER_SECOND", 1e6)
    monkeypatch.setattr(arduino, "shared_handover", lambda session: handover)
    return handover


@pytest.fixture
def link(session: ClientSession) -> Link:
    return Link(session=session, tls=ssl.create_default_context())


async def check(link: Link, fake: FakeArduino, **more: str) -> Mapping[str, Json]:
    """Fill in the form; returns what is saved."""
    form = {
        "client_id": "key",
        "client_secret": SECRET,
        "base_url": fake.url,
        "mqtt_url": fake.mqtt_url,
        **more,
    }
    signed_in = await sign_in(link, "arduino", form)
    assert isinstance(signed_in, SignedIn)
    return signed_in.data


def set_up(link: Link, data: Mapping[str, Json]) -> ArduinoCloud:
    cloud = connect(link, data)
    assert isinstance(cloud, ArduinoCloud)
    return cloud


async def asked(fake: FakeArduino, cloud: ArduinoCloud) -> list[str]:
    """What one listing asks for."""
    before = len(fake.requests)
    await cloud.snapshot()
    return fake.paths()[before:]


async def test_adding_an_account_asks_for_everything_once(
    fake: FakeArduino, link: Link
) -> None:
    fake.things[0]["properties"][0]["last_value"] = 21.5
    cloud = set_up(link, await check(link, fake))
    snapshot = await cloud.snapshot()
    assert fake.paths() == [TOKEN, THINGS, BOARDS]
    assert fake.requests[2].headers["Authorization"] == f"Bearer {jwt(1)}"
    assert snapshot.complete
    [reading] = [each for ref, each in snapshot.readings.items() if ref.key == KEY]
    assert reading.value == 21.5


async def test_the_next_listing_is_asked_for(fake: FakeArduino, link: Link) -> None:
    cloud = set_up(link, await check(link, fake))
    await cloud.snapshot()
    assert await asked(fake, cloud) == [THINGS]


async def test_types_without_a_unit_cost_one_request_more(
    fake: FakeArduino, link: Link
) -> None:
    fake.things = [thing(prop(1, "used", "ENERGY", last_value=5))]
    fake.answer("/property_types", web.json_response([]))
    cloud = set_up(link, await check(link, fake))
    assert await asked(fake, cloud) == [BOARDS, "GET /iot/v1/property_types"]


async def test_it_is_used_once(fake: FakeArduino, link: Link) -> None:
    data = await check(link, fake)
    assert await asked(fake, set_up(link, data)) == [BOARDS]
    assert await asked(fake, set_up(link, data)) == [TOKEN, THINGS, BOARDS]


@pytest.mark.parametrize(
    "other",
    [
        {"client_secret": "another"},
        {"client_id": "another"},
        {"organization_id": "space-1"},
        {"base_url": "/"},
    ],
    ids=lambda each: next(iter(each)),
)
async def test_it_is_of_no_use_for_anybody_else(
    fake: FakeArduino, link: Link, other: dict[str, str]
) -> None:
    data = await check(link, fake)
    if "base_url" in other:
        other = {"base_url": fake.url + other["base_url"]}
    stranger = set_up(link, {**data, **other})
    assert await asked(fake, stranger) == [TOKEN, THINGS, BOARDS]
    # And nobody took it away from whom it is meant for.
    assert await asked(fake, set_up(link, data)) == [BOARDS]


async def test_five_seconds_are_not_too_old(
    fake: FakeArduino, link: Link, clock: Clock
) -> None:
    data = await check(link, fake)
    clock.now += 5
    assert await asked(fake, set_up(link, data)) == [BOARDS]


async def test_more_than_five_seconds_are_too_old(
    fake: FakeArduino, link: Link, clock: Clock
) -> None:
    data = await check(link, fake)
    clock.now += 5.01
    assert await asked(fake, set_up(link, data)) == [TOKEN, THINGS, BOARDS]


async def test_values_that_grew_old_in_the_set_up_are_asked_for(
    fake: FakeArduino, link: Link, clock: Clock
) -> None:
    cloud = set_up(link, await check(link, fake))
    clock.now += 5.01
    assert await asked(fake, cloud) == [THINGS, BOARDS]


async def test_what_nobody_takes_is_not_kept(
    fake: FakeArduino, link: Link, clock: Clock
) -> None:
    neighbour = set_up(link, {"client_id": "another", "base_url": fake.url})
    data = await check(link, fake)
    clock.now += 5.01
    await neighbour.snapshot()
    clock.now -= 5.01
    assert await asked(fake, set_up(link, data)) == [TOKEN, THINGS, BOARDS]


async def test_a_check_never_uses_what_another_learned(
    fake: FakeArduino, link: Link
) -> None:
    await check(link, fake)
    data = await check(link, fake)
    assert fake.paths() == [TOKEN, THINGS, TOKEN, THINGS]
    assert await asked(fake, set_up(link, data)) == [BOARDS]
    assert fake.requests[-1].headers["Authorization"] == f"Bearer {jwt(2)}"


async def test_after_a_failed_check_nothing_is_used(
    fake: FakeArduino, link: Link
) -> None:
    data = await check(link, fake)
    fake.answer("/token", web.Response(status=401))
    with pytest.raises(CloudAuthError):
        await check(link, fake)
    assert await asked(fake, set_up(link, data)) == [TOKEN, THINGS, BOARDS]


async def test_an_answer_that_is_no_listing_is_not_used(
    fake: FakeArduino, link: Link
) -> None:
    fake.answer("/things", web.json_response({}))
    data = await check(link, fake)
    assert await asked(fake, set_up(link, data)) == [TOKEN, THINGS, BOARDS]


async def test_a_space_is_listed_in_the_same_words(
    fake: FakeArduino, link: Link
) -> None:
    data = await check(link, fake, organization_id="space-1")
    cloud = set_up(link, data)
    assert await asked(fake, cloud) == [BOARDS]
    assert await asked(fake, cloud) == [THINGS]
    checked, listed = (each for each in fake.requests if each.path.endswith("/things"))
    assert checked.query == {"show_properties": "true", "across_user_ids": "true"}
    assert listed.query == checked.query
    assert listed.headers["X-Organization"] == checked.headers["X-Organization"]


async def test_a_value_without_a_time_is_as_old_as_the_check(
    fake: FakeArduino, link: Link
) -> None:
    fake.things = [thing(prop(1, "pump", "STATUS", last_value=True))]
    before = datetime.now(UTC)
    data = await check(link, fake)
    checked = datetime.now(UTC)
    snapshot = await set_up(link, data).snapshot()
    [reading] = [each for ref, each in snapshot.readings.items() if ref.key == KEY]
    assert reading.value is True
    assert before <= reading.at <= checked


async def test_who_closes_may_have_heard_more_than_the_check(
    fake: FakeArduino, link: Link
) -> None:
    fake.things = [thing(prop(1, "pump", "STATUS", last_value=False))]
    data = await check(link, fake)
    account = set_up(link, data)
    await account.snapshot()
    async with account.feeds()["values"]() as updates:
        # Somebody signs in again, and while that is saved a board speaks.
        await check(link, fake, client_id="new-key")
        fake.things = [thing(prop(1, "pump", "STATUS", last_value=True))]
        await fake.sessions[0].publish(TOPIC, cbor2.dumps([{0: "pump", 4: True}]))
        update = await anext(aiter(updates))
    assert [each.value for each in update.readings.values()] == [True]
    await account.close()

    again = set_up(link, {**data, "client_id": "new-key"})
    snapshot = await again.snapshot()
    assert snapshot.readings.keys() >= update.readings.keys()
    for ref, heard in update.readings.items():
        assert snapshot.readings[ref].value is heard.value
        assert snapshot.readings[ref].at >= heard.at


async def test_what_the_check_asked_is_not_counted_for_the_account(
    fake: FakeArduino, link: Link
) -> None:
    cloud = set_up(link, await check(link, fake))
    await cloud.snapshot()
    assert link.tally.requests == {
        (Purpose.TOKEN, Outcome.OK): 1,
        (Purpose.LISTING, Outcome.OK): 2,
    }


async def test_what_is_wrong_with_the_listing_is_counted_once_for_the_account(
    fake: FakeArduino, link: Link
) -> None:
    fake.things = [thing(), {"id": ""}]
    cloud = set_up(link, await check(link, fake))
    snapshot = await cloud.snapshot()
    assert not snapshot.complete
    assert THING in snapshot.devices
    assert cloud.diagnostics()["faults"] == {"a thing without a usable id": 1}


async def test_a_token_that_is_refused_meanwhile_is_replaced(
    fake: FakeArduino, link: Link
) -> None:
    cloud = set_up(link, await check(link, fake))
    fake.answer("/devices", web.Response(status=401))
    assert await asked(fake, cloud) == [BOARDS, TOKEN, BOARDS]


async def test_what_is_kept_shows_no_secret(
    fake: FakeArduino, link: Link, handover: Handover
) -> None:
    fake.things = [thing(prop(1, "home", "CHARSTRING", last_value="Rose Lane 1"))]
    data = await check(link, fake)
    kept = [handover, handover._kept]
    shown = f"{kept!r} {set_up(link, data)!r}"
    for hidden in (SECRET, jwt(1), "Rose Lane 1"):
        assert hidden not in shown
    assert "Checked(" in shown


async def test_a_session_of_its_own_has_a_handover_of_its_own(
    monkeypatch: pytest.MonkeyPatch, fake: FakeArduino, link: Link
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(arduino, "REQUESTS_PER_SECOND", 1e6)
    data = await check(link, fake)
    async with ClientSession() as session:
        other = Link(session=session, tls=link.tls)
        assert await asked(fake, set_up(other, data)) == [TOKEN, THINGS, BOARDS]
    assert await asked(fake, set_up(link, data)) == [BOARDS]
