"""Every address says who may call it."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from mercato.asgi import Application
from mercato.identity.principal import ALL_SCOPES
from mercato.platform.ids import new_id
from tests.architecture.application import make_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """The application without its servers."""
    return make_app(Path(tmp_path_factory.mktemp("media")))


def handlers(app: Application) -> Iterator[tuple[HTTPRoute, HTTPRouteHandler]]:
    """Every route with each of its handlers, save those that Litestar adds for OPTIONS."""
    for route in app.litestar.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.http_methods != {"OPTIONS"}:
                    yield route, handler


def test_there_are_routes_to_look_at(app: Application) -> None:
    assert len(list(handlers(app))) > 30


def test_every_route_is_public_or_needs_a_known_scope(app: Application) -> None:
    for route, handler in handlers(app):
        declared = {"public", "scope"} & handler.opt.keys()
        assert len(declared) == 1, f"{handler.http_methods} {route.path} declares {declared or 'nothing'}"
        assert handler.opt.get("scope", "write:catalog") in ALL_SCOPES, route.path


WRITTEN_BY_ANYBODY = re.compile(
    r"/api/v1/auth/(register|login|refresh|logout)|/sign-(in|out)|/account(/.*)?|/p/{slug:str}/review"
)
"""Signing in comes before credentials; the pages take forms and check sessions and tokens themselves."""


def test_only_reading_is_public_but_for_signing_in(app: Application) -> None:
    for route, handler in handlers(app):
        if handler.opt.get("public") and not WRITTEN_BY_ANYBODY.fullmatch(route.path):
            assert handler.http_methods <= {"GET", "HEAD"}, f"{handler.http_methods} {route.path}"


async def test_what_needs_a_scope_answers_401_without_credentials(app: Application) -> None:
    transport = httpx.ASGITransport(app)
    protected = [(route, handler) for route, handler in handlers(app) if "scope" in handler.opt]
    assert protected
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        for route, handler in protected:
            for method in handler.http_methods:
                response = await client.request(
                    method, re.sub(r"{[^}]*:uuid}", str(new_id()), route.path).replace("{key:str}", "x")
                )
                assert response.status_code == 401, f"{method} {route.path}: {response.status_code}"
