"""The servers that the tests run against: one stack for the whole session."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mercato.devstack import ADDRESSES, Stack

_EXTERNAL = (*ADDRESSES, "MEILISEARCH_API_KEY")


def external_addresses() -> dict[str, str]:
    """Addresses of servers to test against instead: `TEST_DATABASE_URL`, `TEST_VALKEY_URL`, `TEST_MEILISEARCH_URL`."""
    return {name: os.environ[f"TEST_{name}"] for name in _EXTERNAL if os.environ.get(f"TEST_{name}")}


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for a stack's data, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="mercato-tests-"))
    folder.chmod(0o711)  # run by root, PostgreSQL has an account of its own, which must get in
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def processes_naming(text: str) -> list[int]:
    """Ids of the processes whose command line contains `text`, ours excepted."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:  # it has ended meanwhile
                continue
            if text.encode() in command.replace(b"\0", b" "):
                found.append(int(entry.name))
    return found


async def until(check: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Return as soon as `check` says True; fails after `seconds`."""
    for _ in range(int(seconds * 100)):
        if check():
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"not within {seconds:.0f} s")


@pytest.fixture(scope="session")
async def stack(anyio_backend: object) -> AsyncIterator[Stack]:
    """Running PostgreSQL, Valkey and Meilisearch, empty, thrown away at the end."""
    with temporary_folder() as folder:
        async with Stack(folder / "data", durable=False, external=external_addresses()) as running:
            yield running
