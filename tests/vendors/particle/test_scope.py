"""Products and organizations, as API users see them (reference 1.7, 2.1)."""

import asyncio
from datetime import UTC, datetime
import json
from typing import Any

import pytest

from custom_components.iot_clouds.cloud import Link, SignedIn
from custom_components.iot_clouds.model import (
    Account,
    Call,
    CloudAuthError,
    CloudRejected,
    CloudUnreachable,
    Publish,
    Ref,
)
from custom_components.iot_clouds.vendors.particle import VENDOR
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud

from .fake import ARGON, INVALID_TOKEN, TOKEN, FakeParticle, board, event, read_all

NOT_FOR_YOU = {
    "error": "unauthorized",
    "error_description": "API users are not allowed to call this endpoint",
}
SECOND = "e00fce680000000000000009"
PRODUCT = "/v1/products/123"
MAPS: dict[str, Any] = {"variables": {"temp": "double"}, "functions": ["led"]}


def page(*boards: dict[str, Any], pages: int = 1) -> dict[str, Any]:
    return {"devices": list(boards), "customers": [], "meta": {"total_pages": pages}}


def member(device_id: str = ARGON, **fields: Any) -> dict[str, Any]:
    return board(device_id, product_id=123, **fields)


def a_product(fake: FakeParticle) -> None:
    """Product 123 with two devices on two pages."""
    one, two = member(groups=["roof", "east"]), member(SECOND, denied=True)
    fake.json("GET", f"{PRODUCT}/devices?page=1", page(one, pages=2))
    fake.json("GET", f"{PRODUCT}/devices?page=2", page(two, pages=2))
    fake.json("GET", f"{PRODUCT}/devices/{ARGON}", {**one, **MAPS})
    fake.json("GET", f"{PRODUCT}/devices/{SECOND}", {**two, **MAPS})


def connect(fake: FakeParticle, link: Link, **data: Any) -> ParticleCloud:
    saved = {"access_token": TOKEN, "base_url": fake.url, **data}
    cloud = VENDOR.connect(link, saved)
    assert isinstance(cloud, ParticleCloud)
    return cloud


async def sign_in(fake: FakeParticle, link: Link, **values: str) -> SignedIn:
    given = {"access_token": TOKEN, "base_url": fake.url, **values}
    outcome = await VENDOR.sign_in(link, "particle_token", given)
    assert isinstance(outcome, SignedIn)
    return outcome


async def test_a_product_is_listed_page_by_page_under_ids_of_its_own(
    fake: FakeParticle, link: Link
) -> None:
    a_product(fake)
    found = await connect(fake, link, product="123").snapshot()
    first, second = f"product:123/{ARGON}", f"product:123/{SECOND}"
    assert set(found.devices) == {first, second, "account"}
    device = found.devices[first]
    assert device.name == "greenhouse"
    assert device.functions == ("led",)
    assert "variable/temp" in device.points
    assert found.readings[Ref(first, "product/groups")].value == "east, roof"
    assert found.readings[Ref(second, "product/blocked")].value is True
    assert found.complete


async def test_a_device_that_changes_its_page_while_they_are_read_takes_no_other_away(
    fake: FakeParticle, link: Link
) -> None:
    a_product(fake)
    cloud = connect(fake, link, product="123")
    await cloud.snapshot()
    # The second one reconnects, is first from now on, and was on no page that was read.
    fake.json("GET", f"{PRODUCT}/devices?page=2", page(member(), pages=2))
    found = await cloud.snapshot()
    assert not found.complete
    assert f"product:123/{SECOND}" in found.devices


async def test_a_product_is_read_called_heard_and_published_to_below_its_path(
    fake: FakeParticle, link: Link
) -> None:
    a_product(fake)
    cloud = connect(fake, link, product="123")
    await cloud.snapshot()
    device_id = f"product:123/{ARGON}"
    ref = Ref(device_id, "variable/temp")
    fake.json("GET", f"{PRODUCT}/devices/{ARGON}/temp", {"result": 5})
    fake.json("POST", f"{PRODUCT}/devices/{ARGON}/led", {"return_value": 1})
    fake.json("POST", f"{PRODUCT}/events", {"ok": True})
    fake.on("GET", f"{PRODUCT}/events", fake.stream)
    assert cloud.reader
    assert (await read_all(cloud.reader, [ref])).readings[ref].value == 5.0
    assert await cloud.execute(Call(device_id=device_id, function="led")) == 1
    await cloud.execute(Publish(name="x"))
    assert json.loads(fake.last(f"{PRODUCT}/events").body)["name"] == "x"
    async with cloud.feeds()["events"]() as updates, asyncio.timeout(5):
        stream = await fake.streams.get()
        await stream.write(event("temp", "7", at=datetime.now(UTC).isoformat()))
        update = await anext(updates)
        assert update.readings[ref].value == 7.0
        assert update.events[0].device_id == device_id
        await stream.write(event("note", "7", "api"))
        assert (await anext(updates)).events[0].device_id == "api"


async def test_an_organization_lists_its_products_and_calls_below_them(
    fake: FakeParticle, link: Link
) -> None:
    a_product(fake)
    products = [{"id": 123, "slug": "roofs"}, {"slug": "empty"}, {}]
    fake.json("GET", "/v1/orgs/acme/products", {"products": products})
    fake.json("GET", "/v1/products/empty/devices?page=1", page())
    for one in (ARGON, SECOND):
        detail = {**member(one), **MAPS}
        fake.json("GET", f"{PRODUCT}/devices/{one}", detail)
    fake.on("GET", "/v1/orgs/acme/events", fake.stream)
    cloud = connect(fake, link, organization="acme")
    found = await cloud.snapshot()
    device_id = f"org:acme/{ARGON}"
    assert device_id in found.devices
    assert len(found.devices) == 3
    assert not found.complete
    fake.json("POST", f"{PRODUCT}/devices/{ARGON}/led", {"return_value": 4})
    assert await cloud.execute(Call(device_id=device_id, function="led")) == 4
    with pytest.raises(CloudRejected):
        await cloud.execute(Publish(name="x"))
    async with cloud.feeds()["events"]() as updates, asyncio.timeout(5):
        stream = await fake.streams.get()
        await stream.write(event("temp", "7"))
        assert (await anext(updates)).events[0].device_id == device_id


@pytest.mark.parametrize("body", [[], {}, {"devices": 5}, {"products": None}])
@pytest.mark.parametrize("scope", ["product", "organization"])
async def test_a_scope_that_lists_nothing_sensible_is_an_unreachable_cloud(
    fake: FakeParticle, link: Link, body: Any, scope: str
) -> None:
    fake.json("GET", "/v1/products/a/devices?page=1", body)
    fake.json("GET", "/v1/orgs/a/products", body)
    with pytest.raises(CloudUnreachable):
        await connect(fake, link, **{scope: "a"}).snapshot()


@pytest.mark.parametrize("told", [{"product": {"id": 123}}, {"product": [{"id": 123}]}])
async def test_a_product_is_known_by_its_number_however_it_was_named(
    fake: FakeParticle, link: Link, told: Any
) -> None:
    a_product(fake)
    fake.json("GET", "/v1/products/Roofs", told)
    for name in ("Roofs", " 123 "):
        outcome = await sign_in(fake, link, product=name)
        assert outcome.account == Account(
            id="product:123", title="Particle product 123"
        )
        assert outcome.data["product"] == "123"
        assert outcome.data["username"] is None


@pytest.mark.parametrize("told", [NOT_FOR_YOU, {"product": []}, {"product": {}}])
async def test_a_slug_is_good_enough_where_its_number_is_not_told(
    fake: FakeParticle, link: Link, told: Any
) -> None:
    status = 400 if told is NOT_FOR_YOU else 200
    fake.json("GET", "/v1/products/Roofs", told, status)
    fake.json("GET", "/v1/products/Roofs/devices?page=1", page(member()))
    outcome = await sign_in(fake, link, product="Roofs")
    assert outcome.account.id == "product:roofs"
    cloud = connect(fake, link, **outcome.data)
    assert await cloud.identify() == outcome.account


async def test_an_organization_has_an_account_of_its_own(
    fake: FakeParticle, link: Link
) -> None:
    fake.json("GET", "/v1/orgs/Acme/products", {"products": []})
    outcome = await sign_in(fake, link, organization="Acme")
    assert outcome.account == Account(id="org:acme", title="Particle organization Acme")
    assert outcome.data["organization"] == "Acme"


async def test_what_is_wrong_with_a_scope_is_said_at_its_field(
    fake: FakeParticle, link: Link
) -> None:
    with pytest.raises(CloudRejected) as caught:
        await sign_in(fake, link, product="1", organization="2")
    assert (caught.value.key, caught.value.field) == ("one_scope", "organization")
    with pytest.raises(CloudRejected) as caught:
        await sign_in(fake, link, product="1")
    assert (caught.value.key, caught.value.field) == ("invalid_product", "product")
    with pytest.raises(CloudRejected) as caught:
        await sign_in(fake, link, organization="2")
    assert (caught.value.key, caught.value.field) == (
        "invalid_organization",
        "organization",
    )
    fake.json("GET", "/v1/access_tokens/current", NOT_FOR_YOU, 400)
    with pytest.raises(CloudRejected) as caught:
        await sign_in(fake, link)
    assert (caught.value.key, caught.value.field) == ("scope_needed", "product")
    fake.json("GET", "/v1/access_tokens/current", {"error": "moved"}, 400)
    with pytest.raises(CloudRejected) as caught:
        await sign_in(fake, link)
    assert (caught.value.reason, caught.value.key) == ("moved", None)


async def test_an_api_users_token_is_dead_only_when_two_endpoints_say_so(
    fake: FakeParticle, link: Link
) -> None:
    listing = f"{PRODUCT}/devices?page=1"
    fake.json("GET", listing, INVALID_TOKEN, 401)
    fake.json("GET", "/v1/access_tokens/current", NOT_FOR_YOU, 400)
    cloud = connect(fake, link, product="123")
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()
    fake.json("GET", "/v1/access_tokens/current", INVALID_TOKEN, 401)
    with pytest.raises(CloudAuthError):
        await cloud.snapshot()
