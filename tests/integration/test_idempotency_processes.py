"""Idempotency keys between processes of the API: duplicates at once, a process killed in the middle, keys that are swept."""

from functools import partial
from pathlib import Path
from uuid import uuid4

import anyio
import httpx
import pytest

from mercato.worker import make_worker, prune_audit_log, sweep_idempotency_keys
from tests.support.answers import at_once
from tests.support.builders import Json, make_brand, price
from tests.support.installation import Installation
from tests.support.processes import api, eventually

PRODUCTS = "/api/v1/products"
REPLAYED = "idempotent-replayed"
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1
"""

LOCKING_THE_BRAND = "SELECT brand.id%"
IN_TRANSACTION = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'
"""


async def counts(shop: Installation) -> tuple[int, int]:
    """Products, and idempotency keys."""
    row = await shop.resources.db.reads.fetchrow(
        "SELECT (SELECT count(*) FROM product), (SELECT count(*) FROM idempotency_key)"
    )
    return row[0], row[1]


async def until_waiting(shop: Installation, query: str) -> None:
    """Wait until a statement that begins so waits for a lock."""

    async def is_waiting() -> bool:
        return bool(await shop.resources.db.reads.fetchval(WAITING, query))

    await eventually(is_waiting, f"{query!r} waiting for a lock")


async def send_in_vain(client: httpx.AsyncClient, body: Json, headers: dict[str, str]) -> None:
    """A request whose server dies before it answers."""
    with pytest.raises(httpx.TransportError):
        await client.post(PRODUCTS, json=body, headers=headers)


async def test_fifty_duplicates_at_two_processes_create_one_product(empty_shop: Installation, tmp_path: Path) -> None:
    body = {"name": "Lamp", "price": price(1999), "stock": 3}
    headers = {"Idempotency-Key": str(uuid4())}
    async with (
        api(empty_shop.settings, tmp_path / "one.log") as (_, one),
        api(empty_shop.settings, tmp_path / "two.log") as (_, two),
    ):
        sends = [partial(client.post, PRODUCTS, json=body, headers=headers) for client in (one, two) * 25]
        answers: list[httpx.Response] = await at_once(*sends)
    assert [answer.status_code for answer in answers] == [201] * 50
    assert len({answer.content for answer in answers}) == 1
    assert len({(answer.headers["etag"], answer.headers["location"]) for answer in answers}) == 1
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1
    assert await counts(empty_shop) == (1, 1)


async def test_a_process_killed_in_the_middle_leaves_neither_product_nor_key(
    empty_shop: Installation, tmp_path: Path
) -> None:
    brand = await make_brand(empty_shop)
    body, headers = {"name": "Lamp", "brand_id": brand["id"]}, {"Idempotency-Key": str(uuid4())}
    blocker = await empty_shop.resources.db.connect()
    async with (
        api(empty_shop.settings, tmp_path / "api.log") as (process, client),
        anyio.create_task_group() as sending,
        blocker.transaction(),
    ):
        # Kept from locking its brand, the request is surely in the middle when its process is killed.
        await blocker.execute("SELECT FROM brand WHERE id = $1 FOR UPDATE", brand["id"])
        sending.start_soon(partial(send_in_vain, client, body, headers))
        await until_waiting(empty_shop, LOCKING_THE_BRAND)
        await process.kill()
    await blocker.close()

    async def is_over() -> bool:
        return not await empty_shop.resources.db.reads.fetchval(IN_TRANSACTION)

    await eventually(is_over, "the end of the killed request's transaction")
    assert await counts(empty_shop) == (0, 0)
    first = await empty_shop.admin.post(PRODUCTS, json=body, headers=headers)
    assert (first.status_code, REPLAYED in first.headers) == (201, False)


async def test_a_duplicate_that_waits_at_another_process_takes_over_from_one_that_is_killed(
    empty_shop: Installation, tmp_path: Path
) -> None:
    brand = await make_brand(empty_shop)
    body, headers = {"name": "Lamp", "brand_id": brand["id"]}, {"Idempotency-Key": str(uuid4())}
    blocker = await empty_shop.resources.db.connect()
    answers: list[httpx.Response] = []

    async def send_again() -> None:
        answers.append(await empty_shop.admin.post(PRODUCTS, json=body, headers=headers))

    async with (
        api(empty_shop.settings, tmp_path / "api.log") as (process, client),
        anyio.create_task_group() as sending,
        blocker.transaction(),
    ):
        await blocker.execute("SELECT FROM brand WHERE id = $1 FOR UPDATE", brand["id"])
        sending.start_soon(partial(send_in_vain, client, body, headers))
        await until_waiting(empty_shop, LOCKING_THE_BRAND)
        sending.start_soon(send_again)
        await until_waiting(empty_shop, "%INSERT INTO idempotency_key%")
        await process.kill()
    await blocker.close()
    assert [(answer.status_code, REPLAYED in answer.headers) for answer in answers] == [(201, False)]
    assert await counts(empty_shop) == (1, 1)


async def test_keys_older_than_a_day_are_swept(empty_shop: Installation) -> None:
    for number in range(3):
        headers = {"Idempotency-Key": f"k{number}"}
        assert (await empty_shop.admin.post(PRODUCTS, json={"name": "x"}, headers=headers)).status_code == 201
    await empty_shop.execute("UPDATE idempotency_key SET created_at = now() - interval '25 hours' WHERE key <> 'k1'")
    context = {"resources": empty_shop.resources}
    assert [await sweep_idempotency_keys(context) for _ in range(2)] == [2, 0]
    assert await counts(empty_shop) == (3, 1)


async def test_the_worker_sweeps_and_prunes_by_the_clock(empty_shop: Installation) -> None:
    jobs = {job.function for job in make_worker(empty_shop.resources).cron_jobs or ()}
    assert {sweep_idempotency_keys, prune_audit_log} <= jobs
