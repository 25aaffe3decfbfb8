"""`mercato up` and `mercato doctor` when all is well, and what they refuse before they start anything."""

import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from mercato.devstack import running_environment
from mercato.devstack.ports import free_port
from mercato.devstack.probe import HttpAnswer, http_get
from tests.support.command import Command
from tests.support.stack import temporary_folder

PRODUCTS = 60


@pytest.fixture(scope="module")
async def folder(anyio_backend: object) -> AsyncIterator[Path]:
    with temporary_folder() as path:
        yield path / "data"


@pytest.fixture(scope="module")
async def running(folder: Path) -> AsyncIterator[Command]:
    """A first run, with a small demo catalog."""
    up = await Command.up(folder, "--products", PRODUCTS)
    yield up
    assert await up.stop() == 0


async def get(url: str, key: str = "") -> HttpAnswer:
    answer = await http_get(url, headers={"X-API-Key": key} if key else {})
    assert answer is not None
    return answer


async def test_the_storefront_answers_at_the_printed_address(running: Command) -> None:
    assert (await get(f"{running.address}/")).status == 200


async def test_the_whole_catalog_is_searchable_when_a_first_run_says_it_is_ready(running: Command) -> None:
    status = msgspec.json.decode((await get(f"{running.address}/api/v1/search/status")).body)

    assert PRODUCTS / 2 < status["documents"] <= PRODUCTS  # some of the demo's products are drafts
    # A picture that becomes ready is a change of its product: some may wait again.
    assert status["pending"] < PRODUCTS


async def test_the_printed_admin_key_is_accepted_and_kept_privately(running: Command, folder: Path) -> None:
    found = re.search(r"Admin key\s+(\S+)", running.output)
    assert found

    url = f"{running.address}/api/v1/products?status=draft"

    assert (await get(url, found[1])).status == 200
    assert (await get(url, found[1] + "x")).status == 401
    assert (folder / "secrets.json").stat().st_mode & 0o777 == 0o600


async def test_a_second_run_on_the_same_folder_is_refused(running: Command, folder: Path) -> None:
    second = await Command.start("up", "--data-dir", folder, "--port", free_port())

    assert await second.ends() == 1

    assert f"is in use by another run (process {running.process.pid})" in second.output


async def test_servers_of_ones_own_are_used_and_left_alone(running: Command, folder: Path) -> None:
    addresses = running_environment(folder)
    own = {name: addresses[name] for name in ("DATABASE_URL", "VALKEY_URL", "MEILISEARCH_URL", "MEILISEARCH_API_KEY")}
    with temporary_folder() as other_folder:
        second = await Command.up(other_folder, environment=own)

        assert re.search(r"Your servers +DATABASE_URL, VALKEY_URL, MEILISEARCH_URL", second.output)
        assert not (other_folder / "postgres").exists()
        assert await second.stop() == 0
    assert (await get(f"{running.address}/health/ready")).status == 200


async def test_doctor_finds_a_running_mercato_in_good_health(running: Command, folder: Path) -> None:
    doctor = await Command.start("doctor", "--data-dir", folder)

    assert await doctor.ends() == 0, doctor.output

    assert f"ready at {running.address}" in doctor.output
    assert re.search(r"✓ PostgreSQL +answers, version 18", doctor.output)
    assert re.search(r"✓ Schema +current", doctor.output)
    assert "All is well" in doctor.output


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


async def test_a_taken_port_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        up = await Command.start("up", "--data-dir", tmp_path, "--port", port)

        assert await up.ends() == 1

    assert f"port {port} on 127.0.0.1 is taken by another program" in up.output


async def test_bad_settings_are_named_before_anything_starts(tmp_path: Path) -> None:
    bad = {"MERCATO_LOG_LEVEL": "loud", "MERCATO_PORT": "http"}

    up = await Command.start("up", "--data-dir", tmp_path / "data", environment=bad)

    assert await up.ends() == 1
    assert "MERCATO_LOG_LEVEL='loud' is not usable" in up.output
    assert "MERCATO_PORT='http' is not usable" in up.output
    assert not (tmp_path / "data").exists()


async def test_starting_over_is_refused_for_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")

    up = await Command.start("up", "--fresh", "--yes", "--data-dir", tmp_path, "--port", free_port())

    assert await up.ends() == 1
    assert "does not look like a data folder of Mercato" in up.output
    assert (tmp_path / "thesis.odt").exists()
