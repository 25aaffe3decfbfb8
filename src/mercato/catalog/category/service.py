"""Rules and writes of categories."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.category.models import Category
from mercato.catalog.category.repository import CategoryRepository, find_category
from mercato.catalog.category.schemas import CategoryCreate, CategoryMove, CategoryPatch
from mercato.catalog.changes import Changes, assign, clean_description, pick, provided
from mercato.catalog.problems import CategoryCycle, CategoryNotEmpty
from mercato.catalog.records import Record
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.ids import new_id
from mercato.platform.problems import InvalidInput, NotFound
from mercato.platform.text import make_slug

MAX_DEPTH = 12


class CategoryService:
    """Writes of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._categories = CategoryRepository(session=session)

    async def create(self, data: CategoryCreate) -> tuple[UUID, Record]:
        """Add a category below its parent, or as a root."""
        await self._categories.lock_tree()
        category_id = new_id()
        prefix = await self._path_of(data.parent_id)
        slug = data.slug or await self._categories.free_slug(make_slug(data.name, f"category-{category_id.hex[-8:]}"))
        await self._categories.add(
            Category(
                id=category_id,
                parent_id=data.parent_id,
                path_ids=[*prefix, category_id],
                slug=slug,
                name=data.name,
                description=clean_description(data.description),
                position=data.position,
            )
        )
        return category_id, await self._read(category_id)

    async def replace(self, key: str, data: CategoryCreate, *, if_match: str | None) -> Record:
        """Make the category what `data` says; the slug stays when it is left out."""
        values = provided(data)
        if data.slug is None:
            del values["slug"]
        return await self._change(key, values, if_match=if_match)

    async def patch(self, key: str, data: CategoryPatch, *, if_match: str | None) -> Record:
        """Change the fields that are set; a new `parent_id` moves the subtree."""
        return await self._change(key, provided(data), if_match=if_match)

    async def move(self, key: str, data: CategoryMove, *, if_match: str | None) -> Record:
        """Put the category, with everything below it, under another parent."""
        return await self._change(key, provided(data), if_match=if_match)

    async def delete(self, key: str, *, if_match: str | None) -> None:
        """Delete softly, which frees the slug; refused while it has children or products."""
        await self._categories.lock_tree()
        category = await self._categories.lock(key)
        check_if_match(if_match, category.version)
        if await self._categories.has_children(category.id):
            raise CategoryNotEmpty("The category has subcategories. Move or delete them first.")
        if await self._categories.has_products(category.id):
            raise CategoryNotEmpty("The category has products. Move them to another one first.")
        category.deleted_at = datetime.now(UTC)

    async def _change(self, key: str, values: Changes, *, if_match: str | None) -> Record:
        if "parent_id" in values:
            await self._categories.lock_tree()
        category = await self._categories.lock(key)
        check_if_match(if_match, category.version)
        assign(category, pick(values, ("name", "slug", "description", "position")))
        if "parent_id" in values and values["parent_id"] != category.parent_id:
            parent_id = values["parent_id"]
            await self._reparent(category, parent_id if isinstance(parent_id, UUID) else None)
        return await self._read(category.id)

    async def _reparent(self, category: Category, parent_id: UUID | None) -> None:
        prefix = await self._path_of(parent_id, height=await self._categories.height(category))
        if category.id in prefix:
            raise CategoryCycle("A category cannot be moved below itself.")
        category.parent_id = parent_id
        await self._categories.rebase(category, prefix)

    async def _path_of(self, parent_id: UUID | None, *, height: int = 1) -> list[UUID]:
        """Ids from the root down to the parent of a subtree with `height` levels."""
        if parent_id is None:
            return []
        parent = await self._categories.find_live(parent_id)
        if parent is None:
            raise InvalidInput.at("/parent_id", "there is no such category", "unknown_reference")
        if len(parent.path_ids) + height > MAX_DEPTH:
            raise InvalidInput.at("/parent_id", f"the tree may be {MAX_DEPTH} levels deep", "too_deep")
        return list(parent.path_ids)

    async def _read(self, category_id: UUID) -> Record:
        record = await find_category(await reader_of(self._session), str(category_id))
        if record is None:
            raise NotFound("The category was deleted meanwhile.")
        return record
