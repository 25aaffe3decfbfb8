"""Tables of the search index's upkeep."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.db import Base
from mercato.platform.ids import new_id


class SearchRebuild(Base):
    """A rebuild of the index beside the live one; `cursor` is the last product sent, so that a killed one goes on."""

    __tablename__ = "search_rebuild"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    index_uid: Mapped[str]
    settings_digest: Mapped[str]
    state: Mapped[str] = mapped_column(default="building")
    cursor: Mapped[UUID | None]
    documents_total: Mapped[int]
    documents_done: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    requested_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    finished_at: Mapped[datetime | None]


class SearchReconciliation(Base):
    """A comparison of index and database: how many products were compared, how many documents differed."""

    __tablename__ = "search_reconciliation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    checked: Mapped[int]
    drift: Mapped[int]
    finished_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
