"""Comparing index and database, and repairing what differs: the net below the outbox."""

from uuid import UUID

import asyncpg
import msgspec

from mercato.platform.ids import new_id, parse_id
from mercato.platform.logging import get_logger
from mercato.search.documents import build_revisions, id_batches
from mercato.search.gateway import MeilisearchGateway
from mercato.search.index import IndexNames

PAGE = 2_000
COMPARE_PRODUCTS = 2_500

_ENQUEUE = "INSERT INTO outbox (kind, entity_id) SELECT 'product', unnest($1::uuid[])"
_PENDING = "SELECT DISTINCT entity_id FROM outbox WHERE kind = 'product'"
_NOTE = "INSERT INTO search_reconciliation (id, checked, drift) VALUES ($1, $2, $3)"
_PRUNE = "DELETE FROM search_reconciliation WHERE finished_at < now() - interval '30 days'"

_log = get_logger()


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison found: products compared, documents that differed and were put into the outbox again."""

    checked: int
    drift: int


async def reconcile(connection: asyncpg.Connection, gateway: MeilisearchGateway, names: IndexNames) -> Reconciliation:
    """Compare every document's digest with the one it should have; memory is about 150 bytes a product.

    Products that wait in the outbox are left out: they differ because they are about to be sent.
    """
    stored = await _stored(gateway, names.products)
    differing: list[UUID] = []
    checked = 0
    async for batch in id_batches(connection, COMPARE_PRODUCTS):
        for product_id, revision in (await build_revisions(connection, batch)).items():
            checked += 1
            if stored.pop(product_id, None) != revision:
                differing.append(product_id)
    differing += stored  # what is left has no product that shoppers may see
    pending = {row[0] for row in await connection.fetch(_PENDING)}
    drifted = [product_id for product_id in differing if product_id not in pending]
    if drifted:
        await connection.execute(_ENQUEUE, drifted)
        await connection.execute("SELECT outbox_wake()")
        _log.warning("search_drift_repaired", documents=len(drifted), checked=checked)
    await connection.execute(_NOTE, new_id(), checked, len(drifted))
    await connection.execute(_PRUNE)
    return Reconciliation(checked=checked, drift=len(drifted))


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
