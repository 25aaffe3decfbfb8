"""All SQL of bindings."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog import sql
from mercato.catalog.attribute.models import Attribute
from mercato.catalog.binding.models import CategoryAttribute
from mercato.catalog.records import Record, record_of
from mercato.platform.db import Reader
from mercato.platform.ids import parse_id

RULES_LOCK = 4_770_005
"""Advisory lock on what products must have: shared by transactions that write products, taken alone by those that change bindings.

It comes before all locks on rows, so that neither side waits for the other while it holds what the other needs.
"""
HOLD_RULES = f"SELECT pg_advisory_xact_lock_shared({RULES_LOCK})"
"""The rules stay as they are until the transaction ends."""


def expected(categories: str) -> str:
    """Rows (category_id, attribute_id, bound_to, depth, is_required, position): what products of categories are expected to have.

    `categories` is a condition on `leaf`, a row of `category`. The nearest binding on the way up counts.
    """
    return f"""
        SELECT DISTINCT ON (leaf.id, e.attribute_id)
            leaf.id AS category_id, e.attribute_id, e.category_id AS bound_to, step.n AS depth, e.is_required, e.position
        FROM category leaf CROSS JOIN LATERAL unnest(leaf.path_ids) WITH ORDINALITY step (id, n)
        JOIN category_attribute e ON e.category_id = step.id
        WHERE {categories}
        ORDER BY leaf.id, e.attribute_id, step.n DESC
    """


_ITEMS = f"""(
    SELECT coalesce(json_agg(json_build_object(
        'code', a.code, 'name', a.name, 'type', a.type, 'unit', a.unit, 'options', a.options,
        'is_required', x.is_required, 'position', x.position,
        'inherited_from', CASE WHEN up.id <> c.id
            THEN json_build_object('id', up.id, 'slug', up.slug, 'name', up.name) END
    ) ORDER BY x.depth, x.position, a.position, a.code), '[]')
    FROM ({expected("leaf.id = c.id")}) x
    JOIN attribute a ON a.id = x.attribute_id AND a.deleted_at IS NULL
    JOIN category up ON up.id = x.bound_to
)"""
_ONE = f"""
SELECT c.version, json_build_object(
    'category', json_build_object('id', c.id, 'slug', c.slug, 'name', c.name), 'items', {_ITEMS}, 'version', c.version
)::text
FROM category c WHERE c.deleted_at IS NULL AND {{key}} = $1
"""

_REQUIRED = f"""
SELECT DISTINCT a.code FROM ({expected("leaf.id = ANY(:categories)")}) x
JOIN attribute a ON a.id = x.attribute_id AND a.deleted_at IS NULL
WHERE x.is_required
"""
_LACKING = f"""
SELECT count(DISTINCT p.id) FROM ({expected("leaf.path_ids @> ARRAY[CAST(:category AS uuid)]")}) x
JOIN attribute a ON a.id = x.attribute_id AND a.deleted_at IS NULL
JOIN (
    SELECT p.id, p.attributes, p.options, own.id AS category_id FROM product p, unnest(p.category_id || p.category_ids) own (id)
    WHERE p.deleted_at IS NULL AND p.status = 'active'
) p ON p.category_id = x.category_id
WHERE x.is_required AND a.code = ANY(:codes) AND NOT {sql.has_attribute("p", "a.code")}
"""
_LACKED = f"""
WITH chosen AS MATERIALIZED (
    SELECT p.id, p.attributes, p.options, own.id AS category_id FROM product p, unnest(p.category_id || p.category_ids) own (id)
    WHERE p.id = ANY(:products)
)
SELECT DISTINCT p.id, a.code FROM ({expected("leaf.id IN (SELECT category_id FROM chosen)")}) x
JOIN attribute a ON a.id = x.attribute_id AND a.deleted_at IS NULL
JOIN chosen p ON p.category_id = x.category_id
WHERE x.is_required AND NOT {sql.has_attribute("p", "a.code")}
"""


async def find_bindings(reader: Reader, key: str) -> Record | None:
    """What products of the category with this id or slug are expected to have, in one statement."""
    category_id = parse_id(key)
    statement = _ONE.format(key="c.slug" if category_id is None else "c.id")
    return record_of(await reader.fetchrow(statement, category_id or key))


class BindingRepository:
    """Writes of bindings, and what they mean for products."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hold_rules(self) -> None:
        """Keep the bindings as they are until the transaction ends. Call it before any row is locked."""
        await self._session.execute(select(func.pg_advisory_xact_lock_shared(RULES_LOCK)))

    async def lock_rules(self) -> None:
        """Wait until nobody writes products, and keep them from it until the transaction ends."""
        await self._session.execute(select(func.pg_advisory_xact_lock(RULES_LOCK)))

    async def required(self, categories: Collection[UUID]) -> set[str]:
        """Codes of the attributes that products of any of the categories must have once they are active."""
        if not categories:
            return set()
        found = await self._session.execute(text(_REQUIRED), {"categories": list(categories)})
        return {str(code) for code in found.scalars()}

    async def lacked(self, products: Collection[UUID]) -> Mapping[UUID, set[str]]:
        """Of the products that lack something they need when they are active: the codes of what they lack."""
        found: dict[UUID, set[str]] = {}
        for product_id, code in await self._session.execute(text(_LACKED), {"products": list(products)}):
            found.setdefault(product_id, set()).add(code)
        return found

    async def own(self, category_id: UUID) -> Mapping[UUID, CategoryAttribute]:
        """The bindings of the category itself by attribute."""
        statement = select(CategoryAttribute).where(CategoryAttribute.category_id == category_id)
        return {row.attribute_id: row for row in (await self._session.execute(statement)).scalars()}

    async def definitions(self, codes: Collection[str]) -> Mapping[str, UUID]:
        """Ids of the live attributes with these codes; they stay live until the transaction ends."""
        statement = select(Attribute.code, Attribute.id).where(
            Attribute.code.in_(codes), Attribute.deleted_at.is_(None)
        )
        rows = await self._session.execute(statement.order_by(Attribute.code).with_for_update(read=True))
        return {row.code: row.id for row in rows}

    async def remove(self, bindings: Sequence[CategoryAttribute]) -> None:
        """Take bindings away."""
        if bindings:
            ids = [binding.id for binding in bindings]
            await self._session.execute(delete(CategoryAttribute).where(CategoryAttribute.id.in_(ids)))

    async def count_lacking(self, category_id: UUID, codes: Collection[str]) -> int:
        """Number of active products in the category and below that must have one of the attributes and do not."""
        values = {"category": category_id, "codes": list(codes)}
        return int((await self._session.execute(text(_LACKING), values)).scalar_one())
