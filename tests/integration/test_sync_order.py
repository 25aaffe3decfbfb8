"""The drain: no change is lost and none is overtaken, whatever commits when."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from mercato.search.reconcile import reconcile
from tests.support.agreement import assert_agreement, draining, fill, pending, stored, until_drained
from tests.support.builders import make_product, price, unique
from tests.support.installation import Installation
from tests.support.processes import eventually


@asynccontextmanager
async def transaction(shop: Installation) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that commits at the end of the block."""
    connection = await shop.resources.db.connect()
    try:
        async with connection.transaction():
            yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def held_back(shop: Installation) -> AsyncIterator[asyncio.Task[None]]:
    """A drain that has sent what is in the outbox and waits with deleting the rows until the block ends."""
    async with transaction(shop) as blocker:
        await blocker.execute("SELECT FROM outbox FOR UPDATE")
        drain = asyncio.create_task(shop.drain())

        async def waits() -> bool:
            assert not drain.done(), drain.result()
            return bool(
                await shop.resources.db.reads.fetchval(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
                    "AND wait_event_type = 'Lock' AND query LIKE 'DELETE FROM outbox%')"
                )
            )

        await eventually(waits, "a drain that waits for the lock")
        yield drain
    await drain


async def found(shop: Installation, q: str) -> dict[str, object]:
    """What search says, as JSON."""
    answer = await shop.client.get("/api/v1/search", params={"q": q})
    assert answer.status_code == 200
    body: dict[str, object] = answer.json()
    assert body["degraded"] is False
    return body


async def amounts(shop: Installation, q: str) -> list[int]:
    """Prices of the hits."""
    hits = msgspec.convert((await found(shop, q))["hits"], list[dict[str, object]])
    return [msgspec.convert(hit["price"], dict[str, object])["amount"] for hit in hits]  # type: ignore[misc]


async def test_a_change_made_in_psql_reaches_the_index(empty_shop: Installation) -> None:
    await fill(empty_shop, 50, "lamp")
    await empty_shop.drain()
    await empty_shop.execute("UPDATE variant SET price_amount = 777 WHERE sku = 'LAMP-7'")
    await empty_shop.execute("UPDATE product SET deleted_at = now() WHERE slug = 'lamp-8'")
    await empty_shop.execute("DELETE FROM variant WHERE sku = 'LAMP-9'")
    await empty_shop.execute("UPDATE product SET status = 'archived' WHERE slug = 'lamp-10'")

    await empty_shop.drain()

    assert await amounts(empty_shop, "LAMP-7") == [777]
    assert (await found(empty_shop, "lamp"))["total"] == 48
    await assert_agreement(empty_shop)


async def test_what_was_rolled_back_is_not_sent(empty_shop: Installation) -> None:
    await make_product(empty_shop, name="Kettle", price=price(1000))
    await empty_shop.drain()
    await empty_shop.execute("DO $$ BEGIN UPDATE variant SET price_amount = 1; ROLLBACK; END $$")

    await empty_shop.drain()

    assert await amounts(empty_shop, "kettle") == [1000]


async def test_an_edit_that_commits_while_its_product_is_being_sent_is_not_lost(empty_shop: Installation) -> None:
    product = await make_product(empty_shop, name="Teapot", price=price(1000))

    async with held_back(empty_shop):
        changed = await empty_shop.admin.patch(f"/api/v1/products/{product['id']}", json={"price": price(2000)})
        assert changed.status_code == 200

    assert await pending(empty_shop) == 0
    assert await amounts(empty_shop, "teapot") == [2000]
    await assert_agreement(empty_shop)


async def test_a_product_deleted_while_it_is_being_sent_leaves_the_index(empty_shop: Installation) -> None:
    product = await make_product(empty_shop, name="Teapot")

    async with held_back(empty_shop):
        assert (await empty_shop.admin.delete(f"/api/v1/products/{product['id']}")).status_code == 204

    assert await stored(empty_shop) == {}


async def test_a_change_that_commits_after_later_ones_were_sent_is_not_lost(empty_shop: Installation) -> None:
    await fill(empty_shop, 3, "cup")
    await empty_shop.drain()
    async with transaction(empty_shop) as slow:
        await slow.execute("UPDATE variant SET price_amount = 1111 WHERE sku = 'CUP-1'")  # smaller outbox ids
        await empty_shop.execute("UPDATE variant SET price_amount = 2222 WHERE sku = 'CUP-2'")
        async with held_back(empty_shop):
            pass
        assert await amounts(empty_shop, "CUP-2") == [2222]

    await empty_shop.drain()

    assert await amounts(empty_shop, "CUP-1") == [1111]
    await assert_agreement(empty_shop)


async def test_many_writers_at_the_same_products_leave_the_index_right(empty_shop: Installation) -> None:
    products = [await make_product(empty_shop, name=f"Chair {number}") for number in range(4)]

    async def edit(writer: int) -> None:
        dice = random.Random(writer)
        for step in range(50):
            product = dice.choice(products)
            change = {"price": price(writer * 1000 + step)} if step % 2 else {"name": f"Chair by {writer} at {step}"}
            answer = await empty_shop.admin.patch(f"/api/v1/products/{product['id']}", json=change)
            assert answer.status_code == 200, answer.text

    async with draining(empty_shop):
        await asyncio.gather(*(edit(writer) for writer in range(8)))
        await until_drained(empty_shop)

    await assert_agreement(empty_shop)


async def test_a_commit_wakes_the_drain(empty_shop: Installation) -> None:
    word = unique("w")
    async with draining(empty_shop):
        await until_drained(empty_shop)
        await make_product(empty_shop, name=word)

        async def is_found() -> bool:
            return bool((await found(empty_shop, word))["total"])

        # Left to its own clock, it would look after five seconds.
        await eventually(is_found, "the new product in search", seconds=3)


async def test_a_drain_that_loses_its_connection_takes_the_lock_again(empty_shop: Installation) -> None:
    holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    reads = empty_shop.resources.db.reads
    async with draining(empty_shop):

        async def leads() -> bool:
            return await reads.fetchval(holder) is not None

        await eventually(leads, "a drain that holds the lock")
        await reads.execute(f"SELECT pg_terminate_backend(({holder}))")
        await fill(empty_shop, 20, "spoon")
        await until_drained(empty_shop)

    await assert_agreement(empty_shop)


async def test_a_drain_that_crashes_says_so_and_goes_on_when_it_can(empty_shop: Installation) -> None:
    async def has_crashed() -> bool:
        metrics = (await empty_shop.client.get("/metrics")).text
        return 'mercato_search_drain_failures_total{reason="defect"}' in metrics

    await empty_shop.execute("ALTER TABLE search_rebuild RENAME COLUMN cursor TO other")
    async with draining(empty_shop):
        await eventually(has_crashed, "a crash among the metrics")
        await empty_shop.execute("ALTER TABLE search_rebuild RENAME COLUMN other TO cursor")
        await fill(empty_shop, 20, "knife")
        await until_drained(empty_shop)

    await assert_agreement(empty_shop)


async def test_two_drains_take_turns(empty_shop: Installation) -> None:
    locks = (
        "SELECT count(*) FILTER (WHERE granted), count(*) FILTER (WHERE NOT granted) FROM pg_locks WHERE locktype = 'advisory' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    async with draining(empty_shop), draining(empty_shop):

        async def one_waits() -> bool:
            return tuple(await empty_shop.resources.db.reads.fetchrow(locks)) == (1, 1)

        await eventually(one_waits, "one drain with the lock and one waiting for it")
        await fill(empty_shop, 200, "fork")
        await until_drained(empty_shop)

    await assert_agreement(empty_shop)


async def test_a_document_that_the_engine_refuses_holds_up_no_other(empty_shop: Installation) -> None:
    await fill(empty_shop, 300, "plate")
    await empty_shop.execute(
        "INSERT INTO attribute (id, code, name, type, is_facet) VALUES (uuidv7(), 'w', 'W', 'number', true)"
    )
    await empty_shop.drain()
    # No number that the engine can read; the API refuses it, psql does not.
    await empty_shop.execute("UPDATE product SET attributes = '{\"w\": 1e400}' WHERE slug IN ('plate-7', 'plate-250')")
    await empty_shop.execute("UPDATE variant SET price_amount = 4321")

    await empty_shop.drain()

    assert await pending(empty_shop) == 0
    assert len(await stored(empty_shop)) == 298
    assert await amounts(empty_shop, "PLATE-299") == [4321]
    assert await amounts(empty_shop, "PLATE-250") == []

    await empty_shop.execute("UPDATE product SET attributes = '{\"w\": 1}' WHERE slug IN ('plate-7', 'plate-250')")
    await empty_shop.drain()

    assert await amounts(empty_shop, "PLATE-250") == [4321]
    await assert_agreement(empty_shop)


async def test_a_comparison_repairs_what_differs(empty_shop: Installation) -> None:
    await fill(empty_shop, 30, "bowl")
    await empty_shop.drain()
    gateway, index = empty_shop.resources.gateway, empty_shop.resources.names.products
    known = sorted(await stored(empty_shop))
    stray = "01890000-0000-7000-8000-000000000000"
    tampered = b"\n".join(msgspec.json.encode({"id": key, "name": "not so", "rev": "x"}) for key in (known[0], stray))
    await gateway.wait(await gateway.put_documents(index, tampered))
    await gateway.wait(await gateway.delete_documents(index, [known[1]]))

    connection = await empty_shop.resources.db.connect()
    first = await reconcile_once(empty_shop, connection)
    await empty_shop.drain()
    second = await reconcile_once(empty_shop, connection)
    await connection.close()

    assert (first, second) == ((30, 3), (30, 0))
    await assert_agreement(empty_shop)
    metrics = (await empty_shop.client.get("/metrics")).text
    assert "mercato_search_drift_total 3.0" in metrics


async def reconcile_once(shop: Installation, connection: asyncpg.Connection) -> tuple[int, int]:
    """Products compared and documents repaired."""
    result = await reconcile(connection, shop.resources.gateway, shop.resources.names)
    return result.checked, result.drift
