"""Valkey killed under the API and the worker: nobody notices but the timed jobs, which wait."""

import asyncio
from pathlib import Path

from mercato.devstack import Stack
from tests.support.agreement import assert_agreement, fill, until_drained
from tests.support.builders import make_product
from tests.support.installation import Installation
from tests.support.processes import api, eventually, worker


async def test_valkey_killed_and_restarted(
    breakable_stack: Stack, breakable_shop: Installation, tmp_path: Path
) -> None:
    async with (
        api(breakable_shop.settings, tmp_path / "api.log") as (_, client),
        worker(breakable_shop.settings, tmp_path / "worker.log") as process,
    ):
        product = await make_product(breakable_shop, name="Lamp")
        await until_drained(breakable_shop)

        await breakable_stack.valkey.kill()

        await process.until_logged("queue_lost")
        loop = asyncio.get_running_loop()
        started, used = loop.time(), process.cpu_seconds()
        for number in range(5):
            await fill(breakable_shop, 20, f"w{chr(97 + number)}")
            await until_drained(breakable_shop)
        assert (await client.get("/api/v1/search", params={"q": "lamp"})).json()["total"] == 1
        assert (await client.get(f"/api/v1/products/{product['id']}")).status_code == 200
        assert (await client.post("/api/v1/brands", json={"name": "Acme"})).status_code == 201
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        # A worker that asks for its queue again and again without a rest takes a whole core.
        assert process.cpu_seconds() - used < 0.6 * (loop.time() - started)

        await breakable_stack.valkey.start()

        await process.until_logged("queue_found")
        await breakable_shop.execute("ALTER TABLE product DISABLE TRIGGER product_updated")
        await breakable_shop.execute("UPDATE product SET unpublish_at = now() WHERE id = $1", product["id"])

        async def is_gone() -> bool:
            return bool((await client.get("/api/v1/search", params={"q": "lamp"})).json()["total"] == 0)

        await eventually(is_gone, "the timed job that ends publications")
        assert len(process.events("queue_lost")) == 1
        assert {event["level"] for event in process.events()} == {"info", "warning"}
    await assert_agreement(breakable_shop)
