"""Rows in, batches out: reading, checking and finding duplicates, without a database."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.transfer.attributes import AttributeRegistry
from mercato.transfer.formats import RawRow, Record
from mercato.transfer.problems import DuplicateRow, RowError, RowFailure
from mercato.transfer.reading import RowSource
from mercato.transfer.staged import StagedRow, Stager
from mercato.transfer.staging import Batch


class BatchLimits(msgspec.Struct, frozen=True, kw_only=True):
    """When a batch is full."""

    first_rows: int = 1_000
    """The first batch is small: an error that concerns all rows shows soon, and the database gets its statistics early."""
    rows: int = 10_000
    size: int = 8 * 1024 * 1024
    """Bytes of the rows as they stand in the file."""


class Postponed(NamedTuple):
    """A row whose name another row of the batch has: it is a duplicate if that one is loaded."""

    row: StagedRow
    error: DuplicateRow


class CheckedBatch(msgspec.Struct):
    """A batch to load, the rows of it that are not to be loaded, and where its rows come from."""

    batch: Batch
    postponed: list[Postponed]
    failures: list[RowFailure]
    records: Mapping[int, Record]
    """Row number -> the row itself, for reports."""
    total: int
    position: int
    """How far the source had been read."""


class BatchReader:
    """Reads a source batch by batch. Everything here is CPU work for a thread of its own."""

    def __init__(
        self,
        source: RowSource,
        *,
        known_attributes: Mapping[str, AttributeCreate],
        currency: str,
        limits: BatchLimits,
    ) -> None:
        self._source = source
        self._registry = AttributeRegistry(known_attributes, source.definitions)
        self._stager = Stager(currency=currency, attributes=self._registry, is_text=source.is_text)
        self._limits = limits
        self._max_rows = limits.first_rows
        self._rows: Iterator[RawRow] = source.rows()

    def next_batch(self) -> CheckedBatch | None:
        """The next batch; None when all rows were read."""
        staged: list[StagedRow] = []
        failures: list[RowFailure] = []
        records: dict[int, Record] = {}
        total = size = 0
        for raw in self._rows:
            total += 1
            size += raw.size
            try:
                if raw.error is not None:
                    raise raw.error
                staged.append(self._source.stage(raw, self._stager))
                records[raw.number] = raw.record
            except RowError as error:
                failures.append(self._failure(raw, error))
            if total >= self._max_rows or size >= self._limits.size:
                break
        if total == 0:
            return None
        self._max_rows = self._limits.rows
        rows, postponed = without_duplicates(staged)
        batch = Batch(rows, self._registry.take_added(), self._registry.take_used())
        return CheckedBatch(batch, postponed, failures, records, total, self._source.position)

    def _failure(self, raw: RawRow, error: RowError) -> RowFailure:
        return RowFailure(
            row=raw.number,
            column=error.column,
            code=error.code,
            message=error.message,
            data=self._source.describe(raw.record),
        )


def without_duplicates(rows: Iterable[StagedRow]) -> tuple[list[StagedRow], list[Postponed]]:
    """The rows that can be loaded together, and those that are named as one before them."""
    keys = _Keys()
    kept: list[StagedRow] = []
    postponed: list[Postponed] = []
    for row in rows:
        try:
            kept.append(keys.add(row))
        except DuplicateRow as error:
            postponed.append(Postponed(row, error))
    return keys.with_contested_slugs(kept), postponed


class _Keys:
    """What the rows of a batch are named by."""

    def __init__(self) -> None:
        self._references: dict[str, int] = {}
        self._skus: dict[str, int] = {}
        self._slugs: dict[str, int] = {}
        self._slug_bases: set[str] = set()

    def add(self, row: StagedRow) -> StagedRow:
        """Register a row; raises `DuplicateRow` when another one has its reference, SKU or slug."""
        kept = row
        if row.sku is not None and row.sku_fallback is not None and row.sku in self._skus:
            kept = row._replace(sku_contested=True)
        names = (
            ("external_ref", self._references, row.external_ref),
            ("slug", self._slugs, row.slug),
            ("sku", self._skus, row.sku_fallback if kept.sku_contested else row.sku),
        )
        for column, rows, name in names:
            if name is not None and name in rows:
                raise DuplicateRow(column, name, rows[name])
        for _, rows, name in (*names, ("sku", self._skus, row.sku_fallback)):
            if name is not None:
                rows.setdefault(name, row.row)
        if row.slug is None and row.slug_base is not None:
            if row.slug_base in self._slug_bases:
                return kept._replace(slug_contested=True)
            self._slug_bases.add(row.slug_base)
        return kept

    def with_contested_slugs(self, rows: list[StagedRow]) -> list[StagedRow]:
        """The rows, those marked whose slug made of the name is another row's explicit slug."""
        if self._slug_bases.isdisjoint(self._slugs):
            return rows
        return [
            row._replace(slug_contested=True) if row.slug is None and row.slug_base in self._slugs else row
            for row in rows
        ]
