"""Cursors and the statement behind a list page."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.platform.paging import (
    Cursor,
    Keyset,
    ListStatement,
    PageRequest,
    assemble_page,
    decode_cursor,
    encode_cursor,
)
from mercato.platform.problems import InvalidInput

SqlType = Literal["text", "bigint", "timestamptz"]
ROW = "01928c3e-5f2a-7c41-9d1e-3b0a6c7d8e9f"
STATEMENT = ListStatement(source="thing", alias="t", item="t.name")


def keyset(sql_type: SqlType = "text", *, name: str = "name", descending: bool = False) -> Keyset:
    """An order."""
    return Keyset(name=name, key="t.name", sql_type=sql_type, descending=descending)


@given(st.text(), st.uuids())
def test_a_cursor_of_text_is_read_back(key: str, row_id: UUID) -> None:
    token = encode_cursor(Cursor("name", key.replace("\0", ""), str(row_id)))
    assert decode_cursor(token, keyset()) == (key.replace("\0", ""), row_id)
    assert token.isascii()
    assert not set(token) & set("+/=&?")


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1), st.uuids())
def test_a_cursor_of_numbers_is_read_back(key: int, row_id: UUID) -> None:
    assert decode_cursor(encode_cursor(Cursor("name", str(key), str(row_id))), keyset("bigint")) == (key, row_id)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1), timezones=st.just(UTC)), st.uuids())  # noqa: DTZ001
def test_a_cursor_of_moments_is_read_back_as_the_database_writes_them(moment: datetime, row_id: UUID) -> None:
    written = moment.isoformat(sep=" ").replace("+00:00", "+00")
    assert decode_cursor(encode_cursor(Cursor("name", written, str(row_id))), keyset("timestamptz")) == (moment, row_id)


@given(st.text(max_size=100), st.sampled_from(["text", "bigint", "timestamptz"]))
def test_whatever_else_is_no_cursor(token: str, sql_type: SqlType) -> None:
    with pytest.raises(InvalidInput) as raised:
        decode_cursor(token, keyset(sql_type))
    assert raised.value.errors[0].pointer == "cursor"


@pytest.mark.parametrize(
    ("sql_type", "key", "row_id"),
    [
        ("text", "a\0b", ROW),
        ("text", "a", "no id"),
        ("bigint", "1.5", ROW),
        ("bigint", str(2**63), ROW),
        ("bigint", "9" * 5000, ROW),
        ("timestamptz", "yesterday", ROW),
        ("timestamptz", "2026-01-01 00:00:00", ROW),
        ("timestamptz", "1969-12-31 23:59:59+00", ROW),
        ("timestamptz", "9999-12-31 23:59:59-14", ROW),
    ],
)
def test_a_forged_key_is_refused(sql_type: SqlType, key: str, row_id: str) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(encode_cursor(Cursor("name", key, row_id)), keyset(sql_type))


def test_a_cursor_of_another_order_is_refused_by_name() -> None:
    token = encode_cursor(Cursor("price", "1", ROW))
    with pytest.raises(InvalidInput, match=r"'price'.*'name'"):
        decode_cursor(token, keyset())


def test_values_are_bound_never_written_into_the_statement() -> None:
    token = encode_cursor(Cursor("name", "'; DROP TABLE thing", ROW))
    page = PageRequest(limit=10, cursor=token, count="exact")
    statement, values = STATEMENT.build(keyset(), page, where=["t.color = $1"], values=["'red'"])
    assert values == ["'red'", "'; DROP TABLE thing", UUID(ROW), 11]
    assert "DROP" not in statement
    assert "red" not in statement


@pytest.mark.parametrize(("descending", "comparison", "order"), [(False, ">", "ASC"), (True, "<", "DESC")])
def test_the_next_page_lies_behind_the_cursor(descending: bool, comparison: str, order: str) -> None:
    page = PageRequest(cursor=encode_cursor(Cursor("name", "m", ROW)))
    statement, _values = STATEMENT.build(keyset(descending=descending), page, where=[], values=[])
    assert f"(t.name, t.id) {comparison} ($1::text, $2::uuid)" in statement
    assert f"ORDER BY t.name {order}, t.id {order}" in statement


def test_a_page_knows_of_a_next_one_by_one_row_more() -> None:
    rows = [(None, key, ROW, f'"{key}"') for key in ("a", "b", "c")]
    page = assemble_page(rows, keyset(), limit=2)
    assert page.next_cursor is not None
    assert decode_cursor(page.next_cursor, keyset()) == ("b", UUID(ROW))
    assert page.body == f'{{"items":["a","b"],"next_cursor":"{page.next_cursor}","total":null}}'.encode()


def test_the_last_page_has_no_next_one() -> None:
    page = assemble_page([(7, "a", ROW, '"a"')], keyset(), limit=1)
    assert (page.next_cursor, page.body) == (None, b'{"items":["a"],"next_cursor":null,"total":7}')


def test_no_rows_are_an_empty_page_with_its_total() -> None:
    assert (
        assemble_page([(0, None, None, None)], keyset(), limit=1).body == b'{"items":[],"next_cursor":null,"total":0}'
    )
