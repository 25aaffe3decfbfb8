"""Stopping the API: requests that run are answered, new ones go elsewhere."""

import asyncio
import signal
from pathlib import Path

import httpx
import pytest

from tests.support.builders import make_product, price
from tests.support.installation import Installation
from tests.support.processes import api, eventually


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_running_request_is_finished_before_the_api_ends(
    shared_shop: Installation, tmp_path: Path, workers: int
) -> None:
    product = await make_product(shared_shop)
    path = f"/api/v1/products/{product['id']}"
    blocker = await shared_shop.resources.db.connect()
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"

    async def request_waits() -> bool:
        return bool(await shared_shop.resources.db.reads.fetchval(waiting))

    async def is_closed() -> bool:
        try:
            async with httpx.AsyncClient() as stranger:
                await stranger.get(f"{server.url}/health/live")
        except httpx.TransportError:
            return True
        return False

    async with api(shared_shop.settings, tmp_path / "api.log", MERCATO_WORKERS=str(workers)) as (server, client):
        async with blocker.transaction():
            await blocker.execute("SELECT FROM product WHERE id = $1 FOR UPDATE", product["id"])
            running = asyncio.create_task(client.patch(path, json={"price": price(4242)}))
            await eventually(request_waits, "a request that waits for the lock")

            server.signal(signal.SIGTERM)

            await server.until_logged("Shutting down", times=workers)
            if workers == 1:  # else the parent process holds the door for its children until the last has ended
                await eventually(is_closed, "a closed door")
            assert not running.done()
        answer = await running
        assert (answer.status_code, answer.json()["price"]["amount"]) == (200, 4242)
        assert await server.wait(seconds=10) in {0, -signal.SIGTERM}
        assert "api_stopped" in {event["event"] for event in server.events()}
    await blocker.close()
    assert (await shared_shop.client.get(path)).json()["price"]["amount"] == 4242
