"""From a change through the API until search shows it, on an idle system; beside the engine alone."""

import asyncio
import random
import time

import asyncpg
import msgspec

from mercato.platform.settings import Settings
from mercato.search.documents import build_documents
from mercato.search.gateway import MeilisearchGateway
from mercato.search.index import IndexNames
from tests.benchmarks.client import Connection, make_request
from tests.benchmarks.figures import Report, absolute, median, p95
from tests.benchmarks.site import connect
from tests.support.installation import ADMIN

CHANGES = 60
MOST_MEDIAN_S = 0.15
MOST_P95_S = 0.4
LOOK_S = 0.002
GIVE_UP_S = 10.0


class _Money(msgspec.Struct):
    amount: int


class _Hit(msgspec.Struct):
    price: _Money


class _Hits(msgspec.Struct):
    hits: list[_Hit]


class _Document(msgspec.Struct):
    prices: dict[str, int]


class _Documents(msgspec.Struct):
    hits: list[_Document]


async def measure_freshness(report: Report, settings: Settings, api_port: int) -> None:
    """One product at a time, each side in turn."""
    connection = await connect(settings.database_url)
    rows = await connection.fetch(
        "SELECT p.id, v.sku FROM product p JOIN variant v ON v.product_id = p.id WHERE p.status = 'active' "
        "AND p.publish_at IS NULL ORDER BY md5(p.id::text) LIMIT $1",
        CHANGES,
    )
    api = await Connection.open(api_port)
    ours: list[float] = []
    alone: list[float] = []
    async with MeilisearchGateway(settings) as gateway:
        engine = _Engine(settings, gateway, connection)
        await engine.open()
        for number, (product_id, sku) in enumerate(rows):
            amount = 1_000_000 + number
            await _until_idle(connection)
            ours.append(await _change(api, api_port, product_id, sku, amount))
            await _until_idle(connection)
            alone.append(await engine.change(product_id, sku, amount + 1_000_000))
        engine.close()
    api.close()
    await connection.close()
    report.rows += [
        absolute(
            "change to searchable, median", "s", median(ours), at_most=MOST_MEDIAN_S, limit=median(alone),
            limit_name="the engine alone",
        ),
        absolute(
            "change to searchable, 95th percentile", "s", p95(ours), at_most=MOST_P95_S, limit=p95(alone),
            limit_name="the engine alone",
        ),
    ]  # fmt: skip


async def _until_idle(connection: asyncpg.Connection) -> None:
    while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):  # noqa: ASYNC110 - another process
        await asyncio.sleep(LOOK_S)
    await asyncio.sleep(random.uniform(0.05, 0.3))  # not in step with anything


async def _change(api: Connection, port: int, product_id: object, sku: str, amount: int) -> float:
    """Seconds from sending the change until a search shows the price."""
    body = msgspec.json.encode({"price": {"amount": amount, "currency": "EUR"}})
    change = make_request("PATCH", f"/api/v1/products/{product_id}", port=port, body=body, headers=ADMIN)
    look = make_request("GET", f"/api/v1/search?q={sku}&limit=1&facets=brand", port=port)
    started = time.perf_counter()
    answer = await api.ask(change)
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
    while time.perf_counter() - started < GIVE_UP_S:
        found = msgspec.json.decode((await api.ask(look)).body, type=_Hits)
        if any(hit.price.amount == amount for hit in found.hits):
            return time.perf_counter() - started
        await asyncio.sleep(LOOK_S)
    raise RuntimeError(f"the change of {sku} did not become searchable")


class _Engine:
    """The engine alone: the same document with another price, added and looked for."""

    def __init__(self, settings: Settings, gateway: MeilisearchGateway, connection: asyncpg.Connection) -> None:
        self._port = int(settings.meilisearch_url.rpartition(":")[2])
        self._key = {"Authorization": f"Bearer {settings.meilisearch_api_key}"}
        self._index = IndexNames(settings.search_index_prefix).products
        self._gateway, self._connection = gateway, connection

    async def open(self) -> None:
        self._client = await Connection.open(self._port)

    def close(self) -> None:
        self._client.close()

    async def change(self, product_id: object, sku: str, amount: int) -> float:
        """Seconds from sending the document until a search shows the price."""
        document = await self._document(product_id, amount)
        query = {"q": "", "filter": f'codes = "{_code(sku)}"', "limit": 1, "attributesToRetrieve": ["prices"]}
        look = make_request(
            "POST",
            f"/indexes/{self._index}/search",
            port=self._port,
            body=msgspec.json.encode(query),
            headers=self._key,
        )
        started = time.perf_counter()
        await self._gateway.put_documents(self._index, document)
        while time.perf_counter() - started < GIVE_UP_S:
            found = msgspec.json.decode((await self._client.ask(look)).body, type=_Documents)
            if any(hit.prices == {"EUR": amount} for hit in found.hits):
                return time.perf_counter() - started
            await asyncio.sleep(LOOK_S)
        raise RuntimeError(f"the engine does not show the change of {sku}")

    async def _document(self, product_id: object, amount: int) -> bytes:
        documents = await build_documents(self._connection, [product_id])  # type: ignore[list-item]  # an asyncpg UUID
        return msgspec.json.encode(
            msgspec.json.decode(documents[0].body, type=dict[str, object]) | {"prices": {"EUR": amount}}
        )


def _code(sku: str) -> str:
    return "".join(character for character in sku.lower() if character.isalnum())
