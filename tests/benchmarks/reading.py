"""A product and a list page through the API, beside a bare handler and the SQL statement alone."""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from mercato.catalog.product.repository import ProductQuery, list_products
from mercato.devstack.ports import free_port
from mercato.platform.paging import PageRequest
from mercato.platform.settings import Settings
from tests.benchmarks.client import Connection, make_request, measure_rate
from tests.benchmarks.figures import Report, cost, median, ratio
from tests.benchmarks.site import Site, connect

CONNECTIONS = 16
DEEP_PAGES = 200


async def measure_reading(
    site: Site, report: Report, settings: Settings, api_port: int, *, rounds: int, seconds: float
) -> None:
    """Requests a second at 16 connections and latency at one."""
    connection = await connect(settings.database_url)
    ids = [str(row[0]) for row in await connection.fetch("SELECT id FROM product WHERE status = 'active' LIMIT 500")]
    products = [make_request("GET", f"/api/v1/products/{key}", port=api_port) for key in ids]
    await _measure_product(site, report, products, api_port, rounds=rounds, seconds=seconds)
    await _measure_lists(report, connection, api_port, rounds=rounds)
    await connection.close()


async def _measure_product(
    site: Site, report: Report, products: Sequence[bytes], api_port: int, *, rounds: int, seconds: float
) -> None:
    client = await Connection.open(api_port)
    body = (await client.ask(products[0])).body
    port, process = free_port(), None
    file = site.folder / "product.json"
    await asyncio.to_thread(file.write_bytes, body)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.bare", str(port), str(file), cwd=Path.cwd()
    )
    try:
        bare = await _when_open(port)
        bare_requests = [make_request("GET", f"/bare/{number}", port=port) for number in range(len(products))]
        rates: tuple[list[float], list[float]] = ([], [])
        waits: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for side, (connection, requests, at) in enumerate(
                ((client, products, api_port), (bare, bare_requests, port))
            ):
                waits[side].extend([(await connection.time(request))[0] * 1000 for request in requests[:300]])
                rates[side].append(await measure_rate(at, requests, connections=CONNECTIONS, seconds=seconds))
        client.close()
        bare.close()
    finally:
        process.terminate()
        await process.wait()
    limit = "a bare handler, the same bytes"
    report.rows += [
        ratio(f"product by id, {CONNECTIONS} connections", "req/s", median(rates[0]), median(rates[1]), limit),
        cost("product by id, one connection, median", median(waits[0]), median(waits[1]), limit),
    ]


async def _when_open(port: int) -> Connection:
    for _ in range(500):
        try:
            return await Connection.open(port)
        except OSError:
            await asyncio.sleep(0.02)
    raise RuntimeError("the bare server does not start")


class _Listening:
    """Runs statements, and remembers the last one."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.statement: tuple[object, ...] = ()

    async def fetch(self, query: str, *args: object) -> Sequence[Sequence[object]]:
        self.statement = (query, *args)
        rows: Sequence[Sequence[object]] = await self._connection.fetch(query, *args)
        return rows

    async def fetchrow(self, query: str, *args: object) -> Sequence[object] | None:
        rows = await self.fetch(query, *args)
        return rows[0] if rows else None


async def _measure_lists(report: Report, connection: asyncpg.Connection, api_port: int, *, rounds: int) -> None:
    reader = _Listening(connection)
    client = await Connection.open(api_port)
    cursor = None
    for page in range(DEEP_PAGES):
        found = await list_products(reader, ProductQuery(), PageRequest(cursor=cursor))
        if page in {0, DEEP_PAGES - 1}:
            path = "/api/v1/products" + (f"?cursor={cursor}" if cursor else "")
            ours, alone = await _compare(client, path, connection, reader.statement, api_port, rounds)
            where = "first page" if page == 0 else f"page {DEEP_PAGES}"
            report.rows.append(cost(f"list of 24, {where}, median", median(ours), median(alone), "its statement alone"))
        cursor = found.next_cursor
        if cursor is None:
            break
    client.close()


async def _compare(
    client: Connection,
    path: str,
    connection: asyncpg.Connection,
    statement: tuple[object, ...],
    api_port: int,
    rounds: int,
) -> tuple[list[float], list[float]]:
    request = make_request("GET", path, port=api_port)
    ours: list[float] = []
    alone: list[float] = []
    for _ in range(rounds * 40):
        seconds, answer = await client.time(request)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
        ours.append(seconds * 1000)
        started = time.perf_counter()
        await connection.fetch(*statement)
        alone.append((time.perf_counter() - started) * 1000)
    return ours, alone
