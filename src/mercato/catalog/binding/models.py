"""The table of bindings."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Row


class CategoryAttribute(Row):
    """An attribute that products in a category, or below it, are expected to have."""

    __tablename__ = "category_attribute"

    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id"))
    attribute_id: Mapped[UUID] = mapped_column(ForeignKey("attribute.id"))
    is_required: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
