"""PostgreSQL: a SQLAlchemy engine for writes, a bare asyncpg pool for reads.

A read is one statement that builds its answer as JSON, so it skips the ORM: measured, that is three times as many
requests a second as the same statement in a session. Writes go through sessions, one transaction a request or job.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

import asyncpg
from advanced_alchemy.base import CommonTableAttributes
from sqlalchemy import DateTime, Text, Uuid, event, func, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from mercato.platform.ids import new_id
from mercato.platform.settings import Settings, asyncpg_dsn, sqlalchemy_url

STATEMENT_TIMEOUT_MS = 15_000
CONNECT_TIMEOUT_S = 5
DATABASE_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a statement on a connection that is just being lost
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
)
"""What is raised while the database is down, starting or stopping, and by a statement that it cancelled."""
_SESSION = {"timezone": "UTC", "jit": "off", "application_name": "mercato"}


def _session_settings(settings: Settings) -> dict[str, str]:
    """What every connection of ours is set to; statements read where files are served from, and what they are to check."""
    return {
        **_SESSION,
        "mercato.media_base": settings.media_base_url,
        "mercato.private_originals": "on" if settings.private_originals else "",
        "mercato.require_alt": "on" if settings.require_alt else "",
    }


class Base(CommonTableAttributes, DeclarativeBase):
    """Base of all tables."""

    __abstract__ = True
    type_annotation_map: ClassVar = {UUID: Uuid(), datetime: DateTime(timezone=True), str: Text()}


class Row(Base):
    """A row with a UUIDv7 and its times."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Versioned(Row):
    """A row that callers edit: `version` rises with each change, `deleted_at` marks a soft delete."""

    __abstract__ = True

    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"), onupdate=func.now())
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, object]:
        # SQLAlchemy counts the version at each UPDATE that really changes the row.
        return {"version_id_col": cls.__table__.c.version}


class Reader(Protocol):
    """What read statements run on: the pool, or a connection inside a transaction."""

    async def fetch(self, query: str, *args: object) -> Sequence[Sequence[object]]:
        """All rows."""

    async def fetchrow(self, query: str, *args: object) -> Sequence[object] | None:
        """The first row, or None."""


class Database:
    """Both pools of one process. `on_connect` is called with each new connection of the read pool (tests count statements)."""

    def __init__(
        self, settings: Settings, on_connect: Callable[[asyncpg.Connection], Awaitable[None]] | None = None
    ) -> None:
        self._settings, self._on_connect = settings, on_connect
        self._session = _session_settings(settings)
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(settings.database_url),
            pool_size=settings.database_pool_size,
            max_overflow=0,
            pool_timeout=CONNECT_TIMEOUT_S,
            pool_pre_ping=True,
            connect_args={
                "timeout": CONNECT_TIMEOUT_S,
                "server_settings": {**self._session, "statement_timeout": str(STATEMENT_TIMEOUT_MS)},
            },
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        """Make the read pool; connections are made when first needed, so a database that is down now may come later."""
        self._pool = await asyncpg.create_pool(
            asyncpg_dsn(self._settings.database_url),
            min_size=0,
            max_size=self._settings.database_pool_size,
            timeout=CONNECT_TIMEOUT_S,
            init=self._on_connect,
            reset=_keep_session,
            server_settings={**self._session, "statement_timeout": str(STATEMENT_TIMEOUT_MS)},
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            await self._pool.close()
        await self.engine.dispose()

    @property
    def reads(self) -> asyncpg.Pool:
        """The pool of the read side."""
        if self._pool is None:
            raise RuntimeError("Database.open() has not run")
        return self._pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: committed when the block ends well, rolled back when it raises."""
        async with self._sessions() as session, session.begin():
            yield session

    async def connect(self) -> asyncpg.Connection:
        """A connection of its own, outside the pools: for LISTEN, advisory locks and bulk work without a time limit."""
        return await asyncpg.connect(
            asyncpg_dsn(self._settings.database_url), timeout=CONNECT_TIMEOUT_S, server_settings=self._session
        )


def after_commit(session: AsyncSession, act: Callable[[], None]) -> None:
    """Run `act` as soon as the session's transaction is committed: what this process must know before it answers."""
    event.listen(session.sync_session, "after_commit", lambda _session: act(), once=True)


async def reader_of(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection beneath a session: read statements then see the transaction's own changes."""
    await session.flush()
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    return raw.driver_connection


async def _keep_session(_connection: asyncpg.Connection) -> None:
    """Nothing to reset after a read: it changes no session state, and asyncpg's own reset is one more round trip."""
