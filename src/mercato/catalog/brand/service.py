"""Rules and writes of brands."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.brand.models import Brand
from mercato.catalog.brand.repository import BrandRepository, find_brand
from mercato.catalog.brand.schemas import BrandCreate, BrandPatch
from mercato.catalog.changes import Changes, assign, clean_description, pick, provided
from mercato.catalog.problems import BrandInUse
from mercato.catalog.records import Record
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.ids import new_id
from mercato.platform.problems import NotFound
from mercato.platform.text import make_slug


class BrandService:
    """Writes of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._brands = BrandRepository(session=session)

    async def create(self, data: BrandCreate) -> tuple[UUID, Record]:
        """Add a brand."""
        brand_id = new_id()
        slug = data.slug or await self._brands.free_slug(make_slug(data.name, f"brand-{brand_id.hex[-8:]}"))
        await self._brands.add(
            Brand(id=brand_id, slug=slug, name=data.name, description=clean_description(data.description))
        )
        return brand_id, await self._read(brand_id)

    async def replace(self, key: str, data: BrandCreate, *, if_match: str | None) -> Record:
        """Make the brand what `data` says; the slug stays when it is left out."""
        values = provided(data)
        if data.slug is None:
            del values["slug"]
        return await self._change(key, values, if_match=if_match)

    async def patch(self, key: str, data: BrandPatch, *, if_match: str | None) -> Record:
        """Change the fields that are set."""
        return await self._change(key, provided(data), if_match=if_match)

    async def delete(self, key: str, *, if_match: str | None) -> None:
        """Delete softly, which frees the slug; refused while products have the brand."""
        brand = await self._brands.lock(key)
        check_if_match(if_match, brand.version)
        if await self._brands.has_products(brand.id):
            raise BrandInUse("Products have this brand. Give them another one first.")
        brand.deleted_at = datetime.now(UTC)

    async def _change(self, key: str, values: Changes, *, if_match: str | None) -> Record:
        brand = await self._brands.lock(key)
        check_if_match(if_match, brand.version)
        assign(brand, pick(values, ("name", "slug", "description")))
        return await self._read(brand.id)

    async def _read(self, brand_id: UUID) -> Record:
        record = await find_brand(await reader_of(self._session), str(brand_id))
        if record is None:
            raise NotFound("The brand was deleted meanwhile.")
        return record
