"""Publication and sales by the clock: no row changes when the time comes, so somebody has to look."""

from datetime import datetime

from mercato.platform.db import Reader

# The clock is the database's throughout, as it is in `product_is_published`: a worker's may be ahead of it.
_NOTE_DUE = """
WITH due AS (
    SELECT id FROM product
    WHERE deleted_at IS NULL AND (
        publish_at > coalesce($1::timestamptz, '-infinity') AND publish_at <= now()
        OR unpublish_at > coalesce($1::timestamptz, '-infinity') AND unpublish_at <= now()
    )
), noted AS (INSERT INTO outbox (kind, entity_id) SELECT 'product', id FROM due RETURNING 1)
SELECT now(), n, CASE WHEN n > 0 THEN outbox_wake() END FROM (SELECT count(*) AS n FROM noted) counted
"""

# In the order of ids, as everybody locks several products; one that somebody else is changing now has its turn at the next look.
_FOLLOW_SALES = """
WITH due AS MATERIALIZED (
    SELECT id FROM product WHERE price_changes_at <= now() ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
), ids AS MATERIALIZED (SELECT array_agg(id) AS found, count(*) AS n FROM due)
SELECT n, CASE WHEN n > 0 THEN product_derive_from_variants(found) END FROM ids
"""
BATCH = 2_000


async def follow_sales(reader: Reader) -> int:
    """Bring the prices that lists and search go by up to date where a sale has begun or ended; gives the number of products.

    They go into the outbox by themselves, as whatever changes.
    """
    products = 0
    while True:
        row = await reader.fetchrow(_FOLLOW_SALES, BATCH)
        found = 0 if row is None else int(str(row[0]))
        products += found
        if found < BATCH:
            return products


async def note_scheduled(reader: Reader, since: datetime | None) -> tuple[datetime, int]:
    """Put the products whose publication began or ended after `since` (None: ever) into the outbox.

    Gives the moment to go on from, and the number of products.
    """
    row = await reader.fetchrow(_NOTE_DUE, since)
    if row is None or not isinstance(row[0], datetime):
        raise TypeError("the database did not tell the time")
    return row[0], int(str(row[1]))
