"""The form of an account, and what is checked before it is saved."""

from collections.abc import Mapping
from dataclasses import replace
import re

from yarl import URL

from ...cloud import Answer, Field, Form, Input, Link, SignedIn
from ...model import CloudAuthError, CloudRejected, Json
from .client import BASE_URL, Client, Credentials
from .cloud import IottlyCloud
from .options import Wishes

FORM = Form(
    key="iottly",
    fields=(
        Field(key="project_id"),
        Field(key="api_key", input=Input.SECRET),
        Field(key="base_url", input=Input.URL, default=BASE_URL, advanced=True),
    ),
)

_PROJECT_ID = re.compile(r"[0-9a-fA-F]{24}")
_API_KEY = re.compile(r"[0-9a-fA-F]{32}")


async def sign_in(
    link: Link, form: str, values: Mapping[str, str], answer: Answer | None = None
) -> SignedIn:
    """Check project and key against the cloud.

    A key that is refused is tried once more in both headers that the documents hint at
    (reference 1.2), and what worked is remembered.

    Raises:
        CloudAuthError: the key is unknown.
        CloudRejected: a field has the wrong form, or the key opens another project.
        CloudUnreachable, CloudBusy: nothing is known about the key.
    """
    credentials = _entered(values)
    try:
        account = await make_cloud(link, credentials).identify()
    except CloudAuthError:
        credentials = replace(credentials, both_headers=True)
        account = await make_cloud(link, credentials).identify()
    data: dict[str, Json] = {
        "project_id": credentials.project_id,
        "api_key": credentials.api_key,
        "base_url": credentials.base_url,
        "both_headers": credentials.both_headers,
    }
    return SignedIn(account=account, data=data)


def connect(link: Link, data: Mapping[str, Json]) -> IottlyCloud:
    """Make the cloud of a saved account, as the user wants it."""
    return make_cloud(
        link,
        Credentials(
            project_id=str(data["project_id"]),
            api_key=str(data["api_key"]),
            base_url=str(data.get("base_url") or BASE_URL),
            both_headers=bool(data.get("both_headers")),
        ),
        Wishes.of(data),
    )


def make_cloud(
    link: Link, credentials: Credentials, wishes: Wishes = Wishes()
) -> IottlyCloud:
    """Make the cloud of a project."""
    client = Client(link.session, credentials, tally=link.tally)
    return IottlyCloud(
        client,
        credentials,
        memory=link.memory,
        account_id=link.account_id,
        wishes=wishes,
    )


def _entered(values: Mapping[str, str]) -> Credentials:
    """What was typed, without the blanks that come along when pasting."""
    project_id = values.get("project_id", "").strip()
    api_key = values.get("api_key", "").strip()
    base_url = values.get("base_url", "").strip() or BASE_URL
    if not _PROJECT_ID.fullmatch(project_id):
        raise CloudRejected(
            "A project ID has 24 hexadecimal digits",
            key="invalid_project_id",
            field="project_id",
        )
    if not _API_KEY.fullmatch(api_key):
        raise CloudRejected(
            "An API key has 32 hexadecimal digits",
            key="invalid_api_key",
            field="api_key",
        )
    if not _is_address(base_url):
        raise CloudRejected("This is no address", key="invalid_url", field="base_url")
    return Credentials(
        project_id=project_id.lower(), api_key=api_key, base_url=base_url
    )


def _is_address(text: str) -> bool:
    try:
        url = URL(text)
    except ValueError:
        return False
    plain = not (url.user or url.password or url.query_string or url.fragment)
    return url.scheme in {"http", "https"} and bool(url.host) and plain
