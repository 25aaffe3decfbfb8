"""Keeping the engine in step with the database: one drain of the outbox, whatever number of workers runs.

The drain holds an advisory lock and does all its work on the connection that holds it: there is one drain at a time, what it sends
arrives in the order in which it was read, and one that has lost its lock can do no more. It reads outbox rows, sends the documents
of the products they name as they are now, waits until the engine has them, and only then deletes the rows: a killed worker leaves
its rows to the next one. A second batch is built while the engine takes the first.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress

import anyio
import asyncpg
import msgspec
from prometheus_client import Counter, Histogram

from mercato.platform import outbox
from mercato.platform.cache import EVERYTHING
from mercato.platform.db import DATABASE_AWAY, Database
from mercato.platform.logging import get_logger
from mercato.search.gateway import EngineRefused, EngineUnavailable, MeilisearchGateway
from mercato.search.index import IndexNames
from mercato.search.rebuild import Rebuilder, is_built_with_present_settings, is_configured, request_rebuild
from mercato.search.sending import Parcel, Sender, Target
from mercato.search.suggestions import SuggestionIndex

DRAIN_LOCK = 4_770_003
CLAIM_ROWS = 20_000
MAX_IN_FLIGHT = 8
"""Batches that the engine has in its queue: it takes several tasks of one kind together, which is faster."""
POLL_S = 5.0
"""A notification that got lost delays a change by no more."""
RETRY_S = 1.0
REFUSED_RETRY_S = 30.0
DATABASE_PATIENCE_S = 30.0
"""A look at the outbox that takes longer than this has lost its connection without hearing of it."""

COMPLAIN_S = 60.0
"""An outage is logged when it begins and then once a minute."""
DRAINED = Counter("mercato_outbox_drained", "Rows of the outbox that were worked off.")
BATCH_SECONDS = Histogram("mercato_search_batch_seconds", "From reading a batch until the engine had it.")
FAILURES = Counter("mercato_search_drain_failures", "Rounds of the drain that broke off.", ["reason"])

Announce = Callable[[Collection[str]], Awaitable[object]]
"""Tells api processes which products changed, before the engine is told."""

_log = get_logger()


async def _tell_nobody(_ids: Collection[str]) -> None:
    """For whoever has no api processes to tell."""


class SearchSync:
    """The drain. `run` is the worker's task; `drain` does all that is due and returns."""

    def __init__(
        self, db: Database, gateway: MeilisearchGateway, names: IndexNames, announce: Announce = _tell_nobody
    ) -> None:
        self._db, self._gateway, self._names, self._announce = db, gateway, names, announce
        self._wake = anyio.Event()
        self._suggestions = SuggestionIndex(db, gateway, names)
        self._complaint: tuple[str, float] | None = None

    def wake(self, *_notification: object) -> None:
        """Look at the outbox now."""
        self._wake.set()

    async def run(self) -> None:
        """Drain whenever a commit announces changes, and every few seconds anyway; runs until cancelled, through all failures."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._suggestions.run)
            while True:
                try:
                    await self._lead()
                except DATABASE_AWAY as error:
                    FAILURES.labels("database").inc()
                    self._complain("drain_lost_database", error)
                except Exception as error:  # noqa: BLE001 - a defect must not end all updates of the index
                    FAILURES.labels("defect").inc()
                    self._complain("drain_crashed", error, is_defect=True)
                await anyio.sleep(RETRY_S)

    async def drain(self) -> None:
        """Bring the engine up to date (a rebuild under way included), then return. Raises `EngineUnavailable`."""
        async with self._leading() as connection:
            await self._make_drain(connection).work()
            await self._suggestions.refresh(connection)

    async def _lead(self) -> None:
        async with self._leading() as connection:
            await connection.add_listener(outbox.CHANNEL, self.wake)
            connection.add_termination_listener(self.wake)
            self._suggestions.forget()
            _log.info("drain_leads")
            drain = self._make_drain(connection)
            while not connection.is_closed():
                self._wake = anyio.Event()
                pause = await self._round(drain)
                with anyio.move_on_after(pause):
                    await self._wake.wait()

    async def _round(self, drain: "_Drain") -> float:
        """One round of work; the pause after it in seconds, unless something happens."""
        try:
            await drain.work()
        except EngineUnavailable as error:
            is_refusal = isinstance(error, EngineRefused)
            FAILURES.labels("refused" if is_refusal else "engine").inc()
            self._complain("drain_waits_for_engine", error)
            drain.start_over()
            await drain.announce_backlog()
            await anyio.sleep(REFUSED_RETRY_S if is_refusal else RETRY_S)
            return 0
        if self._complaint is not None:
            self._complaint = None
            _log.info("drain_goes_on")
        return POLL_S

    def _complain(self, event: str, error: Exception, *, is_defect: bool = False) -> None:
        now = anyio.current_time()
        if self._complaint is None or self._complaint[0] != event or now - self._complaint[1] >= COMPLAIN_S:
            self._complaint = (event, now)
            log = _log.error if is_defect else _log.warning
            log(event, error=f"{type(error).__name__}: {error}", exc_info=error if is_defect else None)

    def _make_drain(self, connection: asyncpg.Connection) -> "_Drain":
        return _Drain(connection, self._gateway, self._names, self._suggestions, self._announce)

    @asynccontextmanager
    async def _leading(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await self._db.connect()
        try:
            # The lock of a machine that went away without a word must not live on for hours.
            await connection.execute("SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 5")
            await connection.execute("SET tcp_keepalives_count = 4")
            await connection.execute(f"SELECT pg_advisory_lock({DRAIN_LOCK})")
            yield connection
        finally:
            with suppress(OSError, asyncpg.InterfaceError):
                connection.terminate()


class _Batch(msgspec.Struct, kw_only=True):
    """Outbox rows whose products are on their way."""

    row_ids: list[int]
    parcel: Parcel
    started: float


class _Drain:
    """What is done under one hold of the lock."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        gateway: MeilisearchGateway,
        names: IndexNames,
        suggestions: SuggestionIndex,
        announce: Announce,
    ) -> None:
        self._connection, self._gateway, self._names = connection, gateway, names
        self._suggestions, self._announce = suggestions, announce
        self._sender = Sender(gateway)
        self._rebuilder = Rebuilder(gateway, names, self._sender)
        self._is_live = False

    def start_over(self) -> None:
        """Forget what was under way: the engine may have lost it."""
        self._rebuilder = Rebuilder(self._gateway, self._names, self._sender)

    async def announce_backlog(self) -> None:
        """While the engine cannot be told of changes, api processes are: they hold answers whatever the engine does."""
        if await outbox.has_rows(self._connection):
            await self._announce((EVERYTHING,))

    async def work(self) -> None:
        """All that is due, changes before chunks of a rebuild."""
        while True:
            await self._look()
            if await self._drain_outbox():
                continue
            if not await self._rebuilder.step(self._connection):
                return
            if not self._rebuilder.is_under_way:
                self._suggestions.forget()  # an engine that needed a rebuild may have lost them as well

    async def _look(self) -> None:
        """A missing index (a new or an emptied engine), or one built with other settings, is rebuilt."""
        with anyio.fail_after(DATABASE_PATIENCE_S):
            is_current = await is_built_with_present_settings(self._connection)
        self._is_live = await is_configured(self._gateway, self._names.products)
        if not self._is_live or not is_current:
            await request_rebuild(self._connection, self._names)
        await self._rebuilder.look(self._connection)

    def _targets(self) -> list[Target]:
        # None at all is right at first: a rebuild that has sent nothing yet will read whatever changes now.
        return [*([Target(self._names.products)] if self._is_live else []), *self._rebuilder.targets]

    async def _drain_outbox(self) -> bool:
        """Work off what is in the outbox now; whether there was anything."""
        targets = self._targets()
        in_flight: deque[_Batch] = deque()
        last_row = 0
        while (batch := await self._send_batch(targets, after=last_row)) is not None:
            in_flight.append(batch)
            last_row = batch.row_ids[-1]
            if len(in_flight) >= MAX_IN_FLIGHT:
                await self._settle(in_flight.popleft())
        while in_flight:
            await self._settle(in_flight.popleft())
        return last_row > 0

    async def _send_batch(self, targets: list[Target], *, after: int) -> _Batch | None:
        started = anyio.current_time()
        claim = await outbox.claim(self._connection, CLAIM_ROWS, after=after)
        if not claim.row_ids:
            return None
        products = claim.entities.get("product", [])
        await self._announce([str(product_id) for product_id in products])
        parcel = await self._sender.send(self._connection, products, targets)
        self._suggestions.mark(is_urgent=bool(claim.entities.keys() - {"product"}))
        return _Batch(row_ids=claim.row_ids, parcel=parcel, started=started)

    async def _settle(self, batch: _Batch) -> None:
        """Wait for the engine, delete the rows."""
        await self._sender.settle(self._connection, batch.parcel)
        await outbox.delete(self._connection, batch.row_ids)
        seconds = anyio.current_time() - batch.started
        DRAINED.inc(len(batch.row_ids))
        BATCH_SECONDS.observe(seconds)
        _log.info("outbox_drained", rows=len(batch.row_ids), seconds=round(seconds, 3))
