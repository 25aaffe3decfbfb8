"""Identifiers: UUIDv7 (RFC 9562), so that rows sort by the time they were made."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()


def parse_id(text: str) -> UUID | None:
    """The UUID in `text` (canonical 36-character form), or None when it is something else, such as a slug."""
    if len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
