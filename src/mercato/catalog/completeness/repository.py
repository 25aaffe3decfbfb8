"""All SQL of completeness.

It is computed when it is asked for: exact at any moment, and free for whoever writes. A page of the list looks at all products
of the caller once, a third of a second for 100,000 of them, at any depth.
"""

from collections.abc import Mapping
from typing import get_args

import msgspec

from mercato.catalog.binding.repository import expected
from mercato.catalog.completeness.schemas import ATTRIBUTE_PREFIX, Fact
from mercato.catalog.product.schemas import ProductStatus
from mercato.catalog.records import Record, record_of
from mercato.identity.principal import Visibility
from mercato.platform.db import Reader
from mercato.platform.ids import parse_id
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

LOWEST_FIRST = Keyset(name="completeness", key="s.score", sql_type="bigint")

FACTS: Mapping[str, str] = {
    "description": "p.description <> ''",
    "price": "p.price_amount IS NOT NULL",
    "brand": "p.brand_id IS NOT NULL",
    "category": "p.category_id IS NOT NULL",
}
_OF_ALL = """
    LEFT JOIN (SELECT DISTINCT product_id FROM product_image) i ON i.product_id = p.id
    LEFT JOIN (SELECT DISTINCT product_id FROM variant WHERE gtin IS NOT NULL AND deleted_at IS NULL) g ON g.product_id = p.id
"""
_OF_ONE = """
    LEFT JOIN LATERAL (SELECT product_id FROM product_image WHERE product_id = p.id LIMIT 1) i ON true
    LEFT JOIN LATERAL (
        SELECT product_id FROM variant WHERE product_id = p.id AND gtin IS NOT NULL AND deleted_at IS NULL LIMIT 1
    ) g ON true
"""
_HAS: Mapping[str, str] = {**FACTS, "image": "i.product_id IS NOT NULL", "gtin": "g.product_id IS NOT NULL"}


def _scored(categories: str, pictures_and_codes: str) -> str:
    """Products with what they have and what is expected of them. `categories` is a condition on `leaf`, as in `expected`."""
    there = " + ".join(f"({condition})::int" for condition in _HAS.values())
    return f"""(
        WITH expect AS MATERIALIZED (
            SELECT x.category_id, array_agg(a.code) AS codes, array_agg(a.code) FILTER (WHERE x.is_required) AS required
            FROM ({expected(categories)}) x JOIN attribute a ON a.id = x.attribute_id AND a.deleted_at IS NULL
            GROUP BY x.category_id
        )
        SELECT p.id, p.slug, p.name, p.status, p.seller_id, p.category_id, p.attributes, p.version, p.deleted_at,
            {", ".join(f"({condition}) AS has_{name}" for name, condition in _HAS.items())},
            e.codes, e.required,
            100 * (1 + {there} + (SELECT count(*) FROM unnest(e.codes) code WHERE p.attributes ? code))
                / ({1 + len(_HAS)} + coalesce(cardinality(e.codes), 0)) AS score
        FROM product p LEFT JOIN expect e ON e.category_id = p.category_id
        {pictures_and_codes}
    )"""


_MISSING = f"""(
    SELECT coalesce(json_agg(json_build_object('field', lacking.field, 'required', lacking.required) ORDER BY lacking.n), '[]')
    FROM (
        SELECT fact.n, fact.field, false AS required
        FROM (VALUES {", ".join(f"({n}, '{name}', s.has_{name})" for n, name in enumerate(_HAS))}) fact (n, field, is_there)
        WHERE NOT fact.is_there
        UNION ALL
        SELECT {len(_HAS)} + row_number() OVER (ORDER BY code), '{ATTRIBUTE_PREFIX}' || code,
            coalesce(code = ANY(s.required), false)
        FROM unnest(s.codes) code WHERE NOT s.attributes ? code
    ) lacking
)"""
_ITEM = f"""json_build_object(
    'id', s.id, 'slug', s.slug, 'name', s.name, 'status', s.status, 'score', s.score, 'missing', {_MISSING},
    'version', s.version
)"""
_LIST = ListStatement(source=_scored("leaf.deleted_at IS NULL", _OF_ALL), alias="s", item=_ITEM)
_ONE = f"""
SELECT s.version, ({_ITEM})::text
FROM {_scored("leaf.id = (SELECT t.category_id FROM product t WHERE t.{key} = $1 AND t.deleted_at IS NULL)", _OF_ONE)} s
WHERE s.{{key}} = $1 AND s.deleted_at IS NULL AND ($2 OR s.seller_id = $3)
""".replace("{key}", "{{key}}") if False else ""


class CompletenessQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the list."""

    category: tuple[str, ...] = ()
    status: tuple[ProductStatus, ...] = ()
    below: int | None = None
    missing: str | None = None
    visibility: Visibility
