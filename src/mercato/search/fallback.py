"""Search by Postgres while the engine is away: words of the name, then trigrams for typos. Coarser, but the shop stays open."""

import html
from collections.abc import Sequence
from uuid import UUID

import msgspec

from mercato.catalog import sql
from mercato.platform.db import Reader
from mercato.platform.ids import new_id
from mercato.search.documents import HIT_IMAGE
from mercato.search.schemas import (
    MAX_HITS,
    AttributeSort,
    Facet,
    FacetOption,
    FacetStats,
    SearchHit,
    SearchQuery,
    SearchResult,
    SearchSort,
    SuggestedBrand,
    SuggestedCategory,
    SuggestedProduct,
    Suggestions,
)
from mercato.search.taxonomy import Taxonomy

CANDIDATES = 2_000
"""Products that are counted and ranked at most."""

_ORDERS = {
    SearchSort.RELEVANCE: "rank DESC, popularity DESC",
    SearchSort.PRICE: "price_amount ASC NULLS LAST",
    SearchSort.PRICE_DESC: "price_amount DESC NULLS LAST",
    SearchSort.RATING_DESC: "rating_average DESC NULLS LAST",
    SearchSort.POPULARITY_DESC: "popularity DESC",
    SearchSort.CREATED_DESC: "created_at DESC",
}

_CARD = f"""json_build_object(
    'id', p.id, 'slug', p.slug, 'name', p.name, 'brand', {sql.BRAND_REF}, 'category', {sql.CATEGORY_REF},
    'price', {sql.money("p.price_amount", "p.currency")},
    'compare_at_price', {sql.money("p.compare_at_amount", "p.currency")},
    'rating', {sql.RATING}, 'in_stock', p.in_stock, 'image', {HIT_IMAGE}, 'sku', {sql.DEFAULT_SKU}
)::text"""

_CHOSEN_CATEGORIES = """
    SELECT below.id FROM category c JOIN category below ON below.path_ids @> ARRAY[c.id]
    WHERE c.slug = ANY({0}) OR c.id::text = ANY({0})
"""

_hits = msgspec.json.Decoder(SearchHit)
_counts = msgspec.json.Decoder(dict[str, int])


class _Conditions:
    """Collects WHERE clauses with their values."""

    def __init__(self) -> None:
        self.where: list[str] = [sql.PUBLISHED]
        self.values: list[object] = []

    def bind(self, value: object) -> str:
        """The name of a value in the statement."""
        self.values.append(value)
        return f"${len(self.values)}"

    def add(self, clause: str, value: object) -> None:
        self.where.append(clause.format(self.bind(value)))


def _conditions(query: SearchQuery, taxonomy: Taxonomy, currency: str) -> _Conditions:
    found = _Conditions()
    if query.category:
        found.add(
            f"p.id IN ({sql.in_categories(_CHOSEN_CATEGORIES, 'id')})",
            list(query.category),
        )
    if query.brand:
        found.add(
            "p.brand_id IN (SELECT id FROM brand WHERE slug = ANY({0}) OR id::text = ANY({0}))", list(query.brand)
        )
    if query.in_stock is not None:
        found.add("p.in_stock = {0}", query.in_stock)
    if query.rating_min is not None:
        found.add("p.rating_average >= {0}::float8", query.rating_min)
    if query.currency or query.price_min is not None or query.price_max is not None:
        found.add("p.currency = {0}", query.currency or currency)
    if query.price_min is not None:
        found.add("p.price_amount >= {0}", query.price_min)
    if query.price_max is not None:
        found.add("p.price_amount <= {0}", query.price_max)
    for code, values in query.attributes.items():
        _add_attribute(
            found, code, values, is_number=code in taxonomy.attributes and taxonomy.attributes[code].type == "number"
        )
    return found


def _add_attribute(found: _Conditions, code: str, values: Sequence[str], *, is_number: bool) -> None:
    found.values.append(code)
    value = f"(p.attributes ->> ${len(found.values)})"
    if not is_number:
        found.add(f"{value} = ANY({{0}})", list(values))
        return
    clauses = []
    for item in values:
        low, is_range, high = item.partition("..")
        found.values += [float(low or "-inf"), float((high or "inf") if is_range else low)]
        clauses.append(f"{value}::float8 BETWEEN ${len(found.values) - 1} AND ${len(found.values)}")
    found.where.append("(" + " OR ".join(clauses) + ")")


def _order(sort: SearchSort | AttributeSort, conditions: _Conditions, taxonomy: Taxonomy) -> str:
    if not isinstance(sort, AttributeSort):
        return _ORDERS[sort]
    definition = taxonomy.attributes[sort.code]
    code = conditions.bind(sort.code)
    value = f"(attributes ->> {code})"
    if definition.type in {"number", "boolean"}:  # a boolean is ordered as one, a number must not be ordered as text
        key = f"CASE jsonb_typeof(attributes -> {code}) WHEN 'number' THEN {value}::float8 WHEN 'boolean' THEN {value}::bool::int END"
    elif definition.type == "enum":
        key = f"array_position({conditions.bind(list(definition.options))}::text[], {value})"
    else:
        key = f'lower({value}) COLLATE "C"'
    return f"{key} {'DESC' if sort.is_descending else 'ASC'} NULLS LAST"


def _candidates(conditions: _Conditions, q: str) -> str:
    """Rows that match, with a rank: all words at the start of words of the name (or the exact SKU), else similar names."""
    where = " AND ".join(conditions.where)
    if not q.strip():
        return f"SELECT p.*, 0::float4 AS rank FROM product p WHERE {where} ORDER BY popularity DESC LIMIT {CANDIDATES}"
    conditions.values.append(q.strip())
    n = f"${len(conditions.values)}"
    words = f"""(SELECT string_agg(quote_literal(word) || ':*', ' & ')
        FROM regexp_split_to_table(lower({n}), '[^[:alnum:]]+') word WHERE word <> '')::tsquery"""
    return f"""
        (SELECT p.*, 3::float4 AS rank FROM product p JOIN variant v ON v.product_id = p.id
         WHERE {where} AND v.deleted_at IS NULL AND (v.sku = {n} OR v.gtin = lpad({n}, 14, '0')))
        UNION
        (SELECT p.*, 1 + ts_rank(to_tsvector('simple', p.name), {words}) AS rank FROM product p
         WHERE {where} AND to_tsvector('simple', p.name) @@ {words} ORDER BY rank DESC LIMIT {CANDIDATES})
        UNION
        (SELECT p.*, word_similarity({n}, p.name) AS rank FROM product p
         WHERE {where} AND {n} <% p.name ORDER BY rank DESC LIMIT 200)
    """


_SEARCH = f"""
WITH candidates AS MATERIALIZED ({{candidates}}),
found AS MATERIALIZED (SELECT DISTINCT ON (id) * FROM candidates ORDER BY id, rank DESC),
page AS (
    SELECT *, row_number() OVER (ORDER BY {{order}}, id) AS place FROM found
    ORDER BY place LIMIT {{limit}} OFFSET {{offset}}
)
SELECT
    (SELECT count(*) FROM found) AS total,
    (SELECT coalesce(json_object_agg(brand_id, n), '{{{{}}}}')::text
     FROM (SELECT brand_id, count(*) AS n FROM found WHERE brand_id IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 50) k),
    (SELECT coalesce(json_object_agg(id, n), '{{{{}}}}')::text FROM (
        SELECT above.id, count(DISTINCT f.id) AS n FROM found f, unnest(f.category_id || f.category_ids) own (id)
        JOIN category c ON c.id = own.id, unnest(c.path_ids) above (id)
        GROUP BY 1) k),
    (SELECT min(price_amount) FROM found), (SELECT max(price_amount) FROM found),
    (SELECT coalesce(array_agg({_CARD} ORDER BY p.place), '{{{{}}}}')
     FROM page p LEFT JOIN brand b ON b.id = p.brand_id LEFT JOIN category c ON c.id = p.category_id)
"""


async def search_by_postgres(reader: Reader, query: SearchQuery, taxonomy: Taxonomy, currency: str) -> SearchResult:
    """The same question, answered in one statement by the database; `degraded` is set."""
    conditions = _conditions(query, taxonomy, currency)
    statement = _SEARCH.format(
        candidates=_candidates(conditions, query.q),
        order=_order(query.sort, conditions, taxonomy),
        limit=query.limit,
        offset=(query.page - 1) * query.limit,
    )
    row = await reader.fetchrow(statement, *conditions.values)
    total, brands, categories, low, high, cards = tuple(row or (0, "{}", "{}", None, None, []))
    found = int(str(total))
    hits = [_hits.decode(str(card)) for card in (cards if isinstance(cards, list) else [])]
    stats = {"price": FacetStats(min=float(str(low)), max=float(str(high)))} if low is not None else {}
    return SearchResult(
        query_id=new_id(),
        query=query.q,
        hits=hits,
        facets=_facets(query, taxonomy, _counts.decode(str(brands)), _counts.decode(str(categories))),
        facet_stats=stats,
        total=found,
        page=query.page,
        pages=-(-min(found, MAX_HITS) // query.limit),
        processing_ms=0,
        degraded=True,
        relaxed=False,
        corrected_query=None,
    )


def _facets(query: SearchQuery, taxonomy: Taxonomy, brands: dict[str, int], categories: dict[str, int]) -> list[Facet]:
    in_categories = [
        FacetOption(
            value=category.slug,
            label=category.name,
            count=categories[str(category.id)],
            selected=category.slug in query.category or str(category.id) in query.category,
            parent=_slug_of(taxonomy, category.parent_id),
        )
        for category in taxonomy.categories.values()
        if str(category.id) in categories
    ]
    in_brands = [
        FacetOption(value=brand.slug, label=brand.name, count=brands[str(brand.id)], selected=brand.slug in query.brand)
        for brand in taxonomy.brands.values()
        if str(brand.id) in brands
    ]
    in_brands.sort(key=lambda option: (-option.count, option.label))
    return [
        Facet(id="category", label="Category", type="category", options=in_categories),
        Facet(id="brand", label="Brand", type="brand", options=in_brands),
    ]


def _slug_of(taxonomy: Taxonomy, category_id: UUID | None) -> str | None:
    category = taxonomy.categories.get(category_id) if category_id else None
    return category.slug if category else None


async def suggest_by_postgres(reader: Reader, q: str, limit: int, taxonomy: Taxonomy) -> Suggestions:
    """Products by the database, categories and brands by the names held in the process; `degraded` is set."""
    result = await search_by_postgres(reader, SearchQuery(q=q, limit=limit), taxonomy, "")
    typed = q.strip().lower()
    categories = [c for c in taxonomy.categories.values() if typed and typed in c.name.lower() and c.product_count][:3]
    brands = [b for b in taxonomy.brands.values() if typed and typed in b.name.lower() and b.product_count][:2]
    room = limit - len(categories) - len(brands)
    return Suggestions(
        query=q,
        queries=[],
        products=[
            SuggestedProduct(
                id=hit.id, slug=hit.slug, name=hit.name, highlight=_safe(hit.name), price=hit.price, image=hit.image
            )
            for hit in result.hits[:room]
        ],
        categories=[
            SuggestedCategory(
                id=c.id,
                slug=c.slug,
                name=c.name,
                highlight=_safe(c.name),
                path=taxonomy.path(c),
                product_count=c.product_count,
            )
            for c in categories
        ],
        brands=[
            SuggestedBrand(id=b.id, slug=b.slug, name=b.name, highlight=_safe(b.name), product_count=b.product_count)
            for b in brands
        ],
        degraded=True,
    )


def _safe(text: str) -> str:
    return html.escape(text, quote=False)
