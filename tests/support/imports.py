"""Imports in tests: files with rows, run in this process on a database of one's own."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from mercato.platform.settings import asyncpg_dsn
from mercato.transfer.batching import BatchLimits
from mercato.transfer.importing import ImportOptions, run_import
from mercato.transfer.mapping import CompiledMapping
from mercato.transfer.problems import RowFailure
from mercato.transfer.reading import FileRows
from mercato.transfer.report import ImportReport
from tests.support.installation import new_database

Row = Mapping[str, object]


def ndjson(rows: Sequence[Row | bytes | str]) -> bytes:
    """One line a row; text and bytes stand for lines that are not JSON objects."""
    lines = [
        row if isinstance(row, bytes) else row.encode() if isinstance(row, str) else msgspec.json.encode(row)
        for row in rows
    ]
    return b"".join(line + b"\n" for line in lines)


class Catalog:
    """A database that one test imports into."""

    def __init__(self, connection: asyncpg.Connection, url: str, folder: Path) -> None:
        self.connection = connection
        self.url = url
        self.folder = folder
        self.failures: list[RowFailure] = []
        """Of the last import."""

    def file(self, content: bytes | Sequence[Row | bytes | str], name: str = "products.ndjson") -> Path:
        """Write a file to import."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else ndjson(content))
        return path

    async def load(
        self,
        content: bytes | Sequence[Row | bytes | str],
        *,
        mapping: CompiledMapping | None = None,
        dry_run: bool = False,
        batch: int = 10_000,
    ) -> ImportReport:
        """Import a file with this content, `batch` rows at a time; every row is accounted for, whatever happens."""
        source = FileRows(self.file(content), mapping=mapping)
        options = ImportOptions(currency="EUR", dry_run=dry_run, limits=BatchLimits(first_rows=batch, rows=batch))
        self.failures = []
        report = await run_import(self.connection, source, options, on_failure=self.failures.append)
        rows = report.rows
        assert rows.total == rows.created + rows.updated + rows.unchanged + rows.failed
        assert len(self.failures) == rows.failed
        return report

    @property
    def codes(self) -> list[tuple[int, str]]:
        """Row and code of each failure of the last import."""
        return [(failure.row, failure.code) for failure in self.failures]

    async def all(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Rows of a query."""
        return [dict(row) for row in await self.connection.fetch(query, *values)]

    async def one(self, query: str, *values: object) -> dict[str, Any]:
        """The only row of a query."""
        (row,) = await self.all(query, *values)
        return row

    async def count(self, table: str) -> int:
        """Rows of a table."""
        number: int = await self.connection.fetchval(f"SELECT count(*) FROM {table}")
        return number

    async def product(self, sku: str) -> dict[str, Any]:
        """A product and its variant by SKU, as columns `p_…` and `v_…`."""
        product = await self.one(
            "SELECT p.* FROM product p JOIN variant v ON v.product_id = p.id WHERE v.sku = $1 AND v.deleted_at IS NULL",
            sku,
        )
        variant = await self.one("SELECT * FROM variant WHERE sku = $1 AND deleted_at IS NULL", sku)
        return {f"p_{name}": value for name, value in product.items()} | {
            f"v_{name}": value for name, value in variant.items()
        }


# All but what a migration filled.
_TABLES = """
SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'product_change_epoch')
"""


@pytest.fixture(scope="session")
async def catalog_url(template: str) -> AsyncIterator[str]:
    """A database for tests that take turns with it: emptying one is ten times as fast as making one."""
    async with new_database(template) as url:
        yield url


@pytest.fixture
async def catalog(catalog_url: str, tmp_path: Path) -> AsyncIterator[Catalog]:
    """An empty catalog for this test alone, without an application."""
    connection = await asyncpg.connect(asyncpg_dsn(catalog_url))
    try:
        tables = await connection.fetchval(_TABLES)
        await connection.execute(f"TRUNCATE {tables} CASCADE")
        yield Catalog(connection, catalog_url, tmp_path)
    finally:
        await connection.close()
