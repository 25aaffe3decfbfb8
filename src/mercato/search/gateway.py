"""The port to the search engine, and its Meilisearch adapter: nothing else knows the SDK."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Self, TypeVar

import anyio
import httpx2
import msgspec
from meilisearch_python_sdk import AsyncClient
from meilisearch_python_sdk.errors import MeilisearchApiError, MeilisearchError
from prometheus_client import Histogram

from mercato.platform.keepalive import Answer, KeepAliveClient
from mercato.platform.settings import Settings
from mercato.search.schemas import SearchHit

INDEXING_TIMEOUT_S = 120
FIRST_LOOK_S, LAST_LOOK_S = 0.004, 0.25
"""Between two looks at a task: one changed document takes about 30 ms, ten thousand take seconds."""
T = TypeVar("T")
NDJSON = "application/x-ndjson"
JSON = "application/json"

EngineQuery = dict[str, object]
"""One query in the engine's own terms (the body of its search route)."""


class EngineUnavailable(Exception):
    """The engine does not answer, answers too late, has no such index, or cannot work (its disk is full): try again later."""


class EngineRefused(EngineUnavailable):
    """The engine works, but does not take this request or these documents: sent again, they fail again."""


class _NoSuchIndex(EngineUnavailable):
    pass


class Marked(msgspec.Struct, frozen=True):
    """Fields of a hit with the matches marked. The engine sends all that a hit has once more; what is never marked is skipped."""

    name: str = ""
    description: str = ""
    text: str = ""


class EngineHit(msgspec.Struct, rename={"packed_card": "card", "packed_variants": "variants", "marked": "_formatted"}):
    """One hit: its stored card, and its fields with the matches marked (when asked for)."""

    packed_card: str = ""
    packed_variants: str | None = None
    prices: dict[str, int] | None = None
    compare_at: dict[str, int] | None = None
    marked: Marked = Marked()
    kind: str = ""
    text: str = ""
    entity_id: str = ""
    slug: str = ""
    path: str = ""
    product_count: int = 0
    _card: SearchHit | None = None

    @property
    def card(self) -> SearchHit | None:
        """What the hit shows, unpacked when it is first asked for: of several queries' hits only some are shown."""
        if self._card is None and self.packed_card:
            self._card = _read(_card_decoder, self.packed_card)
        return self._card


class EngineReply(msgspec.Struct, frozen=True, rename="camel"):
    """Answer to one query of a multi-search."""

    hits: list[EngineHit]
    total_hits: int | None = None
    estimated_total_hits: int | None = None
    facet_distribution: dict[str, dict[str, int]] = {}
    processing_time_ms: int = 0


class _MultiReply(msgspec.Struct, frozen=True):
    results: list[EngineReply]


class FacetHit(msgspec.Struct, frozen=True):
    """One value of a facet."""

    value: str
    count: int


class _FacetReply(msgspec.Struct, frozen=True, rename="camel"):
    facet_hits: list[FacetHit]


class _StoredRevision(msgspec.Struct, frozen=True):
    id: str
    rev: str = ""


class _StoredPage(msgspec.Struct, frozen=True):
    results: list[_StoredRevision]


class _QueuedTask(msgspec.Struct, frozen=True, rename="camel"):
    task_uid: int


class _TaskError(msgspec.Struct, frozen=True):
    message: str = ""
    code: str = ""
    type: str = ""


class _TaskState(msgspec.Struct, frozen=True):
    status: str
    error: _TaskError | None = None


ANSWERED = Histogram(
    "mercato_engine_seconds",
    "Time from asking the search engine until its answer is there.",
    ["call"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)

_INDEX_NOT_FOUND = "index_not_found"
_REFUSALS = frozenset({400, 413, 422})
# A number or a nesting that is too large for the engine is an "internal" error of the task, a full disk a "system" one.
_REFUSING_TYPES = frozenset({"invalid_request", "internal"})

_card_decoder = msgspec.json.Decoder(SearchHit)
_queued_decoder = msgspec.json.Decoder(_QueuedTask)
_task_decoder = msgspec.json.Decoder(_TaskState)
_multi_decoder = msgspec.json.Decoder(_MultiReply)
_facet_decoder = msgspec.json.Decoder(_FacetReply)
_page_decoder = msgspec.json.Decoder(_StoredPage)
_names_decoder = msgspec.json.Decoder(list[str])
_error_decoder = msgspec.json.Decoder(_TaskError)


class MeilisearchGateway:
    """Meilisearch over keep-alive connections: lean ones for what runs all the time (searches, with a short timeout; documents
    and their tasks, with a patient one), the SDK's client for the rest.

    Identity encoding is asked for: a compressed reply comes in two writes and waits 40 ms for the delayed ACK.
    """

    def __init__(self, settings: Settings) -> None:
        url, key = settings.meilisearch_url, settings.meilisearch_api_key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._search = KeepAliveClient(url, headers=headers, timeout_s=settings.search_timeout_ms / 1000)
        self._upkeep = KeepAliveClient(url, headers=headers, timeout_s=INDEXING_TIMEOUT_S)
        self._sdk = AsyncClient(url, key or None, custom_headers={"Accept-Encoding": "identity"})
        self._sdk.http_client.timeout = httpx2.Timeout(settings.search_timeout_ms / 1000)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._search.close()
        await self._upkeep.close()
        await self._sdk.aclose()

    # --- searching -------------------------------------------------------------------------------------------------

    async def multi_search(self, queries: Sequence[EngineQuery]) -> list[EngineReply]:
        """Answers to several queries, in their order, in one call."""
        body = await self._ask("multi_search", "/multi-search", {"queries": queries})
        return _read(_multi_decoder, body).results

    async def search_facet(self, index: str, query: EngineQuery) -> list[FacetHit]:
        """Values of one facet that match; `query` has `facetName`, `facetQuery` and a filter."""
        body = await self._ask("facet_search", f"/indexes/{index}/facet-search", query)
        return _read(_facet_decoder, body).facet_hits

    # --- upkeep ----------------------------------------------------------------------------------------------------

    async def version(self) -> str:
        """The engine's version."""
        return str((await self._guarded(self._sdk.get_version())).pkg_version)

    async def ping(self) -> None:
        """Raise `EngineUnavailable` unless the engine says that it is well."""
        await self._guarded(self._sdk.health())

    async def count_documents(self, index: str) -> int | None:
        """Documents in the index; None when there is no such index."""
        try:
            stats = await self._sdk.index(index).get_stats()
        except MeilisearchApiError as error:
            if error.code == "index_not_found":
                return None
            raise EngineUnavailable(str(error)) from error
        except (MeilisearchError, httpx2.HTTPError) as error:
            raise EngineUnavailable(str(error)) from error
        return stats.number_of_documents

    async def put_documents(self, index: str, ndjson: bytes) -> int:
        """Queue documents (one JSON object a line) to be added or replaced; gives the task's number."""
        body = await self._send("POST", f"/indexes/{index}/documents?primaryKey=id", ndjson, content_type=NDJSON)
        return _read(_queued_decoder, body).task_uid

    async def delete_documents(self, index: str, ids: Sequence[str]) -> int:
        """Queue the removal of documents; unknown ids do no harm. Gives the task's number."""
        return await self._enqueue("POST", f"/indexes/{index}/documents/delete-batch", list(ids))

    async def searchable_attributes(self, index: str) -> list[str] | None:
        """What the index searches in; None when there is no such index, `["*"]` when it was made without settings."""
        try:
            body = await self._send("GET", f"/indexes/{index}/settings/searchable-attributes")
        except _NoSuchIndex:
            return None
        return _read(_names_decoder, body)

    async def create_index(self, index: str, settings: Mapping[str, object]) -> None:
        """Make an index with its settings, and wait until it is there."""
        await self.wait(await self._enqueue("POST", "/indexes", {"uid": index, "primaryKey": "id"}))
        await self.configure(index, settings)

    async def configure(self, index: str, settings: Mapping[str, object]) -> None:
        """Give an index its settings, and wait until they hold; nothing happens when it has them."""
        await self.wait(await self._enqueue("PATCH", f"/indexes/{index}/settings", settings))

    async def drop_index(self, index: str) -> None:
        """Remove an index, if it is there."""
        with suppress(_NoSuchIndex):
            await self.wait(await self._enqueue("DELETE", f"/indexes/{index}"))

    async def swap(self, live: str, built: str, *, is_first: bool) -> None:
        """Exchange two indexes in one step; `is_first`: there is no live one yet, so the built one takes its name."""
        pair = [built, live] if is_first else [live, built]
        await self.wait(await self._enqueue("POST", "/swap-indexes", [{"indexes": pair, "rename": is_first}]))

    async def index_names(self, prefix: str) -> list[str]:
        """Names of the indexes that start with `prefix`."""
        found = await self._guarded(self._sdk.get_raw_indexes(limit=1000))
        return [index.uid for index in found or [] if index.uid.startswith(prefix)]

    async def wait(self, task: int) -> None:
        """Wait until a task has succeeded, however long it takes. Polls fast at first, then calmly.

        Raises `EngineRefused` when the fault lies in what the task was to do, else `EngineUnavailable`.
        """
        pause = FIRST_LOOK_S
        while True:
            state = _read(_task_decoder, await self._send("GET", f"/tasks/{task}"))
            if state.status == "succeeded":
                return
            if state.status in {"failed", "canceled"}:
                raise _task_failure(task, state)
            await anyio.sleep(pause)
            pause = min(pause * 1.3, LAST_LOOK_S)

    async def stored_revisions(self, index: str, offset: int, limit: int) -> list[tuple[str, str]]:
        """(id, rev) of stored documents, a page of them."""
        return await self._stored(index, {"offset": offset, "limit": limit})

    async def stored_revisions_of(self, index: str, ids: Sequence[str]) -> dict[str, str]:
        """Id -> rev of those of the documents that are stored."""
        return dict(await self._stored(index, {"ids": list(ids), "limit": len(ids)}))

    async def _stored(self, index: str, wanted: dict[str, object]) -> list[tuple[str, str]]:
        request = msgspec.json.encode({**wanted, "fields": ["id", "rev"]})
        body = await self._send("POST", f"/indexes/{index}/documents/fetch", request)
        return [(stored.id, stored.rev) for stored in _read(_page_decoder, body).results]

    async def _enqueue(self, method: str, path: str, body: object = None) -> int:
        content = b"" if body is None else msgspec.json.encode(body)
        return _read(_queued_decoder, await self._send(method, path, content)).task_uid

    async def _ask(self, kind: str, path: str, query: object) -> bytes:
        try:
            with ANSWERED.labels(kind).time():
                answer = await self._search.call("POST", path, msgspec.json.encode(query), is_repeatable=True)
        except OSError as error:
            raise EngineUnavailable(f"{type(error).__name__}: {error}") from error
        return _content(answer)

    async def _send(self, method: str, path: str, content: bytes = b"", *, content_type: str = JSON) -> bytes:
        try:
            answer = await self._upkeep.call(
                method, path, content, content_type=content_type, is_repeatable=method == "GET"
            )
        except OSError as error:
            raise EngineUnavailable(f"{type(error).__name__}: {error}") from error
        return _content(answer)

    @staticmethod
    async def _guarded(call: Any) -> Any:
        try:
            return await call
        except (MeilisearchError, httpx2.HTTPError) as error:
            raise EngineUnavailable(f"{type(error).__name__}: {error}") from error


def _read(decoder: msgspec.json.Decoder[T], body: bytes | str) -> T:
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        raise EngineUnavailable(f"these are not the engine's words: {error}") from error


def _content(answer: Answer) -> bytes:
    if answer.status >= 400:
        raise _http_failure(answer.status, answer.body)
    return answer.body


def _http_failure(status: int, body: bytes) -> EngineUnavailable:
    message = f"{status}: {body[:300].decode(errors='replace')}"
    if status == 404:
        try:
            is_missing = _error_decoder.decode(body).code == _INDEX_NOT_FOUND
        except msgspec.DecodeError:  # not the engine's own words: something between us and it
            is_missing = False
        return _NoSuchIndex(message) if is_missing else EngineUnavailable(message)
    return EngineRefused(message) if status in _REFUSALS else EngineUnavailable(message)


def _task_failure(task: int, state: _TaskState) -> EngineUnavailable:
    error = state.error or _TaskError(message=state.status)
    message = f"task {task}: {error.message}"
    if error.code == _INDEX_NOT_FOUND:
        return _NoSuchIndex(message)
    return EngineRefused(message) if error.type in _REFUSING_TYPES else EngineUnavailable(message)
