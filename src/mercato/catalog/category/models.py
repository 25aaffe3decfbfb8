"""The category table."""

from uuid import UUID

from sqlalchemy import ForeignKey, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Versioned


class Category(Versioned):
    """A node of the category tree; `path_ids` are the ids from its root down to itself."""

    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("category.id"))
    path_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    slug: Mapped[str]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    image_id: Mapped[UUID | None] = mapped_column(ForeignKey("asset.id"))
