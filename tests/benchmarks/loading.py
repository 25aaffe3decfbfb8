"""How fast a file is loaded, beside a bare COPY and merge of the same rows into the same tables."""

import asyncio
import re
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

import asyncpg

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.transfer.attributes import definitions_by_code
from mercato.transfer.batching import BatchLimits, BatchReader
from mercato.transfer.reading import FileRows
from mercato.transfer.staged import LEVEL_MARK, StagedRow
from mercato.transfer.staging import create_staging
from tests.benchmarks.figures import Report, absolute, median, ratio
from tests.benchmarks.site import Child, Site, connect, run_to_the_end
from tests.support.installation import environment_of

BATCH_ROWS = 10_000
_SECONDS = re.compile(r"([\d.,]+) s, [\d,]+ rows a second")
LEAST_SHARE = 0.6
MOST_MB = 300

_PATHS = f"""
CREATE TEMP TABLE bench_category AS
SELECT c.id, (SELECT string_agg(a.name, '{LEVEL_MARK}' ORDER BY step.n)
    FROM unnest(c.path_ids) WITH ORDINALITY step (id, n) JOIN category a ON a.id = step.id) AS path
FROM category c WHERE c.deleted_at IS NULL
"""
# As little as can be: brands and categories exist, nothing is checked, nothing is compared with what is there.
_MERGE_PRODUCTS = """
INSERT INTO product (id, external_ref, slug, name, description, status, brand_id, category_id, attributes, tags,
    rating_average, rating_count, popularity, created_at, price_amount, compare_at_amount, currency, in_stock)
SELECT uuidv7(), s.external_ref, s.slug, s.name, s.description, s.status, b.id, c.id, s.attributes::jsonb, s.tags,
    s.rating_average, s.rating_count, s.popularity, s.created_at, s.price_amount, s.compare_at_amount, s.currency, s.stock > 0
FROM import_row s LEFT JOIN brand b ON b.name = s.brand LEFT JOIN bench_category c ON c.path = s.category
ON CONFLICT (external_ref) WHERE deleted_at IS NULL DO UPDATE SET name = excluded.name, description = excluded.description,
    attributes = excluded.attributes, price_amount = excluded.price_amount, updated_at = now()
"""
_MERGE_VARIANTS = """
INSERT INTO variant (id, product_id, sku, gtin, price_amount, compare_at_amount, currency, stock, weight_grams, is_default)
SELECT uuidv7(), p.id, s.sku, s.gtin, s.price_amount, s.compare_at_amount, s.currency, s.stock, s.weight_grams, true
FROM import_row s JOIN product p ON p.external_ref = s.external_ref AND p.deleted_at IS NULL
ON CONFLICT (sku) WHERE deleted_at IS NULL DO UPDATE SET price_amount = excluded.price_amount, stock = excluded.stock,
    updated_at = now()
"""


async def measure_loading(site: Site, report: Report, database_url: str, *, rounds: int) -> None:
    """Load the catalog's file `rounds` times into empty databases, the last time into `database_url`."""
    batches = await _staged(site, database_url)
    imports: list[Child] = []
    loads: list[float] = []
    bare: list[float] = []
    for number in range(rounds):
        async with site.database() as other:
            bare.append(await _load_bare(other, batches))
        async with AsyncExitStack() as stack:
            is_last = number == rounds - 1
            target = database_url if is_last else await stack.enter_async_context(site.database())
            child, seconds = await _import(site, target)
            imports.append(child)
            loads.append(seconds)
    report.rows += [
        ratio(
            "import, validation and triggers included",
            "rows/s",
            site.count / median(loads),
            site.count / median(bare),
            "bare COPY and merge, no triggers",
            at_least=LEAST_SHARE,
        ),
        ratio(
            "import, the whole command with its start",
            "rows/s",
            site.count / median([one.seconds for one in imports]),
            site.count / median(bare),
            "the same",
        ),
        absolute("memory of the import, at most", "MB", max(one.peak_mb for one in imports), at_most=MOST_MB),
    ]


async def _import(site: Site, database_url: str) -> tuple[Child, float]:
    """How the command went, and the seconds that it says loading took."""
    command, log = (sys.executable, "-m", "mercato", "import", str(site.file)), site.log("import")
    child = await run_to_the_end(command, environment_of(site.settings(database_url)), log)
    said = _SECONDS.search(await asyncio.to_thread(log.read_text))
    if said is None:
        raise RuntimeError(f"the import did not say how long it took; its log is {log}")
    return child, float(said[1].replace(",", ""))


async def _staged(site: Site, database_url: str) -> list[list[StagedRow]]:
    """The rows of the file, ready to be copied."""
    connection = await connect(database_url)
    known = definitions_by_code(
        AttributeCreate(**row)
        for row in await connection.fetch(
            "SELECT code, name, type, unit, options, is_facet, is_searchable, is_sortable, position FROM attribute"
        )
    )
    await connection.close()
    limits = BatchLimits(first_rows=BATCH_ROWS, rows=BATCH_ROWS, size=2**31)
    reader = BatchReader(FileRows(site.file), known_attributes=known, currency="EUR", limits=limits)
    batches = []
    while (checked := reader.next_batch()) is not None:
        batches.append(checked.batch.rows)
    return batches


async def _load_bare(database_url: str, batches: Sequence[Sequence[StagedRow]]) -> float:
    """Seconds for COPY into staging and the merge, a batch a transaction."""
    connection = await connect(database_url)
    await create_staging(connection)
    await connection.execute(_PATHS)
    for table in ("product", "variant"):
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    started = time.perf_counter()
    for batch in batches:
        await _merge(connection, batch)
    seconds = time.perf_counter() - started
    await connection.close()
    return seconds


async def _merge(connection: asyncpg.Connection, batch: Sequence[StagedRow]) -> None:
    async with connection.transaction():
        await connection.execute("SET LOCAL work_mem = '64MB'; SET LOCAL random_page_cost = 1.1")
        await connection.copy_records_to_table("import_row", records=batch, columns=StagedRow._fields)
        await connection.execute(_MERGE_PRODUCTS)
        await connection.execute(_MERGE_VARIANTS)
