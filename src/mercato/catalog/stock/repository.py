"""All SQL of stock."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import msgspec

from mercato.catalog import sql
from mercato.catalog.records import Record, record_of
from mercato.catalog.stock.schemas import MAX_STOCK
from mercato.identity.principal import Visibility
from mercato.platform.db import Reader
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

FEWEST_FIRST = Keyset(name="stock-low", key="v.stock", sql_type="bigint")
NEWEST_FIRST = Keyset(name="stock-movements", key="m.created_at", sql_type="timestamptz", descending=True)

# By the clock, so that what has expired is free at once, whenever it is swept. Not `now()`: that stands still in a
# transaction that waits for a lock.
RESERVED = """(
    SELECT coalesce(sum(held.quantity), 0) FROM stock_reservation_line held
    WHERE held.variant_id = v.id AND held.held_until > statement_timestamp()
)"""
"""Pieces of the variant `v` that live reservations hold."""

_LEVEL_FIELDS = """
    'variant_id', v.id, 'product_id', v.product_id, 'sku', v.sku, 'quantity', v.stock, 'reserved', held.reserved,
    'available', v.stock - held.reserved, 'allow_backorder', v.allow_backorder,
    'low_stock_threshold', v.low_stock_threshold, 'is_low', coalesce(v.stock <= v.low_stock_threshold, false),
    'version', v.version
"""
_HELD = f"CROSS JOIN LATERAL (SELECT {RESERVED} AS reserved) held"
_MOVEMENT = """json_build_object(
    'id', m.id, 'delta', m.delta, 'quantity_after', m.quantity_after, 'reason', m.reason, 'note', m.note,
    'actor', CASE WHEN m.actor_name <> '' THEN json_build_object('id', m.actor_id, 'name', m.actor_name) END,
    'reservation_id', m.reservation_id, 'created_at', m.created_at
)"""
_LIVE = "v.deleted_at IS NULL AND p.deleted_at IS NULL"

_FIND_LEVEL = f"""
SELECT v.version, json_build_object({_LEVEL_FIELDS})::text FROM variant v {_HELD}
WHERE v.id = $1 AND v.deleted_at IS NULL
"""
_FIND_CHANGED = f"""
SELECT v.version, json_build_object({_LEVEL_FIELDS}, 'movement', CASE WHEN $2 THEN (
    SELECT {_MOVEMENT} FROM stock_movement m WHERE m.variant_id = v.id ORDER BY m.created_at DESC, m.id DESC LIMIT 1
) END)::text FROM variant v {_HELD}
WHERE v.id = $1
"""
_MOVEMENTS = ListStatement(source="stock_movement", alias="m", item=_MOVEMENT)

_LOW_ITEM = """json_build_object(
    'variant_id', v.id, 'product', json_build_object('id', p.id, 'slug', p.slug, 'name', p.name),
    'sku', v.sku, 'options', v.options, 'quantity', v.stock, 'reserved', held.reserved,
    'available', v.stock - held.reserved, 'allow_backorder', v.allow_backorder,
    'low_stock_threshold', v.low_stock_threshold
)"""
_LOW = ListStatement(
    source="variant", alias="v", item=_LOW_ITEM, joins=f"LEFT JOIN product p ON p.id = v.product_id {_HELD}"
)

_IS_LOW = ("v.low_stock_threshold IS NOT NULL", "v.deleted_at IS NULL", "v.stock <= v.low_stock_threshold")

_OWNERS = f"""
SELECT v.id, p.seller_id, {sql.PUBLISHED} FROM variant v JOIN product p ON p.id = v.product_id
WHERE v.id = ANY($1) AND {_LIVE}
"""
# Products before variants and in the order of their ids, as everybody who writes them does.
_LOCK_PRODUCTS = f"{_OWNERS} ORDER BY p.id FOR NO KEY UPDATE OF p"

_NOTED = "WITH noted AS MATERIALIZED (SELECT set_config('mercato.stock_reason', $3, true), set_config('mercato.stock_note', $4, true))"
_SET = f"""
{_NOTED}
UPDATE variant v SET stock = $2, updated_at = now() FROM noted WHERE v.id = $1 AND v.deleted_at IS NULL
RETURNING old.stock <> new.stock
"""
# What goes is taken from what nobody holds; a count says how it is, whoever holds what.
_ADD = f"""
{_NOTED}
UPDATE variant v SET stock = v.stock + $2, updated_at = now() FROM noted
WHERE v.id = $1 AND v.deleted_at IS NULL AND v.stock::bigint + $2 BETWEEN -{MAX_STOCK} AND {MAX_STOCK}
    AND ($2 > 0 OR v.allow_backorder OR v.stock + $2 >= {RESERVED})
RETURNING old.stock <> new.stock
"""
_ROOM = f"SELECT v.stock, v.stock - {RESERVED} FROM variant v WHERE v.id = $1 AND v.deleted_at IS NULL"
_WATCH = """
UPDATE variant SET low_stock_threshold = $2, version = version + 1, updated_at = now()
WHERE id = $1 AND deleted_at IS NULL AND low_stock_threshold IS DISTINCT FROM $2
"""


class Sellable(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a variant is, and whether everybody sees it."""

    variant_id: UUID
    seller_id: UUID | None
    is_published: bool


async def find_sellable(reader: Reader, variant_ids: Sequence[UUID]) -> dict[UUID, Sellable]:
    """The live ones of these variants."""
    return _sellable(await reader.fetch(_OWNERS, variant_ids))


async def lock_products(writer: Reader, variant_ids: Sequence[UUID]) -> dict[UUID, Sellable]:
    """The live ones of these variants; their products stay locked until the transaction ends.

    Whoever holds the lock is the only one to change or reserve stock of the products.
    """
    return _sellable(await writer.fetch(_LOCK_PRODUCTS, variant_ids))


async def find_level(reader: Reader, variant_id: UUID) -> Record | None:
    """The stock of a variant, in one statement."""
    return record_of(await reader.fetchrow(_FIND_LEVEL, variant_id))


async def find_changed(reader: Reader, variant_id: UUID, *, has_moved: bool) -> Record | None:
    """The stock of a variant and, when it has moved, the newest entry of its ledger."""
    return record_of(await reader.fetchrow(_FIND_CHANGED, variant_id, has_moved))


async def list_movements(reader: Reader, variant_id: UUID, page: PageRequest) -> PageBytes:
    """One page of a variant's ledger, the newest first."""
    statement, bound = _MOVEMENTS.build(NEWEST_FIRST, page, where=["m.variant_id = $1"], values=[variant_id])
    return assemble_page(await reader.fetch(statement, *bound), NEWEST_FIRST, page.limit)


async def list_low(reader: Reader, visibility: Visibility, page: PageRequest) -> PageBytes:
    """One page of the watched variants that are low in stock, those first of which fewest are left, in one statement."""
    where, values = list(_IS_LOW), list[object]()
    if not visibility.everything:
        values.append(visibility.seller_id)
        where.append("EXISTS (SELECT FROM product own WHERE own.id = v.product_id AND own.seller_id = $1)")
    statement, bound = _LOW.build(FEWEST_FIRST, page, where=where, values=values)
    return assemble_page(await reader.fetch(statement, *bound), FEWEST_FIRST, page.limit)


async def watch(writer: Reader, variant_id: UUID, threshold: int | None) -> None:
    """Set the threshold at which the variant is low in stock; None for not watching it."""
    await writer.fetch(_WATCH, variant_id, threshold)


async def set_quantity(writer: Reader, variant_id: UUID, quantity: int, *, reason: str, note: str) -> bool | None:
    """Set the stock. Whether that changed it; None when the variant is gone."""
    return _moved(await writer.fetchrow(_SET, variant_id, quantity, reason, note))


async def add_pieces(writer: Reader, variant_id: UUID, delta: int, *, reason: str, note: str) -> bool | None:
    """Add to the stock. None when it cannot be so many, or the variant is gone."""
    return _moved(await writer.fetchrow(_ADD, variant_id, delta, reason, note))


async def find_room(reader: Reader, variant_id: UUID) -> tuple[int, int] | None:
    """Stock of a variant, and how much of it is available."""
    row = await reader.fetchrow(_ROOM, variant_id)
    return None if row is None else (int(str(row[0])), int(str(row[1])))


def _moved(row: Sequence[object] | None) -> bool | None:
    return None if row is None else bool(row[0])


def _sellable(rows: Sequence[Sequence[object]]) -> dict[UUID, Sellable]:
    found = {}
    for variant_id, seller_id, is_published in cast("Sequence[tuple[UUID, UUID | None, bool]]", rows):
        found[variant_id] = Sellable(variant_id=variant_id, seller_id=seller_id, is_published=is_published)
    return found
