"""PostgreSQL killed under the API and the worker: problems while it is away, and everything by itself afterwards."""

import asyncio
from pathlib import Path

import httpx

from mercato.devstack import Stack
from tests.support.agreement import assert_agreement, fill, until_drained
from tests.support.builders import make_product, price
from tests.support.installation import Installation
from tests.support.processes import api, eventually, worker


async def test_the_database_killed_and_restarted(
    breakable_stack: Stack, breakable_shop: Installation, tmp_path: Path
) -> None:
    database = breakable_stack.postgres
    product = await make_product(breakable_shop, name="Lamp")
    path = f"/api/v1/products/{product['id']}"

    async def request_waits() -> bool:
        return bool(await breakable_shop.resources.db.reads.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

    async with (
        api(breakable_shop.settings, tmp_path / "api.log") as (server, client),
        worker(breakable_shop.settings, tmp_path / "worker.log") as drain,
    ):
        await until_drained(breakable_shop)
        blocker = await breakable_shop.resources.db.connect()
        hold = blocker.transaction()
        await hold.start()
        await blocker.execute("SELECT FROM product WHERE id = $1 FOR UPDATE", product["id"])
        running = asyncio.create_task(client.patch(path, json={"price": price(1500)}))
        await eventually(request_waits, "a change that waits for the lock")
        await fill(breakable_shop, 2_000)
        await database.kill()  # in the middle of a drain and of a change
        blocker.terminate()

        for answer in (
            await running,
            await client.get(path),
            await client.get("/api/v1/products"),
            await client.patch(path, json={"price": price(2000)}),
            await client.get("/api/v1/search/status"),
        ):
            assert_unavailable(answer)
        # The engine needs no database.
        assert (await client.get("/api/v1/search", params={"q": "lamp"})).json()["total"] == 1
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
        assert {d["name"]: d["status"] for d in ready.json()["dependencies"]} == {
            "postgres": "down",
            "valkey": "up",
            "meilisearch": "up",
        }
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200
        await drain.until_logged("drain_lost_database")
        assert (await client.get(path)).status_code == 503

        await database.start()

        assert (await client.get(path)).status_code == 200
        changed = await client.patch(path, json={"price": price(3000)})
        assert changed.status_code == 200, changed.text
        assert (await client.get("/health/ready")).json()["status"] == "ready"
        await until_drained(breakable_shop)

        async def is_found() -> bool:
            hits = (await client.get("/api/v1/search", params={"q": "lamp"})).json()["hits"]
            return bool(hits[0]["price"]["amount"] == 3000)

        await eventually(is_found, "the change in search")
        assert "unhandled_exception" not in {event["event"] for event in server.events()}
        assert "drain_crashed" not in {event["event"] for event in drain.events()}
    await assert_agreement(breakable_shop)


async def test_the_api_starts_without_a_database_and_finds_it_later(
    breakable_stack: Stack, breakable_shop: Installation, tmp_path: Path
) -> None:
    product = await make_product(breakable_shop, name="Lamp")
    await breakable_stack.postgres.kill()
    async with (
        api(breakable_shop.settings, tmp_path / "api.log") as (_, client),
        worker(breakable_shop.settings, tmp_path / "worker.log"),
    ):
        assert_unavailable(await client.get(f"/api/v1/products/{product['id']}"))
        assert (await client.get("/health/ready")).status_code == 503

        await breakable_stack.postgres.start()

        assert (await client.get(f"/api/v1/products/{product['id']}")).status_code == 200
        await until_drained(breakable_shop)
    await assert_agreement(breakable_shop)


def assert_unavailable(answer: httpx.Response) -> None:
    """A problem that says: try again."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "dependency_unavailable"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
