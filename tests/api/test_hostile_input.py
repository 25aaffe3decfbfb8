"""Input that means harm: line breaks for headers, addresses elsewhere, and more of everything than there is use for."""

import json

import httpx
import pytest

from tests.support.answers import expect_invalid, expect_problem
from tests.support.builders import make_brand, make_category, make_product, unique
from tests.support.installation import Installation

PRODUCTS = "/api/v1/products"
JSON = {"content-type": "application/json"}
BREAK = "%0d%0aX-Injected:%20yes%0d%0a%0d%0a<script>"
MANY = 10_000


def assert_whole(response: httpx.Response) -> None:
    """No header was split, and none that was asked for came."""
    assert "x-injected" not in response.headers
    for name, value in response.headers.raw:
        assert not {0x0A, 0x0D, 0x00} & {*name, *value}, name
    assert response.status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        f"/p/x{BREAK}", f"/c/x{BREAK}", f"/b/x{BREAK}", f"/search?q={BREAK}", f"/{BREAK}", f"/search?page=99999&q={BREAK}",
        f"{PRODUCTS}/x{BREAK}", f"{PRODUCTS}?q={BREAK}", f"{PRODUCTS}?limit=1&q=a{BREAK}", f"/api/v1/search?q={BREAK}",
        f"/api/v1/search?sort={BREAK}", f"/api/v1/{BREAK}",
    ],
)  # fmt: skip
async def test_line_breaks_in_an_address_never_reach_a_header(shared_shop: Installation, path: str) -> None:
    assert_whole(await shared_shop.client.get(path))


async def test_line_breaks_never_reach_the_header_of_a_redirect(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    brand, category = await make_brand(shared_shop), await make_category(shared_shop)
    await shared_shop.resources.taxonomy.load()
    for page in (f"/p/{made['id']}", f"/b/{brand['id']}", f"/c/{category['id']}"):
        response = await shared_shop.client.get(f"{page}?utm_source={BREAK}")
        assert_whole(response)
        if response.is_redirect:
            assert response.headers["location"].startswith(("/p/", "/b/", "/c/"))


async def test_line_breaks_never_reach_the_header_that_leads_on(shared_shop: Installation) -> None:
    word = unique()
    for _ in range(2):
        await make_product(shared_shop, name=f"{word} \u2713")
    response = await shared_shop.client.get(f"{PRODUCTS}?limit=1&q={word}%20%E2%9C%93")
    assert_whole(response)
    assert response.links["next"]["url"].startswith(f"{PRODUCTS}?")


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "//evil.example/p/x", "/%2f%2fevil.example", "/%5cevil.example", "/p//evil.example", "/c//evil.example/", "/search//evil.example"],
)  # fmt: skip
async def test_nobody_is_sent_elsewhere(shared_shop: Installation, path: str) -> None:
    # As an ASGI server hands it over; a client library would take the host from it.
    response = await shared_shop.client.get(httpx.URL("http://testserver").copy_with(raw_path=path.encode()))
    location = response.headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    ("path", "field", "element"),
    [
        (PRODUCTS, "tags", "tag"),
        (PRODUCTS, "attributes", None),
        ("/api/v1/attributes", "options", "option"),
        ("/api/v1/api-keys", "scopes", "read:catalog"),
    ],
)
async def test_ten_thousand_elements_are_refused(
    shared_shop: Installation, path: str, field: str, element: str | None
) -> None:
    many = {f"a{n}": n for n in range(MANY)} if element is None else [element] * MANY
    body = {"name": "x", "code": "x", "type": "enum", field: many}
    named = {PRODUCTS: {"name"}, "/api/v1/attributes": {"name", "code", "type"}, "/api/v1/api-keys": {"name"}}[path]
    sent = {key: value for key, value in body.items() if key in named or key == field}
    response = await shared_shop.admin.post(path, content=json.dumps(sent), headers=JSON)
    assert response.status_code in {400, 413}
    expect_problem(response, response.status_code, {400: "invalid_input", 413: "too_large"}[response.status_code])


@pytest.mark.parametrize(
    ("path", "name"),
    [(PRODUCTS, "brand"), (PRODUCTS, "q"), ("/api/v1/search", "brand"), ("/api/v1/search", "attr.color"), ("/api/v1/search", "facets"), ("/search", "brand"), ("/search", "q")],
)  # fmt: skip
async def test_a_parameter_as_often_as_an_address_takes_breaks_nothing(
    shared_shop: Installation, path: str, name: str
) -> None:
    query = "&".join(f"{name}={n}" for n in range(MANY))[:60_000]
    response = await shared_shop.client.get(f"{path}?{query}")
    assert response.status_code in {200, 400, 404}


@pytest.mark.parametrize(
    "path", ["/auth/login", "/auth/register", "/auth/refresh", "/api-keys", "/categories", "/brands"]
)
async def test_deep_nesting_is_refused_everywhere(shared_shop: Installation, path: str) -> None:
    for deep in ("[" * 5_000 + "]" * 5_000, '{"name":' * 5_000 + "1" + "}" * 5_000):
        response = await shared_shop.admin.post(f"/api/v1{path}", content=f'{{"name": {deep}}}', headers=JSON)
        expect_problem(response, 400, "invalid_input")


@pytest.mark.parametrize(
    ("path", "kilobytes"),
    [("/products", 1100), ("/attributes", 1100), ("/categories", 300), ("/brands", 300), ("/api-keys", 70), ("/auth/login", 70), ("/auth/register", 70), ("/auth/refresh", 70)],
)  # fmt: skip
async def test_each_route_has_a_size_of_its_own(shared_shop: Installation, path: str, kilobytes: int) -> None:
    body = '{"name": "' + "x" * kilobytes * 1024 + '"}'
    response = await shared_shop.admin.post(f"/api/v1{path}", content=body, headers=JSON)
    expect_problem(response, 413, "too_large")


async def test_every_field_at_its_limit_written_as_escapes_fits(shared_shop: Installation) -> None:
    escaped = json.dumps({"name": unique(), "description": "\U0001f600" * 20_000})
    for path in ("/brands", "/categories", "/products"):
        response = await shared_shop.admin.post(f"/api/v1{path}", content=escaped, headers=JSON)
        assert response.status_code == 201, response.text[:300]


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "a\u2028b"])
async def test_control_characters_are_refused_in_names(shared_shop: Installation, text: str) -> None:
    for path in ("/products", "/brands", "/categories", "/api-keys"):
        scopes = {"scopes": ["read:catalog"]} if path == "/api-keys" else {}
        expect_invalid(await shared_shop.admin.post(f"/api/v1{path}", json={"name": text, **scopes}), "/name")
