"""The manners of HTTP: methods, request ids, headers, unknown addresses, and that errors tell nothing they should not."""

import re
from uuid import UUID

import pytest

from tests.support.answers import expect_problem
from tests.support.builders import make_product, unique
from tests.support.installation import Installation

LIST = "/api/v1/products"


# --- request ids ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_id", ["abc-123", "a" * 100, "Trace_1.2"])
async def test_the_request_id_of_the_caller_comes_back(shared_shop: Installation, request_id: str) -> None:
    for path in (LIST, f"{LIST}/unknown", "/api/v1/nothing"):
        response = await shared_shop.client.get(path, headers={"X-Request-ID": request_id})
        assert response.headers.get_list("x-request-id") == [request_id]


@pytest.mark.parametrize(
    "request_id", ["", "a" * 101, "two words", "<script>", "ümlaut".encode("latin-1"), "a;b", "a\tb"]
)
async def test_a_request_id_that_could_do_harm_in_a_log_is_replaced(
    shared_shop: Installation, request_id: str | bytes
) -> None:
    raw = request_id if isinstance(request_id, bytes) else request_id.encode()
    response = await shared_shop.client.get(LIST, headers=[(b"x-request-id", raw)])
    assert UUID(response.headers["x-request-id"]).version == 7


async def test_every_request_has_an_id_of_its_own(shared_shop: Installation) -> None:
    ids = {(await shared_shop.client.get(LIST)).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


# --- methods and addresses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", LIST, {"GET", "HEAD", "POST"}),
        ("PATCH", LIST, {"GET", "HEAD", "POST"}),
        ("DELETE", LIST, {"GET", "HEAD", "POST"}),
        ("POST", f"{LIST}/x", {"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
        ("POST", "/api/v1/search", {"GET", "HEAD"}),
        ("GET", "/api/v1/search/reindex", {"POST"}),
        ("OPTIONS", LIST, {"GET", "HEAD", "POST"}),
        ("OPTIONS", f"{LIST}/x", {"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
        ("TRACE", LIST, {"GET", "HEAD", "POST"}),
    ],
)
async def test_a_method_that_an_address_does_not_know_is_refused_with_those_it_knows(
    shared_shop: Installation, method: str, path: str, allowed: set[str]
) -> None:
    response = await shared_shop.admin.request(method, path)
    expect_problem(response, 405, "method_not_allowed")
    assert set(response.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", [LIST, "/api/v1/search", "/health/ready", "/schema/openapi.json"])
async def test_head_is_get_without_the_body(shared_shop: Installation, path: str) -> None:
    get, head = await shared_shop.client.get(path), await shared_shop.client.head(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


async def test_head_of_what_does_not_exist_is_not_found(shared_shop: Installation) -> None:
    response = await shared_shop.client.head(f"{LIST}/unknown")
    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1", "/api/v2/products", "/api/v1/nothing", f"{LIST}/x/y", f"{LIST}/a%00b", "/api/v1/%00"]
)
async def test_an_unknown_address_of_the_api_is_a_problem(shared_shop: Installation, path: str) -> None:
    response = await shared_shop.client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("key", ["%ff", "%f0%9f%8d%b5", "..%2f..%2fetc%2fpasswd", "'%20OR%201=1--", "%25", "null"])
async def test_a_strange_key_is_not_found(shared_shop: Installation, key: str) -> None:
    for path in ("products", "categories", "brands", "attributes"):
        response = await shared_shop.client.get(f"/api/v1/{path}/{key}")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_a_key_longer_than_any_slug_is_refused(shared_shop: Installation) -> None:
    expect_problem(await shared_shop.client.get(f"{LIST}/{'x' * 121}"), 400, "invalid_input", "key")


# --- headers -------------------------------------------------------------------------------------------------------------


async def test_answers_carry_the_headers_that_keep_browsers_careful(shared_shop: Installation) -> None:
    for path in (LIST, f"{LIST}/unknown", "/api/v1/search"):
        headers = (await shared_shop.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_product_must_be_checked_again_before_it_is_shown_from_a_cache(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    response = await shared_shop.client.get(f"{LIST}/{made['id']}")
    assert response.headers["cache-control"] == "public, no-cache"


async def test_json_is_called_json(shared_shop: Installation) -> None:
    for path in (LIST, "/api/v1/search", "/api/v1/search/suggest", "/api/v1/categories?view=tree", "/health/live"):
        assert (await shared_shop.client.get(path)).headers["content-type"] == "application/json"


# --- what errors tell ----------------------------------------------------------------------------------------------------


async def test_no_error_names_tables_statements_or_code(shared_shop: Installation) -> None:
    sku = unique("SKU-")
    await make_product(shared_shop, sku=sku)
    post = shared_shop.admin.post
    answers = [
        await post(LIST, json={"name": "x", "sku": sku}),
        await post(LIST, json={"name": "x", "price": 5}),
        await post(LIST, content=b"{"),
        await shared_shop.client.get(f"{LIST}?cursor=x"),
        await shared_shop.client.get(f"{LIST}/unknown"),
        await shared_shop.client.post(LIST, json={}),
    ]
    telltale = re.compile(r"Traceback|asyncpg|sqlalchemy|litestar|_key\b|SELECT|INSERT|constraint|\.py", re.IGNORECASE)
    for answer in answers:
        assert answer.status_code >= 400
        assert not telltale.search(answer.text), answer.text
