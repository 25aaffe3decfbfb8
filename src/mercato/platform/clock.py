"""Moments on the wire and in the database: UTC or with an offset, never naive."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)

Timestamp = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 with an offset.", examples=["2026-11-27T08:00:00Z"])
]


def is_storable(moment: datetime) -> bool:
    """Whether the moment lies in the years that the database and all clients can hold in any time zone."""
    return EARLIEST <= moment <= LATEST
