"""Moments on the wire and in the database: UTC or with an offset, never naive."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from mercato.platform.problems import InvalidInput

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)

Timestamp = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 with an offset.", examples=["2026-11-27T08:00:00Z"])
]


def is_storable(moment: datetime) -> bool:
    """Whether the moment lies in the years that the database and all clients can hold in any time zone."""
    return EARLIEST <= moment <= LATEST


def check_moment(moment: datetime, pointer: str) -> None:
    """Raise `InvalidInput` for a moment without an offset, or one that is not storable."""
    if moment.tzinfo is None:
        raise InvalidInput.at(pointer, "needs an offset, such as Z or +01:00", "offset_missing")
    if not is_storable(moment):
        raise InvalidInput.at(pointer, "must lie between the years 1970 and 9999", "out_of_range")
