"""`mercato up` when it is stopped, killed, or one of its children dies; and that the next run finds everything again."""

import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from mercato.devstack import DataFolder
from mercato.devstack.leftovers import is_ours
from mercato.devstack.ports import free_port
from mercato.devstack.probe import http_get
from tests.support.command import READY, Command, child_of
from tests.support.stack import processes_naming, temporary_folder

CHILDREN = ("api", "worker", "postgres", "valkey", "meilisearch")
PRODUCTS = 20


@pytest.fixture(scope="module")
async def folder(anyio_backend: object) -> AsyncIterator[Path]:
    """The data folder of a run that has ended."""
    with temporary_folder() as path:
        first = await Command.up(path / "data", "--products", PRODUCTS)
        assert await first.stop() == 0
        yield path / "data"


def alive(processes: list[int]) -> list[int]:
    return [pid for pid in processes if is_ours(pid, "")]


async def test_a_second_run_finds_the_catalog_and_ctrl_c_stops_all_of_it(folder: Path) -> None:
    up = await Command.up(folder)
    status = await http_get(f"{up.address}/api/v1/search/status")
    children = [child_of(folder, name) for name in CHILDREN]

    assert await up.stop(signal.SIGINT) == 0

    assert status is not None
    assert PRODUCTS / 2 < msgspec.json.decode(status.body)["documents"] <= PRODUCTS
    assert "Demo catalog" not in up.output
    assert "Everything has stopped" in up.output
    assert alive(children) == []


@pytest.mark.parametrize("name", ["worker", "meilisearch"])
async def test_the_crash_of_a_child_ends_the_run_by_name(folder: Path, name: str) -> None:
    up = await Command.up(folder)
    children = [child_of(folder, child) for child in CHILDREN]

    os.kill(child_of(folder, name), signal.SIGKILL)

    assert await up.ends() == 1
    assert f"{name} ended unexpectedly (signal 9)" in up.output
    assert f"Its log: {folder}/logs/{name}.log" in up.output
    assert alive(children) == []


async def test_the_run_after_a_killed_one_cleans_up_and_completes_the_catalog(folder: Path) -> None:
    killed = await Command.up(folder)
    children = [child_of(folder, child) for child in CHILDREN]
    killed.process.kill()
    await killed.process.wait()
    DataFolder(folder).begin_filling(["--products", str(PRODUCTS)])  # as if it had been killed in the middle of it

    again = await Command.up(folder)

    assert alive(children) == []
    assert "✓ Demo catalog" in again.output
    assert DataFolder(folder).unfinished_filling() is None
    children = [child_of(folder, child) for child in CHILDREN]
    assert await again.stop(signal.SIGTERM) == 0
    assert alive(children) == []


async def test_a_stop_while_starting_leaves_nothing_behind(folder: Path) -> None:
    up = await Command.start("up", "--data-dir", folder, "--port", free_port())
    await up.says("PostgreSQL")

    assert await up.stop() == 0

    assert processes_naming(f"{folder}/") == []


async def test_the_default_port_gives_way_when_it_is_taken(folder: Path) -> None:
    try:
        other = socket.create_server(("127.0.0.1", 8000))
    except OSError:  # somebody else has it: just as good
        other = socket.socket()
    with other:
        up = await Command.start("up", "--data-dir", folder)
        await up.says(READY)
        await up.stop()

    assert "Port 8000 is taken by another program: using 80" in up.output
