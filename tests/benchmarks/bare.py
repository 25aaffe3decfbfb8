"""The limit of an answer: a Litestar handler that returns prepared bytes, or what one statement gives, served as `mercato api` is served.

python -m tests.benchmarks.bare PORT FILE [DATABASE_URL]
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import uvicorn
from litestar import Litestar, Response, get

from mercato.catalog.product.repository import PRODUCT_BY_ID
from mercato.platform.db import _keep_session
from mercato.platform.settings import asyncpg_dsn


def make_app(body: bytes, database_url: str | None) -> Litestar:
    """An application that has one answer, and with a database one that runs the statement behind a product."""
    pools: list[asyncpg.Pool] = []

    @get("/bare/{key:str}")
    async def bare(key: str) -> Response[bytes]:
        return Response(body, media_type="application/json")

    @get("/statement/{key:str}")
    async def statement(key: str) -> Response[bytes]:
        row = await pools[0].fetchrow(PRODUCT_BY_ID, UUID(key), False, None)
        return Response(row["body"].encode(), media_type="application/json")

    @asynccontextmanager
    async def connected(_app: Litestar) -> AsyncIterator[None]:
        if database_url is not None:
            pools.append(
                await asyncpg.create_pool(
                    asyncpg_dsn(database_url),
                    min_size=0,
                    max_size=10,
                    server_settings={"jit": "off"},
                    reset=_keep_session,
                )
            )
        yield

    return Litestar([bare, statement], openapi_config=None, lifespan=[connected])


if __name__ == "__main__":
    url = sys.argv[3] if len(sys.argv) > 3 else None
    uvicorn.run(
        make_app(Path(sys.argv[2]).read_bytes(), url),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
    )
