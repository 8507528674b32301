"""What an account sees: a person's own devices, a product, or an organization (1.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from ...model import CloudRejected, Json
from .models import API, INTERNAL, text
from .values import clean


def segment(part: str) -> str:
    """A part of a path, quoted so that it cannot be more than that."""
    # Dots alone would climb up the path instead of naming something.
    quoted = quote(clean(part), safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Neither a product nor an organization is a person's own account.

    Devices of the other two have ids that begin with the scope, so that the same board
    may also be in a person's account.
    """

    product: str | None = None
    organization: str | None = None

    @classmethod
    def of(cls, data: Mapping[str, Json] | Mapping[str, str]) -> Self:
        """Read what was saved, or entered.

        Raises:
            CloudRejected: both were given.
        """
        product, organization = (
            said.strip() if (said := text(data.get(key))) else None
            for key in ("product", "organization")
        )
        if product and organization:
            raise CloudRejected(
                "An account is of a product or of an organization, not of both",
                key="one_scope",
                field="organization",
            )
        return cls(product=product, organization=organization)

    @property
    def personal(self) -> bool:
        """Whether this is a person's own account."""
        return not self.product and not self.organization

    @property
    def base(self) -> str:
        """Path below which devices and events of the scope are."""
        if self.product:
            return f"/v1/products/{segment(self.product)}"
        if self.organization:
            return f"/v1/orgs/{segment(self.organization)}"
        return "/v1"

    @property
    def prefix(self) -> str:
        """What ids of devices begin with."""
        return "" if self.personal else f"{self.account}/"

    @property
    def account(self) -> str:
        """Unique id of the account, where it is no person."""
        if self.product:
            return f"product:{self.product.lower()}"
        return f"org:{(self.organization or '').lower()}"

    @property
    def listing(self) -> str:
        """Path that lists the devices, or the products that have them."""
        return f"{self.base}/products" if self.organization else f"{self.base}/devices"

    @property
    def events(self) -> str:
        """Path of the one stream with the events of all devices (5.1)."""
        return f"{self.base}/devices/events" if self.personal else f"{self.base}/events"

    def own(self, source: str) -> str:
        """Our id of the device that the cloud calls `source`."""
        return source if source in {API, INTERNAL} else f"{self.prefix}{source}"


def raw(device_id: str) -> str:
    """The cloud's own id of a device."""
    return device_id.rpartition("/")[2]
