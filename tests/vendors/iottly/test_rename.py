"""A device gets another name at the cloud, by one request (reference 2.5)."""

import pytest

from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Rename,
)

from .fake import OTHER, Answer, error, ok, props
from .store import DEVICE

PROPS = f"device/{DEVICE}/props"


def rename(name="Wine cellar"):
    return Rename(device_id=DEVICE, name=name)


async def test_a_new_name_is_sent_once_and_shown_at_once(fake, cloud):
    await cloud.snapshot()
    fake.answers[PROPS] = [ok(props(name="Wine cellar"))]
    assert await cloud.execute(rename("  Wine cellar ")) == {"name": "Wine cellar"}
    assert fake.requests[-1].method == "PUT"
    assert fake.requests[-1].content_type == "application/json"
    assert fake.paths()[-1] == PROPS
    assert fake.bodies == [{"name": "Wine cellar"}]
    assert cloud._tracked[DEVICE].board.name == "Wine cellar"
    assert cloud._tracked[DEVICE].board.mac == "02:43:3d:0a:07:1f"


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (Answer(text=""), "Wine cellar"),
        (Answer(text="OK"), "Wine cellar"),
        (ok({"status": 200}), "Wine cellar"),
        (ok(props(name=None)), "Wine cellar"),
        (ok(props(name="WINE CELLAR")), "WINE CELLAR"),
    ],
)
async def test_the_cloud_has_the_last_word_about_a_name(fake, cloud, answer, name):
    fake.answers[PROPS] = [answer]
    assert await cloud.execute(rename()) == {"name": name}


@pytest.mark.parametrize("name", ["", "  \t"])
async def test_an_empty_name_is_not_sent(fake, cloud, name):
    with pytest.raises(CloudRejected) as raised:
        await cloud.execute(rename(name))
    assert (raised.value.key, raised.value.field) == ("empty_name", "name")
    assert fake.bodies == []


@pytest.mark.parametrize(
    ("answer", "kind", "key"),
    [
        (error(400, "name is too long"), CloudRejected, None),
        (error(500, "u'name'"), CloudRejected, None),
        (error(404), CloudRejected, "cannot_rename"),
        (error(405), CloudRejected, "cannot_rename"),
        (error(501, "no"), CloudRejected, "cannot_rename"),
        (error(404, "Device not found"), CloudMissing, None),
        (error(403, "not yours"), CloudMissing, None),
        (error(401, "who"), CloudAuthError, None),
        (error(429), CloudBusy, None),
        (error(500), CloudUnreachable, None),
        (error(502), CloudUnreachable, None),
        (Answer(text="<html>"), CloudUnreachable, None),
        (Answer(status=302, headers={"Location": "/"}), CloudUnreachable, None),
    ],
)
async def test_a_name_that_is_not_taken_says_why(fake, cloud, answer, kind, key):
    fake.answers[PROPS] = [answer]
    with pytest.raises(kind) as raised:
        await cloud.execute(rename())
    assert getattr(raised.value, "key", None) == key
    assert fake.paths().count(PROPS) == 1
    assert cloud._tracked[DEVICE].board.name == "board 1"


async def test_the_words_of_a_refused_name_are_told(fake, cloud):
    fake.answers[PROPS] = [error(400, "name is too long")]
    with pytest.raises(CloudRejected) as raised:
        await cloud.execute(rename())
    assert raised.value.reason == "name is too long"


async def test_a_name_that_got_lost_is_not_sent_again(fake, cloud):
    await cloud.snapshot()

    async def drop(request):
        request.transport.abort()
        return await ok({})(request)

    # The connection was used before, which an HTTP client takes as leave to try again.
    fake.answers[PROPS] = [drop]
    with pytest.raises(CloudUnreachable):
        await cloud.execute(rename())
    assert fake.paths().count(PROPS) == 1


async def test_a_device_that_is_away_can_be_renamed_and_an_unknown_one_not(fake, cloud):
    fake.devices = [props(operatingstatus="disconnected")]
    fake.answers[PROPS] = [ok({})]
    await cloud.execute(rename())
    with pytest.raises(CloudMissing):
        await cloud.execute(Rename(device_id=OTHER, name="x"))
    assert fake.bodies == [{"name": "Wine cellar"}]


async def test_no_secret_of_a_renamed_device_is_returned(fake, cloud):
    fake.answers[PROPS] = [ok(props(name="x"))]
    answer = await cloud.execute(rename("x"))
    assert "599f8661ae4efc9ab47ebfe76013bbae" not in str(answer)
