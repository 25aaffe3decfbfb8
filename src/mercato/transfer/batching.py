"""Rows in, batches out: reading, checking and finding duplicates, without a database."""

from collections.abc import Iterator, Mapping

import msgspec

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.transfer.attributes import AttributeRegistry
from mercato.transfer.formats import RawRow, Record
from mercato.transfer.problems import RowError, RowFailure
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


class CheckedBatch(msgspec.Struct):
    """A batch to load, the rows of it that are not to be loaded, and where its rows come from."""

    batch: Batch
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
        keys = _Keys()
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
                staged.append(keys.add(self._source.stage(raw, self._stager)))
                records[raw.number] = raw.record
            except RowError as error:
                failures.append(self._failure(raw, error))
            if total >= self._max_rows or size >= self._limits.size:
                break
        if total == 0:
            return None
        self._max_rows = self._limits.rows
        batch = Batch(keys.with_contested_slugs(staged), self._registry.take_added(), self._registry.take_used())
        return CheckedBatch(batch, failures, records, total, self._source.position)

    def _failure(self, raw: RawRow, error: RowError) -> RowFailure:
        return RowFailure(
            row=raw.number,
            column=error.column,
            code=error.code,
            message=error.message,
            data=self._source.describe(raw.record),
        )


class _Keys:
    """What the rows of a batch are named by: a second row of the same name is refused, the first one wins."""

    def __init__(self) -> None:
        self._references: dict[str, int] = {}
        self._skus: dict[str, int] = {}
        self._slugs: dict[str, int] = {}
        self._slug_bases: set[str] = set()

    def add(self, row: StagedRow) -> StagedRow:
        """Register a row; raises `RowError` when another one has its reference, SKU or slug."""
        _refuse(self._references, row.external_ref, "external_ref")
        _refuse(self._slugs, row.slug, "slug")
        if row.sku is not None and row.sku_fallback is not None and row.sku in self._skus:
            row = row._replace(sku_contested=True)
            _refuse(self._skus, row.sku_fallback, "sku")
        else:
            _refuse(self._skus, row.sku, "sku")
            self._register(self._skus, row.sku, row.row)
        self._register(self._skus, row.sku_fallback, row.row)
        self._register(self._references, row.external_ref, row.row)
        self._register(self._slugs, row.slug, row.row)
        if row.slug is None and row.slug_base is not None:
            if row.slug_base in self._slug_bases:
                return row._replace(slug_contested=True)
            self._slug_bases.add(row.slug_base)
        return row

    def with_contested_slugs(self, rows: list[StagedRow]) -> list[StagedRow]:
        """The rows, those marked whose slug made of the name is another row's explicit slug."""
        if self._slug_bases.isdisjoint(self._slugs):
            return rows
        return [
            row._replace(slug_contested=True) if row.slug is None and row.slug_base in self._slugs else row
            for row in rows
        ]

    @staticmethod
    def _register(names: dict[str, int], name: str | None, row: int) -> None:
        if name is not None:
            names.setdefault(name, row)


def _refuse(names: dict[str, int], name: str | None, column: str) -> None:
    if name is not None and name in names:
        raise RowError(column, "duplicate_in_file", f"row {names[name]} has the same {column} {name!r}")
