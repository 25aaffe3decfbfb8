"""Where rows come from: a file in one of the formats, with or without a mapping, or a program."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.catalog.variant.schemas import Sku
from mercato.transfer.formats import (
    CsvTable,
    FileFormat,
    RawRow,
    Record,
    detect_format,
    read_csv,
    read_header,
    read_ndjson,
)
from mercato.transfer.mapping import CompiledMapping
from mercato.transfer.problems import FileDamage, RowError, UnusableFile
from mercato.transfer.row import (
    ATTRIBUTE_PREFIX,
    FIELDS,
    IDENTITY,
    ProductRow,
    convert_row,
    explain,
    malformed,
    read_json_row,
)
from mercato.transfer.source import ByteSource, refuse_foreign
from mercato.transfer.staged import StagedRow, Stager

_SHOWN_BYTES = 2000
_MADE_ROW_BYTES = 800
"""Taken for the size of a row that a program makes."""
_OBJECT = msgspec.json.Decoder(dict[str, object])
_CELLS = frozenset(FIELDS) - {"attributes"}


class RowSource(ABC):
    """Numbered rows, and how each becomes a record of the staging table."""

    is_text = False
    """Whether values are text that stands for numbers and booleans (CSV)."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        """Column -> values left out since they were not valid (where the mapping says so)."""
        self.notes: list[str] = []
        """What the user should know of the file as a whole."""

    @property
    def size(self) -> int:
        """How much there is to read, in the unit of `position`; 0 when unknown."""
        return 0

    @property
    def position(self) -> int:
        """How much of it has been read."""
        return 0

    @property
    def damage(self) -> FileDamage | None:
        """Why the rows ended early, if they did."""
        return None

    @property
    def definitions(self) -> Mapping[str, AttributeCreate]:
        """What is known of attributes that the database may lack, by code."""
        return {}

    @abstractmethod
    def rows(self) -> Iterator[RawRow]:
        """All rows, in order."""

    @abstractmethod
    def stage(self, raw: RawRow, stager: Stager) -> StagedRow:
        """The record of a row; raises `RowError`."""

    @abstractmethod
    def describe(self, record: Record) -> object:
        """The row as a report shows it."""


class ProductRows(RowSource):
    """Rows that a program makes."""

    def __init__(
        self, rows: Iterable[ProductRow], *, count: int, definitions: Mapping[str, AttributeCreate] | None = None
    ) -> None:
        super().__init__()
        self._rows = rows
        self._count = count
        self._position = 0
        self._definitions = definitions or {}
        self._current: ProductRow | None = None

    @property
    def size(self) -> int:
        return self._count

    @property
    def position(self) -> int:
        return self._position

    @property
    def definitions(self) -> Mapping[str, AttributeCreate]:
        return self._definitions

    def rows(self) -> Iterator[RawRow]:
        for number, row in enumerate(self._rows, start=1):
            self._position, self._current = number, row
            yield RawRow(number, b"", _MADE_ROW_BYTES)

    def stage(self, raw: RawRow, stager: Stager) -> StagedRow:
        if self._current is None:
            raise RowError("", "row_missing", "there is no such row")
        return stager.stage(raw.number, self._current)

    def describe(self, record: Record) -> object:  # noqa: ARG002 - the row itself is gone by then
        return None


class FileRows(RowSource):
    """Rows of an NDJSON or CSV file, plain or gzipped; raises `UnusableFile` when it is neither or lacks columns."""

    def __init__(
        self, path: Path, *, file_format: FileFormat | None = None, mapping: CompiledMapping | None = None
    ) -> None:
        super().__init__()
        self.name = path.name
        self._source = ByteSource(path)
        self._mapping = mapping
        head = self._source.head()
        refuse_foreign(head)
        self.file_format: FileFormat = file_format or detect_format(head)
        self._table = read_header(head) if self.file_format == "csv" else None
        self.is_text = self._table is not None
        if self._table is not None:
            self._check_columns(self._table)

    @property
    def size(self) -> int:
        return self._source.size

    @property
    def position(self) -> int:
        return self._source.position

    @property
    def damage(self) -> FileDamage | None:
        return self._source.damage

    @property
    def definitions(self) -> Mapping[str, AttributeCreate]:
        return self._mapping.definitions if self._mapping else {}

    def rows(self) -> Iterator[RawRow]:
        return read_ndjson(self._source) if self._table is None else read_csv(self._source, self._table)

    def stage(self, raw: RawRow, stager: Stager) -> StagedRow:
        record = raw.record
        if self._mapping is not None:
            return self._stage_mapped(raw.number, self._fields(record), self._mapping, stager)
        if isinstance(record, bytes):
            return stager.stage(raw.number, read_json_row(record))
        return stager.stage(raw.number, convert_row(_canonical(self._cells(record)), is_text=True))

    def describe(self, record: Record) -> object:
        if not isinstance(record, bytes):
            return self._cells(record)
        try:
            return _OBJECT.decode(record) if len(record) <= _SHOWN_BYTES else _cut(record)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _cut(record)

    def _check_columns(self, table: CsvTable) -> None:
        if self._mapping is not None:
            if missing := self._mapping.missing_columns(table.columns):
                message = f"the file lacks columns that the mapping needs: {', '.join(missing)}"
                raise UnusableFile("columns_missing", message)
            return
        if not any(column in table.columns for column in IDENTITY):
            found = ", ".join(table.columns[:20])
            message = f"the file lacks columns: external_ref or sku is needed to recognise products (found: {found})"
            raise UnusableFile("columns_missing", message)
        foreign = [name for name in table.columns if name not in _CELLS and not name.startswith(ATTRIBUTE_PREFIX)]
        if foreign:
            message = (
                f"the file has unknown columns: {', '.join(foreign)} "
                f"(attributes are named {ATTRIBUTE_PREFIX}<code>; a mapping can translate other names)"
            )
            raise UnusableFile("columns_unknown", message)
        if "name" not in table.columns:
            self.notes.append("The file has no column name: only products that exist already can be updated.")

    def _cells(self, cells: list[str]) -> dict[str, str]:
        return dict(zip(self._table.columns, cells, strict=False)) if self._table else {}

    def _fields(self, record: Record) -> Mapping[str, object]:
        if not isinstance(record, bytes):
            return {name: cell.strip() for name, cell in self._cells(record).items()}
        try:
            return _OBJECT.decode(record)
        except msgspec.ValidationError as error:
            raise explain(error) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise malformed(error) from None

    def _stage_mapped(
        self, number: int, fields: Mapping[str, object], mapping: CompiledMapping, stager: Stager
    ) -> StagedRow:
        """Stage a translated row; values that may be dropped are, until the rest is valid."""
        values, fallback = mapping.apply(fields)
        fallback = _valid_sku(fallback)
        if "sku" not in values and fallback is not None:
            values["sku"] = fallback
        while True:
            try:
                return stager.stage(number, convert_row(values, is_text=self.is_text), fallback)
            except RowError as error:
                if error.column == "sku" and fallback is not None and values.get("sku") != fallback:
                    values["sku"] = fallback
                elif mapping.may_drop(error.column) and _remove(values, error.column):
                    self.dropped[error.column] += 1
                else:
                    raise


def _canonical(cells: dict[str, str]) -> dict[str, object]:
    """The cells that are not empty, as fields of the canonical row."""
    values: dict[str, object] = {}
    attributes: dict[str, str] = {}
    for name, cell in cells.items():
        text = cell.strip()
        if not text:
            continue
        if name.startswith(ATTRIBUTE_PREFIX):
            attributes[name.removeprefix(ATTRIBUTE_PREFIX)] = text
        elif name == "tags":
            values[name] = _list(name, text) or [tag for part in text.split(",") if (tag := part.strip())]
        elif name == "category":
            values[name] = _list(name, text) or text
        else:
            values[name] = text
    if attributes:
        values["attributes"] = attributes
    return values


def _list(column: str, text: str) -> list[str] | None:
    """A cell that is a JSON array: how names that contain the separator are written."""
    if not text.startswith("["):
        return None
    try:
        return msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError:
        raise RowError(column, "invalid_format", "begins with [ but is not a JSON array of text") from None


def _valid_sku(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return msgspec.convert(text, Sku)
    except msgspec.ValidationError:
        return None


def _remove(values: dict[str, object], column: str) -> bool:
    """Take the value at fault out of a row; False when it is not there."""
    field, _, code = column.partition("[")[0].partition(".")
    attributes = values.get("attributes")
    if field == "attributes" and isinstance(attributes, dict):
        return attributes.pop(code, None) is not None
    return values.pop(field, None) is not None


def _cut(record: bytes) -> str:
    text = record[:_SHOWN_BYTES].decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    return text if len(record) <= _SHOWN_BYTES else f"{text}…"
