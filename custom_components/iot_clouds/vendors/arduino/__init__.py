"""Arduino Cloud: things with variables, listed by REST and pushed by MQTT."""

from collections.abc import Mapping
from datetime import timedelta
import re

from yarl import URL

from ...cloud import (
    Answer,
    Challenge,
    Cloud,
    Field,
    Form,
    Input,
    Link,
    SignedIn,
    Vendor,
)
from ...model import KEEP_STALE, Choice, CloudMissing, CloudRejected, Json, left_out
from .client import Client, Credentials
from .cloud import ArduinoCloud
from .sharing import shared_handover, shared_limiter
from .things import Things
from .translate import CONSOLE

BASE_URL = "https://api2.arduino.cc"
MQTT_URL = "wss://wss.iot.arduino.cc:8443/mqtt"

REQUESTS_PER_SECOND = 1.0
"""What every plan allows (reference 2.3)."""

APART = 1.05
"""Requests arrive a little closer or farther apart than they were sent."""

RATE = Choice(key="requests_per_second", values=("1", "10"))
"""What plans allow; the cloud does not tell which one an account has."""

_SPACE = re.compile(r"[0-9A-Za-z-]{1,64}")

_SCHEMES = {"base_url": ("https", "http"), "mqtt_url": ("wss", "ws")}
"""How each address may begin: with another word, nobody could say what is encrypted."""

FORM = Form(
    key="arduino",
    fields=(
        Field(key="client_id"),
        Field(key="client_secret", input=Input.SECRET),
        Field(key="organization_id", required=False),
        Field(key="base_url", input=Input.URL, default=BASE_URL, advanced=True),
        Field(key="mqtt_url", input=Input.URL, default=MQTT_URL, advanced=True),
    ),
)


def connect(link: Link, data: Mapping[str, Json]) -> Cloud:
    """Make the cloud of a saved account.

    `requests_per_second` is one of `RATE`.
    """
    return _cloud(link, data)[0]


async def sign_in(
    link: Link, form: str, values: Mapping[str, str], answer: Answer | None = None
) -> SignedIn | Challenge:
    """Ask for a token and whether it opens the listing.

    Both are asked for anew, whatever was checked before, and left for the account that
    is connected right after it.

    Raises:
        CloudAuthError: the API key is refused.
        CloudRejected: an address is none (`field`), the space is none (`field`
            "organization_id"), or no access.
        CloudUnreachable, CloudBusy.
    """
    handover = shared_handover(link.session)
    handover.clear()
    data: dict[str, Json] = {
        field.key: value
        for field in FORM.fields
        if (value := values.get(field.key, "").strip() or field.default)
    }
    space = data.get("organization_id")
    if isinstance(space, str) and not _SPACE.fullmatch(space):
        raise _no_such_space()
    for field, schemes in _SCHEMES.items():
        if URL(str(data[field])).scheme not in schemes:
            raise CloudRejected("no such address", key="invalid_url", field=field)
    cloud, client = _cloud(link, data)
    account = await cloud.identify()
    try:
        things, started = await Things(client).ask()
    except CloudRejected, CloudMissing:
        if space:
            raise _no_such_space() from None
        raise
    if isinstance(things, list) and (token := client.access.current):
        handover.give(
            str(data["base_url"]),
            client.credentials,
            token=token,
            things=things,
            started=started,
        )
    return SignedIn(account=account, data=data)


def _cloud(link: Link, data: Mapping[str, Json]) -> tuple[Cloud, Client]:
    """The cloud and its client; they begin with what a check left for them."""
    space = data.get("organization_id")
    credentials = Credentials(
        client_id=str(data.get("client_id", "")),
        client_secret=str(data.get("client_secret", "")),
        organization_id=str(space) if space else None,
    )
    base_url = str(data.get("base_url") or BASE_URL)
    chosen = data.get(RATE.key)
    rate = float(chosen) if chosen in RATE.values else REQUESTS_PER_SECOND
    handover = shared_handover(link.session)
    checked = handover.take(base_url, credentials)
    client = Client(
        link.session,
        base_url,
        credentials,
        limiter=shared_limiter(link.session, base_url, credentials, APART / rate),
        tally=link.tally,
        token=checked.token if checked else None,
    )
    cloud = ArduinoCloud(
        client,
        mqtt_url=str(data.get("mqtt_url") or MQTT_URL),
        tls=link.tls,
        left_out=left_out(data),
        account_id=link.account_id,
        console=CONSOLE if base_url.rstrip("/") == BASE_URL else None,
        things=Things(client, handover, checked),
        memory=link.memory,
    )
    return cloud, client


def _no_such_space() -> CloudRejected:
    return CloudRejected("no such space", key="invalid_space", field="organization_id")


VENDOR = Vendor(
    key="arduino",
    name="Arduino Cloud",
    forms=(FORM,),
    poll_fast=timedelta(seconds=60),
    poll_slow=timedelta(minutes=5),
    sign_in=sign_in,
    connect=connect,
    choices=(RATE, KEEP_STALE),
    push_field="mqtt_url",
)
