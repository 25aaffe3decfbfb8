"""The table of reviews."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Versioned


class Review(Versioned):
    """What one account says of one product. The product's rating follows, by a database trigger."""

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    rating: Mapped[int]
    title: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="pending")
    reason: Mapped[str] = mapped_column(default="")
    moderated_by: Mapped[UUID | None]
    moderated_at: Mapped[datetime | None]
