"""Keeping the engine in step with the database: one drain of the outbox, whatever number of workers runs.

The drain holds an advisory lock, so there is one at a time and what it sends arrives in the order in which it was read. It claims
outbox rows in a transaction, sends the documents of the products they name as they are now, waits until the engine has them, and
only then deletes the rows: a killed worker leaves its rows to the next one. A second batch is built while the engine takes the first.
"""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import anyio
import asyncpg
import msgspec
from asyncpg.transaction import Transaction
from prometheus_client import Counter, Histogram

from mercato.platform import outbox
from mercato.platform.db import Database
from mercato.platform.logging import get_logger
from mercato.search import rebuild as rebuilds
from mercato.search.documents import FIRST_ID, build_documents, product_ids_after
from mercato.search.gateway import EngineTaskFailed, EngineUnavailable, MeilisearchGateway
from mercato.search.index import PRODUCT_SETTINGS, IndexNames
from mercato.search.suggestions import SuggestionIndex

DRAIN_LOCK = 4_770_003
CLAIM_ROWS = 20_000
BUILD_PRODUCTS = 2_500
"""Products a projection statement; bounds memory."""
TASK_BYTES = 24 * 1024 * 1024
"""Documents are sent in tasks of at most about this size; the engine refuses 100 MB."""
REBUILD_PRODUCTS = 10_000
MAX_IN_FLIGHT = 2
POLL_S = 5.0
RETRY_S = 1.0

DRAINED = Counter("mercato_search_documents", "Documents sent to the search engine.", ["operation"])
BATCH_SECONDS = Histogram("mercato_search_batch_seconds", "From claiming a batch until the engine had it.")

_log = get_logger()


class _Batch(msgspec.Struct, kw_only=True):
    """Claimed rows on their way."""

    connection: asyncpg.Connection
    transaction: Transaction
    claim: outbox.Claim
    tasks: list[int]
    started: float


class SearchSync:
    """The drain. `run` is the worker's task; `drain` does all that is due and returns."""

    def __init__(self, db: Database, gateway: MeilisearchGateway, names: IndexNames) -> None:
        self._db, self._gateway, self._names = db, gateway, names
        self._wake = anyio.Event()
        self._suggestions = SuggestionIndex(gateway, names)

    def wake(self, *_notification: object) -> None:
        """Look at the outbox now."""
        self._wake.set()

    async def run(self) -> None:
        """Drain whenever a commit announces changes, and every few seconds anyway; runs until cancelled, through all failures."""
        while True:
            try:
                async with self._leading() as connection:
                    await connection.add_listener(outbox.CHANNEL, self.wake)
                    connection.add_termination_listener(self.wake)
                    await self._serve(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("drain_lost_database", error=type(error).__name__)
                await anyio.sleep(RETRY_S)

    async def _serve(self, connection: asyncpg.Connection) -> None:
        while not connection.is_closed():
            self._wake = anyio.Event()
            try:
                await self._work(connection)
                pause = self._suggestions.due_in(POLL_S)
            except (EngineUnavailable, EngineTaskFailed) as error:
                _log.warning("drain_waits_for_engine", error=str(error))
                pause = RETRY_S
                await anyio.sleep(RETRY_S)
            with anyio.move_on_after(pause):
                await self._wake.wait()

    async def drain(self) -> None:
        """Bring the engine up to date (a rebuild under way included), then return. Raises `EngineUnavailable`."""
        async with self._leading() as connection:
            await self._work(connection)
            await self._suggestions.refresh(connection)

    @asynccontextmanager
    async def _leading(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await self._db.connect()
        try:
            await connection.execute(f"SELECT pg_advisory_lock({DRAIN_LOCK})")
            yield connection
        finally:
            with suppress(OSError, asyncpg.InterfaceError):
                connection.terminate()

    async def _work(self, connection: asyncpg.Connection) -> None:
        await self._ensure_index(connection)
        while await self._drain_outbox(connection) or await self._rebuild_chunk(connection):
            pass
        if self._suggestions.due_in(POLL_S) == 0:
            await self._suggestions.refresh(connection)

    async def _ensure_index(self, connection: asyncpg.Connection) -> None:
        """A missing index (a new or an emptied engine), or one built with other settings, is rebuilt."""
        is_live = await self._gateway.count_documents(self._names.products) is not None
        if not is_live or not await rebuilds.is_built_with_present_settings(connection):
            await rebuilds.request_rebuild(connection, self._names)

    # --- the outbox ------------------------------------------------------------------------------------------------

    async def _drain_outbox(self, leader: asyncpg.Connection) -> bool:
        """Work off what is in the outbox now; whether there was anything."""
        if not await leader.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
            return False
        targets = await self._targets(leader)
        in_flight: deque[_Batch] = deque()
        spare = [await self._db.connect()]
        try:
            while True:
                connection = spare.pop() if spare else await self._db.connect()
                batch = await self._send_batch(connection, targets)
                if batch is None:
                    spare.append(connection)
                    break
                in_flight.append(batch)
                if len(in_flight) >= MAX_IN_FLIGHT:
                    spare.append(await self._settle(in_flight.popleft()))
            while in_flight:
                spare.append(await self._settle(in_flight.popleft()))
        finally:
            # Unsettled transactions end with their connections; their rows go back to the outbox.
            for connection in [*spare, *(batch.connection for batch in in_flight)]:
                connection.terminate()
        return True

    async def _targets(self, connection: asyncpg.Connection) -> list[str]:
        """The live index (when there is one) and the one being built."""
        found = []
        if await self._gateway.count_documents(self._names.products) is not None:
            found.append(self._names.products)
        building = await rebuilds.current_rebuild(connection)
        if building is not None and building.cursor is not None:
            found.append(building.index_uid)
        return found

    async def _send_batch(self, connection: asyncpg.Connection, targets: Sequence[str]) -> _Batch | None:
        started = anyio.current_time()
        transaction = connection.transaction()
        await transaction.start()
        claim = await outbox.claim(connection, CLAIM_ROWS)
        if not claim.row_ids:
            await transaction.rollback()
            return None
        product_ids = claim.entities.get("product", [])
        tasks = await self._send_products(connection, product_ids, targets)
        self._suggestions.mark(is_urgent=bool(claim.entities.keys() - {"product"}))
        return _Batch(connection=connection, transaction=transaction, claim=claim, tasks=tasks, started=started)

    async def _send_products(
        self, connection: asyncpg.Connection, product_ids: Sequence[UUID], targets: Sequence[str]
    ) -> list[int]:
        """Queue the documents of products as they are now, and the removal of those that have none; gives the tasks."""
        tasks: list[int] = []
        gone: list[str] = []
        lines: list[bytes] = []
        size = 0
        for start in range(0, len(product_ids), BUILD_PRODUCTS):
            wanted = product_ids[start : start + BUILD_PRODUCTS]
            documents = await build_documents(connection, wanted)
            gone += map(str, set(wanted) - {document.id for document in documents})
            for document in documents:
                lines.append(document.body)
                size += len(document.body)
            if size >= TASK_BYTES:
                tasks += await self._put(lines, targets)
                lines, size = [], 0
        tasks += await self._put(lines, targets)
        if gone:
            tasks += [await self._gateway.delete_documents(target, gone) for target in targets]
            DRAINED.labels("delete").inc(len(gone))
        return tasks

    async def _put(self, lines: Sequence[bytes], targets: Sequence[str]) -> list[int]:
        if not lines:
            return []
        body = b"\n".join(lines)
        DRAINED.labels("put").inc(len(lines))
        return [await self._gateway.put_documents(target, body) for target in targets]

    async def _settle(self, batch: _Batch) -> asyncpg.Connection:
        """Wait for the engine, delete the rows; gives the connection back."""
        for task in batch.tasks:
            await self._gateway.wait(task)
        await outbox.delete(batch.connection, batch.claim.row_ids)
        await batch.transaction.commit()
        seconds = anyio.current_time() - batch.started
        BATCH_SECONDS.observe(seconds)
        _log.info("outbox_drained", rows=len(batch.claim.row_ids), seconds=round(seconds, 3))
        return batch.connection

    # --- the rebuild -----------------------------------------------------------------------------------------------

    async def _rebuild_chunk(self, connection: asyncpg.Connection) -> bool:
        """Carry the rebuild on by one chunk; whether there was one. Chunks alternate with the outbox, on one connection of order."""
        building = await rebuilds.current_rebuild(connection)
        if building is None:
            return False
        try:
            if building.cursor is None:
                await self._gateway.drop_index(building.index_uid)
                await self._gateway.create_index(building.index_uid, PRODUCT_SETTINGS)
                building = await rebuilds.advance(connection, building, FIRST_ID, 0)
            await self._continue(connection, building)
        except EngineTaskFailed as error:
            await rebuilds.finish(connection, building.id, "failed", str(error))
            _log.error("rebuild_failed", index=building.index_uid, error=str(error))
            await self._gateway.drop_index(building.index_uid)
            raise
        return True

    async def _continue(self, connection: asyncpg.Connection, building: rebuilds.Rebuild) -> None:
        after = building.cursor or FIRST_ID
        product_ids = await product_ids_after(connection, after, REBUILD_PRODUCTS)
        if product_ids:
            for task in await self._send_products(connection, product_ids, [building.index_uid]):
                await self._gateway.wait(task)
            await rebuilds.advance(connection, building, product_ids[-1], len(product_ids))
            return
        live = self._names.products
        is_first = await self._gateway.count_documents(live) is None
        await self._gateway.swap(live, building.index_uid, is_first=is_first)
        await rebuilds.finish(connection, building.id, "completed")
        for leftover in await self._gateway.index_names(f"{live}_v"):
            await self._gateway.drop_index(leftover)
        self._suggestions.forget()
        _log.info("index_rebuilt", index=live)
