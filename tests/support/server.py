"""The api as a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mercato.devstack.ports import free_port
from mercato.devstack.probe import http_get
from mercato.platform.settings import Settings
from tests.support.installation import environment_of

START_S = 60


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """Run `mercato api` on a free port; gives its address."""
    port = free_port()
    environment = environment_of(settings) | {"MERCATO_PORT": str(port), "MERCATO_LOG_LEVEL": "error"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "mercato", "api", env=environment)
    try:
        await _ready(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _ready(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(START_S):
        while process.returncode is None:
            answer = await http_get(f"http://127.0.0.1:{port}/health/ready")
            if answer is not None and answer.status == 200:
                return
            await asyncio.sleep(0.05)
    pytest.fail("the server ended")
