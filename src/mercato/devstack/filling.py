"""Filling an empty database with the demo catalog, and waiting until search has it."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import msgspec

from mercato.devstack.application import Application
from mercato.devstack.folder import DataFolder
from mercato.devstack.probe import HTTP_OK, http_get
from mercato.devstack.process import ChildProcess
from mercato.devstack.stack import Reporter
from mercato.devstack.supervisor import Supervisor

SEARCH_STALL_SECONDS = 60.0
"""How long search may make no progress before nobody waits for it any more."""
_POLL_SECONDS = 0.1
_FOLLOW_SECONDS = 0.5
_SHOWN_CHARACTERS = 100


class Filling:
    """The steps from an empty database to one with a schema and products.

    `is_schema_current` says whether the database at an address needs no migration: starting the command just to learn
    that would take longer than starting the servers.
    """

    def __init__(
        self,
        folder: DataFolder,
        supervisor: Supervisor,
        *,
        is_schema_current: Callable[[str], Awaitable[bool]],
        report: Reporter,
    ) -> None:
        self._folder = folder
        self._supervisor = supervisor
        self._is_schema_current = is_schema_current
        self._report = report
        self.notes: list[str] = []

    async def migrate(self, application: Application, dsn: str) -> None:
        """Bring the schema up to date."""
        self._report("Database schema", "migrating")
        if not await self._is_schema_current(dsn):
            await self._supervisor.run(application.command("migrate"))
        self._report("Database schema", "")

    async def fill(self, application: Application, dsn: str, products: int | None) -> bool:
        """Make the demo catalog if there is no product, or if the last try was cut short; returns whether it did."""
        wanted = [] if products is None else ["--products", str(products)]
        if not await _is_empty(dsn):
            unfinished = self._folder.unfinished_filling()
            if unfinished is None:
                if wanted:
                    self.notes.append("The catalog has products: --products is for an empty one (see --fresh).")
                return False
            wanted = wanted or unfinished
        await self._seed(application, wanted)
        return True

    async def wait_for_search(self, url: str) -> None:
        """Wait until every document is searchable; a stall is no error, only noted."""
        title = "Search index"
        loop = asyncio.get_running_loop()
        seen, seen_at = None, loop.time()
        self._report(title, "indexing")
        while loop.time() - seen_at < SEARCH_STALL_SECONDS:
            status = await _search_status(url)
            if status is not None and status.documents and status.pending == 0:
                self._report(title, "")
                return
            if status != seen:
                seen, seen_at = status, loop.time()
            if status is not None:
                self._report(title, f"{status.documents or 0} documents, {status.pending} changes to go")
            await asyncio.sleep(_POLL_SECONDS)
        self.notes.append("Search is still catching up: see `GET /api/v1/search/status` and the worker's log.")

    async def _seed(self, application: Application, arguments: list[str]) -> None:
        title = "Demo catalog"
        self._report(title, "generating")
        self._folder.begin_filling(arguments)
        seed = application.command("seed", *arguments)
        following = asyncio.create_task(self._follow(seed, title))
        try:
            await self._supervisor.run(seed)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        self._folder.end_filling()
        self._report(title, "")

    async def _follow(self, child: ChildProcess, title: str) -> None:
        """Report the last line of a child's log again and again, until cancelled."""
        while True:
            await asyncio.sleep(_FOLLOW_SECONDS)
            last = await asyncio.to_thread(child.log_tail, 1)
            if last and last[0].strip():
                self._report(title, last[0].strip()[:_SHOWN_CHARACTERS])


DEMO_ADMIN = "admin@example.com"


class _SearchStatus(msgspec.Struct, frozen=True):
    documents: int | None
    """None while there is no index yet."""
    pending: int


async def _search_status(url: str) -> _SearchStatus | None:
    answer = await http_get(f"{url}/api/v1/search/status")
    if answer is None or answer.status != HTTP_OK:
        return None
    try:
        return msgspec.json.decode(answer.body, type=_SearchStatus)
    except msgspec.DecodeError:
        return None


async def note_pictures(dsn: str) -> list[str]:
    """What there is to say of pictures that are still being rendered."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        count, waiting = await connection.fetchrow(
            "SELECT count(*), count(*) FILTER (WHERE status = 'processing') FROM asset"
        )
    finally:
        await connection.close()
    if not waiting:
        return []
    what = f"{waiting:,} of {count:,} pictures are being rendered in the background; pages show originals meanwhile."
    return [f"{what} `GET /api/v1/media/status` says how far they are."]


async def _is_empty(dsn: str) -> bool:
    """Whether the (migrated) database has no product."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return not await connection.fetchval("SELECT EXISTS (SELECT FROM product)")
    finally:
        await connection.close()


async def has_demo_accounts(dsn: str) -> bool:
    """Whether the demo's accounts are in the (migrated) database."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM account WHERE email_key = $1)", DEMO_ADMIN))
    finally:
        await connection.close()
