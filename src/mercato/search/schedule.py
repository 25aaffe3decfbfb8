"""Publication by the clock: no row changes when the time comes, so somebody has to look."""

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


async def note_scheduled(reader: Reader, since: datetime | None) -> tuple[datetime, int]:
    """Put the products whose publication began or ended after `since` (None: ever) into the outbox.

    Gives the moment to go on from, and the number of products.
    """
    row = await reader.fetchrow(_NOTE_DUE, since)
    if row is None or not isinstance(row[0], datetime):
        raise TypeError("the database did not tell the time")
    return row[0], int(str(row[1]))
