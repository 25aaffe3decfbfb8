"""HTTP of completeness."""

import re
from typing import Annotated, Literal

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from mercato.catalog.completeness.repository import CompletenessQuery, find_completeness, list_completeness
from mercato.catalog.completeness.schemas import MISSING_PATTERN, Completeness
from mercato.catalog.openapi import GET_RESPONSES, LIST_PROBLEMS, CursorParameter, Key, LimitParameter
from mercato.catalog.product.schemas import ProductStatus
from mercato.identity.controllers import requires
from mercato.identity.principal import Principal
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, page_answer, versioned_answer
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest
from mercato.platform.problems import InvalidInput, NotFound

_missing_names = re.compile(MISSING_PATTERN)


class CompletenessController(Controller):
    """For those who keep the catalog: sellers see their own products, admins all."""

    path = "/products"
    tags = ("Products",)

    @get(
        "/completeness",
        opt=requires("read:catalog"),
        operation_id="list_completeness",
        summary="List what products lack",
        responses=LIST_PROBLEMS,
    )
    async def least_complete(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: Annotated[Literal["none", "exact"], QueryParameter(description="Whether to fill `total`.")] = "none",
        category: Annotated[
            list[str] | None, QueryParameter(description="Ids or slugs; includes everything below.")
        ] = None,
        status: Annotated[list[ProductStatus] | None, QueryParameter(description="Left out: all.")] = None,
        below: Annotated[int | None, QueryParameter(ge=1, le=100, description="Only scores below this.")] = None,
        missing: Annotated[
            str | None,
            QueryParameter(
                max_length=80,
                description="Only products that lack this: `description`, `price`, `brand`, `category`, `image`, `gtin` or"
                " `attributes.<code>` of an attribute that is expected of them.",
                examples=[Example(value="attributes.volume")],
            ),
        ] = None,
    ) -> Response[Page[Completeness]]:
        """The least complete first."""
        if missing is not None and not _missing_names.match(missing):
            raise InvalidInput.at("missing", f"there is no field {missing!r}", "unknown_field")
        query = CompletenessQuery(
            visibility=principal.visibility,
            category=tuple(category or ()),
            status=tuple(status or ()),
            below=below,
            missing=missing,
        )
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[Completeness], await list_completeness(db.reads, query, page), request)

    @get(
        "/{key:str}/completeness",
        opt=requires("read:catalog"),
        operation_id="get_completeness",
        summary="What a product lacks",
        responses=GET_RESPONSES,
    )
    async def get(
        self, request: ApiRequest, db: NamedDependency[Database], principal: NamedDependency[Principal], key: Key
    ) -> Response[Completeness]:
        """Its score, and each field and attribute that is expected of it and not there."""
        record = await find_completeness(db.reads, key, principal.visibility)
        if record is None:
            raise NotFound(f"There is no product {key!r} of yours.")
        return versioned_answer(Completeness, record.body, record.version, request=request)
