"""`make bench`: Mercato beside its limits, each measured in the same run on servers of its own.

    python -m tests.benchmarks [--quick] [--products N] [--json FILE]

Exit status 1 when a bar does not hold.
"""

import argparse
import asyncio
import os
import platform
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop
from rich.console import Console

from mercato.platform.logging import configure_logging
from tests.benchmarks.callers import measure_callers
from tests.benchmarks.figures import Report
from tests.benchmarks.following import measure_following
from tests.benchmarks.freshness import measure_freshness
from tests.benchmarks.hot import measure_hot_reads
from tests.benchmarks.imaging import measure_reads_beside, measure_renditions, measure_uploads
from tests.benchmarks.indexing import measure_indexing
from tests.benchmarks.limiting import measure_limiting
from tests.benchmarks.loading import measure_loading
from tests.benchmarks.moving import measure_moving
from tests.benchmarks.reading import measure_reading
from tests.benchmarks.searching import measure_searching
from tests.benchmarks.site import Site, add_pictures, connect, open_site, some_ids
from tests.benchmarks.stock import measure_stock
from tests.benchmarks.variants import measure_variants
from tests.support.processes import api, worker

PRODUCTS, QUICK_PRODUCTS = 100_000, 10_000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Mercato beside its limits.")
    parser.add_argument("--products", type=int, help=f"how many products ({PRODUCTS:,})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_PRODUCTS:,} products and fewer rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    return parser.parse_args()


class _Progress:
    """Says on standard error what is being measured."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._started = time.monotonic()

    def step(self, what: str) -> None:
        self._console.print(f"[dim]{time.monotonic() - self._started:5.0f} s[/]  {what}", highlight=False)


async def _measure(site: Site, report: Report, progress: _Progress, *, is_quick: bool) -> None:
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(site.database())
        progress.step("loading, and the same by COPY and merge")
        await measure_loading(site, report, database_url, rounds=3 if is_quick else 2)
        connection = await connect(database_url)
        await add_pictures(connection)
        await connection.close()
        progress.step("indexing, and the same by the engine alone")
        settings = await measure_indexing(site, report, database_url, rounds=2)
        server, _ = await stack.enter_async_context(api(settings, site.log("api")))
        port = int(server.url.rpartition(":")[2])
        progress.step("renditions, and the same by Pillow; uploads, and the store alone")
        await measure_renditions(site, report, rounds=5 if is_quick else 9)
        await measure_uploads(site, report, settings, port, rounds=20 if is_quick else 60)
        await (await stack.enter_async_context(worker(settings, site.log("worker")))).until_logged("drain_leads")
        progress.step("searching and suggesting, and the same by the engine alone")
        await measure_searching(report, settings, port, rounds=3 if is_quick else 8)
        progress.step("lists, and bare SQL")
        forgetful, _ = await stack.enter_async_context(api(settings, site.log("forgetful"), MERCATO_HOT_READS_MB="0"))
        await measure_reading(report, settings, int(forgetful.url.rpartition(":")[2]), rounds=3)
        ids = await some_ids(settings.database_url)
        progress.step("product reads while pictures are rendered, and idle")
        ports = {"from memory": port, "read each time": int(forgetful.url.rpartition(":")[2])}
        await measure_reads_beside(site, report, settings, ports, ids, idle_s=8 if is_quick else 20)
        progress.step("products from memory and from the database, and bare handlers; a writer against readers")
        await measure_hot_reads(
            site,
            report,
            settings,
            ids,
            rounds=3 if is_quick else 5,
            seconds=1 if is_quick else 2,
            hammer_s=5 if is_quick else 60,
        )
        progress.step("a product with many variants, and a plain one")
        await measure_variants(report, settings, port, rounds=3 if is_quick else 8)
        progress.step("callers with credentials, and without")
        await measure_callers(report, port, ids, rounds=5 if is_quick else 15, seconds=1)
        progress.step("limits, and the same without")
        await measure_limiting(site, report, settings, ids, rounds=5 if is_quick else 15, seconds=1)
        progress.step("changes until they are searchable, and the same by the engine alone")
        await measure_freshness(report, settings, port)
        progress.step("stock of one variant, wanted by many")
        await measure_stock(report, settings, [port, int(forgetful.url.rpartition(":")[2])])
        progress.step("a move of thousands of products, until they are searchable")
        await measure_moving(report, settings, port)
        progress.step("lists far from their beginning, changes and batches")
        await measure_following(report, settings, port, rounds=2 if is_quick else 5)


async def _run(options: argparse.Namespace) -> int:
    count = options.products or (QUICK_PRODUCTS if options.quick else PRODUCTS)
    configure_logging("error", process="bench")
    report, progress = Report(), _Progress()
    started = time.monotonic()
    progress.step(f"making {count:,} products and starting the servers")
    async with open_site(count) as site:
        await _measure(site, report, progress, is_quick=options.quick)
    seconds = time.monotonic() - started
    report.show(f"{count:,} products, {os.cpu_count()} cores, {seconds:.0f} s")
    if options.json:
        conditions = {
            "products": count,
            "cores": os.cpu_count(),
            "seconds": round(seconds, 1),
            "python": platform.python_version(),
            "machine": platform.machine(),
        }
        await asyncio.to_thread(report.write, options.json, conditions)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(uvloop.run(_run(_options())))
