"""The attribute table."""

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Versioned


class Attribute(Versioned):
    """A typed property that products can have."""

    code: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    unit: Mapped[str | None]
    options: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    is_facet: Mapped[bool] = mapped_column(default=False)
    is_searchable: Mapped[bool] = mapped_column(default=False)
    is_sortable: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
