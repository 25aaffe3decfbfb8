"""Facets: from the engine's counts by id to values that people read, in the order in which they read them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

from mercato.platform.ids import parse_id
from mercato.search.gateway import EngineReply
from mercato.search.schemas import Facet, FacetOption, FacetStats, FacetType, SearchQuery
from mercato.search.taxonomy import Taxonomy, TaxonomyAttribute, TaxonomyCategory

MIN_COVERAGE = 0.08
"""An attribute matters for the results when at least this share of them has it."""
MAX_SHOWN_ATTRIBUTES = 12
LADDER = 8
"""An attribute with at most so many values shows them in their own order."""

FIELDS: Mapping[str, str] = {
    "category": "category_ids",
    "brand": "brand_id",
    "price": "price_band",
    "rating": "stars",
    "in_stock": "in_stock",
}
"""Facet id -> field of the document; `attr.<code>` is both."""


_id = lru_cache(maxsize=16_384)(parse_id)
"""A search counts a hundred brands and categories, mostly those of the search before."""


class FacetMaker:
    """Makes facets of one installation; the taxonomy knows the names."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def make_all(
        self, query: SearchQuery, facet_ids: Sequence[str], main: EngineReply, disjunctive: Mapping[str, EngineReply]
    ) -> list[Facet]:
        """The facets of a result. `disjunctive` has the counts, without their own filter, of those with chosen values.

        Where the caller named no facets, attributes that few of the results have are left out.
        """
        facets: list[Facet] = []
        room = MAX_SHOWN_ATTRIBUTES
        for facet in facet_ids:
            reply = disjunctive.get(facet, main)
            distribution = reply.facet_distribution.get(FIELDS.get(facet, facet), {})
            if facet.startswith("attr.") and query.facets is None and facet not in disjunctive:
                is_telling = len(distribution) > 1 and sum(distribution.values()) >= MIN_COVERAGE * (
                    main.total_hits or 0
                )
                if not is_telling or room == 0:
                    continue
                room -= 1
            facets.append(self.make(facet, distribution, query))
        return facets

    def make(self, facet: str, distribution: Mapping[str, int], query: SearchQuery) -> Facet:
        """A facet with its values by count; chosen values are there even when nothing has them."""
        if facet == "category":
            return self._category_facet(distribution, query)
        if facet == "brand":
            return self._brand_facet(distribution, query)
        if facet == "rating":
            return _rating_facet(distribution, query)
        if facet == "in_stock":
            return _stock_facet(distribution, query)
        if facet == "price":
            return _price_facet(distribution)
        return self._attribute_facet(facet, distribution, query)

    def _category_facet(self, distribution: Mapping[str, int], query: SearchQuery) -> Facet:
        chosen = {category.id for key in query.category if (category := self._category(key))}
        counts = {category_id: count for key, count in distribution.items() if (category_id := _id(key))}
        known = self._taxonomy.categories
        found = sorted(
            (known[key] for key in counts.keys() | chosen if key in known), key=lambda category: category.order
        )
        return Facet(
            id="category",
            label="Category",
            type="category",
            options=[
                FacetOption(
                    value=category.slug,
                    label=category.name,
                    count=counts.get(category.id, 0),
                    selected=category.id in chosen,
                    parent=self._slug(category.parent_id),
                )
                for category in found
            ],
        )

    def _brand_facet(self, distribution: Mapping[str, int], query: SearchQuery) -> Facet:
        counts = {brand_id: count for key, count in distribution.items() if (brand_id := _id(key))}
        known = self._taxonomy.brands
        named = (self._taxonomy.brand_by_slug(key) or known.get(parse_id(key) or UUID(int=0)) for key in query.brand)
        chosen = {brand.id for brand in named if brand}
        options = [
            FacetOption(value=known[key].slug, label=known[key].name, count=counts.get(key, 0), selected=key in chosen)
            for key in counts.keys() | chosen
            if key in known
        ]
        return Facet(id="brand", label="Brand", type="brand", options=_by_count(options))

    def _category(self, key: str) -> TaxonomyCategory | None:
        return self._taxonomy.category_by_slug(key) or self._taxonomy.categories.get(parse_id(key) or UUID(int=0))

    def _slug(self, category_id: UUID | None) -> str | None:
        category = self._taxonomy.categories.get(category_id) if category_id else None
        return category.slug if category else None

    def _attribute_facet(self, facet: str, distribution: Mapping[str, int], query: SearchQuery) -> Facet:
        code = facet.removeprefix("attr.")
        definition = self._taxonomy.attributes.get(code)
        chosen = query.attributes.get(code, ())
        kind = definition.type if definition else "text"
        values = {**dict.fromkeys(chosen, 0), **distribution}
        options = [
            FacetOption(value=value, label=_value_label(value, kind), count=count, selected=value in chosen)
            for value, count in values.items()
        ]
        return Facet(
            id=facet,
            label=definition.name if definition else code,
            type=kind,
            options=_in_order(options, definition),
            unit=definition.unit if definition else None,
        )


def _in_order(options: list[FacetOption], definition: TaxonomyAttribute | None) -> list[FacetOption]:
    """Numbers by size, a short ladder such as S, M, L in its own order, everything else by count."""
    if definition and definition.type == "number":
        return sorted(options, key=lambda option: _number(option.value))
    if definition and definition.type == "enum" and len(definition.options) <= LADDER:
        places = {value: place for place, value in enumerate(definition.options)}
        return sorted(options, key=lambda option: (places.get(option.value, LADDER), option.label))
    return _by_count(options)


def _by_count(options: list[FacetOption]) -> list[FacetOption]:
    return sorted(options, key=lambda option: (-option.count, option.label))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("inf")


def _value_label(value: str, kind: FacetType) -> str:
    if kind == "boolean":
        return {"true": "Yes", "false": "No"}.get(value, value)
    if kind == "number" and value.endswith(".0"):
        return value.removesuffix(".0")
    return value


def _rating_facet(distribution: Mapping[str, int], query: SearchQuery) -> Facet:
    options = []
    for stars in (4, 3, 2, 1):
        count = sum(found for floor, found in distribution.items() if _number(floor) >= stars)
        if count:
            options.append(
                FacetOption(
                    value=str(stars), label=f"{stars} stars and up", count=count, selected=query.rating_min == stars
                )
            )
    return Facet(id="rating", label="Rating", type="rating", options=options)


def _price_facet(distribution: Mapping[str, int]) -> Facet:
    """A histogram: bands of two digits, each named by its range in minor units."""
    options = []
    for (_, value), count in sorted((_band(low), count) for low, count in distribution.items()):
        options.append(FacetOption(value=value, label=value, count=count, selected=False))
    return Facet(id="price", label="Price", type="price", options=options)


@lru_cache(maxsize=4096)
def _band(low: str) -> tuple[int, str]:
    """Where a band begins, and its range."""
    start = int(_number(low))
    width = 10 ** max(0, len(str(start)) - 2)
    return start, f"{start}..{start + width - 1}"


def price_stats(extremes: Sequence[EngineReply], currency: str) -> dict[str, FacetStats]:
    prices = [(reply.hits[0].prices or {}).get(currency) for reply in extremes if reply.hits]
    found = [price for price in prices if price is not None]
    return {"price": FacetStats(min=min(found), max=max(found))} if found else {}


def _stock_facet(distribution: Mapping[str, int], query: SearchQuery) -> Facet:
    options = [
        FacetOption(value=value, label=label, count=distribution.get(value, 0), selected=query.in_stock is wanted)
        for value, label, wanted in (("true", "In stock", True), ("false", "Out of stock", False))
        if distribution.get(value, 0) or query.in_stock is wanted
    ]
    return Facet(id="in_stock", label="Availability", type="boolean", options=options)
