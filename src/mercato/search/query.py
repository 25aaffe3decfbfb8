"""From a `SearchQuery` to the queries of one multi-search call, and from the engine's replies back to a `SearchResult`.

One call carries: the page itself; for each facet with a chosen value a count without that filter, so that the other values keep
their counts (disjunctive facets); the cheapest and the dearest product, which cost a tenth of the engine's own statistics; for
a query that looks like a code, the products that have exactly this SKU or GTIN; and for several words, the products that match some of them, used when none matches all.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from mercato.platform.ids import new_id, parse_id
from mercato.platform.money import Money
from mercato.search.facets import FIELDS, FacetMaker, price_stats
from mercato.search.gateway import EngineHit, EngineQuery, EngineReply
from mercato.search.index import HIGHLIGHTED, MAX_FACET_VALUES, IndexNames
from mercato.search.matching import show_variant, wishes_of
from mercato.search.schemas import (
    MAX_HITS,
    AttributeSort,
    SearchHit,
    SearchQuery,
    SearchResult,
    SearchSort,
)
from mercato.search.taxonomy import Taxonomy
from mercato.search.text import MARK_CLOSE, MARK_OPEN, code_of, correct, mark_up

SNIPPET_WORDS = 24
MAX_EXACT = 5

SORTS: Mapping[SearchSort, list[str]] = {
    SearchSort.RELEVANCE: [],
    SearchSort.PRICE: ["price:asc"],
    SearchSort.PRICE_DESC: ["price:desc"],
    SearchSort.RATING_DESC: ["rating:desc"],
    SearchSort.POPULARITY_DESC: ["popularity:desc"],
    SearchSort.CREATED_DESC: ["created_at:desc"],
}


def order_of(query: SearchQuery) -> list[str]:
    """The engine's expression of an order; none for relevance."""
    sort = query.sort
    if query.currency and sort in {SearchSort.PRICE, SearchSort.PRICE_DESC}:
        return [f"prices.{query.currency}:{'asc' if sort is SearchSort.PRICE else 'desc'}"]
    if isinstance(sort, AttributeSort):
        return [f"order.{sort.code}:{'desc' if sort.is_descending else 'asc'}"]
    return SORTS[sort]


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
        self.facets = FacetMaker(taxonomy)

    def plan(self, query: SearchQuery) -> QueryPlan:
        """The queries of one call."""
        filters = self.filters(query)
        facet_ids = self._facet_ids(query)
        main = self._page(query, list(filters.values()))
        main |= {"hitsPerPage": query.limit, "page": query.page, "matchingStrategy": "all"}
        # Bands are of base prices: in another currency there is no histogram.
        is_foreign = query.currency not in {None, self._currency}
        main["facets"] = [FIELDS.get(facet, facet) for facet in facet_ids if not (is_foreign and facet == "price")]
        queries = [main]
        disjunctive = [facet for facet in facet_ids if facet in filters and not (is_foreign and facet == "price")]
        for facet in disjunctive:
            others = [expression for key, expression in filters.items() if key != facet]
            queries.append(self._counts(query, others, FIELDS.get(facet, facet)))
        has_extremes = "price" in facet_ids
        if has_extremes:
            unpriced = [expression for key, expression in filters.items() if key != "price"]
            queries += [self._extreme(query, unpriced, order) for order in ("asc", "desc")]
        code = code_of(query.q)
        if code is not None:
            queries.append(self._exact(query, [*filters.values(), f"codes = {quoted(code)}"]))
            queries.append(self._behind_exact(query, [*filters.values(), f"NOT codes = {quoted(code)}"]))
        is_relaxable = len(query.q.split()) > 1
        if is_relaxable:
            relaxed = self._page(query, list(filters.values()), is_marked=False)
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

    def values(self, query: SearchQuery, facet: str, typed: str) -> EngineQuery:
        """The query that counts the values of one facet under the other filters; of brands and categories, those with `typed` in the name."""
        filters = [expression for key, expression in self.filters(query).items() if key != facet]
        if typed and facet in {"brand", "category"}:
            ids = self._named(facet, typed.lower())
            filters.append(self._any(FIELDS[facet], [str(found) for found in ids[:MAX_FACET_VALUES]]))
        return self._counts(query, filters, FIELDS.get(facet, facet))

    def _named(self, facet: str, typed: str) -> list[UUID]:
        if facet == "brand":
            return [brand.id for brand in self._taxonomy.brands.values() if typed in brand.name.lower()]
        return [category.id for category in self._taxonomy.categories.values() if typed in category.name.lower()]

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
        counts = {facet: rest.pop(0) for facet in plan.disjunctive}
        extremes = [rest.pop(0), rest.pop(0)] if plan.has_extremes else []
        exact, behind = (rest.pop(0), rest.pop(0)) if plan.has_exact else (None, None)
        relaxed = rest.pop(0) if plan.has_relaxed else None
        hits, total = _first_exact(query, main, exact, behind)
        is_relaxed = total == 0 and relaxed is not None and bool(relaxed.hits)
        if is_relaxed and relaxed is not None:
            hits = read_hits(relaxed.hits, query, with_highlight=query.highlight)
            total = relaxed.estimated_total_hits or 0
        best = relaxed.hits if is_relaxed and relaxed is not None else main.hits
        return SearchResult(
            query_id=new_id(),
            query=query.q,
            hits=hits,
            facets=self.facets.make_all(query, plan.facet_ids, main, counts),
            facet_stats=price_stats(extremes, query.currency or self._currency),
            total=total,
            page=query.page,
            pages=-(-min(total, MAX_HITS) // query.limit),
            processing_ms=max(reply.processing_time_ms for reply in replies),
            degraded=False,
            relaxed=is_relaxed,
            corrected_query=correct(query.q, [_marked(hit) for hit in best[:8]]) if query.q else None,
        )

    # --- building --------------------------------------------------------------------------------------------------

    def _page(self, query: SearchQuery, filters: list[str], *, is_marked: bool = True) -> EngineQuery:
        page: EngineQuery = {
            "indexUid": self._names.products,
            "q": query.q,
            "attributesToRetrieve": ["card", "variants", *(["prices", "compare_at"] if query.currency else [])],
            "filter": filters,
            "sort": order_of(query) or (["popularity:desc"] if not query.q else []),
        }
        if query.q and is_marked:  # marks are costly, and tell what a misspelling meant
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

    def _extreme(self, query: SearchQuery, filters: list[str], direction: str) -> EngineQuery:
        """The cheapest or the dearest; products without a price in the currency come last either way."""
        return {
            "indexUid": self._names.products,
            "q": query.q,
            "matchingStrategy": "all",
            "filter": filters,
            "sort": [f"prices.{query.currency or self._currency}:{direction}"],
            "attributesToRetrieve": ["prices"],
            "limit": 1,
        }

    def _exact(self, query: SearchQuery, filters: list[str]) -> EngineQuery:
        exact = self._page(query, filters)
        return exact | {"q": "", "limit": MAX_EXACT, "sort": []}

    def _behind_exact(self, query: SearchQuery, filters: list[str]) -> EngineQuery:
        """The other hits, wherever the page starts among them: that depends on how many exact ones there turn out to be."""
        window = {"offset": _behind_offset(query), "limit": query.limit + MAX_EXACT, "matchingStrategy": "all"}
        return self._page(query, filters) | window

    def _facet_ids(self, query: SearchQuery) -> list[str]:
        if query.facets is not None:
            return list(query.facets)
        known = self._taxonomy.categories
        chosen = [category for key in query.category if (category := parse_id(self._category_id(key))) in known]
        codes = [*query.attributes, *self._taxonomy.relevance.choose(filter(None, chosen), query.q)]
        return [*FIELDS, *(f"attr.{code}" for code in dict.fromkeys(codes))]

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
        field = f"prices.{query.currency or self._currency}"
        least = f"{field} >= {query.price_min or 0}"
        return least if query.price_max is None else f"{least} AND {field} <= {query.price_max}"

    def _attribute(self, code: str, value: str) -> str:
        field = f"attr.{code}"
        low, is_range, high = value.partition("..")
        definition = self._taxonomy.attributes.get(code)
        if is_range and definition is not None and definition.type == "number":
            bounds = [f"{field} >= {quoted(str(float(low)))}"] if low else []
            bounds += [f"{field} <= {quoted(str(float(high)))}"] if high else []
            return "(" + " AND ".join(bounds) + ")"
        return f"{field} = {quoted(value)}"


def _first_exact(
    query: SearchQuery, main: EngineReply, exact: EngineReply | None, behind: EngineReply | None
) -> tuple[list[SearchHit], int]:
    """Hits of the page and the total, with the products that have exactly this code before all others."""
    total = main.total_hits or 0
    with_highlight = query.highlight and bool(query.q)
    if exact is None or behind is None or not exact.hits:
        return read_hits(main.hits, query, with_highlight=with_highlight), total
    start = (query.page - 1) * query.limit
    first = read_hits(exact.hits, query, with_highlight=False)[start : start + query.limit]
    skipped = max(0, start - len(exact.hits)) - _behind_offset(query)
    others = read_hits(behind.hits, query, with_highlight=with_highlight)
    return first + others[skipped : skipped + query.limit - len(first)], max(total, len(exact.hits))


def _behind_offset(query: SearchQuery) -> int:
    return max(0, (query.page - 1) * query.limit - MAX_EXACT)


def read_hits(hits: Sequence[EngineHit], query: SearchQuery, *, with_highlight: bool) -> list[SearchHit]:
    """Hits as the API gives them: their stored cards, what matched, and which of several variants."""
    wishes = wishes_of(query)
    found = []
    for hit in hits:
        if hit.card is None:
            continue
        if with_highlight:
            marked = {"name": hit.marked.name, "description": hit.marked.description}
            hit.card.highlight.update({name: mark_up(text) for name, text in marked.items() if text})
        card = hit.card if query.currency is None else _in_currency(hit, hit.card, query.currency)
        found.append(show_variant(card, hit.packed_variants, wishes))
    return found


def _in_currency(hit: EngineHit, card: SearchHit, currency: str) -> SearchHit:
    amount, before = (hit.prices or {}).get(currency), (hit.compare_at or {}).get(currency)
    return msgspec.structs.replace(
        card,
        price=None if amount is None else Money(amount=amount, currency=currency),
        compare_at_price=None if before is None else Money(amount=before, currency=currency),
    )


def _marked(hit: EngineHit) -> str:
    return f"{hit.marked.name} {hit.marked.description}"
