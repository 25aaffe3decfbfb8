"""Importing: batches are read and checked in a thread while the database merges the one before."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import asyncpg
import msgspec

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.identity.audit.notes import note_event
from mercato.platform.actor import Actor
from mercato.transfer.attributes import definitions_by_code
from mercato.transfer.batching import BatchLimits, BatchReader, CheckedBatch, Postponed, without_duplicates
from mercato.transfer.loader import BatchLoader, LoadResult
from mercato.transfer.problems import RowFailure
from mercato.transfer.reading import RowSource
from mercato.transfer.report import SHOWN_FAILURES, ImportProgress, ImportReport, RowCounts, status_of
from mercato.transfer.staging import Batch, create_staging, drop_staging

_ATTRIBUTES = """
SELECT code, name, type, unit, options, is_facet, is_searchable, is_sortable, position FROM attribute
WHERE deleted_at IS NULL
"""

ANALYZE_FROM = 1_000
"""Rows created or updated from which on the statistics are brought up to date at the end."""

MAX_ROUNDS = 3
"""How often rows of the same name are tried after one another, before the rest of them counts as duplicates."""

# Not the long texts and the indexed expressions: they would take most of the time, and autovacuum comes to them.
_ANALYZE = """
ANALYZE product (
    id, slug, external_ref, status, publish_at, unpublish_at, brand_id, category_id, price_amount, in_stock, created_at,
    updated_at, deleted_at
), variant, brand, category, attribute
"""

OnFailure = Callable[[RowFailure], None]
OnProgress = Callable[[ImportProgress], None]


class ImportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to import."""

    currency: str
    """ISO 4217 code for prices that name none."""
    dry_run: bool = False
    """Say what would happen, and write nothing."""
    limits: BatchLimits = BatchLimits()
    actor: Actor | None = None
    """Who the audit log names; without anybody, it says nothing of the import."""
    source_name: str = ""
    """What the audit log calls the file."""


async def run_import(
    connection: asyncpg.Connection,
    source: RowSource,
    options: ImportOptions,
    *,
    on_failure: OnFailure | None = None,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Load all rows of `source`, a batch a transaction, over a connection that nobody else uses meanwhile.

    Killed or cancelled, it loses the open batch; run again, it finds the others done (unchanged) and goes on.
    `on_failure` gets each row that was not loaded, in order. The audit log gets one event, at the end, when an actor is
    named. Raises `AttributeClash` and what asyncpg raises when the database goes away.
    """
    await create_staging(connection)
    run = _Run(connection, source, options, on_failure=on_failure, on_progress=on_progress)
    try:
        report = await run.finish()
        await run.note()
    except BaseException:
        if not connection.is_closed():
            with suppress(asyncpg.PostgresError):  # what stopped the import is what the caller has to hear
                await run.note()
        raise
    finally:
        if not connection.is_closed():
            await drop_staging(connection)
    return report


class _Run:
    def __init__(
        self,
        connection: asyncpg.Connection,
        source: RowSource,
        options: ImportOptions,
        *,
        on_failure: OnFailure | None,
        on_progress: OnProgress | None,
    ) -> None:
        self._connection = connection
        self._source = source
        self._options = options
        self._loader = BatchLoader(connection, dry_run=options.dry_run)
        self._on_failure = on_failure
        self._on_progress = on_progress
        self._rows = RowCounts()
        self._analyzed = False
        self._failures: list[RowFailure] = []
        self._started = time.perf_counter()

    async def finish(self) -> ImportReport:
        reader = BatchReader(
            self._source,
            known_attributes=await _known_attributes(self._connection),
            currency=self._options.currency,
            limits=self._options.limits,
        )
        ahead = asyncio.create_task(asyncio.to_thread(reader.next_batch))
        try:
            while (checked := await ahead) is not None:
                ahead = asyncio.create_task(asyncio.to_thread(reader.next_batch))
                result, duplicates = await self._load(checked)
                self._count(checked, result, duplicates)
                await self._analyze(result)
        finally:
            # The thread cannot be interrupted: its batch is read to the end, or its file would be closed under it.
            await asyncio.gather(ahead, return_exceptions=True)
        seconds = time.perf_counter() - self._started
        await self._analyze_all()
        return ImportReport(
            status=status_of(self._rows, self._source.damage),
            dry_run=self._options.dry_run,
            rows=self._rows,
            failures=self._failures,
            damage=self._source.damage,
            dropped=dict(self._source.dropped),
            notes=self._source.notes,
            seconds=seconds,
        )

    async def note(self) -> None:
        """Log the import, also one that was cut short: what it loaded stays."""
        if self._options.actor is None or self._options.dry_run:
            return
        facts = {"source": self._options.source_name, **msgspec.structs.asdict(self._rows)}
        await note_event(self._connection, self._options.actor, action="import", resource_type="product", facts=facts)

    async def _load(self, checked: CheckedBatch) -> tuple[LoadResult, list[Postponed]]:
        """Load a batch, and rows that are duplicates of others once more when these were not loaded themselves."""
        result = await self._loader.load(checked.batch)
        waiting = checked.postponed
        for _ in range(MAX_ROUNDS):
            refused = {one.row for one in result.refused}
            again = [one.row for one in waiting if one.error.first_row in refused]
            if not again:
                break
            rows, postponed = without_duplicates(again)
            result.add(await self._loader.load(Batch(rows, [], checked.batch.checked_against)))
            waiting = [one for one in waiting if one.error.first_row not in refused] + postponed
        return result, waiting

    async def _analyze(self, result: LoadResult) -> None:
        """Tell the planner early that nearly nothing is deleted.

        Of a table that was empty it assumes the opposite, and the triggers' statements then read whole indexes.
        """
        if not self._analyzed and result.created and not self._options.dry_run:
            self._analyzed = True
            await self._connection.execute("ANALYZE product (id, deleted_at); ANALYZE variant (product_id, deleted_at)")

    async def _analyze_all(self) -> None:
        """After a load that changed most of the catalog, old statistics would mislead every query until autovacuum comes."""
        changed = self._rows.created + self._rows.updated
        if changed >= ANALYZE_FROM and not self._options.dry_run:
            await self._connection.execute(_ANALYZE)

    def _count(self, checked: CheckedBatch, result: LoadResult, duplicates: list[Postponed]) -> None:
        refused = [(one.row, one.column, one.code, one.message) for one in result.refused]
        refused += [(one.row.row, one.error.column, one.error.code, one.error.message) for one in duplicates]
        failures = checked.failures + [
            RowFailure(
                row=row, column=column, code=code, message=message, data=self._source.describe(checked.records[row])
            )
            for row, column, code, message in refused
        ]
        rows = self._rows
        rows.total += checked.total
        rows.created += result.created
        rows.updated += result.updated
        rows.unchanged += result.unchanged
        rows.failed += len(failures)
        self._report(sorted(failures, key=lambda failure: failure.row))
        if self._on_progress is not None:
            self._on_progress(
                ImportProgress(
                    position=checked.position,
                    size=self._source.size,
                    rows=rows,
                    seconds=time.perf_counter() - self._started,
                )
            )

    def _report(self, failures: Iterable[RowFailure]) -> None:
        for failure in failures:
            if len(self._failures) < SHOWN_FAILURES:
                self._failures.append(failure)
            if self._on_failure is not None:
                self._on_failure(failure)


async def _known_attributes(connection: asyncpg.Connection) -> dict[str, AttributeCreate]:
    return definitions_by_code(AttributeCreate(**row) for row in await connection.fetch(_ATTRIBUTES))
