"""The table of accounts."""

from datetime import datetime

from sqlalchemy import func, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from mercato.platform.db import Row


class Account(Row):
    """Somebody who can sign in. `epoch` rises with whatever makes older access tokens void (also by a database trigger)."""

    email: Mapped[str]
    email_key: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(default="buyer")
    is_active: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=0)
    epoch_changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"), onupdate=func.now())

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, object]:
        return {"version_id_col": cls.__table__.c.version}
