"""The tables of sales and of what prices have been; further currencies are a column of the variant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Base, Versioned


class Sale(Versioned):
    """A lower price of a variant in one currency, from `starts_at` until just before `ends_at`."""

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"))
    name: Mapped[str] = mapped_column(default="")
    currency: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class PriceChange(Base):
    """A change of a list price. Written by a trigger; the price that a variant began with has no row."""

    __tablename__ = "price_history"

    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    changed_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=text("clock_timestamp()"))
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    before_amount: Mapped[int | None] = mapped_column(BigInteger)
    amount: Mapped[int | None] = mapped_column(BigInteger)
