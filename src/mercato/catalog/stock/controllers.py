"""HTTP of stock."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import PathParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.openapi import (
    ACTION_PROBLEMS,
    CHANGE_PROBLEMS,
    GET_RESPONSES,
    LIST_PROBLEMS,
    READ_PROBLEMS,
    CountParameter,
    CursorParameter,
    IfMatch,
    LimitParameter,
    example_body,
)
from mercato.catalog.stock.access import check_own
from mercato.catalog.stock.repository import find_level, find_sellable, list_low, list_movements
from mercato.catalog.stock.schemas import LowStock, StockChange, StockChanged, StockLevel, StockMovement, StockPatch
from mercato.catalog.stock.service import StockService
from mercato.identity.controllers import requires
from mercato.identity.principal import Principal
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, page_answer, versioned_answer
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest
from mercato.platform.problems import NotFound

VariantId = Annotated[UUID, PathParameter(description="Id of the variant.")]
ChangeBody = Annotated[StockChange, example_body(delta=-2, reason="sale", note="Order 4711")]
WatchBody = Annotated[StockPatch, example_body(low_stock_threshold=5)]


class VariantStockController(Controller):
    """Seen and changed by sellers for their own products, by admins for all."""

    path = "/variants/{variant_id:uuid}/stock"
    tags = ("Stock",)
    request_max_body_size = 64 * 1024

    @post(
        opt=requires("write:catalog"),
        status_code=200,
        operation_id="change_stock",
        summary="Change a variant's stock",
        responses=CHANGE_PROBLEMS,
    )
    async def change(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        data: ChangeBody,
    ) -> Response[StockChanged]:
        """`delta` takes from what is available, or else answers 409 `insufficient_stock`; `quantity` is what was counted."""
        record = await StockService(session, principal).change(variant_id, data)
        return versioned_answer(StockChanged, record.body, record.version, request=request)

    @patch(
        opt=requires("write:catalog"),
        operation_id="patch_stock",
        summary="Watch a variant's stock",
        responses=CHANGE_PROBLEMS,
    )
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        data: WatchBody,
        if_match: IfMatch = None,
    ) -> Response[StockLevel]:
        """With a threshold, the variant is listed as low in stock once no more than so many are left. `If-Match` takes its version."""
        record = await StockService(session, principal).patch(variant_id, data, if_match=if_match)
        return versioned_answer(StockLevel, record.body, record.version, request=request)

    @get(
        "/movements",
        opt=requires("read:catalog"),
        operation_id="list_stock_movements",
        summary="List what happened to a variant's stock",
        responses=ACTION_PROBLEMS | READ_PROBLEMS,
    )
    async def movements(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
    ) -> Response[Page[StockMovement]]:
        """The newest first. What an import brought in is listed from the first change on."""
        check_own(principal, variant_id, await find_sellable(db.reads, [variant_id]))
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[StockMovement], await list_movements(db.reads, variant_id, page), request)

    @get(
        opt=requires("read:catalog"),
        operation_id="get_stock",
        summary="Get a variant's stock",
        responses=ACTION_PROBLEMS | GET_RESPONSES,
    )
    async def get(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
    ) -> Response[StockLevel]:
        """How many there are, how many of them are held by reservations, and how many are left."""
        check_own(principal, variant_id, await find_sellable(db.reads, [variant_id]))
        record = await find_level(db.reads, variant_id)
        if record is None:
            raise NotFound(f"There is no variant {str(variant_id)!r}.")
        return versioned_answer(StockLevel, record.body, record.version, request=request)


class LowStockController(Controller):
    """What has to be ordered."""

    path = "/stock"
    tags = ("Stock",)

    @get(
        "/low",
        opt=requires("read:catalog"),
        operation_id="list_low_stock",
        summary="List variants that are low in stock",
        responses=ACTION_PROBLEMS | LIST_PROBLEMS,
    )
    async def low(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
    ) -> Response[Page[LowStock]]:
        """At or below their threshold, those first of which fewest are left. Sellers see their own, admins all."""
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[LowStock], await list_low(db.reads, principal.visibility, page), request)
