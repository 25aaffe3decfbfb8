"""Loading checked batches: one transaction each, tried again when it met others, halved when the database refuses it."""

import asyncio
import random
from collections.abc import Sequence

import asyncpg
import msgspec

from mercato.catalog.binding.repository import HOLD_RULES
from mercato.transfer import merge
from mercato.transfer.staging import Batch, copy_batch
from mercato.transfer.taxonomy import lock_attributes, resolve_taxonomy

MAX_ATTEMPTS = 6
# Others took a lock, a slug or a SKU first; seen again, they are part of the plan.
_TRANSIENT = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
_ATTEMPTS_AT_A_NAME = 2
_REFUSED = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, asyncpg.ProgramLimitExceededError)

_FOR_THE_LOAD = """
SET LOCAL work_mem = '64MB';
SET LOCAL random_page_cost = 1.1;
SET LOCAL mercato.stock_reason = 'import'
"""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A row that the database did not take."""

    row: int
    column: str
    code: str
    message: str


class LoadResult(msgspec.Struct, kw_only=True):
    """What became of the rows of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Refusal] = msgspec.field(default_factory=list)

    def add(self, other: "LoadResult") -> None:
        """Count another result in."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.refused += other.refused


class _Overtaken(Exception):
    """A product to be changed, or what it refers to, was deleted between the plan and the lock."""


class BatchLoader:
    """Loads batches over one connection, whose staging tables exist."""

    def __init__(self, connection: asyncpg.Connection, *, dry_run: bool) -> None:
        self._connection = connection
        self._dry_run = dry_run
        self._random = random.Random()  # noqa: S311 - it only spreads waiting times

    async def load(self, batch: Batch) -> LoadResult:
        """Load every row of the batch that can be loaded; the others come back as refused, with the reason."""
        if not batch.rows:
            return LoadResult()
        try:
            return await self._attempt(batch)
        except _REFUSED as error:
            if len(batch.rows) == 1:
                return LoadResult(refused=[_refusal(batch.rows[0].row, error)])
        middle = len(batch.rows) // 2
        result = LoadResult()
        for rows in (batch.rows[:middle], batch.rows[middle:]):
            result.add(await self.load(Batch(rows, batch.attributes, batch.checked_against)))
        return result

    async def _attempt(self, batch: Batch) -> LoadResult:
        attempt = 1
        while True:
            try:
                async with self._connection.transaction():
                    await self._connection.execute(_FOR_THE_LOAD)
                    await self._connection.execute(HOLD_RULES)
                    await copy_batch(self._connection, batch)
                    await resolve_taxonomy(self._connection, dry_run=self._dry_run)
                    return await self._merge(batch)
            except asyncpg.UniqueViolationError:
                if attempt >= _ATTEMPTS_AT_A_NAME:
                    raise
            except (*_TRANSIENT, _Overtaken):
                if attempt == MAX_ATTEMPTS:
                    raise
            # Apart from each other, the two that met do not meet again.
            await asyncio.sleep(self._random.uniform(0.01, 0.05) * 2**attempt)
            attempt += 1

    async def _merge(self, batch: Batch) -> LoadResult:
        connection = self._connection
        await connection.execute(merge.PLAN)
        counts = await self._counts()
        if counts.get("update", 0) + counts.get("unchanged", 0) > 1:
            await connection.execute(merge.REFUSE_SECOND)
        if counts.get("create") and await connection.fetchval(merge.UNNAMED_LEFT):
            await connection.execute(merge.NUMBER_SLUGS)
        if self._dry_run:
            await connection.execute(merge.REFUSE_SEEN)
        else:
            counts = await self._counts()
            await self._lock(batch, creates=counts.get("create", 0), updates=counts.get("update", 0))
        if await connection.fetchval(merge.HAS_REQUIREMENTS):
            await connection.execute(merge.REFUSE_INCOMPLETE)
        if counts.get("update"):
            await connection.execute(merge.REFUSE_WITHOUT_ALT)
        counts = await self._counts()
        if self._dry_run:
            await connection.execute(merge.REMEMBER_SEEN)
        else:
            await self._write(creates=counts.get("create", 0), updates=counts.get("update", 0))
        await connection.execute(merge.REMEMBER)
        return LoadResult(
            created=counts.get("create", 0),
            updated=counts.get("update", 0),
            unchanged=counts.get("unchanged", 0),
            refused=await self._failed() if counts.get("failed") else [],
        )

    async def _lock(self, batch: Batch, *, creates: int, updates: int) -> None:
        connection = self._connection
        if updates and await connection.fetchval(merge.LOCK) != updates:
            raise _Overtaken
        if not creates and not updates:
            return
        if not await connection.fetchval(merge.LOCK_REFERENCES):
            raise _Overtaken
        await lock_attributes(connection, batch.checked_against)

    async def _write(self, *, creates: int, updates: int) -> None:
        connection = self._connection
        if not creates and not updates:
            return
        if creates:
            await connection.execute(merge.INSERT_PRODUCTS)
        if updates:
            await connection.execute(merge.UPDATE_PRODUCTS)
        await connection.execute(merge.INSERT_VARIANTS)
        if updates:
            await connection.execute(merge.UPDATE_VARIANTS)

    async def _counts(self) -> dict[str, int]:
        return dict(await self._connection.fetch(merge.COUNT))

    async def _failed(self) -> list[Refusal]:
        return [_explain(row) for row in await self._connection.fetch(merge.FAILED)]


def _explain(row: Sequence[object]) -> Refusal:
    number, code, first_row, external_ref, sku, slug, owner, detail = row
    column, message = {
        "duplicate_in_file": (
            "external_ref" if external_ref is not None else "sku",
            f"row {first_row} is about the same product",
        ),
        "sku_taken": ("sku", f"the SKU {sku!r} belongs to another product ({owner})"),
        "name_missing": ("name", "a new product needs a name"),
        "slug_taken": ("slug", f"the slug {slug!r} belongs to another product"),
        "price_missing": ("compare_at_price", "needs a price to compare with"),
        "currency_mismatch": ("compare_at_price", "price and compare_at_price would be in different currencies"),
        "stock_below_zero": ("stock", "the stock is below zero, which needs allow_backorder"),
        "schedule_reversed": ("unpublish_at", "must be later than publish_at"),
        "alt_required": ("status", "pictures of an active product need words that say what they show"),
        "attribute_required": ("attributes", f"an active product in this category needs {detail}"),
    }[str(code)]
    return Refusal(row=int(str(number)), column=column, code=str(code), message=message)


def _refusal(row: int, error: asyncpg.PostgresError) -> Refusal:
    column = getattr(error, "column_name", None) or ""
    constraint = getattr(error, "constraint_name", None)
    reason = f" ({constraint})" if constraint else ""
    return Refusal(row=row, column=column, code="refused", message=f"the database refused the row{reason}")
