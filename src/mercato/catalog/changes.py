"""Applying the fields of an input struct to a row."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET

from mercato.platform.db import Row
from mercato.platform.html import sanitise
from mercato.platform.problems import InvalidInput
from mercato.platform.text import MAX_PROSE_LENGTH

Changes = Mapping[str, object]


def provided(data: msgspec.Struct) -> dict[str, object]:
    """The fields that the caller set, a `description` with harmless markup only."""
    values = {name: value for name in data.__struct_fields__ if (value := getattr(data, name)) is not UNSET}
    description = values.get("description")
    if isinstance(description, str):
        values["description"] = clean_description(description)
    return values


def clean_description(text: str) -> str:
    """A description as it is stored; raises `InvalidInput` when escaping made it too long."""
    cleaned = sanitise(text)
    if len(cleaned) > MAX_PROSE_LENGTH:
        raise InvalidInput.at(
            "/description", f"must have at most {MAX_PROSE_LENGTH} characters once its markup is cleaned", "too_long"
        )
    return cleaned


def pick(values: Changes, fields: Sequence[str]) -> dict[str, object]:
    """The named fields, as far as they are there."""
    return {field: values[field] for field in fields if field in values}


def assign(row: Row, values: Changes) -> None:
    """Set what differs, so that an edit which changes nothing writes nothing."""
    for field, value in values.items():
        if getattr(row, field) != value:
            setattr(row, field, value)
