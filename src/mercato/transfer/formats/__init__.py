"""File formats: each reader yields numbered raw rows and knows nothing of products."""

from mercato.transfer.formats.base import CsvTable, RawRow, Record
from mercato.transfer.formats.csv import read_csv, read_header
from mercato.transfer.formats.detect import FileFormat, detect_format
from mercato.transfer.formats.ndjson import read_ndjson

__all__ = ["CsvTable", "FileFormat", "RawRow", "Record", "detect_format", "read_csv", "read_header", "read_ndjson"]
