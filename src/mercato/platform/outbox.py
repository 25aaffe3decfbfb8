"""The outbox: ids of what changed, written by database triggers in the transaction of the change itself."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import BigInteger, Identity, text
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Base, Reader

CHANNEL = "outbox"
"""LISTEN on it hears of each commit that added rows."""

_OLDEST = "SELECT id, kind, entity_id FROM outbox WHERE id > $2 ORDER BY id LIMIT $1"
_HAS_ROWS = "SELECT EXISTS (SELECT FROM outbox)"
_DELETE = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"
_BACKLOG = "SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM outbox"


class OutboxRow(Base):
    """One change. Append-only: a later change of the same thing gets a row of its own."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    entity_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Rows, oldest first, and the distinct things they name, by kind."""

    row_ids: list[int]
    entities: dict[str, list[UUID]]


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """Rows waiting, and the age of the oldest in seconds."""

    pending: int
    lag_seconds: float


async def claim(connection: asyncpg.Connection, limit: int, *, after: int = 0) -> Claim:
    """The oldest rows with a greater id than `after`.

    They are not locked: whoever reads them is the only one to do so (the drain holds an advisory lock) and deletes them when
    their work is done. Ids are not in the order of commits, so a row with a smaller one may still turn up: start again at 0.
    """
    row_ids: list[int] = []
    entities: dict[str, dict[UUID, None]] = {}
    for row_id, kind, entity_id in await connection.fetch(_OLDEST, limit, after):
        row_ids.append(row_id)
        entities.setdefault(kind, {})[entity_id] = None
    return Claim(row_ids=row_ids, entities={kind: list(ids) for kind, ids in entities.items()})


async def has_rows(reader: Reader) -> bool:
    """Whether anything is waiting."""
    row = await reader.fetchrow(_HAS_ROWS)
    return row is not None and bool(row[0])


async def delete(connection: asyncpg.Connection, row_ids: Sequence[int]) -> None:
    """Remove rows whose work is done."""
    await connection.execute(_DELETE, row_ids)


async def wake(reader: Reader) -> None:
    """Have whoever drains look at the outbox now."""
    await reader.fetchrow("SELECT outbox_wake()")


async def read_backlog(reader: Reader) -> Backlog:
    """How much is waiting, and for how long."""
    row = await reader.fetchrow(_BACKLOG)
    if row is None:
        return Backlog(pending=0, lag_seconds=0.0)
    return Backlog(pending=int(str(row[0])), lag_seconds=max(0.0, float(str(row[1]))))
