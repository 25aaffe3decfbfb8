"""The guard of all routes: deny by default."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler

from mercato.identity.principal import Authenticator, Principal, Scope
from mercato.platform.http import ApiRequest

API_KEY = "ApiKey"
"""Name of the security scheme in the API description."""

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def public() -> dict[str, Any]:
    """`opt` of a route that everybody may call."""
    return {"public": True}


def requires(scope: Scope) -> dict[str, Any]:
    """Arguments of a route that needs a scope: what the guard asks for, and what the API description says (as a role)."""
    return {"opt": {"scope": scope}, "security": [{API_KEY: [scope]}]}


def make_guard(authenticator: Authenticator) -> Guard:
    """A guard for the whole application. A route that declares neither a scope nor `public` cannot be called at all."""

    # A coroutine: Litestar would run a function in a thread, which costs a request more than all that happens here.
    async def authorize(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        principal = authenticator.authenticate(connection.headers.get("x-api-key"))
        connection.scope["auth"] = principal
        if handler.opt.get("public"):
            return
        scope = handler.opt.get("scope")
        if scope is None:
            raise ImproperlyConfiguredException(f"{handler} declares neither a scope nor that it is public")
        principal.require(scope)

    return authorize


def provide_principal(request: ApiRequest) -> Principal:
    """Dependency: the caller that the guard found."""
    principal: Principal = request.scope["auth"]
    return principal
