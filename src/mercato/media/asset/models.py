"""The table of assets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Base
from mercato.platform.ids import new_id


class Asset(Base):
    """A picture by its content (and focal point): the original's key in the store, what is made of it, and how far that is."""

    __tablename__ = "asset"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    file: Mapped[str]
    media_type: Mapped[str]
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    frames: Mapped[int] = mapped_column(default=1)
    focus_x: Mapped[float | None]
    focus_y: Mapped[float | None]
    status: Mapped[str] = mapped_column(default="processing")
    failure_code: Mapped[str | None]
    failure: Mapped[str | None]
    dominant_color: Mapped[str | None]
    placeholder: Mapped[str | None]
    renditions: Mapped[list[dict[str, object]]] = mapped_column(JSONB, default=list)
    recipe: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
