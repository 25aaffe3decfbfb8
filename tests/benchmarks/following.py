"""Lists far from their beginning, the list of changes, and batches; each beside the same without."""

import time
from collections.abc import Sequence
from uuid import uuid4

import asyncpg
import msgspec

from mercato.platform.paging import Cursor, encode_cursor
from mercato.platform.settings import Settings
from tests.benchmarks.client import Connection, make_request
from tests.benchmarks.figures import Report, cost, median, ratio, times
from tests.benchmarks.site import connect
from tests.support.installation import ADMIN

DEPTH = 100_000
PAGE = 24
MOST_TIMES = 1.2
BATCH = 100
"""Products a batch."""

# The row that a page 24 rows above the depth ends at, in the order of the list.
_AT_DEPTH = "SELECT created_at::text, id::text FROM product WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC OFFSET $1 LIMIT 1"


class _Page(msgspec.Struct):
    resume_cursor: str


class _Result(msgspec.Struct):
    status: int


class _Results(msgspec.Struct):
    results: list[_Result]


async def measure_following(report: Report, settings: Settings, api_port: int, *, rounds: int) -> None:
    """One request at a time, as an admin: nothing comes from memory."""
    connection = await connect(settings.database_url)
    client = await Connection.open(api_port)
    asking = _Asking(client, api_port)
    await _measure_depth(report, asking, connection, rounds=rounds)
    await _measure_changes(report, asking, rounds=rounds)
    await _measure_batches(report, asking, rounds=rounds)
    client.close()
    await connection.close()


class _Asking:
    def __init__(self, client: Connection, port: int) -> None:
        self._client, self._port = client, port

    async def get(self, path: str) -> tuple[float, bytes]:
        """Milliseconds and the body."""
        request = make_request("GET", f"/api/v1{path}", port=self._port, headers=ADMIN)
        return await self._send(request, 200)

    async def post(self, path: str, body: object, *, status: int) -> tuple[float, bytes]:
        request = make_request("POST", f"/api/v1{path}", port=self._port, headers=ADMIN, body=msgspec.json.encode(body))
        return await self._send(request, status)

    async def in_turn(self, paths: Sequence[str], *, rounds: int) -> list[float]:
        """Medians of several addresses, asked one after the other."""
        seen: list[list[float]] = [[] for _ in paths]
        for _ in range(rounds * 40):
            for waits, path in zip(seen, paths, strict=True):
                waits.append((await self.get(path))[0])
        return [median(waits) for waits in seen]

    async def _send(self, request: bytes, status: int) -> tuple[float, bytes]:
        seconds, answer = await self._client.time(request)
        if answer.status != status:
            raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
        return seconds * 1000, answer.body


async def _measure_depth(report: Report, asking: _Asking, connection: asyncpg.Connection, *, rounds: int) -> None:
    total = await connection.fetchval("SELECT count(*) FROM product WHERE deleted_at IS NULL")
    depth = min(DEPTH, total) - PAGE
    key, row_id = await connection.fetchrow(_AT_DEPTH, depth - 1)
    cursor = encode_cursor(Cursor("-created_at", key, row_id))
    first, deep = await asking.in_turn(("/products", f"/products?cursor={cursor}"), rounds=rounds)
    report.rows.append(
        times(f"list of {PAGE} at depth {depth:,}, median", "ms", deep, first, "the first page", at_most=MOST_TIMES)
    )


async def _measure_changes(report: Report, asking: _Asking, *, rounds: int) -> None:
    page = msgspec.json.decode((await asking.get("/products?updated_since=2000-01-01T00:00:00Z"))[1], type=_Page)
    plain, changes = await asking.in_turn(("/products", f"/products?cursor={page.resume_cursor}"), rounds=rounds)
    report.rows.append(cost(f"changes, a page of {PAGE}, median", changes, plain, "an ordinary page"))


async def _measure_batches(report: Report, asking: _Asking, *, rounds: int) -> None:
    batches: list[float] = []
    singles: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        operations = [{"op": "create", "data": _product()} for _ in range(BATCH)]
        _, body = await asking.post("/products/batch", {"operations": operations}, status=207)
        batches.append(BATCH / (time.perf_counter() - started))
        if any(one.status != 201 for one in msgspec.json.decode(body, type=_Results).results):
            raise RuntimeError(f"a batch failed: {body[:500]!r}")
        started = time.perf_counter()
        for _ in range(BATCH):
            await asking.post("/products", _product(), status=201)
        singles.append(BATCH / (time.perf_counter() - started))
    report.rows.append(
        ratio(f"products made in batches of {BATCH}", "a second", median(batches), median(singles), "one a request")
    )


def _product() -> dict[str, object]:
    word = uuid4().hex
    return {"name": f"Bench {word}", "sku": word, "price": {"amount": 1999, "currency": "EUR"}, "stock": 3}
