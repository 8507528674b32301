"""Particle: devices by listing, values by event, functions on demand."""

from collections.abc import Mapping
from datetime import timedelta

from ...cloud import Cloud, Link, Vendor
from ...model import Json
from .client import BASE_URL, Client
from .cloud import ParticleCloud
from .models import text
from .sign_in import PASSWORD_FORM, TOKEN_FORM, sign_in


def connect(link: Link, data: Mapping[str, Json]) -> Cloud:
    """Make the cloud of a saved account."""
    client = Client(
        link.session,
        text(data.get("base_url")) or BASE_URL,
        text(data.get("access_token")),
    )
    return ParticleCloud(client, text(data.get("username")))


VENDOR = Vendor(
    key="particle",
    name="Particle",
    forms=(PASSWORD_FORM, TOKEN_FORM),
    poll_fast=timedelta(minutes=1),
    poll_slow=timedelta(minutes=5),
    sign_in=sign_in,
    connect=connect,
)
