"""Files that came with a form: named after their content, looked at before anything is kept."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import anyio.to_thread
import msgspec

from mercato.media.asset.repository import NewAsset
from mercato.media.metadata import strip_metadata
from mercato.media.problems import refusal
from mercato.platform.forms import FormFile
from mercato.platform.imaging import EXTENSIONS, MEDIA_TYPES, NAME_DIGITS, Limits, Unusable, inspect
from mercato.platform.problems import TooLarge


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A picture on the local disk, and what its asset will be."""

    path: Path
    asset: NewAsset


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken: bytes of a file, what a picture may be, and whether metadata is removed from the original."""

    max_bytes: int
    limits: Limits
    strip: bool = False


async def received(files: Sequence[FormFile], intake: Intake) -> Sequence[Received]:
    """Look at what came. Raises a problem (400, 413, 415) that names the file that will not do, by its place."""
    return [await anyio.to_thread.run_sync(_take, file, number, intake) for number, file in enumerate(files)]


def _take(file: FormFile, number: int, intake: Intake) -> Received:
    pointer, path = f"/file/{number}", file.path
    size, digest = file.size, file.digest
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


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
