"""Servers to kill: a stack beside the one that all other tests use, and shops on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mercato.devstack import Stack
from tests.support.installation import Installation, make_template, new_installation
from tests.support.stack import temporary_folder


@pytest.fixture(scope="session")
async def breakable_stack(anyio_backend: object) -> AsyncIterator[Stack]:
    """Running servers."""
    with temporary_folder() as folder:
        async with Stack(folder / "data", durable=False) as running:
            await make_template(running)
            yield running


@pytest.fixture
async def breakable_shop(breakable_stack: Stack, tmp_path: Path) -> AsyncIterator[Installation]:
    """A shop with nothing in it on those servers."""
    url = breakable_stack.environment()["DATABASE_URL"]
    async with new_installation(breakable_stack, url, media_dir=tmp_path / "media") as shop:
        yield shop
        for server in breakable_stack.servers:  # those that a failed test did not start again
            if server.process is None or not server.process.is_running:
                await server.start()
