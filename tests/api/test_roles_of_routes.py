"""Every route says who may call it, and holds to it: found by walking the application, so that none is forgotten."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from mercato.asgi import create_app
from mercato.bootstrap import make_resources
from mercato.identity.principal import ALL_SCOPES, ROLE_SCOPES, Scope
from mercato.platform.settings import load_settings
from tests.support.answers import expect_problem
from tests.support.installation import ADMIN_KEY, Installation
from tests.support.people import make_key, make_person, with_key

PUBLIC_WRITES = {
    ("POST", "/api/v1/auth/register"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/refresh"),
    ("POST", "/api/v1/auth/logout"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("POST", "/account/password"),
    ("POST", "/p/{slug:str}/review"),
}
"""All that can be sent without credentials. Pages check their form's token themselves."""
FOR_PUBLISHABLE_KEYS = {
    "/api/v1/search",
    "/api/v1/search/suggest",
    "/api/v1/search/facets/{facet:str}",
}


class Route(NamedTuple):
    """One method of one address."""

    method: str
    path: str
    opt: dict[str, Any]

    @property
    def url(self) -> str:
        """The address with something put in for its parameters."""
        parts = [
            ("x" if ":str" in part else str(uuid4())) if part.startswith("{") else part for part in self.path.split("/")
        ]
        return "/".join(parts)


def walk() -> Iterator[Route]:
    """All routes of the application; it connects to nothing before it is used."""
    environment = {
        "DATABASE_URL": "postgresql://nowhere/x",
        "VALKEY_URL": "valkey://nowhere",
        "MEILISEARCH_URL": "http://nowhere",
        "MERCATO_ADMIN_KEY": ADMIN_KEY,
    }
    app = create_app(make_resources(load_settings(environment, env_file=None)))
    for route in app.litestar.routes:
        if not isinstance(route, HTTPRoute):
            yield Route("ANY", route.path, route.route_handler.opt)
            continue
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                assert isinstance(handler, HTTPRouteHandler)
                yield Route(method, route.path, handler.opt)


ROUTES = list(walk())
GUARDED = [route for route in ROUTES if "scope" in route.opt]
each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
each_guarded = pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.path}")


@each_route
def test_a_route_is_public_or_names_a_scope_and_never_both(route: Route) -> None:
    is_public, scope = bool(route.opt.get("public")), route.opt.get("scope")
    assert is_public != (scope is not None)
    assert scope is None or scope in ALL_SCOPES


def test_what_is_sent_without_credentials_is_known() -> None:
    found = {(r.method, r.path) for r in ROUTES if r.opt.get("public") and r.method not in {"GET", "ANY"}}
    assert found == PUBLIC_WRITES


def test_what_publishable_keys_open_is_known() -> None:
    assert {route.path for route in ROUTES if route.opt.get("publishable")} == FOR_PUBLISHABLE_KEYS


@each_guarded
async def test_without_credentials_a_guarded_route_is_closed(shared_shop: Installation, route: Route) -> None:
    response = await shared_shop.client.request(route.method, route.url)
    expect_problem(response, 401, "unauthenticated")
    assert "Bearer" in response.headers["www-authenticate"]
    wrong = await shared_shop.client.request(route.method, route.url, headers={"X-API-Key": "mk_wrong"})
    expect_problem(wrong, 401, "unauthenticated")


async def test_each_role_is_stopped_at_every_route_whose_scope_it_lacks(shared_shop: Installation) -> None:
    for role, scopes in ROLE_SCOPES.items():
        person = await make_person(shared_shop, role)
        for route in GUARDED:
            scope: Scope = route.opt["scope"]
            wanted_role = route.opt.get("role")
            if scope in scopes and wanted_role in {None, role}:
                continue
            response = await person.client.request(route.method, route.url)
            code = "missing_role" if scope in scopes else "missing_scope"
            assert expect_problem(response, 403, code)["required_scope"] == scope


async def test_a_key_of_an_admin_is_stopped_at_every_route_whose_scope_it_lacks(shared_shop: Installation) -> None:
    admin = await make_person(shared_shop, "admin")
    key = with_key(shared_shop, await make_key(admin.client, "read:search"))
    publishable = with_key(shared_shop, await make_key(admin.client, kind="publishable"))
    for route in GUARDED:
        for client in (key, publishable):
            response = await client.request(route.method, route.url)
            assert expect_problem(response, 403, "missing_scope")["required_scope"] == route.opt["scope"]
