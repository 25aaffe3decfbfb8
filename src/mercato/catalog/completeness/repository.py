"""All SQL of completeness.

It is computed when it is asked for: exact at any moment, and free for whoever writes products. A page of the list looks at all of
the caller's products once, whatever its depth.
"""

from collections.abc import Mapping

import msgspec

from mercato.catalog import sql
from mercato.catalog.binding.repository import expected
from mercato.catalog.completeness.schemas import ATTRIBUTE_PREFIX
from mercato.catalog.product.schemas import ProductStatus
from mercato.catalog.records import Record, record_of
from mercato.identity.principal import Visibility
from mercato.platform.db import Reader
from mercato.platform.ids import parse_id
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

LOWEST_FIRST = Keyset(name="completeness", key="s.score", sql_type="bigint")

# What every product should have besides its name (also in `schemas.MISSING_PATTERN`), and when it has it.
FACTS: Mapping[str, str] = {
    "description": "p.description <> ''",
    "price": "p.price_amount IS NOT NULL",
    "brand": "p.brand_id IS NOT NULL",
    "category": "p.category_id IS NOT NULL",
    "image": "pictured.product_id IS NOT NULL",
    "gtin": "coded.product_id IS NOT NULL",
}
_CODED = "SELECT product_id FROM variant WHERE gtin IS NOT NULL AND deleted_at IS NULL"
_SETS = f"""
    LEFT JOIN (SELECT DISTINCT product_id FROM product_image) pictured ON pictured.product_id = p.id
    LEFT JOIN (SELECT DISTINCT product_id FROM ({_CODED}) v) coded ON coded.product_id = p.id
"""
_LOOKUPS = f"""
    LEFT JOIN LATERAL (SELECT product_id FROM product_image i WHERE i.product_id = p.id LIMIT 1) pictured ON true
    LEFT JOIN LATERAL ({_CODED} AND product_id = p.id LIMIT 1) coded ON true
"""


def _scored(*, categories: str, joins: str, products: str) -> str:
    """A query for products with what they have, what is expected of them, and their score.

    `categories` is a condition on `leaf`, as in `expected`; `products` one on `p`; `joins` bring `pictured` and `coded`.
    """
    there = " + ".join(f"({condition})::int" for condition in FACTS.values())

    def of_categories(column: str) -> str:
        return f"""CASE WHEN cardinality(p.category_ids) = 0 THEN e.{column} ELSE ARRAY(
            SELECT DISTINCT code FROM expect x, unnest(x.{column}) code WHERE x.category_id = ANY(p.category_id || p.category_ids)
        ) END"""

    return f"""(
        WITH expect AS MATERIALIZED (
            SELECT x.category_id, array_agg(a.code) AS codes, array_agg(a.code) FILTER (WHERE x.is_required) AS required
            FROM ({expected(categories)}) x JOIN attribute a ON a.id = x.attribute_id AND a.deleted_at IS NULL
            GROUP BY x.category_id
        )
        SELECT p.id, p.slug, p.name, p.status, p.seller_id, p.category_id, p.category_ids, p.attributes, p.options, p.version,
            {", ".join(f"({condition}) AS has_{name}" for name, condition in FACTS.items())},
            wanted.codes, wanted.required,
            100 * (1 + {there} + (SELECT count(*) FROM unnest(wanted.codes) code WHERE {sql.has_attribute("p", "code")}))
                / ({1 + len(FACTS)} + coalesce(cardinality(wanted.codes), 0)) AS score
        FROM product p LEFT JOIN expect e ON e.category_id = p.category_id
        CROSS JOIN LATERAL (SELECT {of_categories("codes")} AS codes, {of_categories("required")} AS required) wanted
        {joins}
        WHERE p.deleted_at IS NULL AND {products}
    )"""


_MISSING = f"""(
    SELECT coalesce(json_agg(json_build_object('field', f.name, 'required', f.is_required) ORDER BY f.n, f.name), '[]')
    FROM (
        SELECT fact.n, fact.name, false AS is_required
        FROM (VALUES {", ".join(f"({n}, '{name}', s.has_{name})" for n, name in enumerate(FACTS))}) fact (n, name, is_there)
        WHERE NOT fact.is_there
        UNION ALL
        SELECT {len(FACTS)}, '{ATTRIBUTE_PREFIX}' || code, coalesce(code = ANY(s.required), false)
        FROM unnest(s.codes) code WHERE NOT {sql.has_attribute("s", "code")}
    ) f
)"""
_ITEM = f"""json_build_object(
    'id', s.id, 'slug', s.slug, 'name', s.name, 'status', s.status, 'score', s.score, 'missing', {_MISSING},
    'version', s.version
)"""
_LIST = ListStatement(source="product", alias="s", item=_ITEM)


def _one(key: str) -> str:
    own = f"SELECT unnest(t.category_id || t.category_ids) FROM product t WHERE t.{key} = $1 AND t.deleted_at IS NULL"
    scored = _scored(
        categories=f"leaf.id IN ({own})", joins=_LOOKUPS, products=f"p.{key} = $1 AND ($2 OR p.seller_id = $3)"
    )
    return f"SELECT s.version, ({_ITEM})::text FROM {scored} s"


_BY_ID, _BY_SLUG = _one("id"), _one("slug")


class CompletenessQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the list; several values of one filter are alternatives."""

    visibility: Visibility
    category: tuple[str, ...] = ()
    """Ids or slugs; includes everything below."""
    status: tuple[ProductStatus, ...] = ()
    below: int | None = None
    """Only scores below this."""
    missing: str | None = None
    """One of `FACTS`, or `attributes.<code>`: only products that lack it, though it is expected."""


async def find_completeness(reader: Reader, key: str, visibility: Visibility) -> Record | None:
    """How complete the product with this id or slug is, in one statement; None when there is none, or it is not the caller's."""
    product_id = parse_id(key)
    statement = _BY_SLUG if product_id is None else _BY_ID
    return record_of(await reader.fetchrow(statement, product_id or key, visibility.everything, visibility.seller_id))


async def list_completeness(reader: Reader, query: CompletenessQuery, page: PageRequest) -> PageBytes:
    """One page of the caller's products, the least complete first, in one statement."""
    of_products, of_scores, values = _conditions(query)
    source = _scored(categories="leaf.deleted_at IS NULL", joins=_SETS, products=" AND ".join(["true", *of_products]))
    statement, bound = _LIST.build(LOWEST_FIRST, page, where=of_scores, values=values, source=source)
    return assemble_page(await reader.fetch(statement, *bound), LOWEST_FIRST, page.limit)


def _conditions(query: CompletenessQuery) -> tuple[list[str], list[str], list[object]]:
    """Conditions on products, which are then all that is looked at; conditions on what came of that; values."""
    of_products, of_scores, values = list[str](), list[str](), list[object]()

    def bound(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    if not query.visibility.everything:
        of_products.append(f"p.seller_id = {bound(query.visibility.seller_id)}")
    if query.category:
        keys = bound(list(query.category))
        subtree = f"""
            SELECT below.id FROM category c JOIN category below ON below.path_ids @> ARRAY[c.id]
            WHERE c.deleted_at IS NULL AND (c.slug = ANY({keys}) OR c.id::text = ANY({keys}))
        """
        of_products.append(f"p.id IN ({sql.in_categories(subtree, columns='id')})")
    if query.status:
        of_products.append(f"p.status = ANY({bound(list(query.status))})")
    if query.below is not None:
        of_scores.append(f"s.score < {bound(query.below)}")
    if query.missing is not None and query.missing in FACTS:
        of_scores.append(f"NOT s.has_{query.missing}")
    elif query.missing is not None:
        code = bound(query.missing.removeprefix(ATTRIBUTE_PREFIX))
        of_scores.append(f"{code} = ANY(s.codes) AND NOT {sql.has_attribute('s', code)}")
    return of_products, of_scores, values
