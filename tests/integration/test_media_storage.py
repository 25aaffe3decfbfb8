"""The store of files: a folder, and a bucket behind a server that speaks S3."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from mercato.platform.storage import RETRIES, Bucket, File, Storage, StorageUnavailable
from tests.support.bucket import bucket_server

# Said here already: parametrized tests that take no shop must be known as async ones when they are collected.
pytestmark = pytest.mark.anyio

ONE, OTHER = f"{1:032x}.jpg", f"r/{2:032x}.webp"


@pytest.fixture
async def bucket(tmp_path: Path) -> AsyncIterator[Bucket]:
    """A bucket on a running server."""
    async with bucket_server(tmp_path / "s3") as (made, _):
        yield made


KINDS = pytest.mark.parametrize("kind", ["folder", "bucket"])


@asynccontextmanager
async def store(kind: str, folder: Path) -> AsyncIterator[Storage]:
    """A store of this kind."""
    if kind == "folder":
        yield Storage(folder / "media")
        return
    async with bucket_server(folder / "s3") as (made, _):
        yield Storage(made)


async def keys_in(storage: Storage) -> set[str]:
    return {stored.key async for chunk in storage.list() for stored in chunk}


@KINDS
async def test_what_is_put_is_read_listed_and_deleted(kind: str, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * 40_000)
    async with store(kind, tmp_path) as storage:
        await storage.put(ONE, b"small", "image/jpeg")
        await storage.put(OTHER, large, "image/webp")
        assert (await storage.fetch(ONE, tmp_path)).read_bytes() == b"small"
        assert (await storage.fetch(OTHER, tmp_path)).read_bytes() == large.read_bytes()
        head = await storage.head(OTHER)
        assert head is not None
        assert head.size == 10_240_000
        assert await keys_in(storage) == {ONE, OTHER}
        await storage.delete([ONE, "never-there.jpg"])
        assert await storage.head(ONE) is None
        assert await keys_in(storage) == {OTHER}


@KINDS
async def test_several_files_are_put_at_once(kind: str, tmp_path: Path) -> None:
    async with store(kind, tmp_path) as storage:
        folder = (storage.incoming or tmp_path) / "of-a-worker"
        folder.mkdir()
        files = [
            File(key=f"r/{number:032x}.jpg", path=folder / str(number), media_type="image/jpeg") for number in range(9)
        ]
        for _ in range(2):
            for file in files:
                file.path.write_text(file.key)
            await storage.put_all(files)
        assert await keys_in(storage) == {file.key for file in files}
        assert [(await storage.fetch(file.key, tmp_path)).read_text() for file in files] == [file.key for file in files]


@KINDS
async def test_what_is_not_there_is_said_to_be_missing(kind: str, tmp_path: Path) -> None:
    async with store(kind, tmp_path) as storage:
        with pytest.raises(FileNotFoundError):
            await storage.fetch("nothing.jpg", tmp_path)


@pytest.mark.parametrize(
    "key",
    ["../x.jpg", "/etc/passwd", "a/../b.jpg", "A.jpg", "x", "a//b.jpg", ".hidden.jpg", "a.jpg\n", "a b.jpg", ""],
)
async def test_keys_that_are_none_reach_no_store(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        await Storage(tmp_path).head(key)


async def test_only_files_of_ours_are_listed(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    (tmp_path / ".demo-pictures.json").write_text("{}")
    (tmp_path / "README").write_text("not ours")
    (tmp_path / "worker.log").write_text("not ours")
    await storage.put(ONE, b"x", "image/jpeg")
    assert await keys_in(storage) == {ONE}


async def test_a_bucket_gives_out_addresses_that_work_for_a_while(bucket: Bucket) -> None:
    storage = Storage(bucket)
    await storage.put("abc.jpg", b"content", "image/jpeg")
    address = await storage.signed_url("abc.jpg", expires_in=timedelta(minutes=1))
    async with httpx.AsyncClient() as client:
        assert (await client.get(address)).content == b"content"
        assert (await client.get(address.replace("abc", "abd"))).status_code in {403, 404}


async def test_wrong_keys_of_a_bucket_are_a_store_that_is_away(bucket: Bucket) -> None:
    wrong = Bucket(name="media", endpoint=bucket.endpoint, access_key="mercato-tests", secret_key="wrong")
    with pytest.raises(StorageUnavailable):
        await Storage(wrong).put("abc.jpg", b"x", "image/jpeg")


async def test_a_server_that_is_gone_is_a_store_that_is_away(tmp_path: Path) -> None:
    async with bucket_server(tmp_path / "s3") as (bucket, process):
        storage = Storage(bucket)
        await storage.put("abc.jpg", b"x", "image/jpeg")
        process.send_signal(signal.SIGKILL)
        await process.wait()
        with pytest.raises(StorageUnavailable):
            await storage.head("abc.jpg")


async def test_a_server_that_fails_is_asked_again_and_then_a_store_that_is_away() -> None:
    asked = 0

    async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        writer.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(fail, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        bucket = Bucket(name="media", endpoint=f"http://127.0.0.1:{port}", access_key="key", secret_key="secret")
        with pytest.raises(StorageUnavailable):
            await Storage(bucket).head("abc.jpg")
    assert asked == 1 + RETRIES


async def test_a_folder_that_cannot_be_written_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("a file where a folder should be")
    with pytest.raises(StorageUnavailable):
        await Storage(tmp_path).put("r/abc.jpg", b"x", "image/jpeg")
