"""Reservations as the API speaks of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from mercato.catalog.stock.schemas import MAX_STOCK
from mercato.platform.text import Reference

ReservationStatus = Literal["active", "confirmed", "released", "expired"]
DEFAULT_SECONDS = 900
MAX_SECONDS = 86_400
MAX_LINES = 100


class ReservationLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pieces of one variant."""

    variant_id: UUID
    quantity: Annotated[int, Meta(ge=1, le=MAX_STOCK)]


class ReservationCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to hold, each variant once, and for how many seconds. `reference` is what the caller calls it."""

    lines: Annotated[list[ReservationLine], Meta(min_length=1, max_length=MAX_LINES)]
    expires_in: Annotated[int, Meta(ge=1, le=MAX_SECONDS, description="Seconds.")] = DEFAULT_SECONDS
    reference: Reference | None = None


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces that are held while it is `active`. `closed_at` says since when it is not."""

    id: UUID
    status: ReservationStatus
    reference: str | None
    lines: list[ReservationLine]
    expires_at: datetime
    created_at: datetime
    closed_at: datetime | None
    version: int
