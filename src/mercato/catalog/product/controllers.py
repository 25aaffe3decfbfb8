"""HTTP of products."""

from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.openapi import (
    ACTION_PROBLEMS,
    CHANGE_PROBLEMS,
    DELETE_PROBLEMS,
    LIST_RESPONSES,
    SLUG_RESPONSES,
    WRITE_PROBLEMS,
    CountParameter,
    CursorParameter,
    IfMatch,
    Key,
    LimitParameter,
    example_body,
)
from mercato.catalog.product.batch import ProductBatch
from mercato.catalog.product.following import following_position, list_changes
from mercato.catalog.product.hot import HotReads
from mercato.catalog.product.publishing import Publishing
from mercato.catalog.product.repository import ProductQuery, list_products
from mercato.catalog.product.schemas import (
    Batch,
    BatchAnswer,
    Product,
    ProductCreate,
    ProductPage,
    ProductPatch,
    ProductReplacement,
    ProductSort,
    ProductStatus,
    Publication,
)
from mercato.catalog.product.service import ProductService
from mercato.identity.controllers import provide_principal, public, requires
from mercato.identity.principal import PUBLISHED_ONLY, Principal
from mercato.platform.clock import Timestamp, check_moment
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, next_link, page_answer, stored_answer, versioned_answer
from mercato.platform.paging import DEFAULT_LIMIT, PageRequest

_EXAMPLE = example_body(
    name="Travel mug",
    status="active",
    sku="MUG-350-GRN",
    price={"amount": 1999, "currency": "EUR"},
    stock=40,
    brand_id="01928c3e-5f2a-7c41-9d1e-3b0a6c7d8e9f",
    category_id="01928c3e-5f2a-7c41-9d1e-3b0a6c7d8ea0",
    attributes={"colour": "green", "volume": 350, "dishwasher_safe": True},
    tags=["outdoor"],
)
ProductBody = Annotated[ProductCreate, _EXAMPLE]
ProductState = Annotated[ProductReplacement, _EXAMPLE]
ProductChanges = Annotated[
    ProductPatch, example_body(price={"amount": 1799, "currency": "EUR"}, attributes={"colour": "teal", "volume": None})
]
BatchBody = Annotated[
    Batch,
    example_body(
        error_policy="reject_failed",
        operations=[
            {"op": "create", "data": {"name": "Travel mug", "sku": "MUG-350-RED"}},
            {"op": "update", "id": "travel-mug", "version": 3, "data": {"status": "active"}},
            {"op": "delete", "id": "01928c3e-5f2a-7c41-9d1e-3b0a6c7d8e9f"},
        ],
    ),
]
Keys = list[str]
Statuses = list[ProductStatus]
"""Named here: inside the controller `list` is a route."""
BATCH_BYTES = 8 * 1024 * 1024

PublicationBody = Annotated[
    Publication,
    example_body(
        ids=["01928c3e-5f2a-7c41-9d1e-3b0a6c7d8e9f", "01928c3e-5f2a-7c41-9d1e-3b0a6c7d8ea0"],
        action="publish",
        at="2026-11-27T08:00:00+01:00",
    ),
]


class ProductController(Controller):
    """Read by everybody, written with `write:catalog`: by sellers their own, by admins all."""

    path = "/products"
    tags = ("Products",)
    request_max_body_size = 1024 * 1024
    """A product with every field at its limit is about 200 kB; anything near this is a mistake or an attack."""

    @post(
        opt=requires("write:catalog"),
        operation_id="create_product",
        summary="Create a product",
        responses=WRITE_PROBLEMS,
    )
    async def create(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        data: ProductBody,
    ) -> Response[Product]:
        """201 with the product and its address."""
        key, record = await ProductService(session, principal).create(data)
        return versioned_answer(
            Product, record.body, record.version, request=request, status=201, location=f"/api/v1/products/{key}"
        )

    @post(
        "/batch",
        opt=requires("write:catalog"),
        operation_id="batch_products",
        summary="Change many products at once",
        status_code=207,
        request_max_body_size=BATCH_BYTES,
        responses=ACTION_PROBLEMS,
    )
    async def batch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        data: BatchBody,
    ) -> BatchAnswer:
        """207 with one result for each operation, in their order; all are one transaction."""
        request_id = str(request.scope.get("request_id", ""))
        batch = ProductBatch(session, principal, instance=request.url.path, request_id=request_id)
        return await batch.run(data)

    @post(
        "/publish",
        opt=requires("write:catalog"),
        operation_id="publish_products",
        summary="Publish, hide or archive many products",
        status_code=207,
        responses=ACTION_PROBLEMS,
    )
    async def publish(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        data: PublicationBody,
    ) -> BatchAnswer:
        """207 with one result for each id, in their order: what cannot be published says why, the others are."""
        request_id = str(request.scope.get("request_id", ""))
        return await Publishing(session, principal, instance=request.url.path, request_id=request_id).run(data)

    @get(opt=public(), operation_id="list_products", summary="List products", responses=LIST_RESPONSES)
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        hot: NamedDependency[HotReads],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
        sort: Annotated[
            ProductSort | None,
            QueryParameter(description="Order; `-` reverses it. `-created_at` unless told otherwise."),
        ] = None,
        category: Annotated[Keys | None, QueryParameter(description="Ids or slugs; includes everything below.")] = None,
        brand: Annotated[Keys | None, QueryParameter(description="Ids or slugs.")] = None,
        status: Annotated[
            Statuses | None,
            QueryParameter(
                description="Without `read:catalog` only active ones are seen; with it sellers see all of their own."
            ),
        ] = None,
        seller: Annotated[UUID | None, QueryParameter(description="Id of the seller.")] = None,
        updated_since: Annotated[
            Timestamp | None,
            QueryParameter(
                description="What changed at this moment or later, in the order of the changes; go on from `resume_cursor` "
                "to follow. With `sort` an ordinary filter."
            ),
        ] = None,
        q: Annotated[
            str | None,
            QueryParameter(min_length=1, max_length=200, description="In the name, or at the start of a SKU."),
        ] = None,
    ) -> Response[ProductPage]:
        """A page in order; `next_cursor` and the `Link` header lead on."""
        if updated_since is not None:
            check_moment(updated_since, "updated_since")
        principal = provide_principal(request)
        query = ProductQuery(
            category=tuple(category or ()),
            brand=tuple(brand or ()),
            status=tuple(status or ()),
            seller=seller,
            updated_since=updated_since,
            q=q,
            sort=sort or "-created_at",
            visibility=principal.visibility,
        )
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        if query.visibility == PUBLISHED_ONLY and cursor is None and updated_since is None:
            answer = await hot.first_page(request.scope["query_string"], query, page, partial(next_link, request))
            return stored_answer(ProductPage, answer, request, is_anonymous=principal.kind == "anonymous")
        after = None if sort else following_position(cursor, updated_since)
        if after is None:
            return page_answer(ProductPage, await list_products(db.reads, query, page), request)
        with_tombstones = "read:catalog" in principal.scopes
        changes = await list_changes(db.reads, query, page, after=after, with_tombstones=with_tombstones)
        return page_answer(ProductPage, changes, request)

    @get("/{key:str}", opt=public(), operation_id="get_product", summary="Get a product", responses=SLUG_RESPONSES)
    async def get(self, request: ApiRequest, hot: NamedDependency[HotReads], key: Key) -> Response[Product]:
        """The product with its entity tag; 304 when `If-None-Match` names it."""
        principal = provide_principal(request)
        answer = await hot.product(key, principal.visibility)
        if answer is None:
            raise await hot.missing(key, principal.visibility)
        return stored_answer(Product, answer, request, is_anonymous=principal.kind == "anonymous")

    @put(
        "/{key:str}",
        opt=requires("write:catalog"),
        operation_id="replace_product",
        summary="Replace a product",
        responses=CHANGE_PROBLEMS,
    )
    async def replace(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        key: Key,
        data: ProductState,
        if_match: IfMatch = None,
    ) -> Response[Product]:
        """What the body leaves out gets its default."""
        record = await ProductService(session, principal).replace(key, data, if_match=if_match)
        return versioned_answer(Product, record.body, record.version, request=request)

    @patch(
        "/{key:str}",
        opt=requires("write:catalog"),
        operation_id="patch_product",
        summary="Change a product",
        responses=CHANGE_PROBLEMS,
    )
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        key: Key,
        data: ProductChanges,
        if_match: IfMatch = None,
    ) -> Response[Product]:
        """What the body leaves out stays as it is."""
        record = await ProductService(session, principal).patch(key, data, if_match=if_match)
        return versioned_answer(Product, record.body, record.version, request=request)

    @delete(
        "/{key:str}",
        opt=requires("write:catalog"),
        operation_id="delete_product",
        summary="Delete a product",
        responses=DELETE_PROBLEMS,
    )
    async def delete(
        self,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        key: Key,
        if_match: IfMatch = None,
    ) -> None:
        """Its slug, SKU and external reference are free again."""
        await ProductService(session, principal).delete(key, if_match=if_match)
