"""Rows of NDJSON and CSV files."""

import gzip
from pathlib import Path

import pytest

from mercato.transfer.formats import CsvTable, RawRow, detect_format, read_csv, read_header, read_ndjson
from mercato.transfer.problems import UnusableFile
from mercato.transfer.source import ByteSource


def _source(folder: Path, content: bytes) -> ByteSource:
    path = folder / "file"
    path.write_bytes(content)
    return ByteSource(path)


def _csv(folder: Path, content: bytes) -> tuple[CsvTable, list[RawRow]]:
    source = _source(folder, content)
    table = read_header(source.head())
    return table, list(read_csv(source, table))


def _codes(rows: list[RawRow]) -> list[tuple[int, str | None]]:
    return [(row.number, row.error.code if row.error else None) for row in rows]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'{"sku": "a"}', "ndjson"),
        (b'\xef\xbb\xbf\n  {"sku": "a"}', "ndjson"),
        (b"sku,name\na,b", "csv"),
        (b'\xef\xbb\xbf"sku";"name"', "csv"),
    ],
)
def test_the_format_is_told_by_content(head: bytes, expected: str) -> None:
    assert detect_format(head) == expected


@pytest.mark.parametrize(
    ("head", "code", "words"),
    [
        (b"", "file_empty", "empty"),
        (b" \n ", "file_empty", "empty"),
        (b"\xff\xfes\0k\0u\0", "encoding", "UTF-16"),
        (b"PK\x03\x04xl/", "format_unknown", "CSV"),
        (b'[{"sku": "a"}]', "format_unknown", "one object a line"),
        (b"<?xml version='1.0'?>", "format_unknown", "XML"),
        (b"\x7fELF\0\0", "format_unknown", "binary"),
    ],
)
def test_files_of_other_kinds_are_refused_in_words(head: bytes, code: str, words: str) -> None:
    with pytest.raises(UnusableFile, match=words) as caught:
        detect_format(head)
    assert caught.value.code == code


def test_ndjson_rows_are_numbered_as_lines(tmp_path: Path) -> None:
    rows = list(read_ndjson(_source(tmp_path, b'\xef\xbb\xbf{"a":1}\n\n  \r\n{"a":2}\r\n')))
    assert [(row.number, row.record) for row in rows] == [(1, b'{"a":1}'), (4, b'{"a":2}\r')]


def test_an_overlong_ndjson_line_is_one_failed_row(tmp_path: Path) -> None:
    rows = list(read_ndjson(_source(tmp_path, b'{}\n{"a":"' + b"x" * 10_000_000 + b'"}\n{}\n')))
    assert _codes(rows) == [(1, None), (2, "row_too_long"), (3, None)]
    assert len(rows[1].record) <= 2000


def test_the_cut_line_of_a_truncated_file_is_a_failed_row(tmp_path: Path) -> None:
    content = b"".join(b'{"sku": "%d"}\n' % number for number in range(20_000))
    source = _source(tmp_path, gzip.compress(content)[:-3000])
    rows = list(read_ndjson(source))
    assert source.damage is not None
    assert [row.error is None for row in rows[:-1]] == [True] * (len(rows) - 1)
    assert rows[-1].error is None or rows[-1].error.code == "row_incomplete"


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        (b"sku,name\na,b", ","),
        (b"sku;name\na;b", ";"),
        (b"sku\tname\na\tb", "\t"),
        (b"sku|name\na|b", "|"),
        (b'sku;"name, long, with commas"\na;b', ";"),
        (b"sku\na", ","),
    ],
)
def test_the_delimiter_is_told_by_the_header(tmp_path: Path, content: bytes, delimiter: str) -> None:
    table, rows = _csv(tmp_path, content)
    assert table.delimiter == delimiter
    assert rows[0].record[0] == "a"


def test_csv_as_spreadsheets_write_it(tmp_path: Path) -> None:
    content = '\ufeffsku, name ,description\r\nA1,"Lamp ""Luna""","two\r\nlines, one comma"\r\n,,\r\nA2,Lämp,\r\n'
    table, rows = _csv(tmp_path, content.encode())
    assert table.columns == ["sku", "name", "description"]
    assert [(row.number, row.record, row.error) for row in rows] == [
        (2, ["A1", 'Lamp "Luna"', "two\nlines, one comma"], None),
        (4, ["A2", "Lämp", ""], None),
    ]


def test_a_csv_row_with_another_number_of_cells_fails_alone(tmp_path: Path) -> None:
    _, rows = _csv(tmp_path, b"sku,name\na,b\nc\nd,e,f\ng,h,,\ni,j\n")
    assert _codes(rows) == [(2, None), (3, "column_count"), (4, "column_count"), (5, None), (6, None)]


def test_a_csv_row_in_another_encoding_fails_alone(tmp_path: Path) -> None:
    _, rows = _csv(tmp_path, b"sku,name\na,b\nc,L\xe4mp\nd,e\n")
    assert _codes(rows) == [(2, None), (3, "encoding"), (4, None)]
    assert rows[1].error is not None
    assert "byte 4" in rows[1].error.message


def test_a_csv_row_with_stray_quotes_fails_alone(tmp_path: Path) -> None:
    _, rows = _csv(tmp_path, b'sku,name\na,"b"c\nd,e\n')
    assert _codes(rows) == [(2, "malformed_csv"), (3, None)]


def test_a_quote_that_is_never_closed_does_not_swallow_the_file_in_memory(tmp_path: Path) -> None:
    _, rows = _csv(tmp_path, b'sku,name\na,"b\n' + b"c,d\n" * 400_000)
    assert rows[0].error is not None
    assert rows[0].error.code == "row_too_long"
    assert _codes(rows)[-1][1] is None


def test_the_cut_record_of_a_truncated_csv_is_a_failed_row(tmp_path: Path) -> None:
    content = b"sku,name\n" + b"".join(b"%d,product %d\n" % (number, number) for number in range(20_000))
    source = _source(tmp_path, gzip.compress(content)[:-2000])
    rows = list(read_csv(source, read_header(source.head())))
    assert source.damage is not None
    assert all(row.error is None for row in rows[:-1])
    assert rows[-1].error is None or rows[-1].error.code == "row_incomplete"


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"sku,,name\n", "without a name"),
        (b"\n", "without a name"),
        (b"sku,name,sku\n", "repeats sku"),
        (b'"sku"x,name\n', "not valid CSV"),
        (b"sku,n\xe4me\n", "UTF-8"),
        (b"sku,name\ra,b\r", "CR"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused_in_words(head: bytes, words: str) -> None:
    with pytest.raises(UnusableFile, match=words):
        read_header(head)
