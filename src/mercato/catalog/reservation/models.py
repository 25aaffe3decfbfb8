"""The tables of reservations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Base, Row


class StockReservation(Row):
    """Pieces of one or several variants, held until `expires_at` unless it is confirmed or released before."""

    __tablename__ = "stock_reservation"

    status: Mapped[str] = mapped_column(default="active")
    reference: Mapped[str | None]
    account_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class StockReservationLine(Base):
    """So many pieces of one variant; they are held while `held_until` lies ahead."""

    __tablename__ = "stock_reservation_line"

    reservation_id: Mapped[UUID] = mapped_column(
        ForeignKey("stock_reservation.id", ondelete="CASCADE"), primary_key=True
    )
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"), primary_key=True)
    quantity: Mapped[int]
    held_until: Mapped[datetime | None]
