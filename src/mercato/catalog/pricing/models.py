"""The table of sales; further currencies are a column of the variant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Versioned


class Sale(Versioned):
    """A lower price of a variant in one currency, from `starts_at` until just before `ends_at`."""

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"))
    name: Mapped[str] = mapped_column(default="")
    currency: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
