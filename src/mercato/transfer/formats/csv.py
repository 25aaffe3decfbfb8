"""CSV (RFC 4180): header row, quotes, line ends inside quotes; comma, semicolon, tab or bar between the cells."""

import csv
from collections.abc import Iterator

from mercato.transfer.formats.base import CsvTable, RawRow, cut_off, line_too_long, not_utf8
from mercato.transfer.problems import RowError, UnusableFile
from mercato.transfer.source import MAX_LINE_BYTES, ByteSource

_DELIMITERS = ",;\t|"
_BOM = "\ufeff"

csv.field_size_limit(MAX_LINE_BYTES)  # the standard library's limit is one for the whole process


class _Lines:
    """Feeds the parser line by line and remembers what it was fed since the last record."""

    def __init__(self, source: ByteSource) -> None:
        self._lines = source.lines()
        self.size = 0
        self.error: RowError | None = None
        self.is_first = True

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.size += len(line)
            yield self._text(line) + "\n"

    def _text(self, line: bytes) -> str:
        if len(line) > MAX_LINE_BYTES:
            self.error = line_too_long(MAX_LINE_BYTES)
            return ""
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            self.error = not_utf8(error)
            text = line.decode("utf-8", errors="replace")
        if self.is_first:
            self.is_first = False
            text = text.removeprefix(_BOM)
        return text.removesuffix("\r")

    def take(self) -> tuple[int, RowError | None]:
        size, error = self.size, self.error
        self.size, self.error = 0, None
        return size, error


def read_header(head: bytes) -> CsvTable:
    """Find the delimiter and the column names; raises `UnusableFile` when there is no usable header."""
    text = head.decode("utf-8", errors="replace").removeprefix(_BOM).lstrip("\r\n")
    if "\r" in text and "\n" not in text:
        raise UnusableFile("line_ends", "the lines end in CR alone: save the file with LF or CRLF line ends")
    delimiter = _sniff(text)
    lines = (line.removesuffix("\r") + "\n" for line in text.split("\n"))
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise UnusableFile("header_invalid", f"the header row is not valid CSV: {error}") from None
    columns = [cell.strip() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    if not columns or not all(columns):
        raise UnusableFile("header_invalid", "the header row has a column without a name")
    if "\ufffd" in "".join(columns):
        raise UnusableFile("encoding", "the header row is not valid UTF-8: save the file as UTF-8")
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        raise UnusableFile("header_invalid", f"the header row repeats {', '.join(repeated)}")
    return CsvTable(delimiter=delimiter, columns=columns)


def read_csv(source: ByteSource, table: CsvTable) -> Iterator[RawRow]:
    """The records after the header; blank ones are left out but counted, as a spreadsheet does."""
    lines = _Lines(source)
    reader = csv.reader(lines, delimiter=table.delimiter, strict=True)
    width = len(table.columns)
    number = 0
    while True:
        number += 1
        cells: list[str] = []
        error: RowError | None = None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            error = _malformed(problem)
        size, line_error = lines.take()
        error = line_error or error
        if source.damage is not None:
            error = cut_off(source.damage.message)
        if number == 1 and not cells and error is None:
            number = 0  # blank lines above the header
        elif number > 1 and (error or any(cells)):
            yield RawRow(number, cells, size, error or _wrong_width(cells, width))


def _sniff(text: str) -> str:
    """The delimiter that occurs most often outside quotes in the header row."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    is_quoted = False
    for character in text:
        if character == '"':
            is_quoted = not is_quoted
        elif character == "\n" and not is_quoted:
            break
        elif character in counts and not is_quoted:
            counts[character] += 1
    return max(_DELIMITERS, key=lambda delimiter: counts[delimiter])


def _wrong_width(cells: list[str], width: int) -> RowError | None:
    if len(cells) == width or (len(cells) > width and not any(cells[width:])):
        return None
    return RowError("", "column_count", f"the row has {len(cells)} cells, the header {width}")


def _malformed(problem: csv.Error) -> RowError:
    if "field larger" in str(problem):
        message = f"a cell is longer than {MAX_LINE_BYTES:,} characters, or a quote is never closed"
        return RowError("", "row_too_long", message)
    return RowError("", "malformed_csv", f"not valid CSV: {problem}")
