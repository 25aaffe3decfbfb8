"""Waiting for what the database is doing."""

import anyio
import anyio.lowlevel
import asyncpg


async def until_somebody_waits(connection: asyncpg.Connection) -> None:
    """Return when a statement of this database waits for a lock; fails when none does within five seconds."""
    waiting = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    with anyio.fail_after(5):
        while not await connection.fetchval(waiting):
            await anyio.lowlevel.checkpoint()
