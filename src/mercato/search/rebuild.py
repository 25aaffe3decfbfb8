"""Rebuilding the index beside the live one: a row that any worker can carry on, a chunk at a time."""

from datetime import datetime
from hashlib import blake2b
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from mercato.platform.db import Reader
from mercato.platform.ids import new_id
from mercato.platform.outbox import CHANNEL
from mercato.search.documents import COUNT_PUBLISHED
from mercato.search.index import PRODUCT_SETTINGS, IndexNames
from mercato.search.schemas import RebuildProgress

SETTINGS_DIGEST = blake2b(msgspec.json.encode(PRODUCT_SETTINGS), digest_size=8).hexdigest()
"""Changes with the settings in the code: an index that was built with others is rebuilt."""

_COLUMNS = "id, state, documents_total, documents_done, error, requested_at, finished_at"
_INSERT = f"""
INSERT INTO search_rebuild (id, index_uid, settings_digest, documents_total)
VALUES ($1, $2, $3, ({COUNT_PUBLISHED}))
ON CONFLICT (state) WHERE state = 'building' DO NOTHING
"""


class Rebuild(msgspec.Struct, frozen=True, kw_only=True):
    """A rebuild under way. `cursor` None: the index is not made yet."""

    id: UUID
    index_uid: str
    cursor: UUID | None


async def request_rebuild(connection: asyncpg.Connection, names: IndexNames) -> RebuildProgress:
    """Ask for a rebuild; when one is under way already, that one is given. Wakes the drain."""
    rebuild_id = new_id()
    await connection.execute(_INSERT, rebuild_id, names.rebuild(rebuild_id), SETTINGS_DIGEST)
    await connection.execute("SELECT pg_notify($1, '')", CHANNEL)
    found = await latest_rebuild(connection, only_building=True)
    if found is None:
        raise RuntimeError("the rebuild that was just requested is not there")
    return found


async def latest_rebuild(reader: Reader, *, only_building: bool = False) -> RebuildProgress | None:
    """The rebuild under way, or (unless `only_building`) the last one."""
    condition = "WHERE state = 'building'" if only_building else ""
    row = await reader.fetchrow(f"SELECT {_COLUMNS} FROM search_rebuild {condition} ORDER BY requested_at DESC LIMIT 1")
    return _progress(row) if row else None


async def find_rebuild(reader: Reader, rebuild_id: UUID) -> RebuildProgress | None:
    """One rebuild by its id."""
    row = await reader.fetchrow(f"SELECT {_COLUMNS} FROM search_rebuild WHERE id = $1", rebuild_id)
    return _progress(row) if row else None


def _progress(row: object) -> RebuildProgress:
    rebuild_id, state, total, done, error, requested_at, finished_at = _cells(row)
    return msgspec.convert(
        {
            "id": rebuild_id,
            "state": state,
            "documents_total": total,
            "documents_done": done,
            "error": error,
            "requested_at": requested_at,
            "finished_at": finished_at,
        },
        RebuildProgress,
    )


def _cells(row: object) -> tuple[object, ...]:
    return tuple(row)  # type: ignore[arg-type]  # an asyncpg Record iterates, but has no types


async def current_rebuild(connection: asyncpg.Connection) -> Rebuild | None:
    """The rebuild to carry on."""
    row = await connection.fetchrow("SELECT id, index_uid, cursor FROM search_rebuild WHERE state = 'building'")
    return Rebuild(id=row[0], index_uid=row[1], cursor=row[2]) if row else None


async def is_built_with_present_settings(connection: asyncpg.Connection) -> bool:
    """Whether the last finished rebuild used the settings of this code."""
    digest = await connection.fetchval(
        "SELECT settings_digest FROM search_rebuild WHERE state = 'completed' ORDER BY finished_at DESC LIMIT 1"
    )
    return bool(digest == SETTINGS_DIGEST)


async def advance(connection: asyncpg.Connection, rebuild: Rebuild, cursor: UUID, documents: int) -> Rebuild:
    """Note that everything up to `cursor` is in the new index."""
    await connection.execute(
        "UPDATE search_rebuild SET cursor = $2, documents_done = documents_done + $3 WHERE id = $1",
        rebuild.id,
        cursor,
        documents,
    )
    return msgspec.structs.replace(rebuild, cursor=cursor)


async def finish(
    connection: asyncpg.Connection, rebuild_id: UUID, state: Literal["completed", "failed"], error: str | None = None
) -> datetime:
    """Close a rebuild."""
    finished: datetime = await connection.fetchval(
        "UPDATE search_rebuild SET state = $2, error = $3, finished_at = now() WHERE id = $1 RETURNING finished_at",
        rebuild_id,
        state,
        error,
    )
    return finished
