"""All SQL of attributes."""

from uuid import UUID

from sqlalchemy import delete, func, select

from mercato.catalog.attribute.models import Attribute
from mercato.catalog.binding.models import CategoryAttribute
from mercato.catalog.product.models import Product
from mercato.catalog.records import Record, record_of
from mercato.catalog.repository import CatalogRepository
from mercato.platform.db import Reader
from mercato.platform.ids import parse_id
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

BY_CODE = Keyset(name="attribute.code", key="t.code", sql_type="text")

_ATTRIBUTE = """json_build_object(
    'id', t.id, 'code', t.code, 'name', t.name, 'type', t.type, 'unit', t.unit, 'options', t.options,
    'is_facet', t.is_facet, 'is_searchable', t.is_searchable, 'is_sortable', t.is_sortable, 'position', t.position,
    'created_at', t.created_at, 'updated_at', t.updated_at, 'version', t.version
)"""
_LIST = ListStatement(source="attribute", alias="t", item=_ATTRIBUTE)
_ONE = f"SELECT t.version, {_ATTRIBUTE}::text FROM attribute t WHERE t.deleted_at IS NULL AND {{key}} = $1"


async def find_attribute(reader: Reader, key: str) -> Record | None:
    """The attribute with this id or code, in one statement."""
    attribute_id = parse_id(key)
    statement = _ONE.format(key="t.code" if attribute_id is None else "t.id")
    return record_of(await reader.fetchrow(statement, attribute_id or key))


async def list_attributes(reader: Reader, page: PageRequest) -> PageBytes:
    """One page of attributes by code, in one statement."""
    statement, bound = _LIST.build(BY_CODE, page, where=["t.deleted_at IS NULL"], values=[])
    return assemble_page(await reader.fetch(statement, *bound), BY_CODE, page.limit)


class AttributeRepository(CatalogRepository[Attribute]):
    """Writes of attributes."""

    model_type = Attribute
    key_column = "code"

    async def count_values(self, code: str) -> int:
        """Number of live products that have a value of the attribute."""
        statement = select(func.count()).where(Product.attributes.has_key(code), Product.deleted_at.is_(None))
        return int((await self.session.execute(statement)).scalar_one())

    async def options_in_use(self, code: str, options: list[str]) -> dict[str, int]:
        """Values that live products have and `options` does not, with the number of products, commonest first."""
        value = Product.attributes[code].astext
        statement = (
            select(value, func.count())
            .where(Product.attributes.has_key(code), Product.deleted_at.is_(None), value.not_in(options))
            .group_by(value)
            .order_by(func.count().desc(), value)
        )
        return {str(found): int(count) for found, count in await self.session.execute(statement)}

    async def unbind(self, attribute_id: UUID) -> None:
        """No category expects the attribute any more."""
        await self.session.execute(delete(CategoryAttribute).where(CategoryAttribute.attribute_id == attribute_id))
