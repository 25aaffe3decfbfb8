"""What search takes and answers."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from mercato.catalog.brand.schemas import BrandRef
from mercato.catalog.category.schemas import CategoryRef
from mercato.catalog.product.schemas import Rating
from mercato.platform.money import Money

MAX_QUERY_LENGTH = 200
MAX_PAGE_SIZE = 100
MAX_HITS = 1000
"""Pages go no deeper than this (deep pages cost the engine much and help nobody); one beyond is refused, never silently empty."""


class SearchSort(StrEnum):
    """Orders of search results."""

    RELEVANCE = "relevance"
    PRICE = "price"
    PRICE_DESC = "-price"
    RATING_DESC = "-rating"
    POPULARITY_DESC = "-popularity"
    CREATED_DESC = "-created_at"


class AttributeSort(msgspec.Struct, frozen=True, kw_only=True):
    """The order of an attribute: enums in the order of their options, no before yes. Products without a value come last, either way."""

    code: str
    is_descending: bool = False


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One search. Several values of one filter are alternatives (OR); different filters all hold (AND)."""

    q: str = ""
    category: tuple[str, ...] = ()
    """Ids or slugs; a category includes everything below it."""
    brand: tuple[str, ...] = ()
    """Ids or slugs."""
    price_min: int | None = None
    """Minor units, inclusive."""
    price_max: int | None = None
    currency: str | None = None
    in_stock: bool | None = None
    rating_min: float | None = None
    attributes: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Attribute code -> wanted values. A number also takes a range: `10..20`, `10..`, `..20`."""
    sort: SearchSort | AttributeSort = SearchSort.RELEVANCE
    facets: tuple[str, ...] | None = None
    """Ids of the facets to count (`category`, `brand`, `price`, `rating`, `in_stock`, `attr.<code>`); None: those that matter."""
    page: int = 1
    limit: int = 24
    highlight: bool = True


class HitRendition(msgspec.Struct, frozen=True, kw_only=True):
    """A size of a hit's picture that suits a list. Width in pixels; the name `square` is that of the cut to the focal point."""

    name: str
    format: Literal["avif", "webp", "jpeg"]
    width: int
    url: str


class HitImage(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of a hit. Sizes in pixels; `url` is the original, `renditions` are null until they are made."""

    url: str
    alt: str
    width: int
    height: int
    dominant_color: str | None = None
    renditions: list[HitRendition] | None = None


class MatchedVariant(msgspec.Struct, frozen=True, kw_only=True):
    """The variant of a hit that fits the search best."""

    id: UUID
    sku: str
    options: dict[str, str]
    price: Money | None
    in_stock: bool
    image: HitImage | None
    """The first of its own pictures."""


class SearchHit(msgspec.Struct, frozen=True, kw_only=True):
    """A product as result lists show it. The index stores all of it but the highlight."""

    id: UUID
    slug: str
    name: str
    brand: BrandRef | None
    category: CategoryRef | None
    price: Money | None
    compare_at_price: Money | None
    rating: Rating
    in_stock: bool
    image: HitImage | None
    sku: str | None
    """SKU of the default variant."""
    matched_variant: MatchedVariant | None = None
    """Of a product with several variants: the one that has what was searched for and filtered by, in stock if there is one."""
    highlight: dict[str, str] = msgspec.field(default_factory=dict)
    """Field -> HTML-safe text with `<mark>` around what matched (`name`, `description`); empty without highlighting."""


class FacetOption(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a facet, and how many products of the results have it."""

    value: str
    label: str
    count: int
    selected: bool
    parent: str | None = None
    """For categories: the value of the parent category."""


FacetType = Literal["category", "brand", "price", "rating", "boolean", "text", "number", "enum", "color", "date"]


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """A facet with disjunctive counts: choosing one value keeps the counts of the others."""

    id: str
    label: str
    type: FacetType
    options: list[FacetOption]
    unit: str | None = None


class FacetStats(msgspec.Struct, frozen=True, kw_only=True):
    """Smallest and largest value among the results (price in minor units)."""

    min: float
    max: float


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """One page of results."""

    query_id: UUID
    query: str
    hits: list[SearchHit]
    facets: list[Facet]
    facet_stats: dict[str, FacetStats]
    total: int
    page: int
    pages: int
    processing_ms: int
    degraded: bool
    """The engine is down and Postgres answered: no facets but brand and category, coarser ranking."""
    relaxed: bool
    """No product matches every word; these match some."""
    corrected_query: str | None
    """The query as it was understood, when words were misspelt."""


class SuggestedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query to offer; `highlight` is HTML-safe, with `<mark>` around what was typed."""

    query: str
    highlight: str


class SuggestedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product to jump to."""

    id: UUID
    slug: str
    name: str
    highlight: str
    price: Money | None
    image: HitImage | None


class SuggestedCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category to jump to; `path` is its address below `/c/`."""

    id: UUID
    slug: str
    name: str
    highlight: str
    path: str
    product_count: int


class SuggestedBrand(msgspec.Struct, frozen=True, kw_only=True):
    """A brand to jump to."""

    id: UUID
    slug: str
    name: str
    highlight: str
    product_count: int


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """What search-as-you-type offers for the letters typed so far."""

    query: str
    queries: list[SuggestedQuery]
    products: list[SuggestedProduct]
    categories: list[SuggestedCategory]
    brands: list[SuggestedBrand]
    degraded: bool


class FacetValues(msgspec.Struct, frozen=True, kw_only=True):
    """Values of one facet that match what was typed."""

    id: str
    label: str
    options: list[FacetOption]


class SearchStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far the index is behind the database, and whether they agree."""

    documents: int | None
    lag_seconds: float
    """Age of the oldest change that is not searchable yet."""
    pending: int
    """Changes waiting in the outbox."""
    drift: int | None
    """Documents that the last comparison had to repair; null before the first one."""
    checked_at: datetime | None
    index: str
    engine: Annotated[str, Meta(description="Name and version, or `unreachable`.")]
    rebuild: "RebuildProgress | None"
    degraded: bool


class RebuildProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A rebuild of the index, running or the last one."""

    id: UUID
    state: Literal["building", "completed", "failed"]
    documents_total: int
    documents_done: int
    error: str | None
    requested_at: datetime
    finished_at: datetime | None
