"""Where files live: a folder, or a bucket that speaks S3. Keys are relative paths; files are written whole and never changed."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import anyio.to_thread
import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from mercato.platform.problems import Unavailable

TIMEOUT = timedelta(seconds=20)
CONNECT_TIMEOUT = timedelta(seconds=3)
RETRIES = 2
CHUNK_BYTES = 256 * 1024
LIST_CHUNK = 1000
INCOMING = ".incoming"
_MODE = 0o644
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)*\.[a-z0-9]{1,8}")
_OURS = re.compile(r"(?:[a-z]+/)?[0-9a-f]{16,64}\.[a-z0-9]{2,5}")
"""Names made of content. Whatever else lies in the store is not ours to touch."""


class StorageUnavailable(Unavailable):
    """The store does not answer, refuses us, or has no room; what was asked for did not happen."""

    code = "storage_unavailable"


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """An S3 bucket. `endpoint` is empty for Amazon's own; keys may be empty where the machine has a role."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = ""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is there. Size in bytes."""

    key: str
    size: int
    modified_at: datetime


class File(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be stored, on the local disk."""

    key: str
    path: Path
    media_type: str


class Storage:
    """One store. Every method raises `StorageUnavailable` when the store fails, and ValueError for a key that is none."""

    def __init__(self, where: Path | Bucket) -> None:
        self.folder = where if isinstance(where, Path) else None
        """The folder, when files lie in one."""
        self.incoming = None if self.folder is None else _made(self.folder / INCOMING)
        """Where files that are being received lie best: the folder takes them from there without copying them."""
        self._store: LocalStore | S3Store = _open_folder(where) if isinstance(where, Path) else _open_bucket(where)

    async def put(self, key: str, content: bytes | Path, media_type: str) -> None:
        """Store a file (or what a file on disk holds); one that is there already is replaced. It survives a crash of the machine."""
        check_key(key)
        with _failures(key):
            if self.folder is None:
                await self._upload(key, content, media_type)
            elif isinstance(content, Path) and self.incoming in content.parents:
                await anyio.to_thread.run_sync(_link, content, self.folder / key)
            else:
                await obstore.put_async(self._store, key, content)
                await anyio.to_thread.run_sync(_settle, self.folder / key)

    async def put_all(self, files: Sequence[File]) -> None:
        """Store several files at once. Where there is an `incoming`, they lie below it, are on the disk for good, and move from there."""
        for file in files:
            check_key(file.key)
        with _failures("several files"):
            if self.folder is None:
                await asyncio.gather(*(self._upload(file.key, file.path, file.media_type) for file in files))
            else:
                await anyio.to_thread.run_sync(_move, [(file.path, self.folder / file.key) for file in files])

    async def _upload(self, key: str, content: bytes | Path, media_type: str) -> None:
        attributes = {"Content-Type": media_type, "Cache-Control": "public, max-age=31536000, immutable"}
        await obstore.put_async(self._store, key, content, attributes=attributes)

    async def fetch(self, key: str, folder: Path) -> Path:
        """A file on the local disk, not to be changed: the store's own, or a copy in `folder`. Raises FileNotFoundError."""
        check_key(key)
        if self.folder is not None:
            path = self.folder / key
            if not await anyio.Path(path).is_file():
                raise FileNotFoundError(key)
            return path
        copy = folder / "fetched"
        with _failures(key):
            found = await obstore.get_async(self._store, key)
            async with await anyio.open_file(copy, "wb") as file:
                async for piece in found.stream(min_chunk_size=CHUNK_BYTES):
                    await file.write(bytes(piece))
        return copy

    async def head(self, key: str) -> Stored | None:
        """What is known of a file; None when there is none."""
        check_key(key)
        try:
            with _failures(key):
                meta = await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return None
        return Stored(key=key, size=meta["size"], modified_at=meta["last_modified"])

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove files; those that are gone already are no fault."""
        for key in keys:
            check_key(key)
            try:
                with _failures(key):
                    await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue

    async def list(self) -> AsyncIterator[Sequence[Stored]]:
        """All files of ours, in chunks."""
        with _failures("its list"):
            async for chunk in obstore.list(self._store, chunk_size=LIST_CHUNK):
                yield [
                    Stored(key=meta["path"], size=meta["size"], modified_at=meta["last_modified"].astimezone(UTC))
                    for meta in chunk
                    if _OURS.fullmatch(meta["path"])
                ]

    async def signed_url(self, key: str, *, expires_in: timedelta) -> str:
        """An address of the bucket itself that works for a while; only a bucket has such."""
        check_key(key)
        if isinstance(self._store, LocalStore):
            raise TypeError("files in a folder have no addresses of their own")
        with _failures(key):
            return await obstore.sign_async(self._store, "GET", key, expires_in)


def check_key(key: str) -> None:
    """Raise ValueError unless `key` is one of ours: lower-case names with an extension, no dots elsewhere, nothing that climbs."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key of the store: {key!r}")


def _open_folder(folder: Path) -> LocalStore:
    return LocalStore(_made(folder))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _move(files: Sequence[tuple[Path, Path]]) -> None:
    """Give files that are complete their names in the store."""
    folders = {target.parent for _, target in files}
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for source, target in files:
        source.chmod(_MODE)
        source.replace(target)
    for folder in folders:
        _sync(folder)


def _link(source: Path, target: Path) -> None:
    """A second name for a file that is complete; readers see the old file or the new one."""
    source.chmod(_MODE)
    target.parent.mkdir(parents=True, exist_ok=True)
    whole = source.with_name(f"{source.name}.{target.name}")
    whole.hardlink_to(source)
    whole.replace(target)
    # The old name stays where both were the same file already.
    whole.unlink(missing_ok=True)
    _settle(target)


def _open_bucket(bucket: Bucket) -> S3Store:
    config = {
        "region": bucket.region,
        "endpoint": bucket.endpoint,
        "access_key_id": bucket.access_key,
        "secret_access_key": bucket.secret_key,
    }
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        config=cast("dict[str, str]", {name: value for name, value in config.items() if value}),  # type: ignore[arg-type]  # its keys are literals
        client_options={
            "timeout": TIMEOUT,
            "connect_timeout": CONNECT_TIMEOUT,
            "allow_http": bucket.endpoint.startswith("http://"),
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": TIMEOUT},
    )


def _settle(path: Path) -> None:
    """Have the disk hold the file and its name: without this, a power cut may leave a row whose file is empty."""
    _sync(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _failures(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StorageUnavailable(f"The store of files does not answer ({type(error).__name__} at {key}).") from error
