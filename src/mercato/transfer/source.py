"""The bytes of a file, plain or gzipped, in pieces of bounded size."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mercato.transfer.problems import FileDamage, UnusableFile

MAX_LINE_BYTES = 1_000_000
"""A longer line is refused without being held in memory."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = zlib.MAX_WBITS | 16
_READ_BYTES = 256 * 1024
# A gzip can hold a thousand times its size: what is unpacked at once is bounded too.
_UNPACK_BYTES = 1024 * 1024


class ByteSource:
    """A file read once from start to end. Whether it is gzipped is told by its first bytes, not by its name.

    `damage` is set when a gzip stops or breaks before its end; whatever could be unpacked until there is delivered.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.position = 0
        """Bytes read so far, of `size`."""
        self.damage: FileDamage | None = None
        with path.open("rb") as file:
            self.is_gzip = file.read(2) == _GZIP_MAGIC

    def head(self) -> bytes:
        """The first bytes of the content (unpacked), for recognising the format."""
        with self.path.open("rb") as file:
            pieces = self._unpack(file) if self.is_gzip else iter([file.read(_READ_BYTES)])
            head = next(pieces, b"")
        self.position, self.damage = 0, None
        return head

    def chunks(self) -> Iterator[bytes]:
        """The content (unpacked)."""
        self.position = 0
        with self.path.open("rb") as file:
            yield from self._unpack(file) if self.is_gzip else self._read(file)

    def lines(self) -> Iterator[bytes]:
        r"""The lines without their "\n". One longer than `MAX_LINE_BYTES` is cut there and its rest skipped.

        Once `damage` is set, the line delivered is the last one and incomplete.
        """
        rest = b""
        skipping = False
        for chunk in self.chunks():
            parts = (rest + chunk).split(b"\n")
            if skipping and len(parts) > 1:
                del parts[0]
                skipping = False
            rest = parts.pop()
            yield from parts
            if skipping:
                rest = b""
            elif len(rest) > MAX_LINE_BYTES:
                yield rest
                rest, skipping = b"", True
        if rest:
            yield rest

    def _read(self, file: BinaryIO) -> Iterator[bytes]:
        while chunk := file.read(_READ_BYTES):
            self.position += len(chunk)
            yield chunk

    def _unpack(self, file: BinaryIO) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(wbits=_GZIP)
        for chunk in self._read(file):
            packed = chunk
            while packed:
                if unpacker.eof:
                    if not packed.strip(b"\x00"):  # padding after the end, as tape writers leave it
                        break
                    unpacker = zlib.decompressobj(wbits=_GZIP)
                before = unpacker.copy()
                try:
                    data = unpacker.decompress(packed, _UNPACK_BYTES)
                except zlib.error:
                    yield from _salvage(before, packed)
                    self.damage = FileDamage(code="file_damaged", message="the gzip file is damaged in the middle")
                    return
                if data:
                    yield data
                packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        if not unpacker.eof:
            if data := unpacker.flush():
                yield data
            self.damage = FileDamage(code="file_truncated", message="the gzip file is truncated: its end is missing")


def _salvage(unpacker: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """What can be unpacked before the byte at which the data is damaged."""
    for position in range(len(packed)):
        try:
            data = unpacker.decompress(packed[position : position + 1])
        except zlib.error:
            return
        if data:
            yield data


def refuse_foreign(head: bytes) -> None:
    """Raise `UnusableFile` when the content is recognisably something else than UTF-8 text."""
    if not head.strip():
        raise UnusableFile("file_empty", "the file is empty")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnusableFile("encoding", "the file is UTF-16: save it as UTF-8")
    if head.startswith(b"PK\x03\x04"):
        raise UnusableFile("format_unknown", "the file is a ZIP or XLSX: export it as CSV (UTF-8)")
