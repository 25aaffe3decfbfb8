"""The limit of an answer: a Litestar handler that returns prepared bytes, served as `mercato api` is served.

python -m tests.benchmarks.bare PORT FILE
"""

import sys
from pathlib import Path

import uvicorn
from litestar import Litestar, Response, get


def make_app(body: bytes) -> Litestar:
    """An application that has one answer."""

    @get("/bare/{key:str}")
    async def bare(key: str) -> Response[bytes]:
        return Response(body, media_type="application/json")

    return Litestar([bare], openapi_config=None)


if __name__ == "__main__":
    uvicorn.run(
        make_app(Path(sys.argv[2]).read_bytes()),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
    )
