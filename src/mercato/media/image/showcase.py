"""The picture of a category or brand: rules and writes."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.brand.models import Brand
from mercato.catalog.brand.repository import BrandRepository, find_brand
from mercato.catalog.category.models import Category
from mercato.catalog.category.repository import CategoryRepository, find_category
from mercato.catalog.records import Record
from mercato.catalog.repository import CatalogRepository
from mercato.media.asset.repository import NewAsset, add_asset, hold_file
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.problems import NotFound

RowT = TypeVar("RowT", Brand, Category)


class ShowcaseService:
    """Writes of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def show_on_brand(self, key: str, asset: NewAsset | None, *, if_match: str | None) -> Record:
        """Give a brand a picture, or (None) take it away. Gives the brand."""
        brand = await self._show(BrandRepository(session=self._session), key, asset, if_match)
        record = await find_brand(await reader_of(self._session), str(brand))
        return _there(record, key)

    async def show_on_category(self, key: str, asset: NewAsset | None, *, if_match: str | None) -> Record:
        """Give a category a picture, or (None) take it away. Gives the category."""
        category = await self._show(CategoryRepository(session=self._session), key, asset, if_match)
        record = await find_category(await reader_of(self._session), str(category))
        return _there(record, key)

    async def hold(self, file: str) -> None:
        """Keep the sweeper from a file that is being stored, until the transaction ends."""
        await hold_file(await reader_of(self._session), file)

    async def _show(
        self, rows: CatalogRepository[RowT], key: str, asset: NewAsset | None, if_match: str | None
    ) -> UUID:
        row = await rows.lock(key)
        check_if_match(if_match, row.version)
        row.image_id = None if asset is None else await add_asset(await reader_of(self._session), asset)
        return row.id


def _there(record: Record | None, key: str) -> Record:
    if record is None:
        raise NotFound(f"There is no {key!r}.")
    return record
