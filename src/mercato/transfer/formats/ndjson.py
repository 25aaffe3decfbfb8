"""NDJSON: one JSON object a line."""

from collections.abc import Iterator

from mercato.transfer.formats.base import RawRow, cut_off, line_too_long
from mercato.transfer.source import MAX_LINE_BYTES, ByteSource

_BOM = b"\xef\xbb\xbf"


def read_ndjson(source: ByteSource) -> Iterator[RawRow]:
    """The lines that are not blank."""
    for number, line in enumerate(source.lines(), start=1):
        record = line.removeprefix(_BOM) if number == 1 else line
        size = len(record)
        if size > MAX_LINE_BYTES:
            yield RawRow(number, record[:2000], 2000, line_too_long(MAX_LINE_BYTES))
        elif source.damage is not None:
            yield RawRow(number, record, size, cut_off(source.damage.message))
        elif record and not record.isspace():
            yield RawRow(number, record, size)
