"""HTTP of variants."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import PathParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.openapi import (
    CHANGE_PROBLEMS,
    DELETE_PROBLEMS,
    GET_RESPONSES,
    MOVED,
    READ_PROBLEMS,
    CountParameter,
    CursorParameter,
    IfMatch,
    Key,
    LimitParameter,
    example_body,
)
from mercato.catalog.slugs import missing
from mercato.catalog.variant.repository import find_variant, list_variants
from mercato.catalog.variant.schemas import VariantCreate, VariantDetail, VariantGeneration, VariantPatch
from mercato.catalog.variant.service import VariantService
from mercato.identity.controllers import public, requires
from mercato.identity.principal import Principal
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, page_answer, versioned_answer
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest
from mercato.platform.problems import NotFound

VariantBody = Annotated[
    VariantCreate,
    example_body(
        options={"Colour": "Green", "Size": "350 ml"},
        sku="MUG-GREEN-350",
        gtin="4006381333931",
        price={"amount": 1999, "currency": "EUR"},
        stock=40,
        weight_grams=310,
    ),
]
VariantEdit = Annotated[VariantPatch, example_body(price={"amount": 1799, "currency": "EUR"}, is_default=True)]
Combinations = Annotated[
    VariantGeneration,
    example_body(
        options=[{"name": "Colour", "values": ["Green", "Red"]}, {"name": "Size", "values": ["250 ml", "350 ml"]}],
        price={"amount": 1999, "currency": "EUR"},
        stock=10,
    ),
]
VariantId = Annotated[UUID, PathParameter(description="Id of the variant.")]
MAX_BODY = 256 * 1024
"""Five options with a hundred values of a hundred characters each take 50 kB, or six times that when written as escapes."""


class ProductVariantController(Controller):
    """The variants of one product."""

    path = "/products/{key:str}/variants"
    tags = ("Variants",)
    request_max_body_size = MAX_BODY

    @get(
        opt=public(), operation_id="list_variants", summary="List a product's variants", responses=READ_PROBLEMS | MOVED
    )
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        key: Key,
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
    ) -> Response[Page[VariantDetail]]:
        """A page in order, for whoever may see the product."""
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        found = await list_variants(db.reads, key, page, principal.visibility)
        if found is None:
            raise await missing(db.reads, "product", key, visibility=principal.visibility, below="/variants")
        return page_answer(Page[VariantDetail], found, request)

    @post(
        opt=requires("write:catalog"),
        operation_id="create_variant",
        summary="Add a variant",
        responses=CHANGE_PROBLEMS,
    )
    async def create(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        key: Key,
        data: VariantBody,
    ) -> Response[VariantDetail]:
        """201 with the variant. It names each of the product's options; 409 `options_taken` when another one is the same."""
        variant_id, record = await VariantService(session, principal).create(key, data)
        location = f"/api/v1/variants/{variant_id}"
        return versioned_answer(
            VariantDetail, record.body, record.version, request=request, status=201, location=location
        )

    @post(
        "/generate",
        status_code=200,
        opt=requires("write:catalog"),
        operation_id="generate_variants",
        summary="Make all combinations",
        responses=CHANGE_PROBLEMS,
    )
    async def generate(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        key: Key,
        data: Combinations,
    ) -> Response[Page[VariantDetail]]:
        """Makes those that are missing, and answers all variants. With `options`, the product gets these first."""
        page = await VariantService(session, principal).generate(key, data)
        return page_answer(Page[VariantDetail], page, request)


class VariantController(Controller):
    """Read by whoever sees the product, written with `write:catalog` by whoever owns it."""

    path = "/variants"
    tags = ("Variants",)

    @get(
        "/{variant_id:uuid}",
        opt=public(),
        operation_id="get_variant",
        summary="Get a variant",
        responses=GET_RESPONSES,
    )
    async def get(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
    ) -> Response[VariantDetail]:
        """The variant with its entity tag; 304 when `If-None-Match` names it."""
        record = await find_variant(db.reads, variant_id, principal.visibility)
        if record is None:
            raise NotFound("There is no such variant.")
        return versioned_answer(VariantDetail, record.body, record.version, request=request)

    @put(
        "/{variant_id:uuid}",
        opt=requires("write:catalog"),
        operation_id="replace_variant",
        summary="Replace a variant",
        responses=CHANGE_PROBLEMS,
    )
    async def replace(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        data: VariantBody,
        if_match: IfMatch = None,
    ) -> Response[VariantDetail]:
        """What the body leaves out gets its default, save SKU, options, position and being the default, which stay."""
        record = await VariantService(session, principal).replace(variant_id, data, if_match=if_match)
        return versioned_answer(VariantDetail, record.body, record.version, request=request)

    @patch(
        "/{variant_id:uuid}",
        opt=requires("write:catalog"),
        operation_id="patch_variant",
        summary="Change a variant",
        responses=CHANGE_PROBLEMS,
    )
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        data: VariantEdit,
        if_match: IfMatch = None,
    ) -> Response[VariantDetail]:
        """What the body leaves out stays as it is. `is_default: true` takes it from the one that has it."""
        record = await VariantService(session, principal).patch(variant_id, data, if_match=if_match)
        return versioned_answer(VariantDetail, record.body, record.version, request=request)

    @delete(
        "/{variant_id:uuid}",
        opt=requires("write:catalog"),
        operation_id="delete_variant",
        summary="Delete a variant",
        responses=DELETE_PROBLEMS,
    )
    async def delete(
        self,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        variant_id: VariantId,
        if_match: IfMatch = None,
    ) -> None:
        """Its SKU is free again, and the next variant becomes the default in its place; the last one stays (409 `last_variant`)."""
        await VariantService(session, principal).delete(variant_id, if_match=if_match)
