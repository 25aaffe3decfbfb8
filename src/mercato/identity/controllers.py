"""The guard of all routes: deny by default."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler

from mercato.identity.authenticator import Authenticator, Credentials
from mercato.identity.principal import Principal, Role, Scope
from mercato.platform.http import ApiRequest
from mercato.platform.problems import Forbidden

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def public(*, publishable: bool = False) -> dict[str, Any]:
    """`opt` of a route that everybody may call; `publishable` lets publishable keys in too, which can do nothing else."""
    return {"public": True, "publishable": publishable}


def requires(scope: Scope, role: Role | None = None) -> dict[str, Any]:
    """`opt` of a route that needs a scope, and with `role` that role besides."""
    return {"scope": scope, "role": role}


def make_guard(authenticator: Authenticator) -> Guard:
    """A guard for the whole application. A route that declares neither a scope nor `public` cannot be called at all.

    The caller it finds is `connection.scope["auth"]`, a `Principal`, for the guards and handlers after it.
    """

    async def authorize(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        principal = await authenticator.authenticate(
            Credentials(
                authorization=connection.headers.get("authorization"), api_key=connection.headers.get("x-api-key")
            )
        )
        connection.scope["auth"] = principal
        if principal.is_publishable and not handler.opt.get("publishable"):
            raise Forbidden("A publishable key can only search.", required_scope=handler.opt.get("scope"))
        if handler.opt.get("public"):
            return
        scope = handler.opt.get("scope")
        if scope is None:
            raise ImproperlyConfiguredException(f"{handler} declares neither a scope nor that it is public")
        principal.require(scope, handler.opt.get("role"))

    return authorize


def provide_principal(request: ApiRequest) -> Principal:
    """Dependency: the caller that the guard found."""
    principal: Principal = request.scope["auth"]
    return principal
