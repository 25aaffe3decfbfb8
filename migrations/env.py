"""Alembic's entry: runs the revisions over asyncpg at the address in `DATABASE_URL` (or the one given in the config)."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from mercato.bootstrap import METADATA
from mercato.platform.settings import sqlalchemy_url

LOCK_KEY = 4_770_001
"""Advisory lock: two migrating processes take turns instead of colliding."""


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
        include_object=lambda _object, _name, kind, reflected, _to: not (kind == "index" and reflected),
    )
    with context.begin_transaction():
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
        context.run_migrations()


async def _main() -> None:
    url = context.config.get_main_option("sqlalchemy.url") or os.environ["DATABASE_URL"]
    engine = create_async_engine(sqlalchemy_url(url), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


asyncio.run(_main())
