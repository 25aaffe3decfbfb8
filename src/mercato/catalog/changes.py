"""Applying the fields of an input struct to a row."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET

from mercato.platform.db import Row

Changes = Mapping[str, object]


def provided(data: msgspec.Struct) -> dict[str, object]:
    """The fields that the caller set."""
    return {name: value for name in data.__struct_fields__ if (value := getattr(data, name)) is not UNSET}


def pick(values: Changes, fields: Sequence[str]) -> dict[str, object]:
    """The named fields, as far as they are there."""
    return {field: values[field] for field in fields if field in values}


def assign(row: Row, values: Changes) -> None:
    """Set what differs, so that an edit which changes nothing writes nothing."""
    for field, value in values.items():
        if getattr(row, field) != value:
            setattr(row, field, value)
