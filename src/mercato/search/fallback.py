"""Search by Postgres while the engine is away: words of the name, then trigrams for typos. Coarser, but the shop stays open."""

import html
import re
from collections.abc import Sequence
from uuid import UUID

import msgspec

from mercato.catalog import sql
from mercato.platform.db import Reader
from mercato.platform.ids import new_id
from mercato.platform.money import MAX_AMOUNT
from mercato.search.documents import PRIMARY_HIT_IMAGE, VARIANT_CARDS
from mercato.search.matching import show_variant, wishes_of
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
MAX_WORDS = 10
_WORD = re.compile(r"[^\W_]+")

_ORDERS = {
    SearchSort.RELEVANCE: "rank DESC, popularity DESC",
    SearchSort.PRICE: "asked ASC NULLS LAST",
    SearchSort.PRICE_DESC: "asked DESC NULLS LAST",
    SearchSort.RATING_DESC: "rating_average DESC NULLS LAST",
    SearchSort.POPULARITY_DESC: "popularity DESC",
    SearchSort.CREATED_DESC: "created_at DESC",
}

_CARD = f"""json_build_object(
    'id', p.id, 'slug', p.slug, 'name', p.name, 'brand', {sql.BRAND_REF}, 'category', {sql.CATEGORY_REF},
    'price', {sql.money("p.asked", "p.asked_in")}, 'compare_at_price', {sql.money("p.asked_before", "p.asked_in")},
    'rating', {sql.RATING}, 'in_stock', p.in_stock, 'image', {PRIMARY_HIT_IMAGE}, 'sku', {sql.DEFAULT_SKU}
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
            [str(category.id) if (category := taxonomy.category_by_slug(key)) else key for key in query.category],
        )
    if query.brand:
        found.add(
            "p.brand_id IN (SELECT id FROM brand WHERE slug = ANY({0}) OR id::text = ANY({0}))",
            [str(brand.id) if (brand := taxonomy.brand_by_slug(key)) else key for key in query.brand],
        )
    if query.in_stock is not None:
        found.add("p.in_stock = {0}", query.in_stock)
    if query.rating_min is not None:
        found.add("p.rating_average >= {0}::float8", query.rating_min)
    if query.currency or query.price_min is not None or query.price_max is not None:
        least, most = query.price_min or 0, MAX_AMOUNT if query.price_max is None else query.price_max
        wanted = found.bind(query.currency or currency)
        found.where.append(f"{_lowest_in(wanted)} BETWEEN {found.bind(least)} AND {found.bind(most)}")
    for code, values in query.attributes.items():
        _add_attribute(
            found, code, values, is_number=code in taxonomy.attributes and taxonomy.attributes[code].type == "number"
        )
    return found


def _lowest_in(currency: str) -> str:
    """The lowest price of product `p` in a currency; the products that have prices in it are few enough to be looked up."""
    return f"""(CASE WHEN p.currency = {currency}::text THEN p.price_amount WHEN EXISTS (
        SELECT FROM variant v WHERE v.product_id = p.id AND v.deleted_at IS NULL
            AND (v.currency = {currency}::text OR jsonb_exists(v.prices, {currency}::text))
    ) THEN (product_prices_now(p.id) -> 'prices' ->> {currency}::text)::bigint END)"""


def _asked(currency: str | None, conditions: _Conditions) -> str:
    """Columns of what hits show and orders go by: the base price, or the one in the currency asked for. Alias: `c`."""
    if currency is None:
        return "c.price_amount AS asked, c.compare_at_amount AS asked_before, c.currency AS asked_in"
    wanted = f"{conditions.bind(currency)}::text"
    prices = f"product_prices_now(c.id) -> '{{}}' ->> {wanted}"
    lowest, before = (f"({prices.format(key)})::bigint" for key in ("prices", "compare_at"))
    return f"{lowest} AS asked, {before} AS asked_before, {wanted} AS asked_in"


def _add_attribute(found: _Conditions, code: str, values: Sequence[str], *, is_number: bool) -> None:
    """Of a product with an option of this code, the values that its variants have count, else its own."""
    name = found.bind(code)
    if is_number:
        ranges = [(found.bind(low), found.bind(high)) for low, high in map(_bounds, values)]

        def fits(value: str) -> str:
            within = " OR ".join(f"{value}::float8 BETWEEN {low} AND {high}" for low, high in ranges)
            return f"CASE WHEN {value} ~ '{sql.NUMBER}' THEN {within} END"
    else:
        wanted = found.bind(list(values))

        def fits(value: str) -> str:
            return f"{value} = ANY({wanted})"

    found.where.append(f"""CASE WHEN p.options <> '[]' AND EXISTS (
            SELECT FROM jsonb_array_elements(p.options) o WHERE {sql.OPTION_CODE.format("o ->> 'name'")} = {name}
        ) THEN EXISTS (
            SELECT FROM variant v CROSS JOIN LATERAL jsonb_each_text(v.options) o
            WHERE v.product_id = p.id AND v.deleted_at IS NULL
                AND {sql.OPTION_CODE.format("o.key")} = {name} AND {fits("o.value")}
        ) ELSE {fits(f"(p.attributes ->> {name})")} END""")


def _bounds(item: str) -> tuple[float, float]:
    low, is_range, high = item.partition("..")
    return float(low or "-inf"), float((high or "inf") if is_range else low)


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
    """Rows that match, with a rank: the exact SKU, or all words at the start of words of the name or options, else similar names."""
    where = " AND ".join(conditions.where)
    if not q.strip():
        return f"SELECT p.*, 0::float4 AS rank FROM product p WHERE {where} ORDER BY popularity DESC LIMIT {CANDIDATES}"
    n = conditions.bind(q.strip())
    words = [f"{conditions.bind(f'{word}:*')}::text::tsquery" for word in _WORD.findall(q.lower())[:MAX_WORDS]]
    found = " AND ".join(
        f"""(to_tsvector('simple', p.name) @@ {word}
            OR p.options <> '[]' AND p.deleted_at IS NULL AND to_tsvector('simple', p.options) @@ {word})"""
        for word in words
    )
    return f"""
        (SELECT p.*, 3::float4 AS rank FROM product p JOIN variant v ON v.product_id = p.id
         WHERE {where} AND v.deleted_at IS NULL AND (v.sku = {n} OR v.gtin = lpad({n}, 14, '0')))
        UNION
        (SELECT p.*, 1 + ts_rank(to_tsvector('simple', p.name), {" && ".join(words) or "''::tsquery"}) AS rank FROM product p
         WHERE {where} AND {found or "false"} ORDER BY rank DESC LIMIT {CANDIDATES})
        UNION
        (SELECT p.*, word_similarity({n}, p.name) AS rank FROM product p
         WHERE {where} AND {n} <% p.name ORDER BY rank DESC LIMIT 200)
    """


_SEARCH = f"""
WITH candidates AS MATERIALIZED ({{candidates}}),
found AS MATERIALIZED (SELECT DISTINCT ON (id) c.*, {{asked}} FROM candidates c ORDER BY id, rank DESC),
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
    (SELECT min(asked) FROM found), (SELECT max(asked) FROM found),
    (SELECT coalesce(array_agg({_CARD} ORDER BY p.place), '{{{{}}}}')
     FROM page p LEFT JOIN brand b ON b.id = p.brand_id LEFT JOIN category c ON c.id = p.category_id),
    (SELECT array_agg({VARIANT_CARDS} ORDER BY p.place) FROM page p)
"""


async def search_by_postgres(reader: Reader, query: SearchQuery, taxonomy: Taxonomy, currency: str) -> SearchResult:
    """The same question, answered in one statement by the database; `degraded` is set."""
    conditions = _conditions(query, taxonomy, currency)
    statement = _SEARCH.format(
        candidates=_candidates(conditions, query.q),
        order=_order(query.sort, conditions, taxonomy),
        asked=_asked(query.currency, conditions),
        limit=query.limit,
        offset=(query.page - 1) * query.limit,
    )
    row = await reader.fetchrow(statement, *conditions.values)
    total, brands, categories, low, high, cards, variants = tuple(row or (0, "{}", "{}", None, None, [], []))
    found = int(str(total))
    wishes = wishes_of(query)
    hits = [
        show_variant(_hits.decode(str(card)), packed, wishes)
        for card, packed in zip(_texts(cards), _texts(variants), strict=True)
        if card is not None
    ]
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


def _texts(column: object) -> list[str | None]:
    return column if isinstance(column, list) else []


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
