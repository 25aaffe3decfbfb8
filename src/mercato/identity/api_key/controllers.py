"""HTTP of API keys."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.identity.api_key.repository import list_keys
from mercato.identity.api_key.schemas import ApiKey, ApiKeyCreate, NewApiKey
from mercato.identity.api_key.service import ApiKeyService
from mercato.identity.controllers import requires
from mercato.identity.principal import Principal
from mercato.identity.wiring import Identity
from mercato.platform.db import Database, after_commit
from mercato.platform.http import ApiRequest, json_answer, page_answer
from mercato.platform.idempotency import keeps_no_answer
from mercato.platform.openapi import (
    LIST_PROBLEMS,
    READ_PROBLEMS,
    WRITE_PROBLEMS,
    CountParameter,
    CursorParameter,
    LimitParameter,
    example_body,
)
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest
from mercato.platform.problems import Forbidden

_REFUSALS = {401: WRITE_PROBLEMS[401], 403: WRITE_PROBLEMS[403]}

KeyBody = Annotated[ApiKeyCreate, example_body(name="Warehouse", scopes=["read:catalog"])]


class ApiKeyController(Controller):
    """Keys for programs, made by people."""

    path = "/api-keys"
    tags = ("API keys",)

    @post(
        opt=requires("self:api_keys") | keeps_no_answer("the key is shown once and stored nowhere"),
        operation_id="create_api_key",
        summary="Make an API key",
        responses=WRITE_PROBLEMS,
    )
    async def create(
        self,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        data: KeyBody,
    ) -> Response[NewApiKey]:
        """201 with the `key`, which is never shown again. It can do nothing that its maker cannot, now or later."""
        made = await ApiKeyService(session).create(data, principal)
        return json_answer(NewApiKey, made, status=201, headers={"Cache-Control": "no-store"})

    @get(
        opt=requires("self:api_keys"),
        operation_id="list_api_keys",
        summary="List API keys",
        responses=LIST_PROBLEMS | _REFUSALS,
    )
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
        everybody: Annotated[bool, QueryParameter(name="all", description="Everybody's; needs `admin:users`.")] = False,
    ) -> Response[Page[ApiKey]]:
        """One's own keys, the newest first, revoked ones too."""
        if everybody and "admin:users" not in principal.scopes:
            raise Forbidden("Keys of others are for admins.", required_scope="admin:users")
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        of_anybody = everybody or principal.account_id is None
        keys = await list_keys(db.reads, page, owner=principal.account_id, of_anybody=of_anybody)
        return page_answer(Page[ApiKey], keys, request)

    @delete(
        "/{key_id:uuid}",
        opt=requires("self:api_keys"),
        operation_id="revoke_api_key",
        summary="Revoke an API key",
        responses=READ_PROBLEMS | _REFUSALS,
    )
    async def revoke(
        self,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        identity: NamedDependency[Identity],
        key_id: Annotated[UUID, PathParameter(description="Id of the key.")],
    ) -> None:
        """It stops working at once, in every process; admins revoke anybody's."""
        await ApiKeyService(session).revoke(key_id, principal)
        after_commit(session, lambda: identity.revocations.note_key_end(key_id))
