"""Removing what nothing shows: assets first, then files that no asset names. A crash in between leaves work, never a hole."""

import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio.to_thread
import msgspec

from mercato.media.asset.repository import RENDITIONS_FOLDER, drop_unused, hold_file, named_files
from mercato.platform.db import Database, reader_of
from mercato.platform.logging import get_logger
from mercato.platform.storage import Storage, Stored

GRACE = timedelta(hours=1)
"""What is younger may belong to a request or a worker that has not come to its end."""
BATCH = 500

_log = get_logger()


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """How much was removed."""

    assets: int
    files: int


async def sweep(db: Database, storage: Storage, *, grace: timedelta = GRACE) -> Swept:
    """Remove assets that nothing shows and files that no asset names, when they are older than `grace`."""
    if storage.incoming is not None:
        await anyio.to_thread.run_sync(_remove_leftovers, storage.incoming, grace)
    assets = 0
    while dropped := await _drop(db, grace):
        assets += dropped
    files = 0
    oldest = datetime.now(UTC) - grace
    async for chunk in storage.list():
        old = [stored for stored in chunk if stored.modified_at < oldest]
        for at in range(0, len(old), BATCH):
            files += await _remove_nameless(db, storage, old[at : at + BATCH])
    if assets or files:
        _log.info("media_swept", assets=assets, files=files)
    return Swept(assets=assets, files=files)


def _remove_leftovers(folder: Path, grace: timedelta) -> None:
    """Of processes that were killed while they received or rendered something."""
    oldest = time.time() - grace.total_seconds()
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


async def _drop(db: Database, grace: timedelta) -> int:
    async with db.transaction() as session:
        return await drop_unused(await reader_of(session), grace, BATCH)


async def _remove_nameless(db: Database, storage: Storage, files: Sequence[Stored]) -> int:
    keys = [stored.key for stored in files]
    named = await named_files(db.reads, keys)
    removed = 0
    for key in keys:
        if key not in named and await _remove(db, storage, key):
            removed += 1
    return removed


async def _remove(db: Database, storage: Storage, key: str) -> bool:
    """Under the file's lock, so that an upload of the same content waits and then stores it anew."""
    async with db.transaction() as session:
        reader = await reader_of(session)
        await hold_file(reader, key.removeprefix(f"{RENDITIONS_FOLDER}/"))
        if await named_files(reader, [key]):
            return False
        await storage.delete([key])
        return True
