"""Answers from memory in two api processes: an acknowledged write is never followed by what was before it."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from mercato.devstack import Stack
from tests.support.answers import expect_problem
from tests.support.builders import make_product, price, unique
from tests.support.installation import ADMIN, Installation, new_installation
from tests.support.processes import api, eventually, worker
from tests.support.staleness import PRODUCTS, Hammering

SECONDS = 4.0
WITHIN_S = 0.1


class Pair:
    """Two api processes on one database, and clients of them who are nobody."""

    def __init__(self, shop: Installation, first: httpx.AsyncClient, second: httpx.AsyncClient) -> None:
        self.shop, self.both = shop, (first, second)

    @property
    def ports(self) -> list[int]:
        return [client.base_url.port or 0 for client in self.both]

    async def hold(self, path: str) -> None:
        """Read until both answer from memory."""

        async def are_held() -> bool:
            before = [await hits(client) for client in self.both]
            for client in self.both:
                assert (await client.get(path)).status_code == 200
            return all([await hits(client) > known for client, known in zip(self.both, before, strict=True)])

        await eventually(are_held, f"{path} in memory")


async def hits(client: httpx.AsyncClient) -> float:
    """How many answers came from memory so far."""
    text = (await client.get("/metrics")).text
    return sum(
        float(value) for value in re.findall(r'^mercato_hot_reads_total\{.*outcome="hit"\} (.*)$', text, re.MULTILINE)
    )


@pytest.fixture(scope="module")
async def pair(stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("hot")
    async with (
        new_installation(stack, template, media_dir=folder) as shop,
        api(shop.settings, folder / "first.log") as (_, first),
        api(shop.settings, folder / "second.log") as (_, second),
    ):
        for client in (first, second):
            del client.headers["X-API-Key"]
        yield Pair(shop, first, second)


async def test_a_hammering_writer_and_32_readers_read_nothing_stale(pair: Pair) -> None:
    hammering = Hammering(pair.ports)
    before = [await hits(client) for client in pair.both]
    await hammering.run(SECONDS)
    assert hammering.stale == []
    assert hammering.writes > 10
    assert hammering.reads > 100
    assert all([await hits(client) > known for client, known in zip(pair.both, before, strict=True)])


async def test_an_unpublished_product_is_gone_from_both_processes(pair: Pair) -> None:
    first, second = pair.both
    for writer in (first, second):
        made = await make_product(pair.shop)
        path = f"{PRODUCTS}/{made['id']}"
        await pair.hold(path)
        answer = await writer.patch(path, json={"status": "draft"}, headers=ADMIN)
        assert answer.status_code == 200
        expect_problem(await writer.get(path), 404, "not_found")
        await asyncio.sleep(WITHIN_S)  # what the promise gives other processes
        for client in pair.both:
            expect_problem(await client.get(path), 404, "not_found")


async def test_a_repeated_write_is_told_once_and_its_replay_gives_the_first_answer(pair: Pair) -> None:
    first, second = pair.both
    made = await make_product(pair.shop)
    path = f"{PRODUCTS}/{made['id']}"
    await pair.hold(path)
    key = {"Idempotency-Key": unique("k"), **ADMIN}
    answer = await first.patch(path, json={"price": price(7)}, headers=key)
    await asyncio.sleep(WITHIN_S)
    assert [(await client.get(path)).json() for client in pair.both] == [answer.json()] * 2
    replay = await second.patch(path, json={"price": price(7)}, headers=key)
    assert (replay.headers["idempotent-replayed"], replay.content) == ("true", answer.content)


async def test_what_a_person_changes_in_psql_is_told_by_the_worker(pair: Pair, tmp_path: Path) -> None:
    made = await make_product(pair.shop)
    path = f"{PRODUCTS}/{made['id']}"
    async with worker(pair.shop.settings, tmp_path / "worker.log") as process:
        await process.until_logged("drain_leads")
        for amount in (41, 42):
            await pair.hold(path)
            await pair.shop.execute("UPDATE variant SET price_amount = $2 WHERE product_id = $1", made["id"], amount)

            async def is_seen(amount: int = amount) -> bool:
                return all([(await client.get(path)).json()["price"]["amount"] == amount for client in pair.both])

            await eventually(is_seen, "the new price in both", seconds=5)
