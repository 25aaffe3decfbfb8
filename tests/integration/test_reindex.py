"""Rebuilding the index: searches never notice, writes meanwhile are right afterwards, a killed rebuild goes on."""

import asyncio
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
import msgspec

from mercato.platform.ids import new_id
from mercato.search.documents import LAST_ID, product_ids_after
from mercato.search.index import PRODUCT_SETTINGS
from mercato.search.rebuild import SETTINGS_DIGEST, find_rebuild, is_configured, latest_rebuild
from mercato.search.schemas import RebuildProgress
from mercato.search.sending import Sender, Target
from tests.support.agreement import assert_agreement, draining, fill, stored, until_drained
from tests.support.installation import Installation
from tests.support.processes import START_SECONDS, eventually, mercato


async def request_rebuild(shop: Installation) -> RebuildProgress:
    """Ask for a rebuild, as an administrator does."""
    answer = await shop.admin.post("/api/v1/search/reindex")
    assert answer.status_code == 202, answer.text
    return msgspec.json.decode(answer.content, type=RebuildProgress)


async def last_rebuild(shop: Installation) -> RebuildProgress:
    """How the last rebuild went."""
    found = await latest_rebuild(shop.resources.db.reads)
    assert found is not None
    return found


async def leftovers(shop: Installation) -> list[str]:
    """Indexes beside the live one."""
    return await shop.resources.gateway.index_names(shop.resources.names.products + "_")


async def killed_rebuild(shop: Installation, *, after: UUID | None, documents: int) -> str:
    """Leave behind what a worker that was killed during a rebuild leaves; gives the name of its index."""
    rebuild_id = new_id()
    index = shop.resources.names.rebuild(rebuild_id)
    await shop.resources.gateway.create_index(index, PRODUCT_SETTINGS)
    connection = await shop.resources.db.connect()
    sender = Sender(shop.resources.gateway)
    product_ids = await product_ids_after(connection, UUID(int=0), documents)
    await sender.settle(connection, await sender.send(connection, product_ids, [Target(index)]))
    await connection.close()
    await shop.execute(
        "INSERT INTO search_rebuild (id, index_uid, settings_digest, documents_total, documents_done, cursor) "
        "VALUES ($1, $2, $3, 0, $4, $5)",
        rebuild_id,
        index,
        SETTINGS_DIGEST,
        documents,
        after if after is not None else product_ids[-1],
    )
    return index


async def test_searches_during_a_rebuild_find_everything_and_writes_are_right_afterwards(
    empty_shop: Installation,
) -> None:
    await fill(empty_shop, 900, "mug")
    await empty_shop.drain()
    totals: list[object] = []

    async def is_completed(rebuild_id: UUID) -> bool:
        progress = await find_rebuild(empty_shop.resources.db.reads, rebuild_id)
        assert progress is not None
        return progress.state == "completed"

    async def search_all_the_time() -> None:
        while True:
            body = (await empty_shop.client.get("/api/v1/search", params={"q": "mug", "limit": 1})).json()
            totals.append((body["total"], body["degraded"]))

    searching = asyncio.create_task(search_all_the_time())
    async with draining(empty_shop):
        for number in range(1, 4):
            requested = await request_rebuild(empty_shop)
            assert requested.state == "building"
            await empty_shop.execute("UPDATE variant SET price_amount = $1 WHERE sku LIKE 'MUG-%7'", number)
            await eventually(partial(is_completed, requested.id), "a completed rebuild")
            await empty_shop.execute("UPDATE variant SET price_amount = $1 WHERE sku LIKE 'MUG-%8'", number)
        await until_drained(empty_shop)
    searching.cancel()

    assert len(totals) > 20
    assert set(totals) == {(900, False)}
    assert await leftovers(empty_shop) == []
    await assert_agreement(empty_shop)


async def test_a_second_request_gets_the_rebuild_under_way(empty_shop: Installation) -> None:
    first, second = await request_rebuild(empty_shop), await request_rebuild(empty_shop)

    assert first.id == second.id


async def test_a_killed_rebuild_goes_on_where_it_was(empty_shop: Installation) -> None:
    await fill(empty_shop, 300, "mug")
    await empty_shop.drain()
    await killed_rebuild(empty_shop, after=None, documents=200)
    await empty_shop.execute("UPDATE variant SET price_amount = 5 WHERE sku IN ('MUG-1', 'MUG-299')")
    await empty_shop.execute("UPDATE product SET status = 'draft' WHERE slug IN ('mug-2', 'mug-298')")

    await empty_shop.drain()

    done = await last_rebuild(empty_shop)
    assert (done.state, done.documents_done) == ("completed", 200 + 99)
    assert await leftovers(empty_shop) == []
    await assert_agreement(empty_shop)


async def test_a_rebuild_killed_around_the_swap_starts_over(empty_shop: Installation) -> None:
    await fill(empty_shop, 100, "mug")
    await empty_shop.drain()
    # The swap has been done already: what is left under the rebuild's name is the old index.
    await killed_rebuild(empty_shop, after=LAST_ID, documents=40)
    await fill(empty_shop, 10, "jug")

    await empty_shop.drain()

    assert (await last_rebuild(empty_shop)).documents_done == 110
    assert len(await stored(empty_shop)) == 110
    await assert_agreement(empty_shop)


async def test_a_rebuild_whose_index_the_engine_lost_starts_over(empty_shop: Installation) -> None:
    await fill(empty_shop, 100, "mug")
    await empty_shop.drain()
    index = await killed_rebuild(empty_shop, after=None, documents=60)
    await empty_shop.resources.gateway.drop_index(index)

    await empty_shop.drain()

    assert (await last_rebuild(empty_shop)).documents_done == 100
    await assert_agreement(empty_shop)


async def test_a_lost_index_is_rebuilt_by_itself(empty_shop: Installation) -> None:
    await fill(empty_shop, 100, "mug")
    await empty_shop.drain()
    gateway, names = empty_shop.resources.gateway, empty_shop.resources.names
    await gateway.drop_index(names.products)

    await empty_shop.drain()

    assert await is_configured(gateway, names.products)
    await assert_agreement(empty_shop)


async def test_an_index_that_the_engine_made_by_itself_is_replaced(empty_shop: Installation) -> None:
    await fill(empty_shop, 100, "mug")
    await empty_shop.drain()
    gateway, names = empty_shop.resources.gateway, empty_shop.resources.names
    # The engine lost its data just before it was sent a document: it makes an index for it, without settings.
    await gateway.drop_index(names.products)
    await gateway.wait(await gateway.put_documents(names.products, b'{"id": "x", "name": "mug"}'))
    assert not await is_configured(gateway, names.products)

    await empty_shop.drain()

    assert await is_configured(gateway, names.products)
    await assert_agreement(empty_shop)


async def test_other_settings_in_the_code_mean_a_rebuild(empty_shop: Installation) -> None:
    await fill(empty_shop, 20, "mug")
    await empty_shop.drain()
    before = await last_rebuild(empty_shop)
    await empty_shop.execute("UPDATE search_rebuild SET settings_digest = 'of another version'")

    await empty_shop.drain()
    after = await last_rebuild(empty_shop)
    await empty_shop.drain()

    assert before.id != after.id
    assert (after.state, after.documents_done) == ("completed", 20)
    assert (await last_rebuild(empty_shop)).id == after.id


async def test_status_follows_a_rebuild(empty_shop: Installation) -> None:
    await fill(empty_shop, 20, "mug")
    requested = await request_rebuild(empty_shop)

    async def status() -> httpx.Response:
        return await empty_shop.client.get("/api/v1/search/status")

    before = (await status()).json()
    assert before["rebuild"]["id"] == str(requested.id)
    assert before["rebuild"]["state"] == "building"
    assert before["pending"] > 0
    assert before["lag_seconds"] > 0
    drain = asyncio.create_task(empty_shop.drain())

    async def is_done() -> bool:
        return bool((await status()).json()["rebuild"]["state"] == "completed")

    await eventually(is_done, "a completed rebuild")
    await drain
    after = (await status()).json()
    assert (after["documents"], after["pending"], after["lag_seconds"], after["degraded"]) == (20, 0, 0, False)
    assert after["engine"].startswith("meilisearch 1.")


async def test_the_command_rebuilds_and_compares(empty_shop: Installation, tmp_path: Path) -> None:
    await fill(empty_shop, 30, "mug")
    async with mercato("reindex", empty_shop.settings, tmp_path / "reindex.log") as rebuilding:
        assert await rebuilding.wait(seconds=START_SECONDS) == 0
    assert "30 documents are live" in rebuilding.lines()
    gateway, names = empty_shop.resources.gateway, empty_shop.resources.names
    await gateway.wait(await gateway.delete_documents(names.products, sorted(await stored(empty_shop))[:2]))

    async with mercato("reindex --check", empty_shop.settings, tmp_path / "check.log") as comparing:
        assert await comparing.wait(seconds=START_SECONDS) == 0

    assert "30 products compared, 2 documents differed and are sent again" in comparing.lines()
    await empty_shop.drain()
    await assert_agreement(empty_shop)
