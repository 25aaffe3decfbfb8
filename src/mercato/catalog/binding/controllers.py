"""HTTP of the attributes of categories."""

from typing import Annotated

from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.binding.repository import find_bindings
from mercato.catalog.binding.schemas import CategoryAttributes, CategoryAttributesInput
from mercato.catalog.binding.service import BindingService
from mercato.catalog.openapi import CHANGE_PROBLEMS, SLUG_RESPONSES, IfMatch, Key, example_body
from mercato.catalog.slugs import missing
from mercato.identity.controllers import public, requires
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, versioned_answer

BindingsBody = Annotated[
    CategoryAttributesInput,
    example_body(items=[{"code": "colour", "is_required": True}, {"code": "volume"}]),
]
Force = Annotated[
    bool, QueryParameter(description="Require what active products lack, too: their next edit has to bring it.")
]


class BindingController(Controller):
    """Read by everybody, written by admins with `write:catalog`."""

    path = "/categories"
    tags = ("Categories",)

    @get(
        "/{key:str}/attributes",
        opt=public(),
        operation_id="get_category_attributes",
        summary="What products of a category are expected to have",
        responses=SLUG_RESPONSES,
    )
    async def get(self, request: ApiRequest, db: NamedDependency[Database], key: Key) -> Response[CategoryAttributes]:
        """Its own attributes and those of the categories above; of two that name the same one, the nearest counts."""
        record = await find_bindings(db.reads, key)
        if record is None:
            raise await missing(db.reads, "category", key, below="/attributes")
        return versioned_answer(CategoryAttributes, record.body, record.version, request=request)

    @put(
        "/{key:str}/attributes",
        opt=requires("write:catalog", role="admin"),
        operation_id="replace_category_attributes",
        summary="Say what products of a category are expected to have",
        responses=CHANGE_PROBLEMS,
    )
    async def replace(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        key: Key,
        data: BindingsBody,
        force: Force = False,
        if_match: IfMatch = None,
    ) -> Response[CategoryAttributes]:
        """409 `required_missing` with a `count` when active products lack what would become required."""
        record = await BindingService(session).replace(key, data, force=force, if_match=if_match)
        return versioned_answer(CategoryAttributes, record.body, record.version, request=request)
