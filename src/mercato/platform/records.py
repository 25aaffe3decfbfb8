"""A resource as the database built it."""

from collections.abc import Sequence

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """JSON of one resource, and its version."""

    version: int
    body: bytes


def record_of(row: Sequence[object] | None) -> Record | None:
    """A row of (version, JSON text) as a record; None for no row."""
    if row is None:
        return None
    return Record(version=int(str(row[0])), body=str(row[1]).encode())
