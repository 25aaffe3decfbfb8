"""Files as sources of rows."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mercato.transfer.attributes import AttributeRegistry
from mercato.transfer.batching import BatchLimits, BatchReader, CheckedBatch
from mercato.transfer.mapping import Mapping, compile_mapping
from mercato.transfer.problems import UnusableFile
from mercato.transfer.reading import FileRows
from mercato.transfer.staged import StagedRow, Stager


def _source(folder: Path, content: str, mapping: dict[str, Any] | None = None) -> FileRows:
    path = folder / "file"
    path.write_bytes(content.encode())
    compiled = compile_mapping(msgspec.convert(mapping, Mapping)) if mapping else None
    return FileRows(path, mapping=compiled)


def _batches(source: FileRows, **limits: int) -> list[CheckedBatch]:
    reader = BatchReader(source, known_attributes={}, currency="EUR", limits=BatchLimits(**limits))
    return list(iter(reader.next_batch, None))


def _staged(source: FileRows) -> list[StagedRow]:
    stager = Stager(currency="EUR", attributes=AttributeRegistry({}, source.definitions), is_text=source.is_text)
    return [source.stage(raw, stager) for raw in source.rows()]


def test_csv_columns_are_canonical_fields_and_attributes(tmp_path: Path) -> None:
    content = 'sku,name,category,tags,price,attr.color,stock\nA1,Lamp,Home > Light,"new, led",19.99,Red,\n'
    (row,) = _staged(_source(tmp_path, content))
    assert (row.sku, row.name, row.tags, row.price_amount) == ("A1", "Lamp", ["new", "led"], 1999)
    assert (row.attributes, row.stock) == ('{"color":"Red"}', None)


def test_lists_in_cells_may_be_json(tmp_path: Path) -> None:
    content = 'sku,category,tags\nA1,"[""Cables"", ""USB > Lightning""]","[""a, b"", ""c""]"\n'
    (row,) = _staged(_source(tmp_path, content))
    assert row.category == "Cables\x1fUSB > Lightning"
    assert row.tags == ["a, b", "c"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name,price\nLamp,1\n", "external_ref or sku"),
        ("sku,name,colour,Preis\nA1,Lamp,Red,1\n", "unknown columns: colour, Preis"),
        ("sku,name,attributes\nA1,Lamp,{}\n", "unknown columns: attributes"),
    ],
)
def test_a_csv_with_missing_or_unknown_columns_is_refused_and_they_are_named(
    tmp_path: Path, content: str, words: str
) -> None:
    with pytest.raises(UnusableFile, match=words):
        _source(tmp_path, content)


def test_a_csv_lacking_what_the_mapping_needs_is_refused_and_it_is_named(tmp_path: Path) -> None:
    mapping = {"fields": {"sku": {"from": "Nr"}, "name": {"from": "Titel"}, "price": {"from": "Preis"}}}
    with pytest.raises(UnusableFile, match="mapping needs: Nr, Preis"):
        _source(tmp_path, "Titel;Farbe\nLampe;Rot\n", mapping)


def test_a_csv_without_names_says_what_that_means(tmp_path: Path) -> None:
    assert "name" in _source(tmp_path, "sku,price\nA1,1\n").notes[0]


def test_values_that_may_be_dropped_do_not_fail_the_row(tmp_path: Path) -> None:
    mapping = {
        "fields": {
            "sku": {"from": "id"},
            "name": {"from": "name"},
            "gtin": {"from": "ean", "on_invalid": "drop"},
            "price": {"from": "price", "on_invalid": "drop"},
        },
        "attributes": {"prefixes": {"n_": "number"}, "on_invalid": "drop"},
    }
    line = '{"id": "1", "name": "Lamp", "ean": "4006381333932", "price": "free", "n_a": "much", "n_b": 2}\n'
    source = _source(tmp_path, line, mapping)
    (row,) = _staged(source)
    assert (row.name, row.gtin, row.price_amount, row.attributes) == ("Lamp", None, None, '{"b":2}')
    assert source.dropped == {"gtin": 1, "price": 1, "attributes.a": 1}


def test_a_sku_that_is_not_valid_gives_way_to_the_fallback(tmp_path: Path) -> None:
    mapping = {
        "fields": {
            "external_ref": {"from": "id"},
            "sku": {"from": "model", "fallback": {"template": "X-{id}"}},
            "name": {"const": "Lamp"},
        }
    }
    lines = [{"id": "1", "model": "M1"}, {"id": "2", "model": "long " * 30}, {"id": "3"}]
    content = "".join(msgspec.json.encode(line).decode() + "\n" for line in lines)
    rows = _staged(_source(tmp_path, content, mapping))
    assert [row.sku for row in rows] == ["M1", "X-2", "X-3"]


def test_json_nested_without_end_is_a_failed_row(tmp_path: Path) -> None:
    source = _source(tmp_path, '{"id":' * 50_000 + "\n", {"fields": {"sku": {"from": "id"}}})
    (batch,) = _batches(source)
    assert [failure.code for failure in batch.failures] == ["malformed_json"]
    assert len(str(batch.failures[0].data)) <= 2001


def test_batches_are_bounded_by_rows_and_by_bytes(tmp_path: Path) -> None:
    line = '{"sku": "%05d", "description": "' + "x" * 1000 + '"}\n'
    source = _source(tmp_path, "".join(line % number for number in range(100)))
    by_rows = [batch.total for batch in _batches(source, first_rows=10, rows=40)]
    by_bytes = [batch.total for batch in _batches(source, size=30_000)]
    assert by_rows == [10, 40, 40, 10]
    assert sum(by_bytes) == 100
    assert max(by_bytes) < 35


def test_of_rows_with_the_same_name_in_a_batch_the_first_goes_first(tmp_path: Path) -> None:
    lines = [
        {"sku": "A", "external_ref": "1", "slug": "lamp"},
        {"sku": "A", "external_ref": "2"},
        {"sku": "B", "external_ref": "1"},
        {"sku": "C", "slug": "lamp"},
        {"sku": "D"},
    ]
    source = _source(tmp_path, "".join(msgspec.json.encode(line).decode() + "\n" for line in lines))
    (batch,) = _batches(source)
    assert [(one.row.row, one.error.column, one.error.first_row) for one in batch.postponed] == [
        (2, "sku", 1),
        (3, "external_ref", 1),
        (4, "slug", 1),
    ]
    assert [row.row for row in batch.batch.rows] == [1, 5]
