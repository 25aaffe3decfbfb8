"""Stylesheet, script and icons: read once, named after their content, so browsers may keep them for ever."""

import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

_FOLDER = Path(__file__).parent / "static"
_MEDIA_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_DIGEST_LENGTH = 12
STAND_IN = "processing.svg"


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """One static file; `file` carries a digest of the content ("shop.0a1b2c3d4e5f.css")."""

    file: str
    media_type: str
    body: bytes
    gzipped: bytes

    @property
    def url(self) -> str:
        return f"/static/{self.file}"


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:_DIGEST_LENGTH]
    return Asset(
        file=f"{path.stem}.{digest}{path.suffix}",
        media_type=_MEDIA_TYPES[path.suffix],
        body=body,
        gzipped=gzip.compress(body, 9, mtime=0),
    )


_BY_NAME: Mapping[str, Asset] = {path.name: _read(path) for path in sorted(_FOLDER.iterdir())}
_BY_FILE: Mapping[str, Asset] = {asset.file: asset for asset in _BY_NAME.values()}


def asset(name: str) -> Asset:
    """The static file of this name ("shop.css"); KeyError for one that does not exist."""
    return _BY_NAME[name]


def find_asset(file: str) -> Asset | None:
    """The static file of this name with digest, as addresses carry it; the stand-in for a picture without, as the database writes it."""
    return _BY_FILE.get(file) or (_BY_NAME[file] if file == STAND_IN else None)
