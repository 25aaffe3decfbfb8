"""When keys were last used: noted in the process, written in batches, so that a read with a key writes nothing."""

import time
from datetime import UTC, datetime
from uuid import UUID

import anyio
import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from mercato.identity.api_key.repository import store_uses
from mercato.platform.db import DATABASE_AWAY, Database, reader_of
from mercato.platform.logging import get_logger

FLUSH_S = 10.0
UNREACHABLE = (*DATABASE_AWAY, asyncpg.PostgresError, SQLAlchemyError)

_log = get_logger()


class KeyUsage:
    """Uses since the last flush."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._used: dict[UUID, float] = {}

    def note(self, key_id: UUID) -> None:
        """The key is being used now."""
        self._used[key_id] = time.monotonic()

    async def flush(self) -> None:
        """Write what was noted. What cannot be written is kept for the next time."""
        used, self._used = self._used, {}
        if not used:
            return
        now, clock = datetime.now(UTC).timestamp(), time.monotonic()
        try:
            async with self._db.transaction() as session:
                moments = {key: datetime.fromtimestamp(now - clock + at, UTC) for key, at in used.items()}
                await store_uses(await reader_of(session), moments)
        except UNREACHABLE as error:
            self._used = used | self._used
            _log.warning("key_usage_not_stored", error=type(error).__name__, keys=len(used))

    async def keep_flushing(self) -> None:
        """Flush every few seconds until cancelled, and once more then."""
        try:
            while True:
                await anyio.sleep(FLUSH_S)
                await self.flush()
        finally:
            with anyio.CancelScope(shield=True), anyio.move_on_after(2):
                await self.flush()
