"""HTTP of accounts, for admins."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, patch
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.identity.account.repository import UserQuery, find_user, list_users
from mercato.identity.account.schemas import User, UserPatch
from mercato.identity.account.service import AccountService
from mercato.identity.controllers import requires
from mercato.identity.principal import Role
from mercato.identity.wiring import Identity
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, page_answer, versioned_answer
from mercato.platform.openapi import (
    CHANGE_PROBLEMS,
    LIST_PROBLEMS,
    READ_PROBLEMS,
    WRITE_PROBLEMS,
    CountParameter,
    CursorParameter,
    IfMatch,
    LimitParameter,
    example_body,
)
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest
from mercato.platform.problems import NotFound

_REFUSALS = {401: WRITE_PROBLEMS[401], 403: WRITE_PROBLEMS[403]}

UserChanges = Annotated[UserPatch, example_body(role="seller")]


class UserController(Controller):
    """Accounts, seen and changed by admins."""

    path = "/users"
    tags = ("Users",)

    @get(
        opt=requires("admin:users"),
        operation_id="list_users",
        summary="List accounts",
        responses=LIST_PROBLEMS | _REFUSALS,
    )
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
        role: Annotated[Role | None, QueryParameter(description="Only accounts with this role.")] = None,
        is_active: Annotated[
            bool | None, QueryParameter(description="Only accounts that may, or may not, sign in.")
        ] = None,
        q: Annotated[
            str | None, QueryParameter(min_length=1, max_length=200, description="In the e-mail address or the name.")
        ] = None,
    ) -> Response[Page[User]]:
        """A page, the oldest first; `next_cursor` and the `Link` header lead on."""
        query = UserQuery(role=role, is_active=is_active, q=q)
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[User], await list_users(db.reads, query, page), request)

    @get(
        "/{user_id:uuid}",
        opt=requires("admin:users"),
        operation_id="get_user",
        summary="Get an account",
        responses=READ_PROBLEMS | _REFUSALS,
    )
    async def get(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        user_id: Annotated[UUID, PathParameter(description="Id of the account.")],
    ) -> Response[User]:
        """The account with its entity tag."""
        record = await find_user(db.reads, user_id)
        if record is None:
            raise NotFound(f"There is no user {str(user_id)!r}.")
        return versioned_answer(User, record.body, record.version, request=request)

    @patch(
        "/{user_id:uuid}",
        opt=requires("admin:users"),
        operation_id="patch_user",
        summary="Change an account's role or activity",
        responses=CHANGE_PROBLEMS,
    )
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        identity: NamedDependency[Identity],
        user_id: Annotated[UUID, PathParameter(description="Id of the account.")],
        data: UserChanges,
        if_match: IfMatch = None,
    ) -> Response[User]:
        """Takes effect at once, in open sessions too. 409 `last_admin` when nobody could administer afterwards."""
        service = AccountService(session, identity.passwords, identity.revocations)
        record = await service.administer(user_id, data, if_match=if_match)
        return versioned_answer(User, record.body, record.version, request=request)
