"""What search and suggestions through the API cost above the engine itself, asked the very same in one call over one connection."""

from collections.abc import Sequence

import httpx
import msgspec

from mercato.asgi import create_app
from mercato.bootstrap import make_resources
from mercato.platform.settings import Settings
from mercato.search.gateway import EngineQuery, EngineReply, MeilisearchGateway
from mercato.search.service import SearchService
from tests.benchmarks.client import Connection, make_request
from tests.benchmarks.figures import Report, cost, median, p95
from tests.benchmarks.queries import SEARCHES, TYPED, path_of

MOST_MS = 2.0


class _Listening(MeilisearchGateway):
    """A gateway that remembers what it was asked."""

    asked: Sequence[EngineQuery] = ()

    async def multi_search(self, queries: Sequence[EngineQuery]) -> list[EngineReply]:
        self.asked = queries
        return await super().multi_search(queries)


async def measure_searching(report: Report, settings: Settings, api_port: int, *, rounds: int) -> None:
    """Search and suggest, one client, each side in turn."""
    searches = [path_of(search) for search in SEARCHES]
    typed = [f"/api/v1/search/suggest?q={q.replace(' ', '+')}" for q in TYPED]
    for name, paths in (("search", searches), ("suggest", typed)):
        bodies = await _bodies(settings, paths)
        ours, engine = await _compare(settings, api_port, list(zip(paths, bodies, strict=True)), rounds)
        report.rows += [
            cost(f"{name}, median", median(ours), median(engine), "the same call to the engine", at_most=MOST_MS),
            cost(f"{name}, 95th percentile", p95(ours), p95(engine), "the same"),
        ]


async def _bodies(settings: Settings, paths: Sequence[str]) -> list[bytes]:
    """What Mercato sends to the engine for each address."""
    resources = make_resources(settings)
    gateway = _Listening(settings)
    search = SearchService(settings, resources.db, gateway, resources.taxonomy)
    app = create_app(msgspec.structs.replace(resources, gateway=gateway, search=search))
    transport = httpx.ASGITransport(app)
    bodies = []
    async with app.litestar.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        for path in paths:
            answer = await client.get(path)
            if answer.status_code != 200 or answer.json()["degraded"]:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
            bodies.append(msgspec.json.encode({"queries": gateway.asked}))
    return bodies


async def _compare(
    settings: Settings, api_port: int, pairs: Sequence[tuple[str, bytes]], rounds: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of each answer, ours and the engine's."""
    engine_port = int(settings.meilisearch_url.rpartition(":")[2])
    key = {"Authorization": f"Bearer {settings.meilisearch_api_key}"}
    ours = [make_request("GET", path, port=api_port) for path, _ in pairs]
    theirs = [make_request("POST", "/multi-search", port=engine_port, body=body, headers=key) for _, body in pairs]
    api, engine = await Connection.open(api_port), await Connection.open(engine_port)
    ours_ms: list[float] = []
    engine_ms: list[float] = []
    sides = [(api, ours, ours_ms), (engine, theirs, engine_ms)]
    for number in range(rounds + 1):
        for index in range(len(pairs)):
            for connection, requests, times in sides if (number + index) % 2 else reversed(sides):
                seconds, answer = await connection.time(requests[index])
                if answer.status != 200:
                    raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
                if number:  # the first round warms up
                    times.append(seconds * 1000)
    api.close()
    engine.close()
    return ours_ms, engine_ms
