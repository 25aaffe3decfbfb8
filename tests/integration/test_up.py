"""`mercato up` and `mercato doctor` as a person runs them: real processes, real signals."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from tests.support.stack import processes_naming, temporary_folder

from mercato.devstack import DataFolder, running_environment
from mercato.devstack.ports import free_port
from mercato.devstack.probe import http_get
from mercato.devstack.process import Record, is_ours

pytestmark = pytest.mark.anyio

READY_SECONDS = 15.0
FIRST_READY_SECONDS = 120.0


class Command:
    """A `mercato` command that runs, with its output so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.output = ""

    @classmethod
    async def start(cls, *arguments: object, environment: Mapping[str, str] | None = None) -> "Command":
        clean = {name: value for name, value in os.environ.items() if not re.match(r"MERCATO_|.*_URL$|MEILI", name)}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "mercato",
            *map(str, arguments),
            env={**clean, **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return cls(process)

    async def says(self, text: str, *, seconds: float = READY_SECONDS) -> None:
        """Read on until a line contains `text`."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while text not in self.output:
                line = await self.process.stdout.readline()
                assert line, f"ended without saying {text!r}:\n{self.output}"
                self.output += line.decode()

    async def ends(self) -> int:
        """Read to the end and return the exit code."""
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            self.output += (await self.process.stdout.read()).decode()
            return await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return await self.ends()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that the first of these tests fills and the others find filled."""
    with temporary_folder() as path:
        yield path / "data"


@pytest.fixture(scope="module")
async def filled(folder: Path, anyio_backend: object) -> Path:
    up = await Command.start("up", "--data-dir", folder, "--port", free_port(), "--products", 60)
    await up.says("Ctrl-C stops everything", seconds=FIRST_READY_SECONDS)
    assert await up.stop() == 0
    return folder


@pytest.fixture
async def running(filled: Path) -> AsyncIterator[Command]:
    up = await Command.start("up", "--data-dir", filled, "--port", free_port())
    await up.says("Ctrl-C stops everything")
    yield up
    if up.process.returncode is None:
        await up.stop()


def address(up: Command) -> str:
    found = re.search(r"Storefront\s+(\S+)/\n", up.output)
    assert found
    return found[1]


def child(folder: Path, name: str) -> int:
    return msgspec.json.decode(DataFolder(folder).record(name).read_bytes(), type=Record).pid


async def test_a_second_start_finds_the_catalog_again_and_serves_it(running: Command) -> None:
    page = await http_get(f"{address(running)}/")
    status = await http_get(f"{address(running)}/api/v1/search/status")

    assert page is not None
    assert page.status == 200
    assert status is not None
    assert msgspec.json.decode(status.body)["documents"] == 60
    assert "Demo catalog" not in running.output


async def test_the_printed_admin_key_opens_the_api_and_is_kept_privately(running: Command, filled: Path) -> None:
    found = re.search(r"Admin key\s+(\S+)", running.output)
    assert found

    url = f"{address(running)}/api/v1/products?status=draft"
    anonymous = await http_get(url)
    admin = await http_get(url, headers={"X-API-Key": found[1]})

    assert anonymous is not None
    assert admin is not None
    assert admin.status == 200
    assert (filled / "secrets.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_everything_and_is_no_failure(
    running: Command, filled: Path, number: signal.Signals
) -> None:
    before = [child(filled, name) for name in ("api", "worker", "postgres", "valkey", "meilisearch")]

    assert await running.stop(number) == 0

    assert "Everything has stopped" in running.output
    assert [pid for pid in before if is_ours(pid, "")] == []


@pytest.mark.parametrize("name", ["worker", "api", "meilisearch"])
async def test_the_crash_of_a_child_ends_the_run_by_name(running: Command, filled: Path, name: str) -> None:
    os.kill(child(filled, name), signal.SIGKILL)

    assert await running.ends() == 1

    assert f"{name} ended unexpectedly (signal 9)" in running.output
    assert processes_naming(f"{filled}/") == []


async def test_a_killed_run_does_not_hinder_the_next(running: Command, filled: Path) -> None:
    running.process.kill()
    await running.process.wait()

    again = await Command.start("up", "--data-dir", filled, "--port", free_port())
    await again.says("Ctrl-C stops everything")

    assert await again.stop() == 0
    assert processes_naming(f"{filled}/") == []


async def test_a_second_run_on_the_same_folder_is_refused(running: Command, filled: Path) -> None:
    second = await Command.start("up", "--data-dir", filled, "--port", free_port())

    assert await second.ends() == 1

    assert f"is in use by another run (process {running.process.pid})" in second.output


async def test_a_stop_while_starting_leaves_nothing_behind(filled: Path) -> None:
    up = await Command.start("up", "--data-dir", filled, "--port", free_port())
    await up.says("PostgreSQL")

    assert await up.stop() == 0

    assert processes_naming(f"{filled}/") == []


async def test_a_taken_port_that_was_asked_for_is_an_error(filled: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        up = await Command.start("up", "--data-dir", filled, "--port", port)

        assert await up.ends() == 1

    assert f"port {port} on 127.0.0.1 is taken by another program" in up.output


async def test_the_default_port_gives_way_when_it_is_taken(filled: Path) -> None:
    try:
        other = socket.create_server(("127.0.0.1", 8000))
    except OSError:  # somebody else has it: just as good
        other = socket.socket()
    with other:
        up = await Command.start("up", "--data-dir", filled)
        await up.says("Ctrl-C stops everything")
        await up.stop()

    assert "Port 8000 is taken by another program: using 80" in up.output


async def test_bad_settings_are_named_before_anything_starts(filled: Path) -> None:
    up = await Command.start("up", "--data-dir", filled, environment={"MERCATO_LOG_LEVEL": "loud"})

    assert await up.ends() == 1

    assert "MERCATO_LOG_LEVEL='loud' is not usable" in up.output
    assert "PostgreSQL" not in up.output


async def test_starting_over_is_refused_for_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")

    up = await Command.start("up", "--fresh", "--yes", "--data-dir", tmp_path, "--port", free_port())

    assert await up.ends() == 1
    assert "does not look like a data folder of Mercato" in up.output
    assert (tmp_path / "thesis.odt").exists()


async def test_servers_of_ones_own_are_used(running: Command, filled: Path) -> None:
    addresses = running_environment(filled)
    own = {name: addresses[name] for name in ("DATABASE_URL", "VALKEY_URL", "MEILISEARCH_URL", "MEILISEARCH_API_KEY")}
    with temporary_folder() as other_folder:
        second = await Command.start("up", "--data-dir", other_folder, "--port", free_port(), environment=own)
        await second.says("Ctrl-C stops everything")

        assert "Your servers DATABASE_URL, VALKEY_URL, MEILISEARCH_URL" in second.output
        assert not (other_folder / "postgres").exists()
        assert await second.stop() == 0
    assert running.process.returncode is None


async def test_doctor_finds_a_running_mercato_in_good_health(running: Command, filled: Path) -> None:
    doctor = await Command.start("doctor", "--data-dir", filled)

    assert await doctor.ends() == 0, doctor.output

    assert "✓ Mercato" in doctor.output
    assert re.search(r"✓ PostgreSQL +answers, version 18", doctor.output)
    assert re.search(r"✓ Schema +current", doctor.output)
    assert "All is well" in doctor.output
    assert running.process.returncode is None


async def test_doctor_names_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    wrong = {
        "DATABASE_URL": f"postgresql://me:secret@{nobody}/shop",
        "VALKEY_URL": f"valkey://{nobody}",
        "MEILISEARCH_URL": f"http://{nobody}",
        "MERCATO_WORKERS": "many",
    }

    doctor = await Command.start("doctor", "--data-dir", tmp_path, environment=wrong)

    assert await doctor.ends() == 1
    for title in ("Settings", "PostgreSQL", "Valkey", "Meilisearch"):
        assert re.search(rf"✗ {title} ", doctor.output), doctor.output
    assert "4 of" in doctor.output
    assert "secret" not in doctor.output
