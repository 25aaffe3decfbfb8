"""All SQL of prices and sales."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from mercato.catalog import sql
from mercato.catalog.pricing import models as m
from mercato.catalog.product.models import Variant
from mercato.catalog.records import Record, record_of
from mercato.catalog.repository import CatalogRepository
from mercato.identity.principal import Visibility
from mercato.platform.db import Reader
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

SORTS: Mapping[str, Keyset] = {
    "-starts_at": Keyset(name="sales-starts_at", key="s.starts_at", sql_type="timestamptz", descending=True)
}

_VISIBLE = f"({sql.PUBLISHED} OR $2 OR p.seller_id = $3)"
_LIVE_VARIANT = "v.id = $1 AND v.deleted_at IS NULL AND p.deleted_at IS NULL"

_PRICES = f"""
SELECT v.version, json_build_object('variant_id', v.id, 'version', v.version, 'prices', (
    SELECT coalesce(json_agg(json_build_object(
        'currency', listed.currency, 'is_base', listed.is_base,
        'list_price', {sql.money("listed.amount", "listed.currency")},
        'compare_at_price', {sql.money("listed.compare_at_amount", "listed.currency")},
        'price', {sql.sale_price("listed.amount", "listed.currency")},
        'sale', CASE WHEN sale.id IS NOT NULL THEN json_build_object('id', sale.id, 'name', sale.name,
            'list_price', {sql.money("listed.amount", "listed.currency")}, 'ends_at', sale.ends_at) END
    ) ORDER BY NOT listed.is_base, listed.currency), '[]')
    FROM (
        SELECT v.currency, v.price_amount AS amount, v.compare_at_amount, true AS is_base
        WHERE v.price_amount IS NOT NULL
        UNION ALL
        SELECT f.currency, f.amount, f.compare_at_amount, false FROM {sql.FURTHER_PRICES} f
    ) listed {sql.running_sale("listed.currency", "listed.amount")}
))::text
FROM variant v JOIN product p ON p.id = v.product_id
WHERE {_LIVE_VARIANT} AND {_VISIBLE}
"""

_SALE = """json_build_object(
    'id', s.id, 'variant_id', s.variant_id, 'name', s.name,
    'price', json_build_object('amount', s.amount, 'currency', s.currency),
    'starts_at', s.starts_at, 'ends_at', s.ends_at,
    'state', CASE WHEN s.ends_at <= now() THEN 'ended' WHEN s.starts_at <= now() THEN 'running' ELSE 'scheduled' END,
    'created_at', s.created_at, 'updated_at', s.updated_at, 'version', s.version
)"""
_SALE_BY_ID = f"""
SELECT s.version, {_SALE}::text FROM sale s JOIN variant v ON v.id = s.variant_id JOIN product p ON p.id = s.product_id
WHERE s.id = $1 AND s.deleted_at IS NULL AND v.deleted_at IS NULL AND p.deleted_at IS NULL AND ($2 OR p.seller_id = $3)
"""
_SALES = ListStatement(source="sale", alias="s", item=_SALE)
_OWNED = f"""
SELECT {_VISIBLE}, $2 OR p.seller_id IS NOT DISTINCT FROM $3 FROM variant v JOIN product p ON p.id = v.product_id
WHERE {_LIVE_VARIANT}
"""
_EVENT = f"""json_build_object(
    'at', e.at, 'event', e.event, 'currency', e.currency,
    'price', {sql.money("variant_price_at(e.variant_id, e.currency, e.at)", "e.currency")},
    'list_price', {sql.money("variant_list_price_at(e.variant_id, e.currency, e.at)", "e.currency")},
    'sale', (SELECT json_build_object('id', s.id, 'name', s.name) FROM sale s WHERE s.id = e.sale_id)
)"""
_HISTORY = ListStatement(source="price_event", alias="e", item=_EVENT)
_HISTORY_ORDER = Keyset(name="-price_event", key="e.at", sql_type="timestamptz", descending=True)

# Directive 98/6/EC, article 6a: a reduction is announced beside the lowest price of the 30 days before it.
_LOWEST = f"""
SELECT coalesce((
    SELECT json_agg(json_build_object(
        'currency', l.currency, 'price', json_build_object('amount', low.amount, 'currency', l.currency),
        'since', span.since, 'until', span.until
    ) ORDER BY l.currency <> v.currency, l.currency)
    FROM variant_list_prices(v.currency, v.price_amount, v.prices) l
    LEFT JOIN sale s ON s.variant_id = v.id AND s.currency = l.currency AND s.deleted_at IS NULL
        AND s.starts_at <= now() AND s.ends_at > now() AND s.amount < l.amount
    CROSS JOIN LATERAL (SELECT coalesce(s.starts_at, now()) AS until) ended
    CROSS JOIN LATERAL (
        SELECT ended.until, least(
            greatest(v.created_at, ended.until - interval '30 days'), ended.until - interval '1 microsecond'
        ) AS since
    ) span
    CROSS JOIN LATERAL (
        SELECT min(variant_price_at(v.id, l.currency, moment.at)) AS amount FROM (
            SELECT span.since AS at
            UNION ALL SELECT e.at FROM price_event e
            WHERE e.variant_id = v.id AND e.currency = l.currency AND e.at > span.since AND e.at < span.until
        ) moment
    ) low
    WHERE low.amount IS NOT NULL
), '[]')::text
FROM variant v JOIN product p ON p.id = v.product_id
WHERE {_LIVE_VARIANT} AND {_VISIBLE}
"""


async def find_lowest_prices(reader: Reader, variant_id: UUID, visibility: Visibility) -> bytes | None:
    """The lowest prices of the last 30 days as a JSON list; None when there is no such variant (or the caller may not see it)."""
    row = await reader.fetchrow(_LOWEST, variant_id, visibility.everything, visibility.seller_id)
    return None if row is None else str(row[0]).encode()


async def list_price_events(reader: Reader, variant_id: UUID, currency: str | None, page: PageRequest) -> PageBytes:
    """One page of what happened to a variant's prices, the latest first."""
    where, values = ["e.variant_id = $1"], list[object]([variant_id])
    if currency is not None:
        where.append("e.currency = $2")
        values.append(currency)
    statement, bound = _HISTORY.build(_HISTORY_ORDER, page, where=where, values=values)
    return assemble_page(await reader.fetch(statement, *bound), _HISTORY_ORDER, page.limit)


async def find_prices(reader: Reader, variant_id: UUID, visibility: Visibility) -> Record | None:
    """All prices of a variant; None when there is no such variant (or the caller may not see it)."""
    return record_of(await reader.fetchrow(_PRICES, variant_id, visibility.everything, visibility.seller_id))


async def find_sale(reader: Reader, sale_id: UUID, visibility: Visibility) -> Record | None:
    """One sale of the caller's products; None when there is none."""
    return record_of(await reader.fetchrow(_SALE_BY_ID, sale_id, visibility.everything, visibility.seller_id))


async def has_variant(reader: Reader, variant_id: UUID, visibility: Visibility) -> bool:
    """Whether the caller sees the variant and, unless an admin, sells it."""
    row = await reader.fetchrow(_OWNED, variant_id, visibility.everything, visibility.seller_id)
    return row is not None and bool(row[0] and row[1])


async def list_sales(reader: Reader, variant_id: UUID, page: PageRequest) -> PageBytes:
    """One page of a variant's sales, the latest first."""
    keyset = SORTS["-starts_at"]
    where = ["s.variant_id = $1", "s.deleted_at IS NULL"]
    statement, bound = _SALES.build(keyset, page, where=where, values=[variant_id])
    return assemble_page(await reader.fetch(statement, *bound), keyset, page.limit)


class SaleRepository(CatalogRepository[m.Sale]):
    """Writes of sales, and of their variants' prices."""

    model_type = m.Sale

    async def product_of_variant(self, variant_id: UUID) -> UUID | None:
        """The product of a live variant: it is locked before the variant, as everywhere."""
        statement = select(Variant.product_id).where(Variant.id == variant_id, Variant.deleted_at.is_(None))
        return (await self.session.execute(statement)).scalar_one_or_none()

    async def lock_variant(self, variant_id: UUID) -> Variant | None:
        """The live variant, locked until the transaction ends."""
        statement = select(Variant).where(Variant.id == variant_id, Variant.deleted_at.is_(None))
        return (await self.session.execute(statement.with_for_update())).scalar_one_or_none()

    async def variant_of_sale(self, sale_id: UUID) -> UUID | None:
        """The variant of a live sale."""
        statement = select(m.Sale.variant_id).where(m.Sale.id == sale_id, m.Sale.deleted_at.is_(None))
        return (await self.session.execute(statement)).scalar_one_or_none()

    async def now(self) -> datetime:
        """The time of the transaction by the database's clock, by which sales begin and end."""
        return (await self.session.execute(select(func.now()))).scalar_one()
