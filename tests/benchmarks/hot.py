"""A product by id, from memory and read each time, beside bare handlers; and whether anybody reads what is not true any more."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID

from mercato.devstack.ports import free_port
from mercato.platform.settings import Settings
from tests.benchmarks.client import Connection, make_request, measure_rate
from tests.benchmarks.figures import Report, absolute, cost, median, ratio
from tests.benchmarks.site import Site
from tests.support.processes import api
from tests.support.staleness import PROMISE_S, READERS, Hammering

CONNECTIONS = 16
LEAST_FROM_MEMORY, LEAST_READ = 0.65, 0.7
ASKED_ALONE = 300


async def measure_hot_reads(
    site: Site, report: Report, settings: Settings, ids: Sequence[UUID], *, rounds: int, seconds: float, hammer_s: float
) -> None:
    """Requests a second at 16 connections, latency at one, and a hammering writer with 32 readers over two processes."""
    async with AsyncExitStack() as stack:
        servers = [
            (await stack.enter_async_context(api(settings, site.log("hot"), **variables)))[0]
            for variables in ({}, {"MERCATO_HOT_READS_MB": "0"}, {})
        ]
        ports = [int(server.url.rpartition(":")[2]) for server in servers]
        await _measure_products(site, report, settings, ids, ports[:2], rounds=rounds, seconds=seconds)
        await _measure_staleness(report, [ports[0], ports[2]], hammer_s)


async def _measure_products(
    site: Site,
    report: Report,
    settings: Settings,
    ids: Sequence[UUID],
    ports: Sequence[int],
    *,
    rounds: int,
    seconds: float,
) -> None:
    client = await Connection.open(ports[0])
    body = (await client.ask(make_request("GET", f"/api/v1/products/{ids[0]}", port=ports[0]))).body
    async with _bare(site, body, settings.database_url) as bare_port:
        bare = await Connection.open(bare_port)
        sides = {
            "memory": (ports[0], "/api/v1/products"),
            "bytes": (bare_port, "/bare"),
            "read": (ports[1], "/api/v1/products"),
            "statement": (bare_port, "/statement"),
        }
        rates: dict[str, list[float]] = {name: [] for name in sides}
        waits: dict[str, list[float]] = {"memory": [], "bytes": []}
        for _ in range(rounds):
            for name, (port, path) in sides.items():
                requests = [make_request("GET", f"{path}/{key}", port=port) for key in ids]
                rates[name].append(await measure_rate(port, requests, connections=CONNECTIONS, seconds=seconds))
                if name in waits:
                    one = client if name == "memory" else bare
                    waits[name] += [(await one.time(request))[0] * 1000 for request in requests[:ASKED_ALONE]]
        bare.close()
    client.close()
    at = f"{CONNECTIONS} connections"
    bytes_, statement = "a bare handler, the same bytes", "a bare handler, the same statement"
    from_memory = _share(rates["memory"], rates["bytes"])
    read = _share(rates["read"], rates["statement"])
    report.rows += [
        ratio(f"product by id from memory, {at}", "req/s", *from_memory, bytes_, at_least=LEAST_FROM_MEMORY),
        cost("product by id from memory, one connection", median(waits["memory"]), median(waits["bytes"]), bytes_),
        ratio(f"product by id read each time, {at}", "req/s", *read, statement, at_least=LEAST_READ),
    ]


def _share(ours: Sequence[float], limit: Sequence[float]) -> tuple[float, float]:
    # Of neighbouring rounds: what else the machine does changes more from round to round than what is compared.
    share = median([one / other for one, other in zip(ours, limit, strict=True)])
    return share * median(limit), median(limit)


async def _measure_staleness(report: Report, ports: Sequence[int], seconds: float) -> None:
    hammering = Hammering(ports)
    await hammering.run(seconds)
    name = (
        f"stale answers of {hammering.reads:,}, {READERS} readers and {hammering.writes:,} writes "
        f"over {len(ports)} processes for {seconds:.0f} s, promise {PROMISE_S * 1000:.0f} ms"
    )
    report.rows.append(absolute(name, "answers", len(hammering.stale), at_most=0))


@asynccontextmanager
async def _bare(site: Site, body: bytes, database_url: str) -> AsyncIterator[int]:
    port, file = free_port(), site.folder / "product.json"
    await asyncio.to_thread(file.write_bytes, body)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.bare", str(port), str(file), database_url, cwd=Path.cwd()
    )
    try:
        await _until_open(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _until_open(port: int) -> None:
    for _ in range(500):
        try:
            (await Connection.open(port)).close()
        except OSError:
            await asyncio.sleep(0.02)
        else:
            return
    raise RuntimeError("the bare server does not start")
