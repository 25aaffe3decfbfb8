"""Answers from memory while Valkey dies, hangs and comes back, and while the engine is away: nobody reads what is not true any more."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from valkey.asyncio import Valkey

from mercato.devstack import Stack
from mercato.platform.announcements import _ping
from tests.support.builders import make_product, unique
from tests.support.installation import Installation
from tests.support.processes import MercatoProcess, api, eventually, worker
from tests.support.staleness import PRODUCTS, Hammering

Api = tuple[MercatoProcess, httpx.AsyncClient]


@pytest.fixture
async def two(breakable_shop: Installation, tmp_path: Path) -> AsyncIterator[list[Api]]:
    """Two api processes, and clients who are nobody. Without limits: they would wait for a Valkey that hangs, and so hide the rest."""
    limits = {"MERCATO_LIMIT_READS": "off", "MERCATO_LIMIT_WRITES": "off"}
    async with (
        api(breakable_shop.settings, tmp_path / "first.log", **limits) as first,
        api(breakable_shop.settings, tmp_path / "second.log", **limits) as second,
    ):
        for _, client in (first, second):
            del client.headers["X-API-Key"]
        yield [first, second]


def ports_of(two: list[Api]) -> list[int]:
    return [client.base_url.port or 0 for _, client in two]


async def test_valkey_killed_and_restarted_while_products_change(breakable_stack: Stack, two: list[Api]) -> None:
    hammering = Hammering(ports_of(two))

    async def break_it() -> None:
        for times in (1, 2):
            await until_more(hammering)
            await breakable_stack.valkey.kill()
            for process, _ in two:
                await process.until_logged("hot_reads_off", times=times)
            await until_more(hammering)
            await breakable_stack.valkey.start()
            for process, _ in two:
                await process.until_logged("hot_reads_on", times=times)
        await until_more(hammering)

    await hammering.run(0, meanwhile=break_it)
    assert hammering.stale == []
    for process, _ in two:
        assert [len(process.events(name)) for name in ("hot_reads_off", "hot_reads_on")] == [2, 2]
        assert process.events("unhandled_exception") == process.events("feed_crashed") == []


async def test_pings_end_with_their_connection_and_make_no_new_one(shared_shop: Installation) -> None:
    valkey, name = shared_shop.resources.valkey, unique("pings")

    async def are_there() -> bool:
        return name in {found["name"] for found in await valkey.client_list()}

    async def are_gone() -> bool:
        return not await are_there()

    async with Valkey.from_url(shared_shop.settings.valkey_url, client_name=name) as client:
        connection = client.connection_pool.make_connection()
        await connection.connect()
        pinging = asyncio.create_task(_ping(connection))
        await eventually(are_there, "pings")
        await connection.disconnect(nowait=True)
        async with asyncio.timeout(5):
            await pinging
        await eventually(are_gone, "the end of the pings")


async def test_valkey_that_hangs_while_products_change(breakable_stack: Stack, two: list[Api]) -> None:
    hammering = Hammering(ports_of(two))
    server = breakable_stack.valkey.process
    assert server is not None
    assert server.pid is not None
    pid = server.pid

    async def hang_it() -> None:
        await until_more(hammering)
        os.kill(pid, signal.SIGSTOP)
        try:
            await until_more(hammering)
            for process, _ in two:
                await process.until_logged("hot_reads_off")
            await until_more(hammering)
        finally:
            os.kill(pid, signal.SIGCONT)
        for process, _ in two:
            await process.until_logged("hot_reads_on")
        await until_more(hammering)

    await hammering.run(0, meanwhile=hang_it)
    assert hammering.stale == []


async def test_what_could_not_be_announced_is_made_up_for(breakable_stack: Stack, two: list[Api]) -> None:
    process, client = two[0]
    await breakable_stack.valkey.kill()
    await process.until_logged("hot_reads_off")
    hammering = Hammering(ports_of(two))
    await hammering.run(0, meanwhile=lambda: until_more(hammering))
    assert hammering.stale == []
    assert (await client.get("/metrics")).text.count('mercato_announcements_total{outcome="failed"}') == 1
    await breakable_stack.valkey.start()
    await process.until_logged("announcements_caught_up")


async def test_what_is_changed_in_psql_while_the_engine_is_away_is_seen(
    breakable_stack: Stack, breakable_shop: Installation, two: list[Api], tmp_path: Path
) -> None:
    made = await make_product(breakable_shop)
    path = f"{PRODUCTS}/{made['id']}"
    async with worker(breakable_shop.settings, tmp_path / "worker.log") as process:
        await process.until_logged("drain_leads")
        await breakable_stack.meilisearch.kill()
        for amount in (51, 52):
            for _, client in two:
                assert (await client.get(path)).status_code == 200
            await breakable_shop.execute(
                "UPDATE variant SET price_amount = $2 WHERE product_id = $1", made["id"], amount
            )

            async def is_seen(amount: int = amount) -> bool:
                return all([(await client.get(path)).json()["price"]["amount"] == amount for _, client in two])

            await eventually(is_seen, "the new price", seconds=8)
        await breakable_stack.meilisearch.start()


async def until_more(hammering: Hammering) -> None:
    """Some more writes and reads."""
    writes, reads = hammering.writes + 5, hammering.reads + 200

    async def are_there() -> bool:
        return hammering.writes >= writes and hammering.reads >= reads

    await eventually(are_there, "writes and reads", seconds=60)
