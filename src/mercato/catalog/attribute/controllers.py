"""HTTP of attributes."""

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.attribute.repository import find_attribute, list_attributes
from mercato.catalog.attribute.schemas import Attribute, AttributeCreate, AttributePatch
from mercato.catalog.attribute.service import AttributeService
from mercato.catalog.openapi import (
    CHANGE_PROBLEMS,
    DELETE_PROBLEMS,
    GET_RESPONSES,
    LIST_PROBLEMS,
    WRITE_PROBLEMS,
    CountParameter,
    CursorParameter,
    IfMatch,
    Key,
    LimitParameter,
    example_body,
)
from mercato.identity.controllers import public, requires
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, page_answer, versioned_answer
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest
from mercato.platform.problems import NotFound

AttributeBody = Annotated[
    AttributeCreate, example_body(code="volume", name="Volume", type="number", unit="ml", is_facet=True)
]
AttributeChanges = Annotated[AttributePatch, example_body(name="Capacity", is_searchable=True)]


class AttributeController(Controller):
    """Read by everybody, written by admins with `write:catalog`."""

    path = "/attributes"
    tags = ("Attributes",)
    request_max_body_size = 1024 * 1024
    """500 options of 100 characters take 600 kB when each character is written as an escape."""

    @post(
        opt=requires("write:catalog", role="admin"),
        operation_id="create_attribute",
        summary="Create an attribute",
        responses=WRITE_PROBLEMS,
    )
    async def create(
        self, request: ApiRequest, session: NamedDependency[AsyncSession], data: AttributeBody
    ) -> Response[Attribute]:
        """201 with the attribute and its address."""
        key, record = await AttributeService(session).create(data)
        return versioned_answer(
            Attribute, record.body, record.version, request=request, status=201, location=f"/api/v1/attributes/{key}"
        )

    @get(opt=public(), operation_id="list_attributes", summary="List attributes", responses=LIST_PROBLEMS)
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
    ) -> Response[Page[Attribute]]:
        """A page in order; `next_cursor` and the `Link` header lead on."""
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[Attribute], await list_attributes(db.reads, page), request)

    @get("/{key:str}", opt=public(), operation_id="get_attribute", summary="Get an attribute", responses=GET_RESPONSES)
    async def get(self, request: ApiRequest, db: NamedDependency[Database], key: Key) -> Response[Attribute]:
        """The attribute with its entity tag; 304 when `If-None-Match` names it."""
        record = await find_attribute(db.reads, key)
        if record is None:
            raise NotFound(f"There is no attribute {key!r}.")
        return versioned_answer(Attribute, record.body, record.version, request=request)

    @put(
        "/{key:str}",
        opt=requires("write:catalog", role="admin"),
        operation_id="replace_attribute",
        summary="Replace an attribute",
        responses=CHANGE_PROBLEMS,
    )
    async def replace(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        key: Key,
        data: AttributeBody,
        if_match: IfMatch = None,
    ) -> Response[Attribute]:
        """What the body leaves out gets its default."""
        record = await AttributeService(session).replace(key, data, if_match=if_match)
        return versioned_answer(Attribute, record.body, record.version, request=request)

    @patch(
        "/{key:str}",
        opt=requires("write:catalog", role="admin"),
        operation_id="patch_attribute",
        summary="Change an attribute",
        responses=CHANGE_PROBLEMS,
    )
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        key: Key,
        data: AttributeChanges,
        if_match: IfMatch = None,
    ) -> Response[Attribute]:
        """What the body leaves out stays as it is."""
        record = await AttributeService(session).patch(key, data, if_match=if_match)
        return versioned_answer(Attribute, record.body, record.version, request=request)

    @delete(
        "/{key:str}",
        opt=requires("write:catalog", role="admin"),
        operation_id="delete_attribute",
        summary="Delete an attribute",
        responses=DELETE_PROBLEMS,
    )
    async def delete(self, session: NamedDependency[AsyncSession], key: Key, if_match: IfMatch = None) -> None:
        """Refused with 409 while it is in use."""
        await AttributeService(session).delete(key, if_match=if_match)
