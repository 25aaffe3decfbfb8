"""HTTP of brands."""

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.brand.repository import find_brand, list_brands
from mercato.catalog.brand.schemas import Brand, BrandCreate, BrandPatch
from mercato.catalog.brand.service import BrandService
from mercato.catalog.openapi import (
    CHANGE_PROBLEMS,
    DELETE_PROBLEMS,
    LIST_PROBLEMS,
    SLUG_RESPONSES,
    WRITE_PROBLEMS,
    CountParameter,
    CursorParameter,
    IfMatch,
    Key,
    LimitParameter,
    NameFilter,
    example_body,
)
from mercato.catalog.slugs import missing
from mercato.identity.controllers import public, requires
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, page_answer, versioned_answer
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest

BrandBody = Annotated[BrandCreate, example_body(name="Nordlys", description="Enamel ware from Bergen.")]
BrandChanges = Annotated[BrandPatch, example_body(description="Enamel and steel ware from Bergen.")]


class BrandController(Controller):
    """Read by everybody, written by admins with `write:catalog`."""

    path = "/brands"
    tags = ("Brands",)
    request_max_body_size = 256 * 1024
    """A description of 20,000 characters takes 120 kB when each is written as an escape."""

    @post(
        opt=requires("write:catalog", role="admin"),
        operation_id="create_brand",
        summary="Create a brand",
        responses=WRITE_PROBLEMS,
    )
    async def create(
        self, request: ApiRequest, session: NamedDependency[AsyncSession], data: BrandBody
    ) -> Response[Brand]:
        """201 with the brand and its address."""
        key, record = await BrandService(session).create(data)
        return versioned_answer(
            Brand, record.body, record.version, request=request, status=201, location=f"/api/v1/brands/{key}"
        )

    @get(opt=public(), operation_id="list_brands", summary="List brands", responses=LIST_PROBLEMS)
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
        q: NameFilter = None,
    ) -> Response[Page[Brand]]:
        """A page in order; `next_cursor` and the `Link` header lead on."""
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[Brand], await list_brands(db.reads, page, q=q), request)

    @get("/{key:str}", opt=public(), operation_id="get_brand", summary="Get a brand", responses=SLUG_RESPONSES)
    async def get(self, request: ApiRequest, db: NamedDependency[Database], key: Key) -> Response[Brand]:
        """The brand with its entity tag; 304 when `If-None-Match` names it."""
        record = await find_brand(db.reads, key)
        if record is None:
            raise await missing(db.reads, "brand", key)
        return versioned_answer(Brand, record.body, record.version, request=request)

    @put(
        "/{key:str}",
        opt=requires("write:catalog", role="admin"),
        operation_id="replace_brand",
        summary="Replace a brand",
        responses=CHANGE_PROBLEMS,
    )
    async def replace(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        key: Key,
        data: BrandBody,
        if_match: IfMatch = None,
    ) -> Response[Brand]:
        """What the body leaves out gets its default."""
        record = await BrandService(session).replace(key, data, if_match=if_match)
        return versioned_answer(Brand, record.body, record.version, request=request)

    @patch(
        "/{key:str}",
        opt=requires("write:catalog", role="admin"),
        operation_id="patch_brand",
        summary="Change a brand",
        responses=CHANGE_PROBLEMS,
    )
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        key: Key,
        data: BrandChanges,
        if_match: IfMatch = None,
    ) -> Response[Brand]:
        """What the body leaves out stays as it is."""
        record = await BrandService(session).patch(key, data, if_match=if_match)
        return versioned_answer(Brand, record.body, record.version, request=request)

    @delete(
        "/{key:str}",
        opt=requires("write:catalog", role="admin"),
        operation_id="delete_brand",
        summary="Delete a brand",
        responses=DELETE_PROBLEMS,
    )
    async def delete(self, session: NamedDependency[AsyncSession], key: Key, if_match: IfMatch = None) -> None:
        """Refused with 409 while it is in use."""
        await BrandService(session).delete(key, if_match=if_match)
