"""What commands leave in the audit log: an import one event, whatever it loads."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from mercato.platform.actor import Actor
from mercato.transfer.importing import ImportOptions, run_import
from mercato.transfer.reading import FileRows
from tests.support.command import Command
from tests.support.imports import Catalog, Row

IMPORTER = Actor(kind="command", name="mercato import")
ROWS: list[Row] = [
    *({"sku": f"S{n}", "name": f"Product {n}", "brand": "Auralis", "category": "Audio > Speakers"} for n in range(5)),
    {"sku": "BAD", "name": "x", "price": "-1"},
]


async def events(connection: asyncpg.Connection) -> list[dict[str, Any]]:
    """Events of the log, the oldest first."""
    statement = "SELECT action, resource_type, actor_kind, actor_name, after FROM audit_event ORDER BY occurred_at, id"
    return [dict(row) | {"after": json.loads(row["after"])} for row in await connection.fetch(statement)]


async def load(catalog: Catalog, rows: list[Row], **options: object) -> None:
    """Import rows as the command does."""
    source = FileRows(catalog.file(rows, "spring.ndjson"))
    wanted = ImportOptions(currency="EUR", source_name=source.name, **{"actor": IMPORTER, **options})  # type: ignore[arg-type]
    await run_import(catalog.connection, source, wanted)


async def test_an_import_is_one_event_with_its_counts(catalog: Catalog) -> None:
    await load(catalog, ROWS)
    await load(catalog, [{"sku": "S1", "name": "Other"}, {"sku": "S2", "name": "Product 2"}])
    first, second = await events(catalog.connection)
    assert first == {
        "action": "import",
        "resource_type": "product",
        "actor_kind": "command",
        "actor_name": "mercato import",
        "after": {"source": "spring.ndjson", "total": 6, "created": 5, "updated": 0, "unchanged": 0, "failed": 1},
    }
    assert second["after"].items() >= {"total": 2, "updated": 1, "unchanged": 1}.items()


async def test_a_dry_run_and_an_import_of_nobody_leave_none(catalog: Catalog) -> None:
    await load(catalog, ROWS, dry_run=True)
    await load(catalog, ROWS, actor=None)
    assert await events(catalog.connection) == []


async def test_an_import_that_is_cut_short_is_logged_with_what_it_loaded(catalog: Catalog) -> None:
    class Stopped(Exception):
        pass

    def stop(_progress: object) -> None:
        raise Stopped

    source = FileRows(catalog.file(ROWS))
    options = ImportOptions(currency="EUR", actor=IMPORTER)
    with pytest.raises(Stopped):
        await run_import(catalog.connection, source, options, on_progress=stop)
    (event,) = await events(catalog.connection)
    assert event["after"]["created"] == 5


async def test_the_actor_of_an_import_does_not_stay_with_its_connection(catalog: Catalog) -> None:
    await load(catalog, ROWS)
    await catalog.connection.execute("UPDATE product SET name = 'By hand'")
    assert len(await events(catalog.connection)) == 1


async def test_the_command_names_itself_and_its_file(catalog: Catalog) -> None:
    environment = {
        "DATABASE_URL": catalog.url,
        "VALKEY_URL": "valkey://127.0.0.1:9",
        "MEILISEARCH_URL": "http://127.0.0.1:9",
        "MERCATO_MEDIA_DIR": str(Path(catalog.folder) / "media"),
    }
    command = await Command.start("import", catalog.file(ROWS, "autumn.ndjson"), environment=environment)
    assert await command.ends() == 3, command.output
    (event,) = await events(catalog.connection)
    assert (event["actor_name"], event["after"]["source"]) == ("mercato import", "autumn.ndjson")
