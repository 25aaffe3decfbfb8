"""Filling a catalog in bulk, and whether the index holds exactly what the catalog says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from mercato.search.documents import build_revisions, id_batches
from mercato.search.reconcile import reconcile
from mercato.search.sync import SearchSync
from tests.support.installation import Installation
from tests.support.processes import eventually

_FILL = """
WITH made AS (
    INSERT INTO product (id, slug, name, description, status)
    SELECT uuidv7(), $2 || '-' || n, initcap($2) || ' number ' || n, 'One of many, the ' || n || 'th.', 'active'
    FROM generate_series(1, $1) n RETURNING id, slug
)
INSERT INTO variant (id, product_id, sku, price_amount, currency, stock, is_default)
SELECT uuidv7(), id, upper(slug), 1000, 'EUR', 5, true FROM made
"""

_IS_DONE = """
SELECT NOT EXISTS (SELECT FROM outbox) AND EXISTS (SELECT FROM search_rebuild WHERE state = 'completed')
    AND NOT EXISTS (SELECT FROM search_rebuild WHERE state = 'building')
"""


async def fill(shop: Installation, count: int, word: str = "thing") -> None:
    """Published products in one statement, as a person in psql would make them. `word` is in their names."""
    await shop.execute(_FILL, count, word)


@asynccontextmanager
async def draining(shop: Installation) -> AsyncIterator[SearchSync]:
    """The worker's drain, running in this process."""
    sync = SearchSync(shop.resources.db, shop.resources.gateway, shop.resources.names)
    task = asyncio.create_task(sync.run())
    try:
        yield sync
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def pending(shop: Installation) -> int:
    """Changes that are not searchable yet."""
    return int(await shop.resources.db.reads.fetchval("SELECT count(*) FROM outbox"))


async def until_drained(shop: Installation, *, seconds: float = 60.0) -> None:
    """Wait until every change is searchable, and a rebuild done."""

    async def is_done() -> bool:
        return bool(await shop.resources.db.reads.fetchval(_IS_DONE))

    await eventually(is_done, "an empty outbox and a complete index", seconds=seconds)


async def revisions(connection: asyncpg.Connection) -> dict[str, str]:
    """Id -> digest of every document that the catalog asks for."""
    return {
        str(product_id): revision
        async for batch in id_batches(connection, 2_000)
        for product_id, revision in (await build_revisions(connection, batch)).items()
    }


async def stored(shop: Installation) -> dict[str, str]:
    """Id -> digest of every document in the live index."""
    found: dict[str, str] = {}
    gateway, names = shop.resources.gateway, shop.resources.names
    while page := await gateway.stored_revisions(names.products, len(found), 1_000):
        found |= dict(page)
    return found


async def assert_agreement(shop: Installation) -> None:
    """The index holds the documents that the catalog asks for, no other, in their present state; and `reconcile` agrees."""
    connection = await shop.resources.db.connect()
    try:
        wanted = await revisions(connection)
        assert await stored(shop) == wanted
        found = await reconcile(connection, shop.resources.gateway, shop.resources.names)
        assert (found.checked, found.drift) == (len(wanted), 0)
    finally:
        await connection.close()
