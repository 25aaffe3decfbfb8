"""What all readers yield."""

from typing import NamedTuple

import msgspec

from mercato.transfer.problems import RowError

Record = bytes | list[str]
"""A row as its format delivers it: the bytes of a JSON line, or the cells of a CSV record."""


class RawRow(NamedTuple):
    """A row of the file, not looked into yet."""

    number: int
    """Where it stands: the line of an NDJSON file; the record of a CSV file, whose header is 1."""
    record: Record
    size: int
    """Bytes it takes in memory, roughly."""
    error: RowError | None = None
    """Why it cannot even be split into fields."""


class CsvTable(msgspec.Struct, frozen=True, kw_only=True):
    """How a CSV file is written."""

    delimiter: str
    columns: list[str]


def line_too_long(limit: int) -> RowError:
    """The error of a row that is longer than anything reasonable."""
    return RowError("", "row_too_long", f"the row is longer than {limit:,} bytes")


def not_utf8(error: UnicodeDecodeError) -> RowError:
    """The error of a row in another encoding."""
    return RowError("", "encoding", f"not valid UTF-8 at byte {error.start + 1} of the row: save the file as UTF-8")


def cut_off(message: str) -> RowError:
    """The error of the last, incomplete row of a truncated file."""
    return RowError("", "row_incomplete", message)
