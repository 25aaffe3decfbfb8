"""From ids of products to documents in the engine: built, packed into tasks, and set apart when the engine refuses one."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec
from prometheus_client import Counter

from mercato.platform.logging import get_logger
from mercato.search.documents import build_documents
from mercato.search.gateway import EngineRefused, MeilisearchGateway

BUILD_PRODUCTS = 2_500
"""Products a projection statement; bounds memory."""
TASK_BYTES = 24 * 1024 * 1024
"""Documents are sent in tasks of at most about this size; the engine refuses 100 MB."""

SENT = Counter("mercato_search_documents", "Documents sent to the search engine.", ["operation"])

_log = get_logger()


class Target(msgspec.Struct, frozen=True):
    """An index that documents go to. `until`: it holds products up to this id; those behind it come later by themselves."""

    index: str
    until: UUID | None = None

    def holds(self, product_id: UUID) -> bool:
        """Whether a changed product must be sent to it."""
        return self.until is None or product_id <= self.until


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """Products on their way: the engine has the tasks in its queue."""

    product_ids: Sequence[UUID]
    targets: Sequence[Target]
    tasks: list[int]
    refusal: EngineRefused | None = None
    """The engine did not even take the tasks."""


class Sender:
    """Sends products as they are now. Tasks are worked off in the order of sending, so the last state wins."""

    def __init__(self, gateway: MeilisearchGateway) -> None:
        self._gateway = gateway

    async def send(
        self, connection: asyncpg.Connection, product_ids: Sequence[UUID], targets: Sequence[Target]
    ) -> Parcel:
        """Queue the documents of products, and the removal of those that have none. Raises `EngineUnavailable`."""
        tasks: list[int] = []
        if not targets:
            return Parcel(product_ids=product_ids, targets=targets, tasks=tasks)
        try:
            await self._send(connection, product_ids, targets, tasks)
        except EngineRefused as refusal:
            return Parcel(product_ids=product_ids, targets=targets, tasks=tasks, refusal=refusal)
        return Parcel(product_ids=product_ids, targets=targets, tasks=tasks)

    async def settle(self, connection: asyncpg.Connection, parcel: Parcel) -> None:
        """Wait until the engine has everything; what it refuses is set apart, so that it holds up nothing else.

        Raises `EngineUnavailable`: nothing is certain then, and the products must be sent again.
        """
        try:
            if parcel.refusal is not None:
                raise parcel.refusal
            for task in parcel.tasks:
                await self._gateway.wait(task)
        except EngineRefused as refusal:
            await self._set_apart(connection, parcel, refusal)

    async def _send(
        self, connection: asyncpg.Connection, product_ids: Sequence[UUID], targets: Sequence[Target], tasks: list[int]
    ) -> None:
        gone: list[str] = []
        packs = [_Pack(target) for target in targets]
        for start in range(0, len(product_ids), BUILD_PRODUCTS):
            wanted = product_ids[start : start + BUILD_PRODUCTS]
            documents = await build_documents(connection, wanted)
            gone += map(str, set(wanted) - {document.id for document in documents})
            for pack in packs:
                for document in documents:
                    if pack.target.holds(document.id):
                        pack.add(document.body)
                if pack.size >= TASK_BYTES:
                    tasks.append(await self._put(pack))
        tasks += [await self._put(pack) for pack in packs if pack.lines]
        if gone:
            tasks += [await self._gateway.delete_documents(target.index, gone) for target in targets]
            SENT.labels("delete").inc(len(gone))

    async def _put(self, pack: "_Pack") -> int:
        SENT.labels("put").inc(len(pack.lines))
        return await self._gateway.put_documents(pack.target.index, pack.take())

    async def _set_apart(self, connection: asyncpg.Connection, parcel: Parcel, refusal: EngineRefused) -> None:
        """Send halves, and halves of those, until what the engine refuses stands alone."""
        if len(parcel.product_ids) <= 1:
            await self._withdraw(parcel, refusal)
            return
        middle = len(parcel.product_ids) // 2
        for half in (parcel.product_ids[:middle], parcel.product_ids[middle:]):
            await self.settle(connection, await self.send(connection, half, parcel.targets))

    async def _withdraw(self, parcel: Parcel, refusal: EngineRefused) -> None:
        """Take a product whose document is refused out of the index, where a former state would go stale.

        Should even that be refused, the fault is not the document's: then this raises, and the product stays in the outbox.
        """
        ids = [str(product_id) for product_id in parcel.product_ids]
        for target in parcel.targets:
            await self._gateway.wait(await self._gateway.delete_documents(target.index, ids))
        SENT.labels("refused").inc(len(ids))
        _log.error("document_refused", products=ids, reason=str(refusal))


class _Pack:
    """Documents for one index that make up its next task."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.lines: list[bytes] = []
        self.size = 0

    def add(self, line: bytes) -> None:
        self.lines.append(line)
        self.size += len(line) + 1

    def take(self) -> bytes:
        body = b"\n".join(self.lines)
        self.lines, self.size = [], 0
        return body
