"""HTTP of categories."""

from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.category.repository import category_tree, find_category, list_categories
from mercato.catalog.category.schemas import Category, CategoryCreate, CategoryMove, CategoryPatch, CategoryTree
from mercato.catalog.category.service import CategoryService
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
from mercato.platform.problems import FieldError, InvalidInput

CategoryBody = Annotated[
    CategoryCreate, example_body(name="Mugs", parent_id="01928c3e-5f2a-7c41-9d1e-3b0a6c7d8ea0", position=2)
]
CategoryChanges = Annotated[CategoryPatch, example_body(name="Mugs and cups")]
CategoryTarget = Annotated[CategoryMove, example_body(parent_id="01928c3e-5f2a-7c41-9d1e-3b0a6c7d8ea0", position=0)]


class CategoryController(Controller):
    """Read by everybody, written by admins with `write:catalog`."""

    path = "/categories"
    tags = ("Categories",)
    request_max_body_size = 256 * 1024
    """A description of 20,000 characters takes 120 kB when each is written as an escape."""

    @post(
        opt=requires("write:catalog", role="admin"),
        operation_id="create_category",
        summary="Create a category",
        responses=WRITE_PROBLEMS,
    )
    async def create(
        self, request: ApiRequest, session: NamedDependency[AsyncSession], data: CategoryBody
    ) -> Response[Category]:
        """201 with the category and its address."""
        key, record = await CategoryService(session).create(data)
        return versioned_answer(
            Category, record.body, record.version, request=request, status=201, location=f"/api/v1/categories/{key}"
        )

    @get(opt=public(), operation_id="list_categories", summary="List categories", responses=LIST_PROBLEMS)
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
        q: NameFilter = None,
        parent: Annotated[
            str | None, QueryParameter(max_length=120, description="Id or slug; `root` for the top level.")
        ] = None,
        view: Annotated[
            Literal["list", "tree"], QueryParameter(description="`tree` nests everything and takes no other parameter.")
        ] = "list",
    ) -> Response[Page[Category]] | Response[CategoryTree]:
        """A page in order; `next_cursor` and the `Link` header lead on."""
        if view == "tree":
            _refuse_list_parameters(request)
            tree = await category_tree(db.reads)
            return Response(CategoryTree(items=tree))
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[Category], await list_categories(db.reads, page, parent=parent, q=q), request)

    @get("/{key:str}", opt=public(), operation_id="get_category", summary="Get a category", responses=SLUG_RESPONSES)
    async def get(self, request: ApiRequest, db: NamedDependency[Database], key: Key) -> Response[Category]:
        """The category with its entity tag; 304 when `If-None-Match` names it."""
        record = await find_category(db.reads, key)
        if record is None:
            raise await missing(db.reads, "category", key)
        return versioned_answer(Category, record.body, record.version, request=request)

    @put(
        "/{key:str}",
        opt=requires("write:catalog", role="admin"),
        operation_id="replace_category",
        summary="Replace a category",
        responses=CHANGE_PROBLEMS,
    )
    async def replace(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        key: Key,
        data: CategoryBody,
        if_match: IfMatch = None,
    ) -> Response[Category]:
        """What the body leaves out gets its default."""
        record = await CategoryService(session).replace(key, data, if_match=if_match)
        return versioned_answer(Category, record.body, record.version, request=request)

    @patch(
        "/{key:str}",
        opt=requires("write:catalog", role="admin"),
        operation_id="patch_category",
        summary="Change a category",
        responses=CHANGE_PROBLEMS,
    )
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        key: Key,
        data: CategoryChanges,
        if_match: IfMatch = None,
    ) -> Response[Category]:
        """What the body leaves out stays as it is."""
        record = await CategoryService(session).patch(key, data, if_match=if_match)
        return versioned_answer(Category, record.body, record.version, request=request)

    @delete(
        "/{key:str}",
        opt=requires("write:catalog", role="admin"),
        operation_id="delete_category",
        summary="Delete a category",
        responses=DELETE_PROBLEMS,
    )
    async def delete(self, session: NamedDependency[AsyncSession], key: Key, if_match: IfMatch = None) -> None:
        """Refused with 409 while it is in use."""
        await CategoryService(session).delete(key, if_match=if_match)

    @post(
        "/{key:str}/move",
        status_code=200,
        opt=requires("write:catalog", role="admin"),
        operation_id="move_category",
        summary="Move a category with everything below it",
        responses=CHANGE_PROBLEMS,
    )
    async def move(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        key: Key,
        data: CategoryTarget,
        if_match: IfMatch = None,
    ) -> Response[Category]:
        """409 `category_cycle` when it would end below itself."""
        record = await CategoryService(session).move(key, data, if_match=if_match)
        return versioned_answer(Category, record.body, record.version, request=request)


def _refuse_list_parameters(request: ApiRequest) -> None:
    others = sorted(request.query_params.keys() - {"view"})
    if others:
        errors = [FieldError(pointer=other, code="not_in_tree", message="is for view=list") for other in others]
        raise InvalidInput(f"view=tree takes no other parameter: {', '.join(others)}", errors=errors)
