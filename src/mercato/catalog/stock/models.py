"""The ledger of stock; how much there is now is a column of the variant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Base


class StockMovement(Base):
    """One change of a variant's stock. Written by database triggers in the transaction of the change; never changed afterwards."""

    __tablename__ = "stock_movement"

    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=text("clock_timestamp()"))
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    delta: Mapped[int]
    quantity_after: Mapped[int]
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    actor_name: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[UUID | None]
    reservation_id: Mapped[UUID | None]
