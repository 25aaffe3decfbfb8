"""The search engine killed, emptied, hanging: the shop stays open, and afterwards nothing is lost or stale."""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from mercato.devstack import Stack
from tests.support.agreement import assert_agreement, fill, pending, until_drained
from tests.support.builders import price
from tests.support.installation import Installation
from tests.support.processes import api, eventually, worker


async def search(client: httpx.AsyncClient, q: str) -> dict[str, Any]:
    """What search answers; it always does."""
    answer = await client.get("/api/v1/search", params={"q": q})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def is_degraded(client: httpx.AsyncClient, *, wanted: bool) -> Callable[[], Awaitable[bool]]:
    """Whether Postgres answers instead of the engine, as `wanted`."""

    async def check() -> bool:
        return (await search(client, "lamp"))["degraded"] is wanted

    return check


async def test_the_engine_killed_and_restarted_while_products_change(
    breakable_stack: Stack, breakable_shop: Installation, tmp_path: Path
) -> None:
    engine = breakable_stack.meilisearch
    await fill(breakable_shop, 2_000, "lamp")
    async with (
        api(breakable_shop.settings, tmp_path / "api.log") as (_, client),
        worker(breakable_shop.settings, tmp_path / "worker.log") as drain,
    ):
        await until_drained(breakable_shop)
        await breakable_shop.execute("UPDATE variant SET price_amount = 2000")
        await engine.kill()  # in the middle of these
        await drain.until_logged("drain_waits_for_engine")

        found = await search(client, "LAMP-1977")
        assert found["degraded"] is True
        assert [hit["sku"] for hit in found["hits"]] == ["LAMP-1977"]
        suggested = (await client.get("/api/v1/search/suggest", params={"q": "lamp"})).json()
        assert (suggested["degraded"], len(suggested["products"])) == (True, 10)
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        status = (await client.get("/api/v1/search/status")).json()
        assert (status["engine"], status["degraded"]) == ("unreachable", True)
        changed = await client.patch(f"/api/v1/products/{found['hits'][0]['id']}", json={"price": price(3000)})
        assert changed.status_code == 200
        await breakable_shop.execute("UPDATE product SET status = 'draft' WHERE slug LIKE '%9'")
        assert (await search(client, "LAMP-1977"))["hits"][0]["price"]["amount"] == 3000
        assert await pending(breakable_shop) > 0

        await engine.start()

        await eventually(is_degraded(client, wanted=False), "answers of the engine", seconds=10)
        await until_drained(breakable_shop)
        assert (await search(client, "LAMP-1977"))["hits"][0]["price"]["amount"] == 3000
        assert (await client.get("/health/ready")).json()["status"] == "ready"
    await assert_agreement(breakable_shop)


async def test_an_emptied_engine_is_filled_again_by_itself(
    breakable_stack: Stack, breakable_shop: Installation, tmp_path: Path
) -> None:
    engine = breakable_stack.meilisearch
    await fill(breakable_shop, 500, "lamp")
    async with worker(breakable_shop.settings, tmp_path / "worker.log"):
        await until_drained(breakable_shop)
        await eventually(is_degraded(breakable_shop.client, wanted=False), "answers of the engine")

        await engine.kill()
        shutil.rmtree(engine.data / "data.ms")
        await engine.start()
        await breakable_shop.execute("UPDATE variant SET price_amount = 7 WHERE sku = 'LAMP-7'")

        await eventually(is_degraded(breakable_shop.client, wanted=False), "answers of the engine")
        await until_drained(breakable_shop)
        assert (await search(breakable_shop.client, "lamp"))["total"] == 500

        async def suggests() -> bool:
            answer = await breakable_shop.client.get("/api/v1/search/suggest", params={"q": "lamp"})
            return answer.json()["degraded"] is False

        await eventually(suggests, "suggestions of the engine")
    await assert_agreement(breakable_shop)


async def test_a_hanging_engine_costs_one_search_its_timeout_and_the_next_ones_nothing(
    breakable_stack: Stack, breakable_shop: Installation
) -> None:
    await fill(breakable_shop, 20, "lamp")
    await breakable_shop.drain()
    assert breakable_stack.meilisearch.process is not None
    pid = breakable_stack.meilisearch.process.pid
    assert pid is not None
    loop = asyncio.get_running_loop()

    os.kill(pid, signal.SIGSTOP)
    try:
        started = loop.time()
        first = await search(breakable_shop.client, "lamp")
        waited = loop.time() - started
        started = loop.time()
        second = await search(breakable_shop.client, "lamp")
        then = loop.time() - started
    finally:
        os.kill(pid, signal.SIGCONT)

    assert (first["degraded"], second["degraded"], second["total"]) == (True, True, 20)
    assert waited < breakable_shop.settings.search_timeout_ms / 1000 + 1
    assert then < 1
    await eventually(is_degraded(breakable_shop.client, wanted=False), "answers of the engine", seconds=10)
