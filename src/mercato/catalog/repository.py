"""What the repositories of the catalog share: finding live rows by id or slug, and free slugs."""

import re
from collections.abc import Sequence
from typing import TypeVar, cast

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.slugs import present_slug
from mercato.identity.principal import PUBLISHED_ONLY, Visibility
from mercato.platform.db import Versioned, reader_of
from mercato.platform.ids import parse_id
from mercato.platform.problems import NotFound

RowT = TypeVar("RowT", bound=Versioned)

SLUG_LOCK = 4_770_004
"""Space of the advisory locks on slugs (the second number is a hash of the slug)."""

_NUMBERS_AT_THE_END = re.compile(r"(-[0-9]+)+$")


class CatalogRepository(SQLAlchemyAsyncRepository[RowT]):
    """The write side of one aggregate. `key_column` is what stands for the id in addresses: the slug, or the code."""

    key_column = "slug"

    async def lock(self, key: str, visibility: Visibility = PUBLISHED_ONLY) -> RowT:
        """The live row with this id or slug, locked until the transaction ends; raises `NotFound`.

        Under a former slug nothing is changed: the error names the present one of what a caller with this visibility sees.
        """
        statement = select(self.model_type).where(self.matches(key), self.model_type.deleted_at.is_(None))
        row = (await self.session.execute(statement.with_for_update())).scalar_one_or_none()
        if row is None:
            raise await self._missing(key, visibility)
        return row

    async def _missing(self, key: str, visibility: Visibility) -> NotFound:
        kind = str(self.model_type.__tablename__)
        slug = await present_slug(await reader_of(cast(AsyncSession, self.session)), kind, key, visibility)
        if slug is None:
            return NotFound(f"There is no {kind} {key!r}.")
        return NotFound(f"The {kind} {key!r} is called {slug!r} now.", moved_to=slug)

    def matches(self, key: str) -> ColumnElement[bool]:
        """The condition that picks a row by id or slug."""
        row_id = parse_id(key)
        if row_id is not None:
            return self.model_type.id == row_id
        column: ColumnElement[str] = getattr(self.model_type, self.key_column)
        return column == key

    async def free_slug(self, wanted: str) -> str:
        """`wanted`, or the first of `wanted-2`, `wanted-3`, … that no live row has."""
        await self._lock_slugs_like(wanted)
        column: ColumnElement[str] = getattr(self.model_type, self.key_column)
        statement = select(column).where(
            self.model_type.deleted_at.is_(None), (column == wanted) | column.regexp_match(f"^{wanted}-[0-9]+$")
        )
        taken: Sequence[str] = (await self.session.execute(statement)).scalars().all()
        if wanted not in taken:
            return wanted
        number = 2
        while f"{wanted}-{number}" in taken:
            number += 1
        return f"{wanted}-{number}"

    async def _lock_slugs_like(self, wanted: str) -> None:
        """Until the transaction ends, keep others from choosing among the same slugs: both would find the same one free."""
        await self.session.execute(
            select(func.pg_advisory_xact_lock(SLUG_LOCK, func.hashtext(self.slug_family(wanted))))
        )

    def slug_family(self, wanted: str) -> str:
        """What stands for a slug and its numbered siblings among the advisory locks."""
        return f"{self.model_type.__tablename__}/{_NUMBERS_AT_THE_END.sub('', wanted)}"

    def touch(self, row: RowT) -> None:
        """Count a change that is stored elsewhere (a variant's price) as a change of the row."""
        row.updated_at = func.now()
