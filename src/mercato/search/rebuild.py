"""Rebuilding the index beside the live one: a row that any worker can carry on, a chunk at a time."""

from collections import deque
from hashlib import blake2b
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from mercato.platform.db import Reader
from mercato.platform.ids import new_id
from mercato.platform.logging import get_logger
from mercato.platform.outbox import CHANNEL
from mercato.search.documents import COUNT_PUBLISHED, DOCUMENTS, FIRST_ID, LAST_ID, product_ids_after
from mercato.search.gateway import EngineRefused, MeilisearchGateway
from mercato.search.index import PRODUCT_SETTINGS, SEARCHABLE, IndexNames
from mercato.search.schemas import RebuildProgress
from mercato.search.sending import Parcel, Sender, Target

CHUNK_PRODUCTS = 10_000
MAX_IN_FLIGHT = 3
"""Chunks in the engine's queue: it takes several together, which is faster, but changes wait behind them."""

SETTINGS_DIGEST = blake2b(msgspec.json.encode((PRODUCT_SETTINGS, DOCUMENTS)), digest_size=8).hexdigest()
"""Changes with the settings and the projection in the code: an index that was built with others is rebuilt."""

_COLUMNS = "id, state, documents_total, documents_done, error, requested_at, finished_at"
_INSERT = f"""
INSERT INTO search_rebuild (id, index_uid, settings_digest, documents_total)
VALUES ($1, $2, $3, ({COUNT_PUBLISHED}))
ON CONFLICT (state) WHERE state = 'building' DO NOTHING
"""


_START = "UPDATE search_rebuild SET cursor = $2, documents_done = 0 WHERE id = $1"
_ADVANCE = "UPDATE search_rebuild SET cursor = $2, documents_done = documents_done + $3 WHERE id = $1"
_CLOSE = "UPDATE search_rebuild SET state = $2, error = $3, finished_at = now() WHERE id = $1"

_log = get_logger()


class Rebuild(msgspec.Struct, frozen=True, kw_only=True):
    """A rebuild under way; `cursor` is the last product that the engine surely has, None before there is an index."""

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


async def is_built_with_present_settings(connection: asyncpg.Connection) -> bool:
    """Whether the last finished rebuild used the settings of this code."""
    digest = await connection.fetchval(
        "SELECT settings_digest FROM search_rebuild WHERE state = 'completed' ORDER BY finished_at DESC LIMIT 1"
    )
    return bool(digest == SETTINGS_DIGEST)


class Rebuilder:
    """Carries the rebuild on that the database asks for. One process at a time does so: the one that drains.

    Its order of steps makes a kill harmless at any point. The cursor moves behind a chunk when the engine has it: what was
    sent after that is sent again. Just before the swap it moves to the end, and a rebuild that is found there starts over:
    nobody knows whether its index is the new one or, swapped already, the old.
    """

    def __init__(self, gateway: MeilisearchGateway, names: IndexNames, sender: Sender) -> None:
        self._gateway, self._names, self._sender = gateway, names, sender
        self._now: Rebuild | None = None
        self._sent = FIRST_ID
        self._in_flight: deque[Parcel] = deque()

    @property
    def is_under_way(self) -> bool:
        """Whether there is a rebuild to carry on, as of the last `look` or `step`."""
        return self._now is not None

    @property
    def targets(self) -> list[Target]:
        """Where changes must go besides the live index: the index being built, as far as it is built."""
        return [Target(self._now.index_uid, until=self._sent)] if self._now and self._sent != FIRST_ID else []

    async def look(self, connection: asyncpg.Connection) -> bool:
        """See whether there is a rebuild to carry on, and get its index ready."""
        found = await _current_rebuild(connection)
        if found is None:
            self._forget()
        elif self._now is None or self._now.id != found.id:
            await self._resume(connection, found)
        elif not await is_configured(self._gateway, found.index_uid):
            await self._start(connection, found)  # the engine has lost it
        return found is not None

    async def step(self, connection: asyncpg.Connection) -> bool:
        """Send the next chunk, or swap after the last one; whether there was anything to do. Call `look` before."""
        if self._now is None:
            return False
        product_ids = await product_ids_after(connection, self._sent, CHUNK_PRODUCTS)
        if not product_ids:
            await self._finish(connection, self._now)
            return True
        target = Target(self._now.index_uid)
        self._in_flight.append(await self._sender.send(connection, product_ids, [target]))
        self._sent = product_ids[-1]
        if len(self._in_flight) >= MAX_IN_FLIGHT:
            await self._settle(connection, self._now)
        return True

    def _forget(self) -> None:
        self._now, self._sent = None, FIRST_ID
        self._in_flight.clear()

    async def _resume(self, connection: asyncpg.Connection, found: Rebuild) -> None:
        cursor = found.cursor
        if cursor is None or cursor in {FIRST_ID, LAST_ID} or not await is_configured(self._gateway, found.index_uid):
            await self._start(connection, found)
            return
        self._forget()
        self._now, self._sent = found, cursor
        _log.info("rebuild_resumed", index=found.index_uid)

    async def _start(self, connection: asyncpg.Connection, found: Rebuild) -> None:
        self._forget()
        try:
            await self._gateway.drop_index(found.index_uid)
            await self._gateway.create_index(found.index_uid, PRODUCT_SETTINGS)
        except EngineRefused as error:
            await _close(connection, found.id, "failed", str(error))
            _log.error("rebuild_failed", index=found.index_uid, error=str(error))
            raise
        await connection.execute(_START, found.id, FIRST_ID)
        self._now = found
        _log.info("rebuild_started", index=found.index_uid)

    async def _settle(self, connection: asyncpg.Connection, now: Rebuild) -> None:
        parcel = self._in_flight.popleft()
        await self._sender.settle(connection, parcel)
        await connection.execute(_ADVANCE, now.id, parcel.product_ids[-1], len(parcel.product_ids))

    async def _finish(self, connection: asyncpg.Connection, now: Rebuild) -> None:
        while self._in_flight:
            await self._settle(connection, now)
        if not await is_configured(self._gateway, now.index_uid):
            await self._start(connection, now)
            return
        await connection.execute(_ADVANCE, now.id, LAST_ID, 0)
        live = self._names.products
        is_first = await self._gateway.searchable_attributes(live) is None
        await self._gateway.swap(live, now.index_uid, is_first=is_first)
        await _close(connection, now.id, "completed", None)
        self._forget()
        for leftover in await self._gateway.index_names(f"{live}_v"):
            await self._gateway.drop_index(leftover)
        _log.info("index_rebuilt", index=live)


async def is_configured(gateway: MeilisearchGateway, index: str) -> bool:
    """Whether the index is there and was made by us.

    An engine that lost its data makes an index for documents that it is sent, but without settings.
    """
    return await gateway.searchable_attributes(index) == list(SEARCHABLE)


async def _current_rebuild(connection: asyncpg.Connection) -> Rebuild | None:
    row = await connection.fetchrow("SELECT id, index_uid, cursor FROM search_rebuild WHERE state = 'building'")
    return Rebuild(id=row[0], index_uid=row[1], cursor=row[2]) if row else None


async def _close(
    connection: asyncpg.Connection, rebuild_id: UUID, state: Literal["completed", "failed"], error: str | None
) -> None:
    await connection.execute(_CLOSE, rebuild_id, state, error)
