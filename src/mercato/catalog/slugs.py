"""Slugs that something had before: what it is called now, and where it went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from mercato.catalog import sql
from mercato.identity.principal import PUBLISHED_ONLY, Visibility
from mercato.platform.db import Base, Reader
from mercato.platform.ids import parse_id
from mercato.platform.problems import Moved, NotFound, Problem

Kind = Literal["product", "category", "brand"]

_PATHS: Mapping[Kind, str] = {"product": "products", "category": "categories", "brand": "brands"}


class SlugHistory(Base):
    """A slug that a live row had, and gave up last; filled by triggers. Whoever has the slug now comes first."""

    __tablename__ = "slug_history"

    kind: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    entity_id: Mapped[UUID]
    retired_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


def _present(kind: Kind, condition: str = "true") -> str:
    return f"""
        SELECT p.slug FROM slug_history h JOIN {kind} p ON p.id = h.entity_id AND p.deleted_at IS NULL
        WHERE h.kind = '{kind}' AND h.slug = $1 AND {condition}
    """


_PRESENT: Mapping[str, str] = {
    "product": _present("product", f"({sql.PUBLISHED} OR $2::bool OR p.seller_id = $3::uuid)"),
    "category": _present("category"),
    "brand": _present("brand"),
}

FORMER_SLUGS = "SELECT slug, entity_id FROM slug_history WHERE kind = $1"
"""Rows (slug, id) of one kind."""


async def present_slug(reader: Reader, kind: str, former: str, visibility: Visibility = PUBLISHED_ONLY) -> str | None:
    """What is called now what was called `former` before; None when nothing was that the caller sees.

    For after a look for the slug itself: one that something has now leads there, whoever had it before.
    """
    statement = _PRESENT.get(kind)
    if statement is None or parse_id(former) is not None:
        return None
    values = (visibility.everything, visibility.seller_id) if kind == "product" else ()
    row = await reader.fetchrow(statement, former, *values)
    return None if row is None else str(row[0])


async def missing(
    reader: Reader, kind: Kind, key: str, *, visibility: Visibility = PUBLISHED_ONLY, below: str = ""
) -> Problem:
    """The problem to raise when nothing has this id or slug: `Moved` for a former slug, else `NotFound`.

    `below` is the rest of the address behind the key, such as `/variants`.
    """
    slug = await present_slug(reader, kind, key, visibility)
    if slug is None:
        return NotFound(f"There is no {kind} {key!r}.")
    location = f"/api/v1/{_PATHS[kind]}/{slug}{below}"
    return Moved(f"The {kind} {key!r} is called {slug!r} now.", slug=slug, location=location)
