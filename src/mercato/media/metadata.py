"""Removing what a picture tells of its making (position, camera, names) from the original, without touching a pixel.

JPEG: the segments APP1 to APP15 and comments, save colour profiles (APP2 "ICC_PROFILE") and Adobe's colour transform (APP14); the
orientation stays, in an EXIF segment that holds nothing else. PNG: chunks eXIf, tEXt, zTXt, iTXt and tIME. WebP: chunks
EXIF and XMP. Sources: ITU T.81 annex B, PNG (third edition) 4.7, RFC 9649.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyvips

from mercato.platform.imaging import SourceFormat, Unusable

_PRIVATE_CHUNKS = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_SCAN, _APP0, _APP2, _APP14, _APP15, _COMMENT = 0xDA, 0xE0, 0xE2, 0xEE, 0xEF, 0xFE
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


def strip_metadata(path: Path, kind: SourceFormat) -> None:
    """Rewrite the file in place. Raises `Unusable` for a format that this cannot be done with, or a file that is damaged."""
    strip = _STRIPPERS.get(kind)
    if strip is None:
        raise Unusable("cannot_strip", f"Metadata cannot be removed from {kind.upper()} files; send JPEG, PNG or WebP.")
    orientation = _orientation(path)
    content = path.read_bytes()
    try:
        path.write_bytes(b"".join(strip(content, orientation)))
    except (struct.error, IndexError):
        raise Unusable("unreadable_file", "The file is damaged: its parts do not fit together.") from None


def _orientation(path: Path) -> int:
    image = pyvips.Image.new_from_file(str(path), access="sequential")
    return int(image.get("orientation")) if image.get_typeof("orientation") else 1


def _strip_jpeg(content: bytes, orientation: int) -> Iterator[bytes]:
    yield content[:2]
    if orientation != 1:
        yield _exif_segment(orientation)
    at = 2
    while True:
        marker = content[at + 1]
        if content[at] != 0xFF:
            raise IndexError("no marker")
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker == _SCAN:
            yield content[at:]
            return
        (length,) = struct.unpack_from(">H", content, at + 2)
        if length < 2:
            raise IndexError("a segment without its length")
        segment = content[at : at + 2 + length]
        if not _is_private(marker, segment):
            yield segment
        at += 2 + length


def _is_private(marker: int, segment: bytes) -> bool:
    if marker == _COMMENT:
        return True
    if marker == _APP2:
        return not segment[4:].startswith(b"ICC_PROFILE\0")
    return _APP0 < marker <= _APP15 and marker != _APP14


def _exif_segment(orientation: int) -> bytes:
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _strip_png(content: bytes, _orientation: int) -> Iterator[bytes]:
    yield content[:8]
    at = 8
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind not in _PRIVATE_CHUNKS:
            yield content[at : at + 12 + length]
        at += 12 + length
        if kind == b"IEND":
            return


def _strip_webp(content: bytes, _orientation: int) -> Iterator[bytes]:
    kept, at = bytearray(), 12
    while at < len(content):
        kind, length = struct.unpack_from("<4sI", content, at)
        end = at + 8 + length + length % 2
        chunk = bytearray(content[at:end])
        if kind == b"VP8X":
            chunk[8] &= ~(_WEBP_EXIF | _WEBP_XMP) & 0xFF
        if kind not in {b"EXIF", b"XMP "}:
            kept += chunk
        at = end
    yield b"RIFF" + struct.pack("<I", len(kept) + 4) + b"WEBP"
    yield bytes(kept)


_STRIPPERS: Mapping[SourceFormat, Callable[[bytes, int], Iterator[bytes]]] = {
    "jpeg": _strip_jpeg,
    "png": _strip_png,
    "webp": _strip_webp,
}
