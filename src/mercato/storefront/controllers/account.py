"""Signing in and out on the pages, and the own account."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from litestar import HttpMethod, route
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.identity.account.repository import find_user
from mercato.identity.account.schemas import User
from mercato.identity.account.service import AccountService
from mercato.identity.controllers import checks_form_token, public
from mercato.identity.limits import limited
from mercato.identity.principal import Principal
from mercato.identity.problems import InvalidCredentials, TooManyAttempts
from mercato.identity.session.controllers import visitor_of
from mercato.identity.session.cookies import FORM_COOKIE, SESSION_COOKIE
from mercato.identity.session.schemas import PasswordChange
from mercato.identity.tokens import new_secret
from mercato.platform.http import ApiRequest
from mercato.platform.problems import InvalidInput, Problem, invalid_from_msgspec
from mercato.storefront.controllers.answers import Answer, page_answer
from mercato.storefront.controllers.dependencies import Accounts, Caller, Categories, Configuration, Connections
from mercato.storefront.controllers.forms import Cookies, local_path, read_form, token_of
from mercato.storefront.rendering import Shop, shop_of

ACCOUNT, SIGN_IN = "/account", "/sign-in"
_NO_STORE = {"Cache-Control": "no-store"}
_OPT = public() | {"open_query": True}
_PAGE: Mapping[str, Any] = {
    "http_method": [HttpMethod.GET, HttpMethod.HEAD],
    "opt": _OPT | limited("reads"),
    "include_in_schema": False,
}
_FORM: Mapping[str, Any] = {
    "http_method": [HttpMethod.POST],
    "opt": _OPT | limited("login") | checks_form_token(),
    "include_in_schema": False,
    "status_code": 200,
    "request_max_body_size": 16 * 1024,
}
Next = Annotated[str, QueryParameter(name="next", max_length=2000, description="Where to go when signed in.")]


@route(SIGN_IN, **_PAGE)
async def sign_in_form(
    request: ApiRequest, principal: Caller, taxonomy: Categories, settings: Configuration, following: Next = ACCOUNT
) -> Answer:
    """The form; whoever is signed in goes on."""
    following = local_path(following, ACCOUNT)
    if principal.session_id is not None:
        return _go(following)
    return _ask(request, shop_of(settings, taxonomy), Cookies(settings), following=following)


@route(SIGN_IN, **_FORM)
async def sign_in(request: ApiRequest, identity: Accounts, taxonomy: Categories, settings: Configuration) -> Answer:
    """A new session with its cookie, or the form again with what is wrong."""
    cookies = Cookies(settings)
    # A form opened before signing in elsewhere still works: its own cookie counts, not the session's.
    form = await read_form(request, token_of(_NOBODY, cookies.form_value(request)))
    following = local_path(form.get("next", ""), ACCOUNT)
    email, password = form.get("email", "")[:300], form.get("password", "")[:300]
    try:
        cookie = await identity.sessions.sign_in_page(email, password, visitor_of(request))
    except (InvalidCredentials, TooManyAttempts) as problem:
        shop = shop_of(settings, taxonomy)
        return _ask(request, shop, cookies, following=following, email=email, problem=problem)
    lifetime_s = int(identity.sessions.lifetime.total_seconds())
    return _go(following, [cookies.session(cookie, lifetime_s), cookies.without(FORM_COOKIE)])


@route("/sign-out", **_FORM)
async def sign_out(request: ApiRequest, principal: Caller, identity: Accounts, settings: Configuration) -> Answer:
    """Ends the session."""
    if principal.session_id is not None:
        await read_form(request, principal.csrf_token)
        await identity.sessions.sign_out_page(principal.session_id)
    return _go("/", [Cookies(settings).without(SESSION_COOKIE)])


@route(ACCOUNT, **_PAGE)
async def account(
    request: ApiRequest,
    principal: Caller,
    db: Connections,
    taxonomy: Categories,
    settings: Configuration,
) -> Answer:
    """Who is signed in."""
    user = await _user(principal, db)
    if user is None:
        return _go(f"{SIGN_IN}?next={ACCOUNT}")
    return _show(request, shop_of(settings, taxonomy), principal, user)


@route("/account/password", **_FORM)
async def account_password(
    request: ApiRequest,
    principal: Caller,
    db: Connections,
    session: NamedDependency[AsyncSession],
    identity: Accounts,
    taxonomy: Categories,
    settings: Configuration,
) -> Answer:
    """Another password; ends all sessions, so the cookie goes too."""
    user = await _user(principal, db)
    if user is None or principal.account_id is None:
        return _go(f"{SIGN_IN}?next={ACCOUNT}")
    form = await read_form(request, principal.csrf_token)
    try:
        fields = {"current": form.get("current", ""), "new": form.get("new", "")}
        data = _convert(fields)
        await AccountService(session, identity.passwords, identity.revocations).change_password(
            principal.account_id, data
        )
    except InvalidInput as problem:
        return _show(request, shop_of(settings, taxonomy), principal, user, problem=problem)
    return _go(f"{SIGN_IN}?next={ACCOUNT}", [Cookies(settings).without(SESSION_COOKIE)])


_NOBODY = Principal(kind="anonymous", name="", scopes=frozenset())


async def _user(principal: Principal, db: Connections) -> User | None:
    if principal.session_id is None or principal.account_id is None:
        return None
    record = await find_user(db.reads, principal.account_id)
    return None if record is None else msgspec.json.decode(record.body, type=User)


def _convert(fields: dict[str, str]) -> PasswordChange:
    try:
        return msgspec.convert(fields, PasswordChange)
    except msgspec.ValidationError as error:
        raise invalid_from_msgspec(str(error)) from None


def _go(path: str, cookies: Sequence[Cookie] = ()) -> Answer:
    return Redirect(path, status_code=303, headers=dict(_NO_STORE), cookies=list(cookies))


def _ask(
    request: ApiRequest,
    shop: Shop,
    cookies: Cookies,
    *,
    following: str,
    email: str = "",
    problem: Problem | None = None,
) -> Answer:
    form_cookie = cookies.form_value(request) or new_secret()
    context = {
        **_head(shop, "Sign in"),
        "following": following,
        "email": email,
        "fault": "" if problem is None else problem.detail,
        "csrf_token": token_of(_NOBODY, form_cookie),
    }
    headers = _NO_STORE | ({} if problem is None else problem.headers)
    answer = page_answer(
        request, "sign_in.html", shop, context, status=200 if problem is None else problem.status, headers=headers
    )
    answer.set_cookie(cookies.form(form_cookie))
    return answer


def _show(
    request: ApiRequest,
    shop: Shop,
    principal: Principal,
    user: User,
    *,
    problem: InvalidInput | None = None,
) -> Answer:
    context = {
        **_head(shop, "Your account"),
        "user": user,
        "faults": {"current": "", "new": ""}
        | {error.pointer.strip("/"): error.message for error in (problem.errors if problem else ())},
        "csrf_token": principal.csrf_token,
    }
    status = 200 if problem is None else problem.status
    return page_answer(request, "account.html", shop, context, status=status, headers=_NO_STORE)


def _head(shop: Shop, title: str) -> dict[str, object]:
    return {"kind": "account", "title": f"{title} | {shop.name}", "description": title, "robots": "noindex"}
