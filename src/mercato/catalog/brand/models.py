"""The brand table."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Versioned


class Brand(Versioned):
    """A maker of products."""

    slug: Mapped[str]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    image_id: Mapped[UUID | None] = mapped_column(ForeignKey("asset.id"))
