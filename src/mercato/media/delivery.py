"""Giving files out: what may be seen by whom, under which validators, and which part of it."""

import hmac
import re
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import msgspec

from mercato.media.asset.repository import RENDITIONS_FOLDER
from mercato.platform.imaging import EXTENSIONS, MEDIA_TYPES
from mercato.platform.problems import Problem, Unavailable
from mercato.platform.settings import Settings
from mercato.platform.storage import Storage

SIGNED_FOR_S = 15 * 60
IMMUTABLE = "public, max-age=31536000, immutable"
"""Files are named after their content, so what somebody has of them never goes stale."""

_TYPES = {extension: MEDIA_TYPES[kind] for kind, extension in EXTENSIONS.items()}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class RangeNotSatisfiable(Problem):
    """The part that is asked for lies behind the end of the file."""

    status = 416
    code = "range_not_satisfiable"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a file: from `start`, `length` bytes."""

    start: int
    length: int


def media_type(key: str) -> str:
    """By the extension, which Mercato itself gave."""
    return _TYPES.get(key.rpartition(".")[2], "application/octet-stream")


def is_original(key: str) -> bool:
    """Whether the file is as it was uploaded."""
    return not key.startswith(f"{RENDITIONS_FOLDER}/")


def wanted_span(header: str | None, size: int) -> Span | None:
    """The part that a `Range` header asks for; None for all of it, also for what is no single range of bytes (RFC 9110, section 14.2).

    Raises `RangeNotSatisfiable`.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found[1] == found[2] == "":
        return None
    first, last = found[1], found[2]
    start = max(0, size - int(last)) if first == "" else int(first)
    end = size - 1 if first == "" or last == "" else min(int(last), size - 1)
    if first and last and int(first) > int(last):
        return None
    if start >= size or (first == "" and last == "0"):
        raise RangeNotSatisfiable(f"The file has {size} bytes.", headers={"Content-Range": f"bytes */{size}"})
    return Span(start=start, length=end - start + 1)


def read_span(path: Path, span: Span) -> bytes:
    """That part of a file on disk."""
    with path.open("rb") as file:
        file.seek(span.start)
        return file.read(span.length)


class SigningOff(Unavailable):
    """The settings have no key to sign addresses with."""

    code = "signing_not_configured"


class Signer:
    """Addresses of private originals that work for a while. The key is derived from those that sign access tokens."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.signing_keys or settings.admin_key or ""
        self._keys = [
            hmac.digest(part.encode(), b"mercato media addresses", "sha256") for part in secret.split(",") if part
        ]

    def sign(self, key: str, *, seconds: int = SIGNED_FOR_S) -> str:
        """The query of an address of the file."""
        expires = int(time.time()) + seconds
        return f"expires={expires}&signature={_digest(self._keys[0], key, expires)}"

    async def address(self, storage: Storage, key: str, *, seconds: int = SIGNED_FOR_S) -> str:
        """Where the file can be fetched for so long: at the bucket itself, or here. Raises `SigningOff` and `StorageUnavailable`."""
        if storage.folder is None:
            return await storage.signed_url(key, expires_in=timedelta(seconds=seconds))
        if not self._keys:
            raise SigningOff("Set MERCATO_SIGNING_KEYS to have addresses signed.")
        return f"/media/{key}?{self.sign(key, seconds=seconds)}"

    def is_signed(self, key: str, expires: int | None, signature: str | None) -> bool:
        """Whether the query was made by us for this file, and is still good."""
        if expires is None or signature is None or expires < time.time():
            return False
        return any(hmac.compare_digest(_digest(secret, key, expires), signature) for secret in self._keys)


def _digest(secret: bytes, key: str, expires: int) -> str:
    return hmac.new(secret, f"{key} {expires}".encode(), sha256).hexdigest()
