"""Files that arrive with a form: written to disk as they come, named after their content, looked at before anything is kept."""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import anyio.to_thread
import msgspec

from mercato.media.asset.repository import NewAsset
from mercato.media.metadata import strip_metadata
from mercato.media.problems import refusal
from mercato.platform.imaging import EXTENSIONS, MEDIA_TYPES, NAME_DIGITS, Limits, Unusable, inspect
from mercato.platform.problems import TooLarge

CHUNK_BYTES = 1024 * 1024


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A picture on the local disk, and what its asset will be."""

    path: Path
    asset: NewAsset


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken: bytes of a file, what a picture may be, and whether metadata is removed from the original."""

    max_bytes: int
    limits: Limits
    strip: bool = False


@asynccontextmanager
async def received(files: Sequence[IO[bytes]], intake: Intake) -> AsyncIterator[Sequence[Received]]:
    """The files, as long as the block runs. Raises a problem (400, 413, 415) that names the file that will not do, by its place."""
    with tempfile.TemporaryDirectory(prefix="mercato-upload-") as folder:
        taken = []
        for number, file in enumerate(files):
            taken.append(await anyio.to_thread.run_sync(_take, file, Path(folder) / str(number), number, intake))
        yield taken


def _take(file: IO[bytes], path: Path, number: int, intake: Intake) -> Received:
    pointer = f"/file/{number}"
    size, digest = _copy(file, path)
    if size > intake.max_bytes:
        limit = intake.max_bytes // 1_000_000
        raise TooLarge(f"{pointer}: the file has {size / 1e6:.1f} MB; at most {limit} MB are taken.")
    try:
        facts = inspect(path, intake.limits)
        if intake.strip:
            strip_metadata(path, facts.format)
            size, digest = _measure(path)
    except Unusable as error:
        raise refusal(error, pointer) from None
    name = f"{digest[:NAME_DIGITS]}.{EXTENSIONS[facts.format]}"
    asset = NewAsset(
        file=name,
        media_type=MEDIA_TYPES[facts.format],
        bytes=size,
        width=facts.width,
        height=facts.height,
        frames=facts.frames,
    )
    return Received(path=path, asset=asset)


def _copy(file: IO[bytes], path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    with path.open("wb") as target:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            target.write(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
