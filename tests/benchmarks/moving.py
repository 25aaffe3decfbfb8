"""Moving a category with thousands of products below it, until search shows them in the new place."""

import asyncio
import time

import asyncpg
import msgspec

from mercato.platform.settings import Settings
from tests.benchmarks.client import Connection, make_request
from tests.benchmarks.figures import Report, absolute
from tests.benchmarks.site import connect
from tests.support.installation import ADMIN

PRODUCTS, LEAVES = 10_000, 100
MOST_S = 30.0
LOOK_S = 0.05
GIVE_UP_S = 120.0

_TREE = f"""
WITH made AS (
    SELECT uuidv7() AS id, name, parent FROM (
        VALUES ('bench-old', NULL), ('bench-new', NULL), ('bench-moved', 'bench-old')
        UNION ALL SELECT 'bench-leaf-' || n, 'bench-moved' FROM generate_series(1, {LEAVES}) n
    ) wanted (name, parent)
), placed AS (
    SELECT made.id, made.name, up.id AS parent_id, array_remove(ARRAY[top.id, up.id, made.id], NULL) AS path_ids
    FROM made LEFT JOIN made up ON up.name = made.parent LEFT JOIN made top ON top.name = up.parent
)
INSERT INTO category (id, parent_id, path_ids, slug, name)
SELECT id, parent_id, path_ids, name, name FROM placed ORDER BY cardinality(path_ids)
"""
_FILL = f"""
UPDATE product p SET category_id = leaf.id
FROM (
    SELECT id, row_number() OVER (ORDER BY id) % {LEAVES} AS n FROM product
    WHERE product_is_published(status, publish_at, unpublish_at, deleted_at) ORDER BY id LIMIT {PRODUCTS}
) chosen JOIN (
    SELECT id, row_number() OVER (ORDER BY id) % {LEAVES} AS n FROM category WHERE slug LIKE 'bench-leaf-%'
) leaf USING (n)
WHERE p.id = chosen.id
"""


class _Total(msgspec.Struct):
    total: int


async def measure_moving(report: Report, settings: Settings, api_port: int) -> None:
    """One move of 101 categories with up to 10,000 products."""
    connection = await connect(settings.database_url)
    await connection.execute(_TREE)
    count = int((await connection.execute(_FILL)).rpartition(" ")[2])
    await _until_idle(connection)
    top, parent = [
        await connection.fetchval("SELECT id FROM category WHERE slug = $1", slug)
        for slug in ("bench-moved", "bench-new")
    ]
    client = await Connection.open(api_port)
    await _until_total(client, api_port, "bench-old", count)
    body = msgspec.json.encode({"parent_id": str(parent), "position": 0})
    move = make_request("POST", f"/api/v1/categories/{top}/move", port=api_port, body=body, headers=ADMIN)
    started = time.perf_counter()
    answer = await client.ask(move)
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
    moved_s = time.perf_counter() - started
    await _until_total(client, api_port, "bench-new", count)
    await _until_total(client, api_port, "bench-old", 0)
    found_s = time.perf_counter() - started
    client.close()
    await connection.close()
    report.rows += [
        absolute(f"moving a subtree with {count:,} products", "s", moved_s),
        absolute("… until search has all of them in the new place", "s", found_s, at_most=MOST_S),
    ]


async def _until_idle(connection: asyncpg.Connection) -> None:
    async with asyncio.timeout(GIVE_UP_S):
        while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):  # noqa: ASYNC110 - another process
            await asyncio.sleep(LOOK_S)


async def _until_total(client: Connection, port: int, category: str, total: int) -> None:
    look = make_request("GET", f"/api/v1/search?category={category}&limit=1&facets=category", port=port)
    async with asyncio.timeout(GIVE_UP_S):
        while msgspec.json.decode((await client.ask(look)).body, type=_Total).total != total:  # noqa: ASYNC110 - another process
            await asyncio.sleep(LOOK_S)
