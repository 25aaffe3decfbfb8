"""The home page: departments, what is popular, and what is reduced."""

from collections.abc import Sequence

import msgspec

from mercato.catalog.images import Showcase
from mercato.search.schemas import HitImage, SearchHit, SearchQuery, SearchSort
from mercato.search.service import SearchService
from mercato.search.taxonomy import Taxonomy
from mercato.storefront.navigation import Link, brand_url
from mercato.storefront.pricing import reduction
from mercato.storefront.rendering import Shop

SHOWCASE = 5
POPULAR = 12
DEALS = 6
BRANDS = 24
_CANDIDATES = 100
"""Popular products looked through for deals and for pictures of departments."""
_LEAST_REDUCTION = 5
"""Percent; less is no deal."""


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """A root category with its picture, else with one of something in it."""

    link: Link
    image: Showcase | HitImage | None


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """What the home page shows."""

    departments: list[Department]
    showcase: list[SearchHit]
    """A few pictures for the top of the page, each from another department."""
    popular: list[SearchHit]
    deals: list[SearchHit]
    brands: list[Link]
    is_degraded: bool


async def make_home(shop: Shop, search: SearchService, taxonomy: Taxonomy) -> Home:
    """Ask search once for the popular products and lay them out."""
    result = await search.search(
        SearchQuery(sort=SearchSort.POPULARITY_DESC, facets=(), limit=_CANDIDATES, in_stock=True, highlight=False)
    )
    by_department = _of_each_department(result.hits)
    showcase = [hits[0] for hits in by_department.values()][:SHOWCASE]
    taken = {hit.id for hit in showcase}
    deals = sorted((hit for hit in result.hits if _reduction(hit) >= _LEAST_REDUCTION), key=_reduction, reverse=True)
    deals = deals[:DEALS]
    taken |= {hit.id for hit in deals}
    popular = [hit for hit in result.hits if hit.id not in taken] or result.hits
    return Home(
        departments=_departments(shop, by_department, taxonomy),
        showcase=showcase,
        popular=popular[:POPULAR],
        deals=deals,
        brands=_brands(taxonomy),
        is_degraded=result.degraded,
    )


def _reduction(hit: SearchHit) -> int:
    return reduction(hit.price, hit.compare_at_price)


def _of_each_department(hits: Sequence[SearchHit]) -> dict[str, list[SearchHit]]:
    """The hits that have a picture, by the slug of their root category."""
    found: dict[str, list[SearchHit]] = {}
    for hit in hits:
        if hit.image and hit.category and hit.category.path:
            found.setdefault(hit.category.path[0].slug, []).append(hit)
    return found


def _departments(shop: Shop, by_department: dict[str, list[SearchHit]], taxonomy: Taxonomy) -> list[Department]:
    departments = []
    for link in shop.departments:
        slug = link.url.rpartition("/")[2]
        category = taxonomy.category_by_slug(slug)
        own = taxonomy.picture_of(category.id) if category else None
        # The first picture is at the top of the page already.
        pictures = [hit.image for hit in by_department.get(slug, [])]
        departments.append(
            Department(link=link, image=own or (pictures[min(1, len(pictures) - 1)] if pictures else None))
        )
    return departments


def _brands(taxonomy: Taxonomy) -> list[Link]:
    largest = sorted(taxonomy.brands.values(), key=lambda brand: (-brand.product_count, brand.name))[:BRANDS]
    return [
        Link(label=brand.name, url=brand_url(brand.slug), count=brand.product_count)
        for brand in sorted(largest, key=lambda brand: brand.name.casefold())
        if brand.product_count
    ]
