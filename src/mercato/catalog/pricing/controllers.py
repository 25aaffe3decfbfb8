"""HTTP of prices and sales."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.openapi import (
    CHANGE_PROBLEMS,
    DELETE_PROBLEMS,
    GET_RESPONSES,
    READ_PROBLEMS,
    CountParameter,
    CursorParameter,
    IfMatch,
    LimitParameter,
    example_body,
)
from mercato.catalog.pricing.repository import (
    find_lowest_prices,
    find_prices,
    find_sale,
    has_variant,
    list_price_events,
    list_sales,
)
from mercato.catalog.pricing.schemas import PriceHistory, PricesReplace, Sale, SaleCreate, SalePatch, VariantPrices
from mercato.catalog.pricing.service import PricingService
from mercato.identity.controllers import public, requires
from mercato.identity.principal import Principal
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, page_answer, versioned_answer
from mercato.platform.money import CURRENCIES
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest
from mercato.platform.problems import InvalidInput, NotFound

VariantId = Annotated[UUID, PathParameter(description="Id of the variant.")]
SaleId = Annotated[UUID, PathParameter(description="Id of the sale.")]
PricesBody = Annotated[
    PricesReplace,
    example_body(
        prices=[
            {"price": {"amount": 2199, "currency": "USD"}, "compare_at_price": {"amount": 2599, "currency": "USD"}},
            {"price": {"amount": 3200, "currency": "JPY"}},
        ]
    ),
]
SaleBody = Annotated[
    SaleCreate,
    example_body(
        name="Winter sale",
        price={"amount": 1499, "currency": "EUR"},
        starts_at="2026-12-27T00:00:00+01:00",
        ends_at="2027-01-10T00:00:00+01:00",
    ),
]
SaleChanges = Annotated[SalePatch, example_body(ends_at="2027-01-17T00:00:00+01:00")]
MAX_BODY = 64 * 1024


def _no_variant(variant_id: UUID) -> NotFound:
    return NotFound(f"There is no variant {str(variant_id)!r}.")


class VariantPricingController(Controller):
    """Prices and sales of a variant."""

    path = "/variants/{variant_id:uuid}"
    tags = ("Prices",)
    request_max_body_size = MAX_BODY

    @get(
        "/prices",
        opt=public(),
        operation_id="get_variant_prices",
        summary="Get a variant's prices",
        responses=GET_RESPONSES,
    )
    async def get_prices(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
    ) -> Response[VariantPrices]:
        """In all currencies: what is asked without a sale, and what is asked at this second."""
        record = await find_prices(db.reads, variant_id, principal.visibility)
        if record is None:
            raise _no_variant(variant_id)
        return versioned_answer(VariantPrices, record.body, record.version, request=request)

    @put(
        "/prices",
        opt=requires("write:catalog"),
        operation_id="replace_variant_prices",
        summary="Replace a variant's prices in further currencies",
        responses=CHANGE_PROBLEMS,
    )
    async def replace_prices(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        data: PricesBody,
        if_match: IfMatch = None,
    ) -> Response[VariantPrices]:
        """Currencies that the body leaves out are dropped; the base price stays. `If-Match` takes the variant's version."""
        record = await PricingService(session, principal).set_prices(variant_id, data, if_match=if_match)
        return versioned_answer(VariantPrices, record.body, record.version, request=request)

    @get(
        "/price-history",
        opt=public(),
        operation_id="list_price_history",
        summary="List what a variant's prices have been",
        responses=READ_PROBLEMS,
    )
    async def list_history(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        currency: Annotated[
            str | None, QueryParameter(pattern="^[A-Z]{3}$", description="Only prices in this currency.")
        ] = None,
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
    ) -> Response[PriceHistory]:
        """Changes of list prices, beginnings and ends of sales, the latest first; and the lowest price of the last 30 days."""
        if currency is not None and currency not in CURRENCIES:
            raise InvalidInput.at("currency", f"there is no currency {currency!r}", "unknown_currency")
        lowest = await find_lowest_prices(db.reads, variant_id, principal.visibility)
        if lowest is None:
            raise _no_variant(variant_id)
        page = await list_price_events(
            db.reads, variant_id, currency, PageRequest(limit=limit, cursor=cursor, count=count)
        )
        body = page.body[:-1] + b',"lowest_30_days":' + lowest + b"}"
        return page_answer(PriceHistory, msgspec.structs.replace(page, body=body), request)

    @get(
        "/sales",
        opt=requires("read:catalog"),
        operation_id="list_sales",
        summary="List a variant's sales",
        responses=READ_PROBLEMS,
    )
    async def list_sales(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
    ) -> Response[Page[Sale]]:
        """To come, running and over, the latest first; sellers see those of their own products."""
        if not await has_variant(db.reads, variant_id, principal.visibility):
            raise _no_variant(variant_id)
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[Sale], await list_sales(db.reads, variant_id, page), request)

    @post(
        "/sales",
        opt=requires("write:catalog"),
        operation_id="create_sale",
        summary="Schedule a sale",
        responses=CHANGE_PROBLEMS,
    )
    async def create_sale(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        data: SaleBody,
    ) -> Response[Sale]:
        """In effect from `starts_at` until just before `ends_at`. 409 `sale_overlaps` when another one runs then."""
        sale_id, record = await PricingService(session, principal).add_sale(variant_id, data)
        return versioned_answer(
            Sale, record.body, record.version, request=request, status=201, location=f"/api/v1/sales/{sale_id}"
        )


class SaleController(Controller):
    """Sales by themselves."""

    path = "/sales/{sale_id:uuid}"
    tags = ("Prices",)
    request_max_body_size = MAX_BODY

    @get(opt=requires("read:catalog"), operation_id="get_sale", summary="Get a sale", responses=GET_RESPONSES)
    async def get(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        sale_id: SaleId,
    ) -> Response[Sale]:
        """Sellers see those of their own products."""
        record = await find_sale(db.reads, sale_id, principal.visibility)
        if record is None:
            raise NotFound(f"There is no sale {str(sale_id)!r}.")
        return versioned_answer(Sale, record.body, record.version, request=request)

    @patch(opt=requires("write:catalog"), operation_id="patch_sale", summary="Change a sale", responses=CHANGE_PROBLEMS)
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        sale_id: SaleId,
        data: SaleChanges,
        if_match: IfMatch = None,
    ) -> Response[Sale]:
        """All of it before it begins (else 409 `sale_begun`), name and end while it runs, nothing once it is over (409 `sale_ended`)."""
        record = await PricingService(session, principal).change_sale(sale_id, data, if_match=if_match)
        return versioned_answer(Sale, record.body, record.version, request=request)

    @delete(
        opt=requires("write:catalog"),
        operation_id="end_sale",
        summary="Call off or end a sale",
        responses=DELETE_PROBLEMS,
    )
    async def delete(
        self,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        sale_id: SaleId,
        if_match: IfMatch = None,
    ) -> None:
        """One to come is gone; one that runs ends now and stays in the history. 409 `sale_ended` for one that is over."""
        await PricingService(session, principal).end_sale(sale_id, if_match=if_match)
