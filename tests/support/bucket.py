"""A real server that speaks S3, from a package, with a bucket on disk."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from mercato.devstack.launcher import ending_with_parent
from mercato.devstack.ports import free_port
from mercato.platform.storage import Bucket
from tests.support.processes import eventually

ACCESS_KEY, SECRET_KEY = "mercato-tests", "not-a-secret-at-all"


@asynccontextmanager
async def bucket_server(
    folder: Path, port: int | None = None
) -> AsyncIterator[tuple[Bucket, asyncio.subprocess.Process]]:
    """The server, running, and its bucket; it ends with the block."""
    port = port or free_port(None)
    (folder / "media").mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "NANIO_ACCESS_KEY": ACCESS_KEY, "NANIO_SECRET_KEY": SECRET_KEY}
    arguments = ("serve", "--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port), "--no-access-log")
    process = await asyncio.create_subprocess_exec(
        *ending_with_parent((str(Path(sys.executable).with_name("nanio")), *arguments), signal.SIGKILL),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    endpoint = f"http://127.0.0.1:{port}"
    try:

        async def answers() -> bool:
            try:
                async with httpx.AsyncClient() as client:
                    return (await client.get(endpoint)).status_code < 500
            except httpx.TransportError:
                return False

        await eventually(answers, "an answer of the S3 server")
        yield Bucket(name="media", endpoint=endpoint, access_key=ACCESS_KEY, secret_key=SECRET_KEY), process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
