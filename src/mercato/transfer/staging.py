"""The staging tables: temporary, seen by one connection only, empty between batches."""

from collections.abc import Iterable, Sequence

import asyncpg
import msgspec

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.platform.text import make_slug
from mercato.transfer.staged import LEVEL_MARK, StagedRow

STAGING_DDL = (
    """CREATE TEMP TABLE import_row (
        row bigint NOT NULL, external_ref text, sku text, sku_fallback text, sku_contested boolean NOT NULL,
        slug text, slug_base text, slug_contested boolean NOT NULL, name text, description text, status text,
        brand text, category text, attributes text, tags text[],
        price_amount bigint, compare_at_amount bigint, currency text, stock integer, allow_backorder boolean,
        gtin text, weight_grams integer, rating_average float8, rating_count integer, popularity integer,
        publish_at timestamptz, unpublish_at timestamptz, created_at timestamptz, cleared integer NOT NULL
    ) ON COMMIT DELETE ROWS""",
    """CREATE TEMP TABLE import_brand (
        ordinal integer NOT NULL, name text NOT NULL, slug text NOT NULL, id uuid
    ) ON COMMIT DELETE ROWS""",
    """CREATE TEMP TABLE import_category (
        ordinal integer NOT NULL, path text NOT NULL, parent text, depth integer NOT NULL,
        name text NOT NULL, slug text NOT NULL, long_slug text NOT NULL, id uuid,
        above uuid -- of one that a dry run only pretends to make: the nearest category above it that is there
    ) ON COMMIT DELETE ROWS""",
    """CREATE TEMP TABLE import_attribute (
        code text NOT NULL, name text NOT NULL, type text NOT NULL, unit text, options text[] NOT NULL,
        is_facet boolean NOT NULL, is_searchable boolean NOT NULL, is_sortable boolean NOT NULL, position integer NOT NULL
    ) ON COMMIT DELETE ROWS""",
    # What becomes of each row: create, update, unchanged or failed.
    """CREATE TEMP TABLE import_plan (
        row bigint NOT NULL, action text NOT NULL, product_id uuid NOT NULL, variant_id uuid NOT NULL,
        is_new_variant boolean NOT NULL, sku text, slug text, error text, detail text, first_row bigint
    ) ON COMMIT DELETE ROWS""",
    # Products that a row of this file has had its say about: a later row for one of them is a duplicate.
    """CREATE TEMP TABLE import_touched (product_id uuid PRIMARY KEY, row bigint NOT NULL)""",
    # The same for a dry run, which makes no products that later rows could be matched with.
    """CREATE TEMP TABLE import_seen (key text PRIMARY KEY, row bigint NOT NULL)""",
)

STAGING_TABLES = (
    "import_row", "import_brand", "import_category", "import_attribute", "import_plan", "import_touched", "import_seen"
)  # fmt: skip


class Batch(msgspec.Struct):
    """Checked rows that are loaded in one transaction, and the definitions of attributes that the database may lack."""

    rows: list[StagedRow]
    attributes: list[AttributeCreate]
    checked_against: list[AttributeCreate]
    """The definitions that the values of the rows fit."""


async def create_staging(connection: asyncpg.Connection) -> None:
    """Make the staging tables of this connection, anew when a former import left some."""
    await drop_staging(connection)
    for statement in STAGING_DDL:
        await connection.execute(statement)


async def drop_staging(connection: asyncpg.Connection) -> None:
    """Remove the staging tables of this connection."""
    await connection.execute("DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{table}" for table in STAGING_TABLES))


async def copy_batch(connection: asyncpg.Connection, batch: Batch) -> None:
    """COPY a batch into the staging tables, inside the caller's transaction."""
    await _copy(connection, "import_row", batch.rows, StagedRow._fields)
    await copy_names(
        connection,
        brands=dict.fromkeys(row.brand for row in batch.rows if row.brand is not None),
        categories=dict.fromkeys(row.category for row in batch.rows if row.category is not None),
        attributes=batch.attributes,
    )


async def copy_names(
    connection: asyncpg.Connection,
    *,
    brands: Iterable[str],
    categories: Iterable[str],
    attributes: Iterable[AttributeCreate],
) -> None:
    """COPY brands by name, categories by path (names joined by `LEVEL_MARK`) and definitions into the staging tables."""
    brand_records = [(ordinal, name, make_slug(name, "brand")) for ordinal, name in enumerate(brands)]
    await _copy(connection, "import_brand", brand_records, ("ordinal", "name", "slug"))
    category_records = [_category_record(ordinal, path) for ordinal, path in enumerate(_with_ancestors(categories))]
    columns = ("ordinal", "path", "parent", "depth", "name", "slug", "long_slug")
    await _copy(connection, "import_category", category_records, columns)
    definitions = [msgspec.structs.astuple(definition) for definition in attributes]
    await _copy(connection, "import_attribute", definitions, AttributeCreate.__struct_fields__)


def _with_ancestors(categories: Iterable[str]) -> Iterable[str]:
    """Each path once, ancestors before what is below them."""
    paths: dict[str, None] = {}
    for path in categories:
        names = path.split(LEVEL_MARK)
        paths.update(dict.fromkeys(LEVEL_MARK.join(names[:depth]) for depth in range(1, len(names) + 1)))
    return paths


def _category_record(ordinal: int, path: str) -> tuple[object, ...]:
    names = path.split(LEVEL_MARK)
    parent = LEVEL_MARK.join(names[:-1]) or None
    slug, long_slug = (make_slug(" ".join(names[-levels:]), "category") for levels in (1, 2))
    return ordinal, path, parent, len(names), names[-1], slug, long_slug


async def _copy(
    connection: asyncpg.Connection, table: str, records: Sequence[tuple[object, ...]], columns: Sequence[str]
) -> None:
    if records:
        await connection.copy_records_to_table(table, records=records, columns=columns)
