"""Comparing index and database, and repairing what differs: the net below the outbox."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from prometheus_client import Counter

from mercato.platform.db import Reader
from mercato.platform.ids import new_id, parse_id
from mercato.platform.logging import get_logger
from mercato.search.documents import build_revisions, id_batches
from mercato.search.gateway import MeilisearchGateway
from mercato.search.index import IndexNames

PAGE = 2_000
COMPARE_PRODUCTS = 2_500

# In the outbox, or about to be put there by the clock.
_PENDING = """
SELECT entity_id FROM outbox WHERE kind = 'product'
UNION SELECT id FROM product WHERE publish_at BETWEEN now() - interval '1 minute' AND now()
    OR unpublish_at BETWEEN now() - interval '1 minute' AND now() OR price_changes_at <= now()
"""
_ENQUEUE = "INSERT INTO outbox (kind, entity_id) SELECT 'product', unnest($1::uuid[])"
_NOTE = "INSERT INTO search_reconciliation (id, checked, drift) VALUES ($1, $2, $3)"
_PRUNE = "DELETE FROM search_reconciliation WHERE finished_at < now() - interval '30 days'"
# It finished an hour after it began at the latest: what the clock published meanwhile may have been compared before.
_LAST = "SELECT max(finished_at) - interval '1 hour' FROM search_reconciliation"

COMPARED = Counter("mercato_search_compared", "Products whose documents were compared with the database.")
REPAIRED = Counter("mercato_search_repaired", "Documents that comparisons sent again.")

_log = get_logger()


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison found: products compared, documents that differed and were put into the outbox again."""

    checked: int
    drift: int


async def reconcile(connection: asyncpg.Connection, gateway: MeilisearchGateway, names: IndexNames) -> Reconciliation:
    """Compare every document's digest with the one it should have; memory is about 150 bytes a product.

    The catalog changes meanwhile: what differs is looked at once more, and what waits in the outbox by then is left out.
    Raises `EngineUnavailable`.
    """
    checked, suspects = await _compare_all(connection, gateway, names.products)
    drifted = await _look_again(connection, gateway, names.products, suspects)
    if drifted:
        await connection.execute(_ENQUEUE, drifted)
        await connection.execute("SELECT outbox_wake()")
        _log.warning("search_drift_repaired", documents=len(drifted), checked=checked, first=str(drifted[0]))
    await connection.execute(_NOTE, new_id(), checked, len(drifted))
    await connection.execute(_PRUNE)
    COMPARED.inc(checked)
    REPAIRED.inc(len(drifted))
    return Reconciliation(checked=checked, drift=len(drifted))


async def last_reconciled(reader: Reader) -> datetime | None:
    """A time up to which index and database surely agreed; None before the first comparison."""
    row = await reader.fetchrow(_LAST)
    return row[0] if row is not None and isinstance(row[0], datetime) else None


async def _compare_all(
    connection: asyncpg.Connection, gateway: MeilisearchGateway, index: str
) -> tuple[int, list[UUID]]:
    """The number of products compared, and those that differ at first sight."""
    stored = await _stored(gateway, index)
    differing: list[UUID] = []
    checked = 0
    async for batch in id_batches(connection, COMPARE_PRODUCTS):
        for product_id, revision in (await build_revisions(connection, batch)).items():
            checked += 1
            if stored.pop(product_id, None) != revision:
                differing.append(product_id)
    differing += stored  # what is left has no product that shoppers may see
    return checked, differing


async def _look_again(
    connection: asyncpg.Connection, gateway: MeilisearchGateway, index: str, suspects: list[UUID]
) -> list[UUID]:
    """Those that differ though no change of them is on its way.

    In this order: what is not pending after its document was built is in the engine before the engine is asked, unless it
    changed again since, which the second building shows.
    """
    drifted: list[UUID] = []
    for start in range(0, len(suspects), COMPARE_PRODUCTS):
        batch = suspects[start : start + COMPARE_PRODUCTS]
        expected = await build_revisions(connection, batch)
        pending = await _pending(connection)
        stored = await gateway.stored_revisions_of(index, [str(product_id) for product_id in batch])
        again = await build_revisions(connection, batch)
        drifted += [
            product_id
            for product_id in batch
            if product_id not in pending
            and expected.get(product_id) == again.get(product_id) != stored.get(str(product_id))
        ]
    return drifted


async def _pending(connection: asyncpg.Connection) -> set[UUID]:
    return {row[0] for row in await connection.fetch(_PENDING)}


async def _stored(gateway: MeilisearchGateway, index: str) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    offset = 0
    while page := await gateway.stored_revisions(index, offset, PAGE):
        for key, revision in page:
            product_id = parse_id(key)
            if product_id is not None:
                found[product_id] = revision
        offset += len(page)
    return found
