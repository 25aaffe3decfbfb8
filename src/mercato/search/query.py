"""From a `SearchQuery` to the queries of one multi-search call, and from the engine's replies back to a `SearchResult`.

One call carries: the page itself; for each facet with a chosen value a count without that filter, so that the other values keep
their counts (disjunctive facets); the cheapest and the dearest product, which cost a tenth of the engine's own statistics; for a query that looks like a code, the products that have exactly this SKU or GTIN;
and for several words, the products that match some of them, used when none matches all.
"""

from collections.abc import Mapping, Sequence

import msgspec

from mercato.platform.ids import new_id
from mercato.search.gateway import EngineHit, EngineQuery, EngineReply
from mercato.search.index import HIGHLIGHTED, IndexNames
from mercato.search.schemas import (
    MAX_HITS,
    Facet,
    FacetOption,
    FacetStats,
    FacetType,
    SearchHit,
    SearchQuery,
    SearchResult,
    SearchSort,
)
from mercato.search.taxonomy import Taxonomy
from mercato.search.text import MARK_CLOSE, MARK_OPEN, code_of, correct, mark_up

SNIPPET_WORDS = 24
MAX_EXACT = 5
MAX_DEFAULT_FACETS = 40
MIN_COVERAGE = 0.08
"""An attribute matters for the results when at least this share of them has it."""
MAX_SHOWN_ATTRIBUTES = 12

FIELDS: Mapping[str, str] = {
    "category": "category_ids",
    "brand": "brand_id",
    "price": "price_band",
    "rating": "stars",
    "in_stock": "in_stock",
}
"""Facet id -> field of the document; `attr.<code>` is both."""

SORTS: Mapping[SearchSort, list[str]] = {
    SearchSort.RELEVANCE: [],
    SearchSort.PRICE: ["price:asc"],
    SearchSort.PRICE_DESC: ["price:desc"],
    SearchSort.RATING_DESC: ["rating:desc"],
    SearchSort.POPULARITY_DESC: ["popularity:desc"],
    SearchSort.CREATED_DESC: ["created_at:desc"],
}

LABELS: Mapping[str, tuple[str, FacetType]] = {
    "category": ("Category", "category"),
    "brand": ("Brand", "brand"),
    "price": ("Price", "price"),
    "rating": ("Rating", "rating"),
    "in_stock": ("Availability", "boolean"),
}


def quoted(value: str) -> str:
    """A value inside a filter expression."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class QueryPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The queries of one call, and what the replies mean by position."""

    queries: list[EngineQuery]
    facet_ids: list[str]
    disjunctive: list[str]
    has_extremes: bool
    has_exact: bool
    has_relaxed: bool


class QueryBuilder:
    """Knows the index and the taxonomy; makes plans and reads replies."""

    def __init__(self, names: IndexNames, taxonomy: Taxonomy, currency: str) -> None:
        self._names, self._taxonomy, self._currency = names, taxonomy, currency

    def plan(self, query: SearchQuery) -> QueryPlan:
        """The queries of one call."""
        filters = self.filters(query)
        facet_ids = self._facet_ids(query)
        main = self._page(query, list(filters.values()))
        main |= {"hitsPerPage": query.limit, "page": query.page, "matchingStrategy": "all"}
        main["facets"] = [FIELDS.get(facet, facet) for facet in facet_ids]
        queries = [main]
        disjunctive = [facet for facet in facet_ids if facet in filters]
        for facet in disjunctive:
            others = [expression for key, expression in filters.items() if key != facet]
            queries.append(self._counts(query, others, FIELDS.get(facet, facet)))
        has_extremes = "price" in facet_ids
        if has_extremes:
            unpriced = [expression for key, expression in filters.items() if key != "price"]
            queries += [self._extreme(query, unpriced, order) for order in ("price:asc", "price:desc")]
        code = code_of(query.q)
        if code is not None:
            queries.append(self._exact(query, [*filters.values(), f"codes = {quoted(code)}"]))
        is_relaxable = len(query.q.split()) > 1
        if is_relaxable:
            relaxed = self._page(query, list(filters.values()))
            relaxed |= {"offset": (query.page - 1) * query.limit, "limit": query.limit, "matchingStrategy": "last"}
            queries.append(relaxed)
        return QueryPlan(
            queries=queries,
            facet_ids=facet_ids,
            disjunctive=disjunctive,
            has_extremes=has_extremes,
            has_exact=code is not None,
            has_relaxed=is_relaxable,
        )

    def filters(self, query: SearchQuery) -> dict[str, str]:
        """Facet id -> filter expression."""
        found: dict[str, str] = {}
        if query.category:
            found["category"] = self._any("category_ids", [self._category_id(key) for key in query.category])
        if query.brand:
            found["brand"] = self._any("brand_id", [self._brand_id(key) for key in query.brand])
        if query.in_stock is not None:
            found["in_stock"] = f"in_stock = {str(query.in_stock).lower()}"
        if query.rating_min is not None:
            found["rating"] = f"rating >= {query.rating_min}"
        if price := self._price(query):
            found["price"] = price
        for code, values in query.attributes.items():
            found[f"attr.{code}"] = " OR ".join(self._attribute(code, value) for value in values)
        return found

    def read(self, query: SearchQuery, plan: QueryPlan, replies: Sequence[EngineReply]) -> SearchResult:
        """The result behind the replies to a plan."""
        main, rest = replies[0], list(replies[1:])
        counts = [rest.pop(0) for _ in plan.disjunctive]
        extremes = [rest.pop(0), rest.pop(0)] if plan.has_extremes else []
        exact = rest.pop(0) if plan.has_exact else None
        relaxed = rest.pop(0) if plan.has_relaxed else None
        hits, total = self._first_exact(query, main, exact)
        is_relaxed = total == 0 and relaxed is not None and bool(relaxed.hits)
        if is_relaxed and relaxed is not None:
            hits = read_hits(relaxed.hits, with_highlight=query.highlight)
            total = relaxed.estimated_total_hits or 0
        best = relaxed.hits if is_relaxed and relaxed is not None else main.hits
        return SearchResult(
            query_id=new_id(),
            query=query.q,
            hits=hits,
            facets=self._facets(query, plan, main, counts),
            facet_stats=_price_stats(extremes),
            total=total,
            page=query.page,
            pages=-(-min(total, MAX_HITS) // query.limit),
            processing_ms=max(reply.processing_time_ms for reply in replies),
            degraded=False,
            relaxed=is_relaxed,
            corrected_query=correct(query.q, [_marked(hit) for hit in best[:8]]) if query.q else None,
        )

    # --- building --------------------------------------------------------------------------------------------------

    def _page(self, query: SearchQuery, filters: list[str]) -> EngineQuery:
        page: EngineQuery = {
            "indexUid": self._names.products,
            "q": query.q,
            "attributesToRetrieve": ["card"],
            "filter": filters,
            "sort": SORTS[query.sort] or (["popularity:desc"] if not query.q else []),
        }
        if query.q:
            page |= {
                "attributesToHighlight": list(HIGHLIGHTED),
                "attributesToCrop": [f"description:{SNIPPET_WORDS}"],
                "highlightPreTag": MARK_OPEN,
                "highlightPostTag": MARK_CLOSE,
            }
        return page

    def _counts(self, query: SearchQuery, filters: list[str], field: str) -> EngineQuery:
        return {
            "indexUid": self._names.products,
            "q": query.q,
            "matchingStrategy": "all",
            "filter": filters,
            "facets": [field],
            "limit": 0,
        }

    def _extreme(self, query: SearchQuery, filters: list[str], order: str) -> EngineQuery:
        return {
            "indexUid": self._names.products,
            "q": query.q,
            "matchingStrategy": "all",
            "filter": [*filters, f"currency = {quoted(query.currency or self._currency)}"],
            "sort": [order],
            "attributesToRetrieve": ["price"],
            "limit": 1,
        }

    def _exact(self, query: SearchQuery, filters: list[str]) -> EngineQuery:
        exact = self._page(query, filters)
        return exact | {"q": "", "limit": MAX_EXACT, "sort": []}

    def _facet_ids(self, query: SearchQuery) -> list[str]:
        if query.facets is not None:
            return list(query.facets)
        coded = [a.code for a in self._taxonomy.attributes.values() if a.is_facet][:MAX_DEFAULT_FACETS]
        return [*LABELS, *(f"attr.{code}" for code in dict.fromkeys([*query.attributes, *coded]))]

    @staticmethod
    def _any(field: str, values: Sequence[str]) -> str:
        return f"{field} IN [{', '.join(quoted(value) for value in values)}]"

    def _category_id(self, key: str) -> str:
        category = self._taxonomy.category_by_slug(key)
        return str(category.id) if category else key

    def _brand_id(self, key: str) -> str:
        brand = self._taxonomy.brand_by_slug(key)
        return str(brand.id) if brand else key

    def _price(self, query: SearchQuery) -> str | None:
        if query.price_min is None and query.price_max is None and query.currency is None:
            return None
        parts = [f"currency = {quoted(query.currency or self._currency)}"]
        if query.price_min is not None:
            parts.append(f"price >= {query.price_min}")
        if query.price_max is not None:
            parts.append(f"price <= {query.price_max}")
        return " AND ".join(parts)

    def _attribute(self, code: str, value: str) -> str:
        field = f"attr.{code}"
        low, is_range, high = value.partition("..")
        definition = self._taxonomy.attributes.get(code)
        if is_range and definition is not None and definition.type == "number":
            bounds = [f"{field} >= {float(low)}"] if low else []
            bounds += [f"{field} <= {float(high)}"] if high else []
            return "(" + " AND ".join(bounds) + ")"
        return f"{field} = {quoted(value)}"

    # --- reading ---------------------------------------------------------------------------------------------------

    def _first_exact(
        self, query: SearchQuery, main: EngineReply, exact: EngineReply | None
    ) -> tuple[list[SearchHit], int]:
        hits = read_hits(main.hits, with_highlight=query.highlight and bool(query.q))
        total = main.total_hits or 0
        if exact is None or not exact.hits:
            return hits, total
        wanted = read_hits(exact.hits, with_highlight=False)
        ids = {hit.id for hit in wanted}
        others = [hit for hit in hits if hit.id not in ids]
        if query.page > 1:
            return others, max(total, len(wanted))
        return [*wanted, *others][: query.limit], max(total, len(wanted))

    def _facets(
        self, query: SearchQuery, plan: QueryPlan, main: EngineReply, counts: Sequence[EngineReply]
    ) -> list[Facet]:
        distributions = dict(main.facet_distribution)
        for facet, reply in zip(plan.disjunctive, counts, strict=True):
            distributions |= {
                name: found for name, found in reply.facet_distribution.items() if name == FIELDS.get(facet, facet)
            }
        total = main.total_hits or 0
        facets: list[Facet] = []
        for facet in plan.facet_ids:
            distribution = distributions.get(FIELDS.get(facet, facet), {})
            if facet.startswith("attr.") and query.facets is None and facet not in plan.disjunctive:
                shown = sum(1 for found in facets if found.id.startswith("attr."))
                is_telling = len(distribution) > 1 and sum(distribution.values()) >= MIN_COVERAGE * total
                if not is_telling or shown >= MAX_SHOWN_ATTRIBUTES:
                    continue
            facets.append(self.make_facet(facet, distribution, query))
        return facets

    def make_facet(self, facet: str, distribution: Mapping[str, int], query: SearchQuery) -> Facet:
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
        chosen, options = set(query.category), []
        for category in self._taxonomy.categories.values():
            count = distribution.get(str(category.id), 0)
            selected = category.slug in chosen or str(category.id) in chosen
            if count or selected:
                parent = self._taxonomy.categories.get(category.parent_id) if category.parent_id else None
                options.append(
                    FacetOption(
                        value=category.slug,
                        label=category.name,
                        count=count,
                        selected=selected,
                        parent=parent.slug if parent else None,
                    )
                )
        return Facet(id="category", label="Category", type="category", options=options)

    def _brand_facet(self, distribution: Mapping[str, int], query: SearchQuery) -> Facet:
        chosen = set(query.brand)
        options = []
        named = {str(brand.id): brand for brand in self._taxonomy.brands.values() if str(brand.id) in distribution}
        for brand_id, count in distribution.items():
            if brand := named.get(brand_id):
                selected = brand.slug in chosen or brand_id in chosen
                options.append(FacetOption(value=brand.slug, label=brand.name, count=count, selected=selected))
        shown = {option.value for option in options}
        for key in query.brand:
            brand = self._taxonomy.brand_by_slug(key)
            if brand is not None and brand.slug not in shown:
                options.append(FacetOption(value=brand.slug, label=brand.name, count=0, selected=True))
        return Facet(id="brand", label="Brand", type="brand", options=_by_count(options))

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
        options = sorted(options, key=lambda option: _number(option.value)) if kind == "number" else _by_count(options)
        return Facet(
            id=facet,
            label=definition.name if definition else code,
            type=kind,
            options=options,
            unit=definition.unit if definition else None,
        )


def read_hits(hits: Sequence[EngineHit], *, with_highlight: bool) -> list[SearchHit]:
    """Hits as the API gives them: their stored cards, and what matched."""
    found = []
    for hit in hits:
        if hit.card is None:
            continue
        if with_highlight:
            hit.card.highlight.update(
                {name: mark_up(str(hit.formatted[name])) for name in HIGHLIGHTED if hit.formatted.get(name)}
            )
        found.append(hit.card)
    return found


def _marked(hit: EngineHit) -> str:
    return " ".join(str(hit.formatted.get(name, "")) for name in HIGHLIGHTED)


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
    for low, count in sorted((int(_number(band)), count) for band, count in distribution.items()):
        width = 10 ** max(0, len(str(low)) - 2)
        value = f"{low}..{low + width - 1}"
        options.append(FacetOption(value=value, label=value, count=count, selected=False))
    return Facet(id="price", label="Price", type="price", options=options)


def _price_stats(extremes: Sequence[EngineReply]) -> dict[str, FacetStats]:
    prices = [reply.hits[0].price for reply in extremes if reply.hits]
    found = [price for price in prices if price is not None]
    return {"price": FacetStats(min=min(found), max=max(found))} if found else {}


def _stock_facet(distribution: Mapping[str, int], query: SearchQuery) -> Facet:
    options = [
        FacetOption(value=value, label=label, count=distribution.get(value, 0), selected=query.in_stock is wanted)
        for value, label, wanted in (("true", "In stock", True), ("false", "Out of stock", False))
        if distribution.get(value, 0) or query.in_stock is wanted
    ]
    return Facet(id="in_stock", label="Availability", type="boolean", options=options)
