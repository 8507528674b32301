"""Particle: devices by listing, values by event, functions on demand."""

from collections.abc import Mapping
from datetime import timedelta

from ...cloud import Cloud, Link, Vendor
from ...model import Amount, Json, left_out
from .budget import HALF_FREE_PLAN
from .client import BASE_URL, Client
from .cloud import ParticleCloud
from .keys import OPERATIONS_PLAN
from .location import ACCURACY
from .models import text
from .scope import Scope
from .sign_in import PASSWORD_FORM, TOKEN_FORM, sign_in
from .values import moment, number

PLAN = Amount(key=OPERATIONS_PLAN, default=HALF_FREE_PLAN, minimum=0, maximum=5_000_000)
WORST_ACCURACY = Amount(
    key="location_accuracy", default=int(ACCURACY), minimum=1, maximum=100_000
)


def connect(link: Link, data: Mapping[str, Json]) -> Cloud:
    """Make the cloud of a saved account."""
    client = Client(
        link.session,
        text(data.get("base_url")) or BASE_URL,
        text(data.get("access_token")),
        scope=Scope.of(data),
        tally=link.tally,
    )
    return ParticleCloud(
        client,
        text(data.get("username")),
        memory=link.memory,
        account_id=link.account_id,
        plan=_amount(data, PLAN),
        accuracy=_amount(data, WORST_ACCURACY),
        expires_at=moment(data.get("expires_at")),
        left_out=left_out(data),
    )


def _amount(data: Mapping[str, Json], choice: Amount) -> int:
    chosen = number(data.get(choice.key))
    if chosen is None:
        return choice.default
    return max(choice.minimum, min(choice.maximum, int(chosen)))


VENDOR = Vendor(
    key="particle",
    name="Particle",
    forms=(PASSWORD_FORM, TOKEN_FORM),
    poll_fast=timedelta(minutes=1),
    poll_slow=timedelta(minutes=5),
    sign_in=sign_in,
    connect=connect,
    choices=(PLAN, WORST_ACCURACY),
    push_field="base_url",
)
