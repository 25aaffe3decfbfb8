"""Rules and writes of categories."""

from datetime import UTC, datetime
from typing import cast
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
        parent = await self._parent(data.parent_id)
        if parent is not None:
            _check_depth(parent, 1)
        slug = data.slug or await self._categories.free_slug(make_slug(data.name, f"category-{category_id.hex[-8:]}"))
        await self._categories.add(
            Category(
                id=category_id,
                parent_id=data.parent_id,
                path_ids=[*(parent.path_ids if parent else ()), category_id],
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
        moves = False
        if "parent_id" in values:
            await self._categories.lock_tree()
            moves = await self._categories.parent_of(key) != values["parent_id"]
        if moves:
            await self._categories.lock_subtree(key)
        category = await self._categories.lock(key)
        check_if_match(if_match, category.version)
        changes = pick(values, ("name", "slug", "description", "position"))
        if moves:
            await self._move(category, cast("UUID | None", values["parent_id"]), changes)
        else:
            assign(category, changes)
        return await self._read(category.id)

    async def _move(self, category: Category, parent_id: UUID | None, changes: Changes) -> None:
        parent = await self._parent(parent_id)
        if parent is not None:
            if category.id in parent.path_ids:
                raise CategoryCycle("A category cannot be moved below itself.")
            _check_depth(parent, await self._categories.height(category))
        await self._categories.move(category, parent, changes)

    async def _parent(self, parent_id: UUID | None) -> Category | None:
        """The category to be below; None for a root."""
        if parent_id is None:
            return None
        parent = await self._categories.find_live(parent_id)
        if parent is None:
            raise InvalidInput.at("/parent_id", "there is no such category", "unknown_reference")
        return parent

    async def _read(self, category_id: UUID) -> Record:
        record = await find_category(await reader_of(self._session), str(category_id))
        if record is None:
            raise NotFound("The category was deleted meanwhile.")
        return record


def _check_depth(parent: Category, height: int) -> None:
    """Refuse a subtree of `height` levels below a parent that has no room for it."""
    if len(parent.path_ids) + height > MAX_DEPTH:
        raise InvalidInput.at("/parent_id", f"the tree may be {MAX_DEPTH} levels deep", "too_deep")
