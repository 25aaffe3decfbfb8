"""The index of what to suggest beside products: queries, categories and brands. Small, so it is compared and patched as a whole."""

import time
from hashlib import blake2b

import anyio
import asyncpg
import msgspec

from mercato.platform.db import DATABASE_AWAY, Database
from mercato.platform.logging import get_logger
from mercato.search.documents import build_suggestions
from mercato.search.gateway import EngineUnavailable, MeilisearchGateway
from mercato.search.index import SUGGESTION_SETTINGS, IndexNames
from mercato.search.taxonomy import CHANNEL as TAXONOMY_CHANNEL

CALM_S = 30.0
"""Product counts may be this old; new categories and brands show at once."""
REST_FACTOR = 10
"""Refreshing takes at most a tenth of the time."""
RETRY_S = 5.0
PAGE = 1000

_log = get_logger()


class _Identity(msgspec.Struct):
    id: str


class SuggestionIndex:
    """Knows what it last sent, and sends what differs. `run` does so beside the drain, which must not wait for it."""

    def __init__(self, db: Database, gateway: MeilisearchGateway, names: IndexNames) -> None:
        self._db, self._gateway, self._index = db, gateway, names.suggestions
        self._sent: dict[str, bytes] | None = None
        self._times_forgotten = 0
        self._due_at: float | None = None
        self._rest_until = 0.0
        self._marked = anyio.Event()

    def mark(self, *, is_urgent: bool) -> None:
        """Something changed that suggestions may show."""
        wanted = max(time.monotonic() + (0 if is_urgent else CALM_S), self._rest_until)
        if self._due_at is None or wanted < self._due_at:
            self._due_at = wanted
            self._marked.set()

    def forget(self) -> None:
        """Compare with what the engine holds at the next refresh, which is due now."""
        self._sent = None
        self._times_forgotten += 1
        self.mark(is_urgent=True)

    async def run(self) -> None:
        """Refresh when something was marked; runs until cancelled, through all failures."""
        while True:
            self._marked = anyio.Event()
            pause = None if self._due_at is None else self._due_at - time.monotonic()
            if pause is None or pause > 0:
                with anyio.move_on_after(pause):
                    await self._marked.wait()
                continue
            try:
                await self._refresh_apart()
            except (EngineUnavailable, *DATABASE_AWAY) as error:
                _log.warning("suggestions_wait", error=f"{type(error).__name__}: {error}")
                await anyio.sleep(RETRY_S)
            except Exception:  # noqa: BLE001 - a defect here must not end search-as-you-type for good; it is logged
                _log.exception("suggestions_crashed")
                await anyio.sleep(CALM_S)

    async def _refresh_apart(self) -> None:
        connection = await self._db.connect()
        try:
            await self.refresh(connection)
        finally:
            connection.terminate()

    async def refresh(self, connection: asyncpg.Connection) -> None:
        """Send new and changed suggestions, remove the others, wait until the engine has them."""
        started = time.monotonic()
        due_at, self._due_at = self._due_at, None  # what is marked from here on is for the next time
        try:
            await self._compare(connection)
        except BaseException:
            self._due_at = due_at if due_at is not None else started
            raise
        now = time.monotonic()
        self._rest_until = now + REST_FACTOR * (now - started)

    async def _compare(self, connection: asyncpg.Connection) -> None:
        # While this is under way nobody knows what the engine holds.
        times_forgotten, known, self._sent = self._times_forgotten, self._sent, None
        if known is None:
            known = await self._prepare()
        bodies = await build_suggestions(connection)
        wanted = {msgspec.json.decode(body, type=_Identity).id: body for body in bodies}
        digests = {key: blake2b(body, digest_size=8).digest() for key, body in wanted.items()}
        changed = [wanted[key] for key, digest in digests.items() if known.get(key) != digest]
        gone = [key for key in known if key not in digests]
        tasks = [await self._gateway.put_documents(self._index, b"\n".join(changed))] if changed else []
        tasks += [await self._gateway.delete_documents(self._index, gone)] if gone else []
        for task in tasks:
            await self._gateway.wait(task)
        if times_forgotten == self._times_forgotten:
            self._sent = digests
        if changed or gone:
            # Product counts moved: the pages' menus show them too.
            await connection.execute("SELECT pg_notify($1, '')", TAXONOMY_CHANNEL)

    async def _prepare(self) -> dict[str, bytes]:
        """An index with its settings, and the ids of what it holds."""
        if await self._gateway.searchable_attributes(self._index) is None:
            await self._gateway.create_index(self._index, SUGGESTION_SETTINGS)
            return {}
        await self._gateway.configure(self._index, SUGGESTION_SETTINGS)
        return await self._stored()

    async def _stored(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        offset = 0
        while page := await self._gateway.stored_revisions(self._index, offset, PAGE):
            found |= {key: b"" for key, _revision in page}
            offset += len(page)
        return found
