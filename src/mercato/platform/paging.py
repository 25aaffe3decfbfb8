"""Keyset pagination: pages cost the same at any depth, and rows neither repeat nor get lost while others write."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from mercato.platform.clock import is_storable
from mercato.platform.problems import FieldError, InvalidInput

DEFAULT_LIMIT = 24
MAX_LIMIT = 100
ESTIMATE_AFTER = 10_000
"""`count=estimated` counts exactly up to this many rows and asks the planner beyond."""

T = TypeVar("T")
StructT = TypeVar("StructT", bound=msgspec.Struct)
Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT)]
Count = Literal["none", "exact", "estimated"]


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `total` is null unless asked for with `count=`."""

    items: list[T]
    next_cursor: str | None
    total: int | None


class Keyset(msgspec.Struct, frozen=True, kw_only=True):
    """An order that an index serves: a key expression with its SQL type, ties broken by id. `name` is unique among all lists."""

    name: str
    key: str
    sql_type: Literal["text", "bigint", "timestamptz"]
    descending: bool = False


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the order's name, the last key as text, the last id."""

    sort: str
    key: str
    id: str


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a list that is wanted."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    count: Count = "none"


class PageBytes(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it goes over the wire."""

    body: bytes
    next_cursor: str | None


def encode_cursor(cursor: Cursor) -> str:
    """An opaque, URL-safe token."""
    return encode_token(cursor)


def encode_token(content: msgspec.Struct) -> str:
    """A struct as an opaque, URL-safe token."""
    return urlsafe_b64encode(msgspec.json.encode(content)).rstrip(b"=").decode()


def decode_token(token: str, kind: type[StructT]) -> StructT:
    """Read such a token back; raises `ValueError` when it holds something else."""
    return msgspec.json.decode(urlsafe_b64decode(token + "=" * (-len(token) % 4)), type=kind)


def decode_cursor(token: str, keyset: Keyset) -> tuple[object, UUID]:
    """Read a token back: the last key, as its SQL type wants it, and the last id.

    Raises `InvalidInput` when the token is not ours or belongs to another list or order.
    """
    try:
        cursor = decode_token(token, Cursor)
        if cursor.sort == keyset.name:
            return _KEY_READERS[keyset.sql_type](cursor.key), UUID(cursor.id)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise bad_cursor("is not a cursor of this list") from None
    raise bad_cursor(f"belongs to the order {cursor.sort!r}, not to {keyset.name!r}")


def _read_text(key: str) -> str:
    if "\0" in key:
        raise ValueError("NUL")
    return key


def _read_bigint(key: str) -> int:
    number = int(key)
    if not -(2**63) <= number < 2**63:
        raise ValueError("not a bigint")
    return number


def _read_moment(key: str) -> datetime:
    moment = datetime.fromisoformat(key)
    if moment.tzinfo is None or not is_storable(moment):
        raise ValueError("not a moment")
    return moment


_KEY_READERS: Mapping[str, Callable[[str], object]] = {
    "text": _read_text,
    "bigint": _read_bigint,
    "timestamptz": _read_moment,
}


def bad_cursor(message: str, code: str = "invalid_cursor") -> InvalidInput:
    """The problem with a `cursor` that cannot be used."""
    return InvalidInput(f"cursor: {message}", errors=[FieldError(pointer="cursor", code=code, message=message)])


class ListStatement:
    """Builds the one SQL statement behind a list page.

    `item` is an expression that gives one element as JSON; it may use whatever `joins` brings to the rows of `source`. The page's
    rows are chosen first, joined afterwards, so that joins cost the same at any size of the table. `note` is an expression about
    the whole list, a fifth column of each row.
    """

    def __init__(self, *, source: str, alias: str, item: str, joins: str = "", note: str = "NULL") -> None:
        self._source, self._alias, self._item, self._joins, self._note = source, alias, item, joins, note

    def build(
        self,
        keyset: Keyset,
        page: PageRequest,
        *,
        where: Sequence[str],
        values: Sequence[object],
        source: str | None = None,
    ) -> tuple[str, list[object]]:
        """The statement and its values. `where` refers to `values` as $1…$n; it runs on the rows of `source` alone.

        `source` narrows the list: a query in parentheses for rows of the table.
        """
        bound = list(values)
        a, order = self._alias, "DESC" if keyset.descending else "ASC"
        source = source or self._source
        total = self._total(page.count, where, source)
        conditions = list(where)
        if page.cursor is not None:
            bound += decode_cursor(page.cursor, keyset)
            comparison = "<" if keyset.descending else ">"
            key, row_id = f"${len(bound) - 1}::{keyset.sql_type}", f"${len(bound)}::uuid"
            conditions.append(f"({keyset.key}, {a}.id) {comparison} ({key}, {row_id})")
        bound.append(page.limit + 1)
        return (
            f"""
            WITH page AS MATERIALIZED (
                SELECT {a}.*, {keyset.key} AS page_key FROM {source} {a}
                {_where(conditions)}
                ORDER BY {keyset.key} {order}, {a}.id {order} LIMIT ${len(bound)}
            )
            SELECT {total} AS total, {a}.page_key::text AS key, {a}.id::text AS id, ({self._item})::text AS item,
                {self._note} AS note
            FROM (SELECT) AS one LEFT JOIN page {a} ON true {self._joins}
            ORDER BY {a}.page_key {order}, {a}.id {order}
            """,
            bound,
        )

    def _total(self, count: Count, where: Sequence[str], source: str) -> str:
        rows = f"FROM {source} {self._alias} {_where(where)}"
        if count == "exact":
            return f"(SELECT count(*) {rows})"
        if count == "estimated":
            planner = f"(SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = '{self._source}'::regclass)"
            counted = f"(SELECT count(*) FROM (SELECT 1 {rows} LIMIT {ESTIMATE_AFTER + 1}) few)"
            return (
                f"(SELECT CASE WHEN n <= {ESTIMATE_AFTER} THEN n ELSE greatest(n, {planner}) END FROM {counted} t (n))"
            )
        return "NULL::bigint"


def _where(conditions: Sequence[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def assemble_page(rows: Sequence[Sequence[object]], keyset: Keyset, limit: int) -> PageBytes:
    """Put the rows of a `ListStatement` (total, key, id, item, note) together, without decoding an item."""
    total = rows[0][0]
    found = [row for row in rows if row[2] is not None]
    shown, more = found[:limit], len(found) > limit
    next_cursor = None
    if more:
        _, key, row_id, *_ = shown[-1]
        next_cursor = encode_cursor(Cursor(keyset.name, str(key), str(row_id)))
    items = ",".join(str(row[3]) for row in shown)
    tail = msgspec.json.encode({"next_cursor": next_cursor, "total": total}).decode()
    return PageBytes(body=f'{{"items":[{items}],{tail[1:]}'.encode(), next_cursor=next_cursor)
