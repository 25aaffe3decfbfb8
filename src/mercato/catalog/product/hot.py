"""Hot reads: published products and the first pages of lists, as bytes held in the process.

Only what everybody may see is held. What makes it safe is in `platform/cache.py` and `platform/announcements.py`.
"""

from collections.abc import Callable, Collection
from uuid import UUID

from prometheus_client import Counter, Gauge

from mercato.catalog.product.repository import ProductQuery, read_list, read_product
from mercato.catalog.slugs import missing
from mercato.identity.principal import PUBLISHED_ONLY, Visibility
from mercato.platform.cache import AnswerCache, Reading
from mercato.platform.db import Database
from mercato.platform.etag import make_body_etag, make_etag
from mercato.platform.ids import parse_id
from mercato.platform.paging import PageRequest
from mercato.platform.problems import Problem
from mercato.platform.stored import PRIVATE, StoredAnswer, make_stored, shared_cache_policy

LIST_SHARE = 4
"""Lists have one part in so many of the memory: there are more addresses of lists than of products, for who wants to fill it."""
MAX_QUERY_LENGTH = 500
MEGABYTE = 1024 * 1024

READS = Counter("mercato_hot_reads", "Reads of products and first pages.", ["kind", "outcome"])
DROPS = Counter("mercato_hot_reads_drops", "Times that held answers were dropped because something changed.")
HELD_BYTES = Gauge("mercato_hot_reads_bytes", "Memory of held answers.", multiprocess_mode="livesum")
HELD = Gauge("mercato_hot_reads_held", "Answers held.", multiprocess_mode="livesum")

_HITS = {kind: READS.labels(kind, "hit") for kind in ("product", "list")}
_MISSES = {kind: READS.labels(kind, "miss") for kind in ("product", "list")}
_OFF = {kind: READS.labels(kind, "off") for kind in ("product", "list")}


class HotReads:
    """What a process holds. It is told what changes by `platform.announcements`."""

    def __init__(self, db: Database, *, max_mb: int, cdn_seconds: int) -> None:
        self._db = db
        self._cache_control = shared_cache_policy(cdn_seconds)
        lists = max_mb * MEGABYTE // LIST_SHARE
        self._products: AnswerCache[StoredAnswer | None] = AnswerCache(max_mb * MEGABYTE - lists)
        self._lists: AnswerCache[StoredAnswer | None] = AnswerCache(lists)

    def open(self) -> None:
        """Changes are announced from now on."""
        self._products.open()
        self._lists.open()

    def close(self) -> None:
        """Changes may go by unheard."""
        self._products.close()
        self._lists.close()
        self._note_size()

    def trust(self, until: float) -> None:
        """What is held may be given until this moment (monotonic seconds)."""
        self._products.trust(until)
        self._lists.trust(until)

    def drop(self, ids: Collection[str]) -> None:
        """These products changed; with them, any list may have."""
        self._products.drop(ids)
        self._lists.drop(ids)
        DROPS.inc()
        self._note_size()

    def held_product(self, key: str) -> StoredAnswer | None:
        """The published product, if it is held and may be given. Counts a hit only."""
        return _counted(self._products.get(key), "product")

    def held_page(self, query_string: bytes) -> StoredAnswer | None:
        """The first page with these parameters, if it is held and may be given. Counts a hit only."""
        return _counted(self._lists.get(query_string.decode("latin-1")), "list")

    async def product(self, key: str, visibility: Visibility) -> StoredAnswer | None:
        """The product with this id or slug, as everybody sees it, or else as this caller may; None when there is none."""
        product_id = parse_id(key)
        if product_id is None:
            return await self._product(key, key, visibility)
        return await self._product(str(product_id), product_id, visibility)

    async def missing(self, key: str, visibility: Visibility) -> Problem:
        """The problem to raise when there is no such product."""
        return await missing(self._db.reads, "product", key, visibility=visibility)

    async def _product(self, name: str, key: UUID | str, visibility: Visibility) -> StoredAnswer | None:
        held = self.held_product(name)
        if held is not None:
            return held
        _count_miss("product", is_off=not self._products.is_trusted)
        if visibility == PUBLISHED_ONLY:
            answer = await self._products.read(name, lambda: self._read_product(key, visibility))
            self._note_size()
            return answer
        return (await self._read_product(key, visibility)).value

    async def first_page(
        self, query_string: bytes, query: ProductQuery, page: PageRequest, link_to: Callable[[str], str]
    ) -> StoredAnswer:
        """The first page of a list, as everybody sees it. `link_to` gives the address behind a cursor, for `Link`."""
        held = self.held_page(query_string)
        if held is not None:
            return held
        _count_miss("list", is_off=not self._lists.is_trusted)

        async def read() -> Reading[StoredAnswer | None]:
            reading = await read_list(self._db.reads, query, page)
            found = reading.page
            stored = make_stored(
                found.body,
                make_body_etag(found.body),
                cache_control=self._cache_control,
                link=None if found.next_cursor is None else link_to(found.next_cursor),
            )
            size = len(found.body) if len(query_string) <= MAX_QUERY_LENGTH else None
            return Reading(value=stored, size=size, valid_s=reading.valid_s)

        answer = await self._lists.read(query_string.decode("latin-1"), read)
        assert answer is not None
        self._note_size()
        return answer

    async def _read_product(self, key: UUID | str, visibility: Visibility) -> Reading[StoredAnswer | None]:
        reading = await read_product(self._db.reads, key, visibility)
        if reading is None:
            return Reading(value=None)
        record = reading.record
        stored = make_stored(
            record.body,
            make_etag(record.version, record.body),
            cache_control=self._cache_control if reading.is_published else PRIVATE,
        )
        return Reading(
            value=stored,
            size=len(record.body) if reading.is_published else None,
            about=reading.product_id,
            valid_s=reading.valid_s,
        )

    def _note_size(self) -> None:
        HELD_BYTES.set(self._products.bytes + self._lists.bytes)
        HELD.set(len(self._products) + len(self._lists))


def _counted(held: StoredAnswer | None, kind: str) -> StoredAnswer | None:
    if held is not None:
        _HITS[kind].inc()
    return held


def _count_miss(kind: str, *, is_off: bool) -> None:
    (_OFF if is_off else _MISSES)[kind].inc()
