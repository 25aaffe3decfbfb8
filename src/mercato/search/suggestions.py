"""The index of what to suggest beside products: queries, categories and brands. Small, so it is compared and patched as a whole."""

import time
from hashlib import blake2b

import asyncpg
import msgspec

from mercato.search.documents import build_suggestions
from mercato.search.gateway import MeilisearchGateway
from mercato.search.index import SUGGESTION_SETTINGS, IndexNames

CALM_S = 30.0
"""Product counts may be this old; new categories and brands show at once."""
REST_FACTOR = 10
"""Refreshing takes at most a tenth of the drain's time."""
PAGE = 1000


class _Identity(msgspec.Struct):
    id: str


class SuggestionIndex:
    """Knows what it last sent, and sends what differs."""

    def __init__(self, gateway: MeilisearchGateway, names: IndexNames) -> None:
        self._gateway, self._index = gateway, names.suggestions
        self._sent: dict[str, bytes] | None = None
        self._due_at = 0.0
        self._rest_until = 0.0

    def mark(self, *, is_urgent: bool) -> None:
        """Something changed that suggestions may show."""
        wanted = time.monotonic() + (0 if is_urgent else CALM_S)
        self._due_at = max(min(self._due_at, wanted), self._rest_until)

    def forget(self) -> None:
        """Compare with what the engine holds at the next refresh."""
        self._sent, self._due_at = None, 0.0

    def due_in(self, at_most: float) -> float:
        """Seconds until a refresh is wanted."""
        return min(max(0.0, self._due_at - time.monotonic()), at_most)

    async def refresh(self, connection: asyncpg.Connection) -> None:
        """Send new and changed suggestions, remove the others, wait until the engine has them."""
        started = time.monotonic()
        if await self._gateway.count_documents(self._index) is None:
            await self._gateway.create_index(self._index, SUGGESTION_SETTINGS)
            self._sent = {}
        if self._sent is None:
            self._sent = await self._stored()
        bodies = await build_suggestions(connection)
        wanted = {msgspec.json.decode(body, type=_Identity).id: body for body in bodies}
        digests = {key: blake2b(body, digest_size=8).digest() for key, body in wanted.items()}
        changed = [wanted[key] for key, digest in digests.items() if self._sent.get(key) != digest]
        gone = [key for key in self._sent if key not in digests]
        tasks = [await self._gateway.put_documents(self._index, b"\n".join(changed))] if changed else []
        tasks += [await self._gateway.delete_documents(self._index, gone)] if gone else []
        for task in tasks:
            await self._gateway.wait(task)
        self._sent = digests
        now = time.monotonic()
        self._rest_until = now + REST_FACTOR * (now - started)
        self._due_at = float("inf")

    async def _stored(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        offset = 0
        while page := await self._gateway.stored_revisions(self._index, offset, PAGE):
            found |= {key: b"" for key, _revision in page}
            offset += len(page)
        return found
