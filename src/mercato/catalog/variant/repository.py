"""All SQL of variants."""

from collections.abc import Collection, Sequence
from uuid import UUID

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import delete, select

from mercato.catalog import sql
from mercato.catalog.product import models as m
from mercato.catalog.records import Record, record_of
from mercato.catalog.variant.schemas import MAX_VARIANTS
from mercato.identity.principal import EVERYTHING, Visibility
from mercato.platform.db import Reader
from mercato.platform.ids import parse_id
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

_VISIBLE = f"p.deleted_at IS NULL AND ({sql.PUBLISHED} OR $2 OR p.seller_id = $3)"
_BY_ID = f"""
SELECT v.version, {sql.VARIANT}::text FROM variant v JOIN product p ON p.id = v.product_id {sql.BASE_SALE}
WHERE v.id = $1 AND v.deleted_at IS NULL AND {_VISIBLE}
"""
_OF_PRODUCT = "v.product_id = (SELECT p.id FROM product p WHERE {key} AND " + _VISIBLE + ")"
_ORDER = Keyset(name="variant", key="v.position", sql_type="bigint")
_LIST = ListStatement(
    source="variant", alias="v", item=sql.VARIANT, joins=f"LEFT JOIN product p ON p.id = v.product_id {sql.BASE_SALE}"
)


async def find_variant(reader: Reader, variant_id: UUID, visibility: Visibility) -> Record | None:
    """The variant, in one statement; None when there is none (or the caller may not see its product)."""
    return record_of(await reader.fetchrow(_BY_ID, variant_id, visibility.everything, visibility.seller_id))


async def list_variants(reader: Reader, key: str, page: PageRequest, visibility: Visibility) -> PageBytes | None:
    """One page of a product's variants, in one statement; None when there is no such product to see."""
    product_id = parse_id(key)
    of_product = _OF_PRODUCT.format(key="p.slug = $1" if product_id is None else "p.id = $1")
    values = (product_id or key, visibility.everything, visibility.seller_id)
    statement, bound = _LIST.build(_ORDER, page, where=[of_product, "v.deleted_at IS NULL"], values=values)
    rows = await reader.fetch(statement, *bound)
    is_empty = rows[0][2] is None
    if is_empty and page.cursor is None:  # a product always has a variant
        return None
    return assemble_page(rows, _ORDER, page.limit)


async def all_variants(reader: Reader, product_id: UUID) -> PageBytes | None:
    """All variants of a product on one page."""
    return await list_variants(reader, str(product_id), PageRequest(limit=MAX_VARIANTS), EVERYTHING)


class VariantRepository(SQLAlchemyAsyncRepository[m.Variant]):
    """Writes of variants. Whoever writes has locked the product: product before variants, always."""

    model_type = m.Variant

    async def product_of(self, variant_id: UUID) -> UUID | None:
        """The product of a live variant, without a lock."""
        statement = select(m.Variant.product_id).where(m.Variant.id == variant_id, m.Variant.deleted_at.is_(None))
        return (await self.session.execute(statement)).scalar_one_or_none()

    async def lock_all(self, product_id: UUID) -> list[m.Variant]:
        """The live variants of a product in their order, locked until the transaction ends."""
        statement = (
            select(m.Variant)
            .where(m.Variant.product_id == product_id, m.Variant.deleted_at.is_(None))
            .order_by(m.Variant.id)  # as everybody who locks several
        )
        rows = (await self.session.execute(statement.with_for_update())).scalars()
        return sorted(rows, key=lambda variant: (variant.position, variant.id))

    async def taken_skus(self, skus: Collection[str]) -> set[str]:
        """Those of the SKUs that live variants have."""
        if not skus:
            return set()
        statement = select(m.Variant.sku).where(m.Variant.sku.in_(skus), m.Variant.deleted_at.is_(None))
        return set((await self.session.execute(statement)).scalars())

    async def images_of(self, product_id: UUID, image_ids: Collection[UUID]) -> set[UUID]:
        """Those of the ids that are pictures of the product."""
        image = m.ProductImage
        statement = select(image.id).where(image.product_id == product_id, image.id.in_(image_ids))
        return set((await self.session.execute(statement)).scalars())

    async def image_ids(self, variant_id: UUID) -> list[UUID]:
        """The pictures that show a variant, in their order."""
        link = m.VariantImage
        statement = select(link.image_id).where(link.variant_id == variant_id).order_by(link.position)
        return list((await self.session.execute(statement)).scalars())

    async def replace_images(self, variant: m.Variant, image_ids: Sequence[UUID]) -> None:
        """Make these the pictures that show a variant."""
        await self.session.flush()
        await self.session.execute(delete(m.VariantImage).where(m.VariantImage.variant_id == variant.id))
        self.session.add_all(
            m.VariantImage(variant_id=variant.id, product_id=variant.product_id, image_id=image_id, position=position)
            for position, image_id in enumerate(image_ids)
        )
        await self.session.flush()
