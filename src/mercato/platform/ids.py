"""Identifiers: UUIDv7 (RFC 9562), so that rows sort by the time they were made."""

import re
from uuid import UUID

import uuid_utils.compat

_CANONICAL = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()


def parse_id(text: str) -> UUID | None:
    """The UUID in `text` (canonical 36-character form), or None when it is something else, such as a slug."""
    return UUID(text) if _CANONICAL.fullmatch(text) else None


def is_id(text: str) -> bool:
    """Whether the text is a UUID in that form."""
    return _CANONICAL.fullmatch(text) is not None
