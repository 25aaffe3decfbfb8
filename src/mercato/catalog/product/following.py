"""Following the catalog: products in the order in which they changed, so that whoever goes on from a cursor misses nothing.

Each transaction that changes products notes its id (they rise) beside theirs. Ids are given out in order, but transactions end in
any order: one that still runs may come to light between rows that were already told. So a pass remembers the oldest transaction
that ran when it met a younger one (the horizon, `xmin` of a snapshot); below it nothing can come to light any more. The pass
tells what is above as well, but whoever follows on starts again at the horizon: what is told twice does no harm, what is
missed does.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from mercato.catalog.product.repository import CHOSEN_CATEGORIES, JOINS, SUMMARY, ProductQuery, filters, visible_to
from mercato.platform.clock import Timestamp, is_storable
from mercato.platform.db import Reader
from mercato.platform.paging import ESTIMATE_AFTER, PageBytes, PageRequest, bad_cursor, decode_token, encode_token

_KIND = "changes"
_BEFORE_ALL = UUID(int=0)

_COMMITTED_SINCE = "EXISTS (SELECT FROM product_change_commit t WHERE t.changed_in = {change}.changed_in AND t.committed_at >= {since})"
_FIRST_SINCE = "(SELECT min(t.changed_in) FROM product_change_commit t WHERE t.committed_at >= {since})"
_TOMBSTONE = "json_build_object('id', p.page_id, 'deleted', true)"


class Position(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the transaction and the product told last.

    `epoch` is the count of transactions that the ids belong to; None at the beginning. `horizon` is where to start again after
    this pass, once it is known; `since` leaves out what was committed before.
    """

    kind: str
    epoch: UUID | None
    changed_in: int
    product_id: UUID = _BEFORE_ALL
    horizon: int | None = None
    since: Timestamp | None = None


def following_position(cursor: str | None, since: datetime | None) -> Position | None:
    """Where a list of changes begins, by its cursor or else by a moment; None when an ordinary list is asked for.

    Raises `InvalidInput` for a cursor that cannot be used.
    """
    if cursor is None:
        return None if since is None else Position(_KIND, None, 0, since=since)
    position = _read(cursor)
    if position is None and since is not None:
        raise bad_cursor("is not a cursor of changes")
    return position


def _read(cursor: str) -> Position | None:
    try:
        position = decode_token(cursor, Position)
    except ValueError:
        return None
    if position.kind != _KIND:
        return None
    is_usable = all(0 <= number < 2**63 for number in (position.changed_in, position.horizon or 0))
    if not is_usable or (position.since is not None and not is_storable(position.since)):
        raise bad_cursor("is not a cursor of this list")
    return position


async def list_changes(
    reader: Reader, query: ProductQuery, page: PageRequest, *, after: Position, with_tombstones: bool
) -> PageBytes:
    """One page of what changed after a position, in one statement: each product once, as it is now.

    With tombstones, a product that the caller cannot see any more is told as `{"id", "deleted": true}`. Raises `InvalidInput` when
    the position is of another epoch.
    """
    statement, values = _statement(query, page, after, with_tombstones=with_tombstones)
    return _assemble(await reader.fetch(statement, *values), page.limit, after)


def _statement(
    query: ProductQuery, page: PageRequest, after: Position, *, with_tombstones: bool
) -> tuple[str, list[object]]:
    values: list[object] = []
    is_shown = " AND ".join(["p.id IS NOT NULL AND p.deleted_at IS NULL", *visible_to(query.visibility, values)])
    where = filters(query, values)
    if query.category:
        values.append(list(query.category))
        where.append(f"(p.category_id || p.category_ids) && ARRAY({CHOSEN_CATEGORIES.format(len(values))})")
    if not with_tombstones:
        where.append(is_shown)
    # Of two changes the later one tells all there is to tell; but the earlier one may be the one that was committed later.
    later = "later.product_id = c.product_id AND later.changed_in > c.changed_in"
    if after.since is not None:
        values.append(after.since)
        since = f"${len(values)}"
        where.append(f"c.changed_in >= {_FIRST_SINCE.format(since=since)}")
        where.append(_COMMITTED_SINCE.format(change="c", since=since))
        later += " AND " + _COMMITTED_SINCE.format(change="later", since=since)
    where.append(f"NOT EXISTS (SELECT FROM product_change later WHERE {later})")
    changes = f"FROM product_change c LEFT JOIN product p ON p.id = c.product_id WHERE {' AND '.join(where)}"
    values += [after.changed_in, after.product_id, page.limit + 1]
    changed_in, product_id, limit = (f"${len(values) - back}" for back in (2, 1, 0))
    return (
        f"""
        WITH page AS MATERIALIZED (
            SELECT p.*, c.changed_in AS page_key, c.product_id AS page_id, {is_shown} AS is_shown
            {changes} AND (c.changed_in, c.product_id) > ({changed_in}::bigint, {product_id}::uuid)
            ORDER BY c.changed_in, c.product_id LIMIT {limit}
        )
        SELECT {_total(page, changes)} AS total, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon,
            (SELECT id FROM product_change_epoch) AS epoch, p.page_key AS key, p.page_id AS id,
            (CASE WHEN p.is_shown THEN {SUMMARY} WHEN p.page_id IS NOT NULL THEN {_TOMBSTONE} END)::text AS item
        FROM (SELECT) AS one LEFT JOIN page p ON true {JOINS}
        ORDER BY p.page_key, p.page_id
        """,
        values,
    )


def _total(page: PageRequest, changes: str) -> str:
    if page.count == "exact":
        return f"(SELECT count(*) {changes})"
    if page.count == "estimated":
        counted = f"(SELECT count(*) FROM (SELECT {changes} LIMIT {ESTIMATE_AFTER + 1}) few)"
        planner = "(SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'product'::regclass)"
        return f"(SELECT CASE WHEN n <= {ESTIMATE_AFTER} THEN n ELSE greatest(n, {planner}) END FROM {counted} t (n))"
    return "NULL::bigint"


def _assemble(rows: Sequence[Sequence[object]], limit: int, after: Position) -> PageBytes:
    total, horizon, epoch = rows[0][0], int(str(rows[0][1])), UUID(str(rows[0][2]))
    if after.epoch not in {None, epoch}:
        raise bad_cursor("is from before the catalog was restored: begin again with updated_since", "cursor_expired")
    found = [row for row in rows if row[4] is not None]
    shown, has_more = found[:limit], len(found) > limit
    last = int(str(shown[-1][3])) if has_more else horizon
    again_at = after.horizon
    if again_at is None and last >= horizon:
        again_at = horizon
    if has_more:
        position = Position(_KIND, epoch, last, UUID(str(shown[-1][4])), again_at, after.since)
    else:
        position = Position(_KIND, epoch, horizon if again_at is None else again_at)
    resume_cursor = encode_token(position)
    next_cursor = resume_cursor if has_more else None
    items = ",".join(str(row[5]) for row in shown)
    ends = {"next_cursor": next_cursor, "resume_cursor": resume_cursor, "total": total}
    tail = msgspec.json.encode(ends).decode()
    return PageBytes(body=f'{{"items":[{items}],{tail[1:]}'.encode(), next_cursor=next_cursor)


_RENEW = """
SELECT product_change_renew()
WHERE EXISTS (
    SELECT FROM product_change WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
)
"""
_SWEEP = """
WITH superseded AS (
    DELETE FROM product_change c USING product_change_commit t, product_change later, product_change_commit u
    WHERE t.changed_in = c.changed_in AND later.product_id = c.product_id AND later.changed_in > c.changed_in
        AND later.changed_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        AND u.changed_in = later.changed_in AND u.committed_at >= t.committed_at
    RETURNING 1
)
SELECT count(*) FROM superseded
"""
_SWEEP_COMMITS = """
DELETE FROM product_change_commit t
WHERE t.changed_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    AND NOT EXISTS (SELECT FROM product_change c WHERE c.changed_in = t.changed_in)
"""


async def sweep_changes(reader: Reader) -> int:
    """Remove what later changes of the same products supersede. Gives the number of changes removed.

    A log with ids that this server has not given out yet was restored from another one, and is begun anew.
    """
    await reader.fetch(_RENEW)
    row = await reader.fetchrow(_SWEEP)
    await reader.fetch(_SWEEP_COMMITS)
    return 0 if row is None else int(str(row[0]))
