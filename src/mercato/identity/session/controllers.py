"""HTTP of signing up, in and out."""

from typing import Annotated

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.identity.account.repository import find_user
from mercato.identity.account.schemas import MePatch, Register, User
from mercato.identity.account.service import AccountService
from mercato.identity.controllers import public, requires
from mercato.identity.limits import limited
from mercato.identity.principal import Principal
from mercato.identity.session.schemas import Login, PasswordChange, Refresh, Tokens
from mercato.identity.session.service import Visitor
from mercato.identity.wiring import Identity
from mercato.platform.address import limit_subject
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, versioned_answer
from mercato.platform.idempotency import holds_password, ignores_idempotency_key
from mercato.platform.openapi import CHANGE_PROBLEMS, WRITE_PROBLEMS, IfMatch, example_body, problem
from mercato.platform.problems import NotFound
from mercato.platform.telemetry import CLIENT_ADDRESS

NO_STORE = {"Cache-Control": "no-store"}
"""Tokens stay out of every cache (RFC 6749, section 5.1)."""
_SIGN_IN_PROBLEMS = {
    400: WRITE_PROBLEMS[400],
    401: problem("Wrong credentials, or a token that is not valid."),
    413: WRITE_PROBLEMS[413],
    415: problem("The body is not JSON."),
    503: problem("The database is away, or `accounts_not_configured`."),
}
_TOKENS_DIFFER = ignores_idempotency_key("each answer holds tokens of its own, which are not stored")


def visitor_of(request: ApiRequest) -> Visitor:
    """Who asks to be let in."""
    return Visitor(
        address=limit_subject(str(request.scope.get(CLIENT_ADDRESS, ""))),
        user_agent=request.headers.get("user-agent", "").replace("\0", ""),
    )


_EXAMPLE_SECRET = {"password": "correct horse battery"}
RegisterBody = Annotated[Register, example_body(email="ada@example.com", name="Ada", **_EXAMPLE_SECRET)]
LoginBody = Annotated[Login, example_body(email="ada@example.com", **_EXAMPLE_SECRET)]
RefreshBody = Annotated[Refresh, example_body(refresh_token="mrt_" + "x" * 43)]
MeChanges = Annotated[MePatch, example_body(name="Ada Lovelace")]
PasswordBody = Annotated[PasswordChange, example_body(current="correct horse battery", new="staple battery horse")]


class AuthController(Controller):
    """Accounts of people and their sessions."""

    path = "/auth"
    tags = ("Authentication",)

    @post(
        "/register",
        opt=public() | limited("register") | holds_password(),
        operation_id="register",
        summary="Make an account",
        responses={400: WRITE_PROBLEMS[400], 409: problem("`email_taken`."), 413: WRITE_PROBLEMS[413]},
    )
    async def register(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        identity: NamedDependency[Identity],
        data: RegisterBody,
    ) -> Response[User]:
        """201 with the account, a buyer's. Sign in with `POST /auth/login`."""
        _, record = await AccountService(session, identity.passwords, identity.revocations).register(data)
        return versioned_answer(
            User, record.body, record.version, request=request, status=201, location="/api/v1/auth/me"
        )

    @post(
        "/login",
        status_code=200,
        opt=public() | limited("login") | _TOKENS_DIFFER,
        operation_id="login",
        summary="Sign in",
        responses=_SIGN_IN_PROBLEMS
        | {429: problem("Too many requests or failures; `Retry-After` says how long to wait.")},
    )
    async def login(
        self, request: ApiRequest, identity: NamedDependency[Identity], data: LoginBody
    ) -> Response[Tokens]:
        """Tokens of a new session. An unknown address and a wrong password get the same answer in the same time."""
        tokens = await identity.sessions.sign_in(data.email, data.password, visitor_of(request))
        return Response(tokens, headers=NO_STORE, status_code=200)

    @post(
        "/refresh",
        status_code=200,
        opt=public() | limited("refresh") | _TOKENS_DIFFER,
        operation_id="refresh",
        summary="Get the next tokens",
        responses=_SIGN_IN_PROBLEMS,
    )
    async def refresh(self, identity: NamedDependency[Identity], data: RefreshBody) -> Response[Tokens]:
        """A refresh token works once. Sent again, it ends the session: one of its two holders has stolen it."""
        tokens = await identity.sessions.refresh(data.refresh_token)
        return Response(tokens, headers=NO_STORE, status_code=200)

    @post(
        "/logout",
        status_code=204,
        opt=public() | limited("refresh") | _TOKENS_DIFFER,
        operation_id="logout",
        summary="Sign out",
        responses={400: WRITE_PROBLEMS[400], 413: WRITE_PROBLEMS[413]},
    )
    async def logout(self, identity: NamedDependency[Identity], data: RefreshBody) -> None:
        """Ends the session with its access tokens; also 204 when it has ended already."""
        await identity.sessions.sign_out(data.refresh_token)

    @get(
        "/me",
        opt=requires("self:account"),
        operation_id="get_me",
        summary="Who am I?",
        responses={401: WRITE_PROBLEMS[401], 403: WRITE_PROBLEMS[403]},
    )
    async def me(
        self, request: ApiRequest, db: NamedDependency[Database], principal: NamedDependency[Principal]
    ) -> Response[User]:
        """The account that is signed in."""
        assert principal.account_id is not None
        record = await find_user(db.reads, principal.account_id)
        if record is None:
            raise NotFound("The account is gone.")
        return versioned_answer(User, record.body, record.version, request=request)

    @patch(
        "/me",
        opt=requires("self:account"),
        operation_id="patch_me",
        summary="Change my account",
        responses=CHANGE_PROBLEMS,
    )
    async def patch_me(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        identity: NamedDependency[Identity],
        principal: NamedDependency[Principal],
        data: MeChanges,
        if_match: IfMatch = None,
    ) -> Response[User]:
        """What the body leaves out stays as it is."""
        assert principal.account_id is not None
        service = AccountService(session, identity.passwords, identity.revocations)
        record = await service.rename(principal.account_id, data, if_match=if_match)
        return versioned_answer(User, record.body, record.version, request=request)

    @post(
        "/password",
        status_code=204,
        opt=requires("self:account") | limited("login") | holds_password(),
        operation_id="change_password",
        summary="Change my password",
        responses={key: WRITE_PROBLEMS[key] for key in (400, 401, 403, 413)},
    )
    async def password(
        self,
        session: NamedDependency[AsyncSession],
        identity: NamedDependency[Identity],
        principal: NamedDependency[Principal],
        data: PasswordBody,
    ) -> None:
        """Ends all sessions, the one that asks too: sign in with the new password."""
        assert principal.account_id is not None
        await AccountService(session, identity.passwords, identity.revocations).change_password(
            principal.account_id, data
        )
