"""The guard of all routes: deny by default."""

from collections.abc import Awaitable, Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler

from mercato.identity.authenticator import Authenticator, Credentials
from mercato.identity.principal import ANONYMOUS, Principal, Role, Scope
from mercato.identity.problems import CsrfFailed
from mercato.identity.session.cookies import SESSION_COOKIE, is_same
from mercato.platform.http import ApiRequest
from mercato.platform.problems import Forbidden

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"


def public(*, publishable: bool = False) -> dict[str, Any]:
    """`opt` of a route that everybody may call; `publishable` lets publishable keys in too, which can do nothing else."""
    return {"public": True, "publishable": publishable}


def requires(scope: Scope, role: Role | None = None) -> dict[str, Any]:
    """`opt` of a route that needs a scope, and with `role` that role besides."""
    return {"scope": scope, "role": role}


def checks_form_token() -> dict[str, Any]:
    """`opt` of a page that takes a form and checks its CSRF token itself: the guard sees headers only."""
    return {"form_token": True}


def make_guard(authenticator: Authenticator, session_cookie: str = SESSION_COOKIE) -> Guard:
    """A guard for the whole application. A route that declares neither a scope nor `public` cannot be called at all.

    The caller it finds is `connection.scope["auth"]`, a `Principal`, for the guards and handlers after it.
    """

    async def authorize(connection: Connection, handler: BaseRouteHandler) -> None:
        principal = await authenticator.authenticate(credentials_of(connection.scope["headers"], session_cookie))
        connection.scope["auth"] = principal
        if principal.csrf_token and connection.scope.get("method") not in SAFE_METHODS:
            principal = connection.scope["auth"] = _checked_for_forgery(connection, handler, principal)
        if principal.is_publishable and not handler.opt.get("publishable"):
            raise Forbidden("A publishable key can only search.", required_scope=handler.opt.get("scope"))
        if handler.opt.get("public"):
            return
        scope = handler.opt.get("scope")
        if scope is None:
            raise ImproperlyConfiguredException(f"{handler} declares neither a scope nor that it is public")
        principal.require(scope, handler.opt.get("role"))

    return authorize


def credentials_of(headers: Iterable[tuple[bytes, bytes]], session_cookie: str) -> Credentials:
    """What a request with these headers shows."""
    # Litestar's `headers` would parse all of them on each request.
    shown: dict[bytes, str] = {}
    for name, value in headers:
        if name in {b"authorization", b"x-api-key", b"cookie"}:
            shown[name] = value.decode("latin-1")
    if not shown:
        return NO_CREDENTIALS
    cookie = shown.get(b"cookie")
    return Credentials(
        authorization=shown.get(b"authorization"),
        api_key=shown.get(b"x-api-key"),
        cookie=None if cookie is None else _cookie_value(cookie, session_cookie),
    )


NO_CREDENTIALS = Credentials()


def _cookie_value(header: str, name: str) -> str | None:
    if name not in header:
        return None
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return None if morsel is None else morsel.value


def _checked_for_forgery(connection: Connection, handler: BaseRouteHandler, principal: Principal) -> Principal:
    """A cookie comes with whatever another site makes a browser send: a change needs the token that only our pages know.

    Where anybody may call, one without the token is nobody.
    """
    if handler.opt.get("form_token") or is_same(connection.headers.get(CSRF_HEADER, ""), principal.csrf_token):
        return principal
    if handler.opt.get("public"):
        return ANONYMOUS
    raise CsrfFailed("A change by a cookie's session needs its CSRF token in the header X-CSRF-Token.")


def provide_principal(request: ApiRequest) -> Principal:
    """Dependency: the caller that the guard found."""
    principal: Principal = request.scope["auth"]
    return principal
