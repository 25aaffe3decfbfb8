"""Revisions go up, down and up again, and end where the models are."""

from collections.abc import AsyncIterator
from uuid import uuid4

import anyio.to_thread
import asyncpg
import pytest
from alembic import command
from alembic.config import Config

from mercato.cli.migrate import alembic_config
from mercato.devstack import Stack
from mercato.platform.settings import asyncpg_dsn
from tests.support.installation import with_database

EVERYTHING = """
SELECT 'column' AS kind, format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS what
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', format('%s %s', conrelid::regclass, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
UNION ALL SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', pg_get_functiondef(p.oid) FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""


@pytest.fixture
async def url(stack: Stack) -> AsyncIterator[str]:
    """A fresh, empty database."""
    name = f"mercato_{uuid4().hex[:12]}"
    server = await asyncpg.connect(asyncpg_dsn(stack.environment()["DATABASE_URL"]))
    await server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield with_database(stack.environment()["DATABASE_URL"], name)
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


async def go(config: Config, *, up: bool) -> None:
    """Run all revisions, up or down; Alembic brings an event loop of its own, hence the thread."""
    if up:
        await anyio.to_thread.run_sync(command.upgrade, config, "head")
    else:
        await anyio.to_thread.run_sync(command.downgrade, config, "base")


async def schema(url: str) -> list[tuple[str, str]]:
    """Everything that the revisions made."""
    connection = await asyncpg.connect(asyncpg_dsn(url))
    try:
        rows = await connection.fetch(EVERYTHING)
    finally:
        await connection.close()
    return [(row["kind"], row["what"]) for row in rows if "alembic_version" not in row["what"]]


async def test_down_removes_everything_and_up_brings_the_same_back(url: str) -> None:
    config = alembic_config(url)
    await go(config, up=True)
    first = await schema(url)
    assert {kind for kind, _what in first} == {"column", "index", "constraint", "trigger", "function"}
    await go(config, up=False)
    assert await schema(url) == []
    await go(config, up=True)
    assert await schema(url) == first


async def test_models_and_tables_agree(url: str) -> None:
    config = alembic_config(url)
    await go(config, up=True)
    await anyio.to_thread.run_sync(command.check, config)
