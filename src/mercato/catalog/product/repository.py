"""All SQL of products."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Text, bindparam, func, select, text, update

from mercato.catalog import sql
from mercato.catalog.attribute.models import Attribute
from mercato.catalog.category.models import Category
from mercato.catalog.product import models as m
from mercato.catalog.product.schemas import ProductStatus
from mercato.catalog.records import Record, record_of
from mercato.catalog.repository import SLUG_LOCK, CatalogRepository
from mercato.identity.principal import PUBLISHED_ONLY, Visibility
from mercato.platform.db import Reader, Versioned
from mercato.platform.ids import parse_id
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

MAX_PRICE_KEY = 2**62
"""Sorts products without a price behind all prices."""

RESERVED_SLUGS = frozenset({"batch", "completeness", "publish"})
"""Addresses below /products that are no products."""

SORTS: Mapping[str, Keyset] = {
    keyset.name: keyset
    for keyset in (
        Keyset(name="created_at", key="p.created_at", sql_type="timestamptz"),
        Keyset(name="-created_at", key="p.created_at", sql_type="timestamptz", descending=True),
        Keyset(name="updated_at", key="p.updated_at", sql_type="timestamptz"),
        Keyset(name="name", key="lower(p.name)", sql_type="text"),
        Keyset(name="price", key=f"coalesce(p.price_amount, {MAX_PRICE_KEY})", sql_type="bigint"),
        Keyset(name="-price", key=f"coalesce(p.price_amount, {MAX_PRICE_KEY})", sql_type="bigint", descending=True),
    )
}


class ProductQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters and order of a product list; several values of one filter are alternatives."""

    category: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    status: tuple[ProductStatus, ...] = ()
    seller: UUID | None = None
    updated_since: datetime | None = None
    q: str | None = None
    sort: str = "-created_at"
    visibility: Visibility = PUBLISHED_ONLY


_IMAGES = f"""(
    SELECT coalesce(json_agg({sql.IMAGE} ORDER BY i.position), '[]')
    FROM product_image i JOIN asset a ON a.id = i.asset_id WHERE i.product_id = p.id
)"""

_CATEGORIES = f"""(
    SELECT json_agg({sql.CATEGORY_REF} ORDER BY own.n)
    FROM unnest(p.category_id || p.category_ids) WITH ORDINALITY own (id, n) JOIN category c ON c.id = own.id
)"""

CHOSEN_CATEGORIES = """
    SELECT below.id FROM category c JOIN category below ON below.path_ids @> ARRAY[c.id]
    WHERE c.deleted_at IS NULL AND (c.slug = ANY(${0}) OR c.id::text = ANY(${0}))
"""

JOINS = "LEFT JOIN brand b ON b.id = p.brand_id LEFT JOIN category c ON c.id = p.category_id"

_PRODUCT = f"""
SELECT p.version, json_build_object(
    'id', p.id, 'slug', p.slug, 'name', p.name, 'description', p.description, 'status', p.status,
    'publish_at', p.publish_at, 'unpublish_at', p.unpublish_at,
    'brand', {sql.BRAND_REF}, 'category', ref.category,
    'categories', CASE WHEN c.id IS NULL THEN '[]'::json
        WHEN cardinality(p.category_ids) = 0 THEN json_build_array(ref.category) ELSE {_CATEGORIES} END,
    'attributes', p.attributes, 'options', p.options, 'variants', {sql.VARIANTS}, 'images', {_IMAGES}, 'tags', p.tags,
    'price', {sql.PRICE}, 'compare_at_price', {sql.COMPARE_AT_PRICE},
    'rating', {sql.RATING}, 'in_stock', p.in_stock, 'seller_id', p.seller_id, 'external_ref', p.external_ref,
    'created_at', p.created_at, 'updated_at', p.updated_at, 'version', p.version
)::text AS body,
    p.id, {sql.PUBLISHED} AS is_published, {sql.seconds_until(sql.NEXT_CHANGE)} AS valid_s
FROM product p {JOINS} CROSS JOIN LATERAL (SELECT {sql.CATEGORY_REF} AS category) ref
WHERE p.deleted_at IS NULL AND {{key}} AND ({sql.PUBLISHED} OR $2 OR p.seller_id = $3)
"""
PRODUCT_BY_ID = _PRODUCT.format(key="p.id = $1")
PRODUCT_BY_SLUG = _PRODUCT.format(key="p.slug = $1")

SUMMARY = f"""json_build_object(
    'id', p.id, 'slug', p.slug, 'name', p.name, 'status', p.status,
    'brand', {sql.BRAND_REF}, 'category', {sql.CATEGORY_REF},
    'price', {sql.PRICE}, 'compare_at_price', {sql.COMPARE_AT_PRICE},
    'rating', {sql.RATING}, 'in_stock', p.in_stock, 'image', {sql.PRIMARY_IMAGE}, 'sku', {sql.DEFAULT_SKU},
    'external_ref', p.external_ref, 'created_at', p.created_at, 'updated_at', p.updated_at, 'version', p.version
)"""
_LIST = ListStatement(
    source="product", alias="p", item=SUMMARY, joins=JOINS, note=sql.seconds_until(sql.NEXT_LISTED_CHANGE)
)


class ProductReading(msgspec.Struct, frozen=True, kw_only=True):
    """A product, and for whom and how long it is so."""

    record: Record
    product_id: str
    is_published: bool
    """Whether everybody sees it."""
    valid_s: float | None
    """Seconds until the clock changes it; None when it does not."""


class ListReading(msgspec.Struct, frozen=True, kw_only=True):
    """A page, and how many seconds it is until the clock changes some list (None: it does not)."""

    page: PageBytes
    valid_s: float | None


async def find_product(reader: Reader, key: str, visibility: Visibility) -> Record | None:
    """The product with this id or slug, in one statement; None when there is none (or the caller may not see it)."""
    reading = await read_product(reader, parse_id(key) or key, visibility)
    return None if reading is None else reading.record


async def read_product(reader: Reader, key: UUID | str, visibility: Visibility) -> ProductReading | None:
    """The same, by id or by slug, with what must be known to hold it for others."""
    statement = PRODUCT_BY_SLUG if isinstance(key, str) else PRODUCT_BY_ID
    row = await reader.fetchrow(statement, key, visibility.everything, visibility.seller_id)
    record = record_of(row)
    if row is None or record is None:
        return None
    return ProductReading(
        record=record,
        product_id=str(row[2]),
        is_published=bool(row[3]),
        valid_s=cast("float | None", row[4]),
    )


async def list_products(reader: Reader, query: ProductQuery, page: PageRequest) -> PageBytes:
    """One page of product summaries, in one statement."""
    return (await read_list(reader, query, page)).page


async def read_list(reader: Reader, query: ProductQuery, page: PageRequest) -> ListReading:
    """The same, with what must be known to hold it for others."""
    keyset = SORTS[query.sort]
    where, values = _conditions(query)
    source = None
    if query.category:
        values.append(list(query.category))
        source = f"({sql.in_categories(CHOSEN_CATEGORIES.format(len(values)))})"
    statement, bound = _LIST.build(keyset, page, where=where, values=values, source=source)
    rows = await reader.fetch(statement, *bound)
    return ListReading(page=assemble_page(rows, keyset, page.limit), valid_s=cast("float | None", rows[0][4]))


def _conditions(query: ProductQuery) -> tuple[list[str], list[object]]:
    values: list[object] = []
    where = ["p.deleted_at IS NULL", *visible_to(query.visibility, values), *filters(query, values)]
    if query.updated_since is not None:
        values.append(query.updated_since)
        where.append(f"p.updated_at >= ${len(values)}")
    return where, values


def visible_to(visibility: Visibility, values: list[object]) -> list[str]:
    """Conditions on a live product `p` that hold when the caller may see it; adds to `values` what they refer to."""
    if visibility.everything:
        return []
    if visibility.seller_id is None:
        return [sql.PUBLISHED]
    values.append(visibility.seller_id)
    return [f"({sql.PUBLISHED} OR p.seller_id = ${len(values)})"]


def filters(query: ProductQuery, values: list[object]) -> list[str]:
    """Conditions on a product `p` for what the query asks, but for categories and `updated_since`; adds to `values` what they refer to."""
    where: list[str] = []

    def bind(condition: str, value: object) -> None:
        values.append(value)
        where.append(condition.format(f"${len(values)}"))

    if query.brand:
        bind(
            """p.brand_id IN (
                SELECT b.id FROM brand b WHERE b.deleted_at IS NULL AND (b.slug = ANY({0}) OR b.id::text = ANY({0}))
            )""",
            list(query.brand),
        )
    if query.status:
        bind("p.status = ANY({0})", list(query.status))
    if query.seller is not None:
        bind("p.seller_id = {0}", query.seller)
    if query.q:
        bind(
            """(p.name ILIKE '%' || {0} || '%' OR EXISTS (
                SELECT FROM variant v WHERE v.product_id = p.id AND v.deleted_at IS NULL AND v.sku ILIKE {0} || '%'
            ))""",
            _like_literal(query.q),
        )
    return where


def _like_literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_LOCK_NAMES = text("""
    SELECT count(pg_advisory_xact_lock(:space, hash)::text)
    FROM (SELECT DISTINCT hashtext(name) AS hash FROM unnest(:names) AS name ORDER BY 1) ordered
""").bindparams(bindparam("names", type_=ARRAY(Text)))


class ProductRepository(CatalogRepository[m.Product]):
    """Writes of products."""

    model_type = m.Product

    async def free_slug(self, wanted: str) -> str:
        """As of all repositories, but never an address of the API itself."""
        return await super().free_slug(f"{wanted}-2" if wanted in RESERVED_SLUGS else wanted)

    async def lock_together(self, keys: Collection[str], names: Collection[str]) -> None:
        """Lock many products, and names that are about to be taken, in one order for all who do so: no two wait for each other."""
        ids = [row_id for key in keys if (row_id := parse_id(key)) is not None]
        slugs = [key for key in keys if parse_id(key) is None]
        chosen = (m.Product.id.in_(ids) | m.Product.slug.in_(slugs)) & m.Product.deleted_at.is_(None)
        await self.session.execute(select(m.Product).where(chosen).order_by(m.Product.id).with_for_update())
        await self.session.execute(_LOCK_NAMES, {"space": SLUG_LOCK, "names": sorted(names)})

    async def is_published(self, product: m.Product) -> bool:
        """Whether everybody sees the product now."""
        p = m.Product
        published = func.product_is_published(p.status, p.publish_at, p.unpublish_at, p.deleted_at)
        return bool((await self.session.execute(select(published).where(p.id == product.id))).scalar_one())

    async def delete_variants(self, product_id: UUID, deleted_at: datetime) -> None:
        """Delete the variants softly, which frees their SKUs."""
        await self.session.execute(
            update(m.Variant)
            .where(m.Variant.product_id == product_id, m.Variant.deleted_at.is_(None))
            .values(deleted_at=deleted_at)
        )

    async def missing_reference(self, model: type[Versioned], row_id: UUID) -> bool:
        """Whether no live row of `model` has this id; one that is there stays until the transaction ends."""
        statement = select(model.id).where(model.id == row_id, model.deleted_at.is_(None))
        return (await self.session.execute(statement.with_for_update(read=True))).scalar_one_or_none() is None

    async def missing_categories(self, category_ids: Collection[UUID]) -> set[UUID]:
        """Those of the ids that no live category has; the categories that are there stay until the transaction ends."""
        statement = select(Category.id).where(Category.id.in_(category_ids), Category.deleted_at.is_(None))
        # In the order of their ids, as everything that locks several: so two never wait for each other.
        rows = await self.session.execute(statement.order_by(Category.id).with_for_update(read=True))
        return set(category_ids) - set(rows.scalars())

    async def definitions(self, codes: Collection[str]) -> dict[str, Attribute]:
        """The attributes with these codes; they stay as they are until the transaction ends."""
        statement = select(Attribute).where(Attribute.code.in_(codes), Attribute.deleted_at.is_(None))
        rows = await self.session.execute(statement.order_by(Attribute.code).with_for_update(read=True))
        return {row.code: row for row in rows.scalars()}
