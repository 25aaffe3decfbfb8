"""A list page through the API, beside its SQL statement alone."""

import time
from collections.abc import Sequence

import asyncpg

from mercato.catalog.product.repository import ProductQuery, list_products
from mercato.platform.paging import PageRequest
from mercato.platform.settings import Settings
from tests.benchmarks.client import Connection, make_request
from tests.benchmarks.figures import Report, cost, median
from tests.benchmarks.site import connect

DEEP_PAGES = 200


async def measure_reading(report: Report, settings: Settings, api_port: int, *, rounds: int) -> None:
    """Latency at one connection. The process at `api_port` holds no answers."""
    connection = await connect(settings.database_url)
    await _measure_lists(report, connection, api_port, rounds=rounds)
    await connection.close()


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
