"""A resource as the database built it."""

from mercato.platform.records import Record, record_of

__all__ = ["Record", "record_of"]
