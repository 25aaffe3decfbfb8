"""All SQL of categories."""

from uuid import UUID

import msgspec
from sqlalchemy import Uuid, case, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from mercato.catalog import sql
from mercato.catalog.category.models import Category
from mercato.catalog.category.schemas import CategoryNode
from mercato.catalog.changes import Changes
from mercato.catalog.product.models import Product
from mercato.catalog.records import Record, record_of
from mercato.catalog.repository import CatalogRepository
from mercato.platform.db import Reader
from mercato.platform.ids import parse_id
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

BY_NAME = Keyset(name="category.name", key="lower(c.name)", sql_type="text")
TREE_LOCK = 4_770_002
"""Advisory lock: changes of the tree's shape take turns, so that two moves cannot make a cycle between them."""

_BELOW = "SELECT below.id FROM category below WHERE below.path_ids @> ARRAY[c.id]"
_COUNT = f"(SELECT count(*) FROM ({sql.in_categories(_BELOW)}) p WHERE {sql.PUBLISHED})"
_CATEGORY = f"""json_build_object(
    'id', c.id, 'slug', c.slug, 'name', c.name, 'description', c.description, 'parent_id', c.parent_id,
    'path', {sql.CRUMBS}, 'position', c.position, 'product_count', {_COUNT},
    'image', {sql.showcase("c")},
    'created_at', c.created_at, 'updated_at', c.updated_at, 'version', c.version
)"""
_LIST = ListStatement(source="category", alias="c", item=_CATEGORY)
_ONE = f"SELECT c.version, {_CATEGORY}::text FROM category c WHERE c.deleted_at IS NULL AND {{key}} = $1"

COUNTED_TREE = f"""
WITH own AS (
    SELECT category_id, category_ids, count(*) AS n FROM product p
    WHERE category_id IS NOT NULL AND {sql.PUBLISHED} GROUP BY category_id, category_ids
), subtree AS (
    SELECT above.id, sum(own.n)::bigint AS n FROM own CROSS JOIN LATERAL {sql.above("own.category_id || own.category_ids")} above
    GROUP BY above.id
)
SELECT c.id, c.slug, c.name, c.description, c.parent_id, c.path_ids, c.position,
    coalesce(subtree.n, 0) AS product_count
FROM category c LEFT JOIN subtree ON subtree.id = c.id
WHERE c.deleted_at IS NULL
ORDER BY cardinality(c.path_ids), c.position, lower(c.name), c.id
"""


async def find_category(reader: Reader, key: str) -> Record | None:
    """The category with this id or slug, in one statement."""
    category_id = parse_id(key)
    statement = _ONE.format(key="c.slug" if category_id is None else "c.id")
    return record_of(await reader.fetchrow(statement, category_id or key))


async def list_categories(reader: Reader, page: PageRequest, *, parent: str | None, q: str | None) -> PageBytes:
    """One page of categories by name, in one statement; `parent` (id, slug or `root`) asks for its children."""
    where, values = ["c.deleted_at IS NULL"], list[object]()
    if parent == "root":
        where.append("c.parent_id IS NULL")
    elif parent is not None:
        values.append(parent)
        where.append(
            "c.parent_id IN (SELECT up.id FROM category up WHERE up.deleted_at IS NULL AND $1 IN (up.slug, up.id::text))"
        )
    if q:
        values.append(q)
        where.append(f"strpos(lower(c.name), lower(${len(values)})) > 0")
    statement, bound = _LIST.build(BY_NAME, page, where=where, values=values)
    return assemble_page(await reader.fetch(statement, *bound), BY_NAME, page.limit)


class _Branch(msgspec.Struct):
    """A node under construction."""

    id: UUID
    slug: str
    name: str
    position: int
    product_count: int
    children: list["_Branch"]


async def category_tree(reader: Reader) -> list[CategoryNode]:
    """The whole tree with product counts, in one statement; siblings by position, then name."""
    branches: dict[object, _Branch] = {}
    roots: list[_Branch] = []
    for category_id, slug, name, _text, parent_id, _path, position, count in await reader.fetch(COUNTED_TREE):
        branch = _Branch(
            id=UUID(str(category_id)),
            slug=str(slug),
            name=str(name),
            position=int(str(position)),
            product_count=int(str(count)),
            children=[],
        )
        branches[category_id] = branch
        above = branches.get(parent_id)
        (above.children if above else roots).append(branch)
    return msgspec.convert(roots, list[CategoryNode], from_attributes=True)


class CategoryRepository(CatalogRepository[Category]):
    """Writes of categories."""

    model_type = Category

    async def lock_tree(self) -> None:
        """Wait for our turn to change the shape of the tree."""
        await self.session.execute(select(func.pg_advisory_xact_lock(TREE_LOCK)))

    async def find_live(self, category_id: UUID) -> Category | None:
        """The live category with this id, or None."""
        statement = select(Category).where(Category.id == category_id, Category.deleted_at.is_(None))
        return (await self.session.execute(statement)).scalar_one_or_none()

    async def height(self, category: Category) -> int:
        """Levels of the subtree, the category's own included."""
        deepest = select(func.max(func.cardinality(Category.path_ids))).where(
            Category.path_ids.contains([category.id]), Category.deleted_at.is_(None)
        )
        return int((await self.session.execute(deepest)).scalar_one()) - len(category.path_ids) + 1

    async def lock_subtree(self, key: str) -> None:
        """Lock the category with this id or slug and everything below it. Our turn to change the tree must have come."""
        top = select(Category.id).where(self.matches(key), Category.deleted_at.is_(None)).scalar_subquery()
        rows = select(Category.id).where(Category.path_ids.contains(func.array(top, type_=ARRAY(Uuid))))
        # In the order of their ids, as everything that locks several: so a move and a product's writer never wait for each other.
        await self.session.execute(rows.order_by(Category.id).with_for_update())

    async def parent_of(self, key: str) -> UUID | None:
        """The parent of the category with this id or slug; None for a root, or where there is no such category."""
        statement = select(Category.parent_id).where(self.matches(key), Category.deleted_at.is_(None))
        return (await self.session.execute(statement)).scalar_one_or_none()

    async def move(self, category: Category, parent: Category | None, changes: Changes) -> None:
        """Put the category and everything below it under another parent, with `changes` to itself: one statement, however many."""
        prefix = parent.path_ids if parent else []
        own_and_below = Category.path_ids[len(category.path_ids) : func.cardinality(Category.path_ids)]
        edit = {
            **changes,
            "parent_id": parent.id if parent else None,
            "version": Category.version + 1,
            "updated_at": func.now(),
        }
        is_itself = Category.id == category.id
        columns = Category.__table__.c
        await self.session.execute(
            update(Category)
            .where(Category.path_ids.contains([category.id]))
            .values(
                {name: case((is_itself, value), else_=columns[name]) for name, value in edit.items()}
                | {"path_ids": func.array_cat(literal(prefix, ARRAY(Uuid)), own_and_below)}
            )
            .execution_options(synchronize_session=False)
        )
        await self.session.refresh(category)

    async def has_children(self, category_id: UUID) -> bool:
        """Whether a live category lies below."""
        statement = select(exists().where(Category.parent_id == category_id, Category.deleted_at.is_(None)))
        return bool((await self.session.execute(statement)).scalar_one())

    async def has_products(self, category_id: UUID) -> bool:
        """Whether a live product is in the category itself, as its primary one or a further one."""
        further = (func.cardinality(Product.category_ids) > 0) & Product.category_ids.contains([category_id])
        statement = select(exists().where((Product.category_id == category_id) | further, Product.deleted_at.is_(None)))
        return bool((await self.session.execute(statement)).scalar_one())
