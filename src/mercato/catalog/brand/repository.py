"""All SQL of brands."""

from uuid import UUID

from sqlalchemy import exists, select

from mercato.catalog import sql
from mercato.catalog.brand.models import Brand
from mercato.catalog.product.models import Product
from mercato.catalog.records import Record, record_of
from mercato.catalog.repository import CatalogRepository
from mercato.platform.db import Reader
from mercato.platform.ids import parse_id
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

BY_NAME = Keyset(name="brand.name", key="lower(b.name)", sql_type="text")

_BRAND = f"""json_build_object(
    'id', b.id, 'slug', b.slug, 'name', b.name, 'description', b.description,
    'product_count', (SELECT count(*) FROM product p WHERE p.brand_id = b.id AND {sql.PUBLISHED}),
    'image', {sql.showcase("b")},
    'created_at', b.created_at, 'updated_at', b.updated_at, 'version', b.version
)"""
_LIST = ListStatement(source="brand", alias="b", item=_BRAND)
_ONE = f"SELECT b.version, {_BRAND}::text FROM brand b WHERE b.deleted_at IS NULL AND {{key}} = $1"


async def find_brand(reader: Reader, key: str) -> Record | None:
    """The brand with this id or slug, in one statement."""
    brand_id = parse_id(key)
    statement = _ONE.format(key="b.slug" if brand_id is None else "b.id")
    return record_of(await reader.fetchrow(statement, brand_id or key))


async def list_brands(reader: Reader, page: PageRequest, *, q: str | None) -> PageBytes:
    """One page of brands by name, in one statement; `q` asks for names that contain it."""
    where, values = ["b.deleted_at IS NULL"], list[object]()
    if q:
        where.append("strpos(lower(b.name), lower($1)) > 0")
        values.append(q)
    statement, bound = _LIST.build(BY_NAME, page, where=where, values=values)
    return assemble_page(await reader.fetch(statement, *bound), BY_NAME, page.limit)


class BrandRepository(CatalogRepository[Brand]):
    """Writes of brands."""

    model_type = Brand

    async def has_products(self, brand_id: UUID) -> bool:
        """Whether a live product has the brand."""
        statement = select(exists().where(Product.brand_id == brand_id, Product.deleted_at.is_(None)))
        return bool((await self.session.execute(statement)).scalar_one())
