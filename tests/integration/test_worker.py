"""The worker as a process: killed, stopped, doubled; its timed jobs."""

import signal
from functools import partial
from pathlib import Path

import httpx

from mercato.devstack.ports import free_port
from tests.support.agreement import assert_agreement, fill, pending, stored, until_drained
from tests.support.builders import make_product
from tests.support.installation import Installation
from tests.support.processes import eventually, mercato, worker

HERE = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
HOLDERS = f"""
SELECT count(*) FILTER (WHERE granted), count(*) FILTER (WHERE NOT granted) FROM pg_locks
WHERE locktype = 'advisory' AND {HERE}
"""
WAITING = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
AND query LIKE 'DELETE FROM outbox%'
"""


async def until_true(shop: Installation, condition: str, what: str) -> None:
    """Wait until a query says true."""

    async def check() -> bool:
        return bool(await shop.resources.db.reads.fetchval(condition))

    await eventually(check, what)


async def test_a_worker_killed_in_the_middle_of_a_drain_leaves_its_work_to_the_next(
    breakable_shop: Installation, tmp_path: Path
) -> None:
    await breakable_shop.drain()
    await fill(breakable_shop, 3_000)
    blocker = await breakable_shop.resources.db.connect()
    async with worker(breakable_shop.settings, tmp_path / "first.log") as first, blocker.transaction():
        # Held back from deleting the rows, it is surely in the middle when it is killed: the engine has its batch.
        await blocker.execute("SELECT FROM outbox FOR UPDATE")
        await until_true(breakable_shop, f"SELECT EXISTS ({WAITING})", "a drain that has sent its batch")
        await first.kill()
        # Its last statement would still run: PostgreSQL does not notice that the client is gone while it waits for a lock.
        await breakable_shop.execute(f"SELECT pg_terminate_backend(pid) FROM ({WAITING}) waiting")
    await blocker.close()
    assert await pending(breakable_shop) == 9_000
    await breakable_shop.execute("UPDATE variant SET price_amount = 77 WHERE sku LIKE '%7'")
    await breakable_shop.execute("UPDATE product SET deleted_at = now() WHERE slug LIKE '%8'")

    async with worker(breakable_shop.settings, tmp_path / "second.log"):
        await until_drained(breakable_shop)

    await assert_agreement(breakable_shop)


async def test_workers_killed_while_they_build_and_fill_the_index_lose_nothing(
    breakable_shop: Installation, tmp_path: Path
) -> None:
    gateway, live = breakable_shop.resources.gateway, breakable_shop.resources.names.products

    async def is_live() -> bool:
        return await gateway.count_documents(live) is not None

    async def is_being_filled() -> bool:
        # The time between the first document and the swap is short: a look that comes late finds the index live.
        built = [await gateway.count_documents(index) for index in await gateway.index_names(f"{live}_v")]
        return any(built) or await is_live()

    await fill(breakable_shop, 2_000, "old")
    async with worker(breakable_shop.settings, tmp_path / "0.log") as doomed:
        await doomed.until_logged("rebuild_started")
        await doomed.kill()
    await fill(breakable_shop, 700, "new")
    async with worker(breakable_shop.settings, tmp_path / "1.log") as doomed:
        await eventually(is_being_filled, "documents in the index that is being built")
        await doomed.kill()
    await breakable_shop.execute("UPDATE variant SET price_amount = 77 WHERE sku LIKE '%7'")
    async with worker(breakable_shop.settings, tmp_path / "2.log") as doomed:
        await eventually(is_live, "the index in its place")
        await doomed.kill()

    async with worker(breakable_shop.settings, tmp_path / "3.log"):
        await until_drained(breakable_shop)

    assert len(await stored(breakable_shop)) == 2_700
    await assert_agreement(breakable_shop)


async def test_of_two_workers_one_drains_and_the_other_takes_over(breakable_shop: Installation, tmp_path: Path) -> None:
    async def one_waits() -> bool:
        return tuple(await breakable_shop.resources.db.reads.fetchrow(HOLDERS)) == (1, 1)

    async with (
        worker(breakable_shop.settings, tmp_path / "first.log") as first,
        worker(breakable_shop.settings, tmp_path / "second.log") as second,
    ):
        await eventually(one_waits, "one worker with the lock and one waiting for it")
        leader, heir = (first, second) if first.events("drain_leads") else (second, first)
        await fill(breakable_shop, 100)
        await until_drained(breakable_shop)
        assert heir.events("outbox_drained") == []

        await leader.kill()
        await fill(breakable_shop, 100, "later")
        await until_drained(breakable_shop)

        assert heir.events("outbox_drained") != []
    await assert_agreement(breakable_shop)


async def test_a_worker_stops_at_once_and_says_so(breakable_shop: Installation, tmp_path: Path) -> None:
    async with worker(breakable_shop.settings, tmp_path / "worker.log") as process:
        await fill(breakable_shop, 1_000)
        await process.until_logged("drain_leads")

        process.signal(signal.SIGTERM)

        assert await process.wait(seconds=6) == 0
        assert process.events()[-1]["event"] == "worker_stopped"
        assert {event["level"] for event in process.events()} == {"info"}
        assert {event["process"] for event in process.events()} == {"worker"}

    await breakable_shop.drain()
    await assert_agreement(breakable_shop)


async def test_the_timed_jobs_run(breakable_shop: Installation, tmp_path: Path) -> None:
    begins, ends = [(await make_product(breakable_shop))["id"] for _ in range(2)]
    await breakable_shop.execute("UPDATE product SET publish_at = now() + interval '1 hour' WHERE id = $1", begins)
    await breakable_shop.drain()
    assert set(await stored(breakable_shop)) == {ends}
    # As time does it: without a word to the outbox.
    await breakable_shop.execute("ALTER TABLE product DISABLE TRIGGER product_updated")
    await breakable_shop.execute("UPDATE product SET publish_at = now() WHERE id = $1", begins)
    await breakable_shop.execute("UPDATE product SET unpublish_at = now() WHERE id = $1", ends)
    port = free_port()

    async def has_changed() -> bool:
        return set(await stored(breakable_shop)) == {begins}

    async with mercato("worker", breakable_shop.settings, tmp_path / "log", MERCATO_METRICS_PORT=str(port)) as process:
        await eventually(has_changed, "publication by the clock", seconds=20)
        await eventually(partial(has_samples, f"http://127.0.0.1:{port}/metrics"), "the worker's metrics")
        assert {event["level"] for event in process.events()} == {"info"}


async def has_samples(url: str) -> bool:
    """Whether the worker tells of its jobs and of what it sent."""
    async with httpx.AsyncClient() as client:
        text = (await client.get(url)).text
    wanted = (
        'mercato_jobs_total{job="wake_drain",outcome="complete"}',
        'mercato_jobs_total{job="publish_scheduled",outcome="complete"}',
        'mercato_search_documents_total{operation="put"}',
        'mercato_search_documents_total{operation="delete"}',
        "mercato_outbox_drained_total",
        "mercato_search_batch_seconds_sum",
    )
    return all(name in text for name in wanted)
