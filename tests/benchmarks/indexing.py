"""How fast the drain fills the index, beside the engine alone taking the same documents."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from mercato.platform.settings import Settings
from mercato.search.documents import build_documents, id_batches
from mercato.search.gateway import MeilisearchGateway
from mercato.search.index import PRODUCT_SETTINGS, IndexNames
from mercato.search.rebuild import SETTINGS_DIGEST
from tests.benchmarks.figures import Report, absolute, median, ratio
from tests.benchmarks.site import Site, connect, peak_mb
from tests.support.processes import MercatoProcess, worker

TASK_DOCUMENTS = 10_000
LEAST_SHARE = 0.7
_PRESENT_SETTINGS = """
INSERT INTO search_rebuild (id, index_uid, settings_digest, state, documents_total, finished_at)
VALUES (uuidv7(), '', $1, 'completed', 0, now())
"""


async def measure_indexing(site: Site, report: Report, database_url: str, *, rounds: int) -> Settings:
    """Fill an index from the outbox and one by hand, `rounds` times; gives the installation with the last full index."""
    settings = site.settings(database_url)
    connection = await connect(database_url)
    await connection.execute(_PRESENT_SETTINGS, SETTINGS_DIGEST)
    tasks = await _documents(connection)
    alone, drained, memory = [], [], []
    for number in range(rounds):
        settings = site.settings(database_url, prefix=f"drain{number}_")
        async with MeilisearchGateway(settings) as gateway:
            alone.append(await _fill_by_hand(gateway, f"alone{number}", tasks))
            await gateway.create_index(IndexNames(settings.search_index_prefix).products, PRODUCT_SETTINGS)
        if number:
            await connection.execute("INSERT INTO outbox (kind, entity_id) SELECT 'product', id FROM product")
        seconds, peak = await _drain(site, settings, connection)
        drained.append(seconds)
        memory.append(peak)
    rebuilt = await _rebuild(site, settings, connection)
    await connection.close()
    engine = site.count / median(alone)
    report.rows += [
        ratio(
            "drain of the outbox into the index",
            "docs/s",
            site.count / median(drained),
            engine,
            f"the engine alone, tasks of {TASK_DOCUMENTS:,}",
            at_least=LEAST_SHARE,
        ),
        ratio("rebuild of the index", "docs/s", site.count / rebuilt, engine, "the same"),
        absolute("memory of the worker, at most", "MB", max(memory)),
    ]
    return settings


async def _documents(connection: asyncpg.Connection) -> list[bytes]:
    lines = [
        document.body
        async for batch in id_batches(connection, 2_500)
        for document in await build_documents(connection, batch)
    ]
    return [b"\n".join(lines[start : start + TASK_DOCUMENTS]) for start in range(0, len(lines), TASK_DOCUMENTS)]


async def _fill_by_hand(gateway: MeilisearchGateway, index: str, tasks: Sequence[bytes]) -> float:
    await gateway.create_index(index, PRODUCT_SETTINGS)
    started = time.perf_counter()
    for number in [await gateway.put_documents(index, body) for body in tasks]:
        await gateway.wait(number)
    seconds = time.perf_counter() - started
    await gateway.drop_index(index)
    return seconds


async def _drain(site: Site, settings: Settings, connection: asyncpg.Connection) -> tuple[float, float]:
    """Seconds from taking the lead to an empty outbox, and the worker's memory in MB."""
    async with worker(settings, site.log("worker")) as process:
        await process.until_logged("drain_leads")
        while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
        return _moment() - _moment(process, "drain_leads"), peak_mb(process.pid)


async def _rebuild(site: Site, settings: Settings, connection: asyncpg.Connection) -> float:
    await connection.execute(
        "INSERT INTO search_rebuild (id, index_uid, settings_digest, documents_total) VALUES (uuidv7(), $1, $2, 0)",
        f"{settings.search_index_prefix}products_v",
        SETTINGS_DIGEST,
    )
    async with worker(settings, site.log("worker")) as process:
        await process.until_logged("index_rebuilt", seconds=300)
        return _moment(process, "index_rebuilt") - _moment(process, "rebuild_started")


def _moment(process: MercatoProcess | None = None, event: str = "") -> float:
    """When a process logged an event; without a process, now."""
    if process is None:
        return time.time()
    return datetime.fromisoformat(process.events(event)[-1]["timestamp"]).timestamp()
