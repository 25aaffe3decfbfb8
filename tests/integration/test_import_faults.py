"""Imports of bad files, imports that are cut short, and imports that meet others."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from mercato.platform.settings import asyncpg_dsn
from mercato.transfer.batching import BatchLimits
from mercato.transfer.importing import ImportOptions, run_import
from mercato.transfer.reading import FileRows
from mercato.transfer.report import ImportProgress, ImportReport
from mercato.transfer.taxonomy import AttributeClash
from tests.support.imports import Catalog, Row, ndjson


def _products(count: int, **fields: object) -> list[Row]:
    return [
        {
            "external_ref": f"r{n}",
            "sku": f"S{n}",
            "name": f"Product {n}",
            "brand": f"Brand {n % 7}",
            "stock": 1,
            **fields,
        }
        for n in range(count)
    ]


@asynccontextmanager
async def _connection(catalog: Catalog) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(asyncpg_dsn(catalog.url))
    try:
        yield connection
    finally:
        await connection.close()


async def _import(connection: asyncpg.Connection, file: Path, *, batch: int = 100) -> ImportReport:
    options = ImportOptions(currency="EUR", limits=BatchLimits(first_rows=batch, rows=batch))
    return await run_import(connection, FileRows(file), options)


async def test_every_row_of_a_messy_file_is_accounted_for(catalog: Catalog) -> None:
    rows: list[Row | bytes | str] = [
        {"sku": "A", "name": "Good"},
        "{not json}",
        b'{"sku": "B", "name": "L\xe4mp"}',
        {"sku": "C", "name": "NUL\0"},
        {"sku": "D", "name": "x", "price": "-5"},
        {"sku": "E", "name": "x", "price": "1e30"},
        {"sku": "F", "name": "x", "price": {"amount": 5, "currency": "XXQ"}},
        {"sku": "G", "name": "x", "unknown": 1},
        '{"sku": "H", "name": "' + "x" * 10_000_000 + '"}',
        {"sku": "A", "name": "Twice"},
        "",
        {"sku": "I", "name": "Good"},
    ]
    report = await catalog.load(rows)
    assert (report.rows.total, report.rows.created, report.rows.failed) == (11, 2, 9)
    assert catalog.codes == [
        (2, "malformed_json"), (3, "encoding"), (4, "invalid_format"), (5, "invalid_price"), (6, "invalid_price"),
        (7, "unknown_currency"), (8, "unknown_field"), (9, "row_too_long"), (10, "duplicate_in_file"),
    ]  # fmt: skip
    assert max(len(str(failure.data)) for failure in catalog.failures) < 2500


async def test_a_file_without_a_good_row_has_failed(catalog: Catalog) -> None:
    report = await catalog.load([{"name": "x"}, {"name": "y"}])
    assert (report.status, report.rows.failed) == ("failed", 2)


async def test_what_a_refused_row_names_is_not_made(catalog: Catalog) -> None:
    await catalog.load(
        [{"sku": "A", "name": "x", "brand": "Acme", "category": "Home", "attributes": {"a": 1}, "stock": -1}]
    )
    assert [await catalog.count(table) for table in ("brand", "category", "attribute")] == [0, 0, 0]


async def test_a_truncated_gzip_is_loaded_up_to_the_cut_and_reported(catalog: Catalog) -> None:
    packed = gzip.compress(ndjson(_products(2000)))
    report = await catalog.load(packed[: len(packed) * 2 // 3], batch=500)
    assert report.status == "partially_completed"
    assert report.damage is not None
    assert report.damage.code == "file_truncated"
    assert 500 < report.rows.created < 2000
    assert catalog.codes in ([], [(report.rows.total, "row_incomplete")])
    whole = await catalog.load(packed, batch=500)
    assert whole.rows.unchanged == report.rows.created
    assert whole.rows.created == 2000 - report.rows.created


async def test_a_csv_as_a_spreadsheet_writes_it(catalog: Catalog) -> None:
    content = (
        "\ufeffsku;name;price;category;attr.width_cm;tags\r\n"
        'A1;"Lamp ""Luna""";19.90;Home > Light;12;"new, led"\r\n'
        "A2;Mug;;;;\r\n"
        "\r\n"
        "A3;Bad;abc;;;\r\n"
        'A4;"Two\r\nlines";1;;;\r\n'
    )
    report = await catalog.load(content.encode())
    assert (report.rows.created, report.rows.failed, report.rows.total) == (2, 2, 4)
    assert catalog.codes == [(5, "invalid_price"), (6, "invalid_format")]
    row = await catalog.product("A1")
    assert (row["p_name"], row["p_price_amount"], row["p_tags"]) == ('Lamp "Luna"', 1990, ["new", "led"])
    assert row["p_attributes"] == '{"width_cm": "12"}'


async def test_numbers_of_a_csv_follow_the_definition(catalog: Catalog) -> None:
    await catalog.load([{"sku": "A", "name": "x", "attributes": {"width_cm": 3, "is_new": True}}])
    report = await catalog.load(b"sku,name,attr.width_cm,attr.is_new\nB,y,12.50,no\nC,z,wide,\n")
    assert report.rows.created == 1
    assert catalog.codes == [(3, "attribute_mismatch")]
    assert (await catalog.product("B"))["p_attributes"] == '{"is_new": false, "width_cm": 12.5}'


@pytest.mark.parametrize("rows_a_batch", [2, 100])
async def test_a_dry_run_says_the_same_and_writes_nothing(catalog: Catalog, rows_a_batch: int) -> None:
    await catalog.load(_products(5))
    outbox = await catalog.count("outbox")
    rows: list[Row] = [
        *_products(3),
        {"sku": "S3", "stock": 9},
        {"sku": "S4", "brand": "New brand"},
        {"sku": "N1", "name": "New", "brand": "New brand", "category": "A > B", "attributes": {"new": 1}},
        {"sku": "N1", "name": "Again"},
        {"sku": "N2"},
    ]
    dry = await catalog.load(rows, dry_run=True, batch=rows_a_batch)
    assert dry.dry_run
    dry_codes = catalog.codes
    assert [await catalog.count(table) for table in ("product", "brand", "category", "attribute")] == [5, 5, 0, 0]
    assert await catalog.count("outbox") == outbox
    real = await catalog.load(rows, batch=rows_a_batch)
    assert (dry.rows, dry_codes) == (real.rows, catalog.codes)
    assert (real.rows.created, real.rows.updated, real.rows.unchanged, real.rows.failed) == (1, 2, 3, 2)


async def test_an_import_that_is_cut_short_is_completed_by_the_next(catalog: Catalog) -> None:
    file = catalog.file(_products(1000))
    some_are_in = asyncio.Event()

    def on_progress(_: ImportProgress) -> None:
        some_are_in.set()

    options = ImportOptions(currency="EUR", limits=BatchLimits(first_rows=50, rows=50))
    async with _connection(catalog) as connection:
        task = asyncio.create_task(run_import(connection, FileRows(file), options, on_progress=on_progress))
        await some_are_in.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    there = await catalog.count("product")
    assert 50 <= there < 1000
    assert there % 50 == 0
    report = await _import(catalog.connection, file)
    assert (report.rows.unchanged, report.rows.created) == (there, 1000 - there)


async def test_an_import_whose_connection_dies_leaves_whole_batches(catalog: Catalog) -> None:
    file = catalog.file(_products(2000))
    async with _connection(catalog) as connection:
        pid = connection.get_server_pid()
        some_are_in = asyncio.Event()
        options = ImportOptions(currency="EUR", limits=BatchLimits(first_rows=50, rows=50))
        task = asyncio.create_task(
            run_import(connection, FileRows(file), options, on_progress=lambda _: some_are_in.set())
        )
        await some_are_in.wait()
        await catalog.connection.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await task
    assert await catalog.count("product") % 50 == 0
    assert await catalog.count("variant") == await catalog.count("product")


async def test_two_imports_of_the_same_file_at_once_agree(catalog: Catalog) -> None:
    rows = _products(600, category="Home > Light", attributes={"color": "Red"})
    file = catalog.file(rows)
    backwards = catalog.file(rows[::-1], "backwards.ndjson")
    async with _connection(catalog) as one, _connection(catalog) as other:
        reports = await asyncio.gather(_import(one, file), _import(other, backwards))
    assert [report.rows.failed for report in reports] == [0, 0]
    assert sum(report.rows.created for report in reports) == 600
    assert [await catalog.count(table) for table in ("product", "variant", "brand", "category")] == [600, 600, 7, 2]


async def test_changes_made_while_products_are_imported_are_not_lost_and_do_not_block(catalog: Catalog) -> None:
    await catalog.load(_products(400))
    file = catalog.file(_products(400, description="From the file."))

    async def sell() -> None:
        async with _connection(catalog) as connection:
            for number in range(399, 0, -3):
                async with connection.transaction():
                    product_id = await connection.fetchval(
                        "SELECT id FROM product WHERE external_ref = $1 FOR UPDATE", f"r{number}"
                    )
                    await connection.execute("UPDATE product SET popularity = popularity + 1 WHERE id = $1", product_id)
                    await connection.execute(
                        "UPDATE variant SET weight_grams = $2 WHERE product_id = $1", product_id, number
                    )

    async with _connection(catalog) as connection:
        report, _ = await asyncio.gather(_import(connection, file, batch=20), sell())
    assert report.rows.updated == 400
    kept = await catalog.one(
        "SELECT count(*) AS both FROM product p JOIN variant v ON v.product_id = p.id "
        "WHERE p.description = 'From the file.' AND p.popularity = 1 AND v.weight_grams > 0"
    )
    assert kept == {"both": 133}


async def test_a_definition_that_changes_under_an_import_stops_it(catalog: Catalog) -> None:
    await catalog.load([{"sku": "A", "name": "x", "attributes": {"size": "12"}}])
    file = catalog.file([{"sku": f"S{n}", "name": "x", "attributes": {"size": "12"}} for n in range(40)])

    def change(_: ImportProgress) -> None:
        changed.append(
            asyncio.ensure_future(catalog.connection.execute("UPDATE attribute SET type = 'date' WHERE code = 'size'"))
        )

    changed: list[asyncio.Future[str]] = []
    async with _connection(catalog) as connection:
        options = ImportOptions(currency="EUR", limits=BatchLimits(first_rows=1, rows=1))
        with pytest.raises(AttributeClash, match="size"):
            await run_import(connection, FileRows(file), options, on_progress=change)
    await asyncio.gather(*changed)


async def test_staging_leaves_nothing_behind(catalog: Catalog) -> None:
    await catalog.load(_products(3))
    await catalog.load(_products(3))
    assert await catalog.all("SELECT relname FROM pg_class WHERE relname LIKE 'import\\_%'") == []


async def test_the_application_sees_what_was_imported(catalog: Catalog) -> None:
    await catalog.load([{"sku": "A", "name": "Lamp", "status": "active", "price": "1"}, {"sku": "B", "name": "Hidden"}])
    rows = await catalog.all(
        "SELECT slug FROM product WHERE product_is_published(status, publish_at, unpublish_at, deleted_at)"
    )
    assert rows == [{"slug": "lamp"}]
