"""All SQL of reviews."""

from collections.abc import Mapping
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog import sql
from mercato.catalog.product.models import Product
from mercato.catalog.records import Record, record_of
from mercato.catalog.repository import CatalogRepository
from mercato.catalog.review import models as m
from mercato.catalog.review.schemas import ReviewSort, ReviewStatus
from mercato.catalog.slugs import missing, present_slug
from mercato.identity.principal import PUBLISHED_ONLY, Principal, Visibility
from mercato.platform.db import Reader, reader_of
from mercato.platform.ids import parse_id
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page
from mercato.platform.problems import NotFound

SORTS: Mapping[str, Keyset] = {
    "created_at": Keyset(name="review.created_at", key="r.created_at", sql_type="timestamptz"),
    "-created_at": Keyset(name="review.-created_at", key="r.created_at", sql_type="timestamptz", descending=True),
    "rating": Keyset(name="review.rating", key="r.rating", sql_type="bigint"),
    "-rating": Keyset(name="review.-rating", key="r.rating", sql_type="bigint", descending=True),
}

# $1 is the account that looks, $2 whether it is an admin's.
_REVIEW = """json_build_object(
    'id', r.id, 'product', json_build_object('id', p.id, 'slug', p.slug, 'name', p.name), 'author', a.name,
    'rating', r.rating, 'title', r.title, 'body', r.body, 'status', r.status,
    'is_mine', coalesce(r.account_id = $1::uuid, false),
    'reason', CASE WHEN $2::boolean OR r.account_id = $1 THEN r.reason END,
    'moderated_at', CASE WHEN $2 OR r.account_id = $1 THEN r.moderated_at END,
    'account_id', CASE WHEN $2 THEN r.account_id END, 'moderated_by', CASE WHEN $2 THEN r.moderated_by END,
    'created_at', r.created_at, 'updated_at', r.updated_at, 'version', r.version
)"""
_JOINS = "LEFT JOIN product p ON p.id = r.product_id LEFT JOIN account a ON a.id = r.account_id"
_LIST = ListStatement(source="review", alias="r", item=_REVIEW, joins=_JOINS)
_ONE = f"""
SELECT r.version, {_REVIEW}::text FROM review r {_JOINS}
WHERE r.id = $3 AND r.deleted_at IS NULL AND p.deleted_at IS NULL
  AND (r.status = 'approved' AND {sql.PUBLISHED} OR r.account_id = $1 OR $2)
"""
_MINE = f"""
SELECT r.version, {_REVIEW}::text FROM review r {_JOINS}
WHERE r.product_id = $3 AND r.account_id = $1 AND r.deleted_at IS NULL
"""
_SUMMARY = f"""
SELECT json_build_object('rating', {sql.RATING}, 'reviews', counted.reviews, 'stars', counted.stars)::text
FROM product p CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.count), 0) AS reviews,
        json_agg(json_build_object('stars', s, 'count', coalesce(c.count, 0)) ORDER BY s DESC) AS stars
    FROM generate_series(1, 5) s LEFT JOIN (
        SELECT r.rating, count(*) AS count FROM review r
        WHERE r.product_id = p.id AND r.status = 'approved' AND r.deleted_at IS NULL GROUP BY r.rating
    ) c ON c.rating = s
) counted
WHERE {{visible}}
"""


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks at reviews: an account or nobody, and whether it is an admin's."""

    account_id: UUID | None = None
    is_admin: bool = False

    @classmethod
    def of(cls, caller: Principal) -> "Viewer":
        """The caller of a request."""
        return cls(account_id=caller.account_id, is_admin=caller.visibility.everything)


class ReviewQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters and order of the reviews of one product, or of all (`product` None, for admins)."""

    viewer: Viewer
    product: str | None = None
    visibility: Visibility = PUBLISHED_ONLY
    status: ReviewStatus | None = None
    rating: tuple[int, ...] = ()
    sort: ReviewSort = "-created_at"


async def list_product_reviews(reader: Reader, query: ReviewQuery, page: PageRequest) -> PageBytes:
    """One page of the approved reviews of a product and of the viewer's own; raises `NotFound` without such a product.

    One statement, and a second one when there are none: is there such a product?
    """
    values: list[object] = [query.viewer.account_id, query.viewer.is_admin]
    visible = _visible(query.product or "", query.visibility, values)
    where = [
        f"r.product_id = (SELECT p.id FROM product p WHERE {visible})",
        "(r.status = 'approved' OR r.account_id = $1)",
    ]
    found, is_empty = await _list(reader, query, page, where=where, values=values)
    if is_empty and await find_summary(reader, query.product or "", query.visibility) is None:
        raise await missing(reader, "product", query.product or "", visibility=query.visibility, below="/reviews")
    return found


async def list_all_reviews(reader: Reader, query: ReviewQuery, page: PageRequest) -> PageBytes:
    """One page of the reviews of all products that are there, in one statement."""
    values: list[object] = [query.viewer.account_id, query.viewer.is_admin]
    where = ["EXISTS (SELECT FROM product p WHERE p.id = r.product_id AND p.deleted_at IS NULL)"]
    if query.product is not None:
        visible = _visible(query.product, query.visibility, values)
        where.append(f"r.product_id = (SELECT p.id FROM product p WHERE {visible})")
    if query.status is not None:
        values.append(query.status)
        where.append(f"r.status = ${len(values)}")
    found, _ = await _list(reader, query, page, where=where, values=values)
    return found


async def _list(
    reader: Reader, query: ReviewQuery, page: PageRequest, *, where: list[str], values: list[object]
) -> tuple[PageBytes, bool]:
    conditions = ["r.deleted_at IS NULL", *where]
    if query.rating:
        values.append(list(query.rating))
        conditions.append(f"r.rating = ANY(${len(values)}::integer[])")
    keyset = SORTS[query.sort]
    statement, bound = _LIST.build(keyset, page, where=conditions, values=values)
    rows = await reader.fetch(statement, *bound)
    return assemble_page(rows, keyset, page.limit), rows[0][2] is None


async def find_summary(reader: Reader, key: str, visibility: Visibility) -> bytes | None:
    """The ratings of a product as JSON; None when there is no such product (or the caller may not see it)."""
    values: list[object] = []
    statement = _SUMMARY.format(visible=_visible(key, visibility, values))
    row = await reader.fetchrow(statement, *values)
    return None if row is None else str(row[0]).encode()


async def find_review(reader: Reader, review_id: UUID, viewer: Viewer) -> Record | None:
    """The review, if the viewer may see it: approved ones of published products, one's own, and for admins all."""
    return record_of(await reader.fetchrow(_ONE, viewer.account_id, viewer.is_admin, review_id))


async def find_own_review(reader: Reader, product_id: UUID, viewer: Viewer) -> Record | None:
    """The viewer's own review of a product."""
    return record_of(await reader.fetchrow(_MINE, viewer.account_id, viewer.is_admin, product_id))


def no_product(key: str) -> NotFound:
    """The problem of reviews without a product."""
    return NotFound(f"There is no product {key!r}.")


def _visible(key: str, visibility: Visibility, values: list[object]) -> str:
    """The condition that picks a product which the caller sees; its values are added to `values`."""
    product_id = parse_id(key)
    first = len(values) + 1
    values += [product_id or key, visibility.everything, visibility.seller_id]
    return (
        f"p.{'slug' if product_id is None else 'id'} = ${first} AND p.deleted_at IS NULL"
        f" AND ({sql.PUBLISHED} OR ${first + 1}::boolean OR p.seller_id = ${first + 2}::uuid)"
    )


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules of reviews need to know of a product."""

    id: UUID
    seller_id: UUID | None
    is_published: bool


class ReviewRepository(CatalogRepository[m.Review]):
    """Writes of reviews. Products are locked before their reviews, always: the rating's trigger wants the product too."""

    model_type = m.Review

    async def lock_product(self, key: str) -> Reviewed:
        """The live product with this id or slug, locked against other changes; raises `NotFound`."""
        product_id = parse_id(key)
        picked: ColumnElement[bool] = Product.slug == key if product_id is None else Product.id == product_id
        p = Product
        published = func.product_is_published(p.status, p.publish_at, p.unpublish_at, p.deleted_at)
        statement = select(p.id, p.seller_id, published).where(picked, p.deleted_at.is_(None))
        row = (await self.session.execute(statement.with_for_update(key_share=True))).one_or_none()
        if row is None:
            slug = await present_slug(await reader_of(cast("AsyncSession", self.session)), "product", key)
            raise no_product(key) if slug is None else NotFound(f"It is called {slug!r} now.", moved_to=slug)
        return Reviewed(id=row[0], seller_id=row[1], is_published=row[2])

    async def lock_review(self, review_id: UUID) -> tuple[Reviewed, m.Review]:
        """A live review of a live product and that product, both locked; raises `NotFound`."""
        statement = select(m.Review.product_id).where(m.Review.id == review_id, m.Review.deleted_at.is_(None))
        product_id = (await self.session.execute(statement)).scalar_one_or_none()
        if product_id is None:
            raise no_review(review_id)
        return await self.lock_product(str(product_id)), await self.lock(str(review_id))

    async def find_by(self, account_id: UUID, product_id: UUID) -> m.Review | None:
        """The live review of a product by an account, locked."""
        statement = select(m.Review).where(
            m.Review.account_id == account_id, m.Review.product_id == product_id, m.Review.deleted_at.is_(None)
        )
        return (await self.session.execute(statement.with_for_update())).scalar_one_or_none()


def no_review(review_id: UUID) -> NotFound:
    """The problem of a review that is not there, or not for the caller."""
    return NotFound(f"There is no review {str(review_id)!r}.")
