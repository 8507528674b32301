"""Products, organizations and firmware that exist in one simulated Particle cloud."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

PRODUCTS = {13961: "van-fleet"}
"""Products that exist at the start, with their slugs; paths take either."""
ORGANIZATION = "maker-works"
"""Slug of the organization that owns them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One firmware of a product (reference 8.4)."""

    version: int
    title: str
    description: str = ""
    size: int = 48_128
    uploaded_at: float = 1_760_000_000.0


@dataclass(slots=True, kw_only=True)
class Product:
    """A product: what its owner set up once for all of its devices.

    `config` is the document of its fleet's settings, None while nobody set one.
    `released` is the version that every device without a lock shall run.
    """

    number: int
    slug: str
    name: str
    platform_id: int = 26
    description: str = ""
    groups: tuple[str, ...] = ()
    config: dict[str, Any] | None = None
    firmware: dict[int, Release] = field(default_factory=dict)
    released: int | None = None

    def document(self) -> dict[str, Any]:
        """Describe the product (reference 2.1)."""
        return {
            "id": self.number,
            "platform_id": self.platform_id,
            "name": self.name,
            "slug": self.slug,
            "description": self.description,
            "groups": list(self.groups),
            "settings": {},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An organization and the products it owns."""

    slug: str
    name: str
    id: str
    products: frozenset[int]

    def document(self) -> dict[str, Any]:
        """Describe the organization."""
        return {"id": self.id, "name": self.name, "slug": self.slug}


class Catalog:
    """All products and organizations of a cloud."""

    def __init__(self, products: Iterable[Product]) -> None:
        """Put the products into one organization."""
        self.products = {product.number: product for product in products}
        self.organizations: dict[str, Organization] = {}

    def found(self, organization: Organization) -> None:
        """Add an organization."""
        self.organizations[organization.slug] = organization

    def product(self, key: str) -> Product | None:
        """Return the product with this id or slug."""
        for product in self.products.values():
            if key in {str(product.number), product.slug}:
                return product
        return None

    def organization(self, key: str) -> Organization | None:
        """Return the organization with this slug or id."""
        for organization in self.organizations.values():
            if key in {organization.slug, organization.id}:
                return organization
        return None


def household() -> Catalog:
    """Return the catalog that a cloud starts with: one product of an organization."""
    releases = (
        Release(version=17, title="Quieter", description="Sleeps when parked."),
        Release(version=18, title="Geofences", description="Four zones."),
    )
    vans = Product(
        number=13961,
        slug=PRODUCTS[13961],
        name="Van fleet",
        description="Trackers in vans",
        groups=("vehicles",),
        firmware={release.version: release for release in releases},
        released=18,
    )
    catalog = Catalog([vans])
    catalog.found(
        Organization(
            slug=ORGANIZATION,
            name="Maker Works",
            id="5f4e3d2c1b0a998877665544",
            products=frozenset(PRODUCTS),
        )
    )
    return catalog
