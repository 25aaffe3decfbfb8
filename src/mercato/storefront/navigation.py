"""Addresses of pages, and the trails that lead to them."""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from mercato.catalog.category.schemas import CategoryRef
from mercato.search.taxonomy import Taxonomy, TaxonomyCategory


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A place to go, and how many products are there (None where that says nothing)."""

    label: str
    url: str
    count: int | None = None


def product_url(slug: str) -> str:
    """The page of a product."""
    return f"/p/{quote(slug, safe='')}"


def variant_url(slug: str, sku: str) -> str:
    """The page of a product, as one of its variants."""
    return f"{product_url(slug)}?variant={quote(sku, safe='')}"


def reviews_url(slug: str) -> str:
    """All reviews of a product."""
    return product_url(slug) + "/reviews"


def review_form_url(slug: str) -> str:
    """Where people write their own review of a product."""
    return product_url(slug) + "/review"


def brand_url(slug: str) -> str:
    """The page of a brand."""
    return f"/b/{quote(slug, safe='')}"


def category_url(taxonomy: Taxonomy, category: TaxonomyCategory) -> str:
    """The page of a category: its slugs from the root down."""
    return f"/c/{quote(taxonomy.path(category))}"


def category_trail(taxonomy: Taxonomy, category: TaxonomyCategory) -> list[Link]:
    """Links from the root down to the category itself."""
    return [Link(label=step.name, url=category_url(taxonomy, step)) for step in taxonomy.trail(category)]


def reference_trail(category: CategoryRef | None) -> list[Link]:
    """Links from the root down to the category that a product names."""
    slugs: list[str] = []
    trail = []
    for step in category.path if category else ():
        slugs.append(step.slug)
        trail.append(Link(label=step.name, url=f"/c/{quote('/'.join(slugs))}"))
    return trail


def breadcrumbs(trail: Sequence[Link]) -> list[Link]:
    """The trail with the home page in front."""
    return [Link(label="Home", url="/"), *trail]
