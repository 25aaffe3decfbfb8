"""Calls by web pages of other origins: those of the settings may, others may not, and cookies never travel."""

from collections.abc import AsyncIterator

import pytest

from mercato.devstack import Stack
from mercato.platform.cors import Origins
from tests.support.answers import expect_problem
from tests.support.installation import Installation, new_installation

PRODUCTS = "/api/v1/products"
SHOP = "https://shop.example"
PREFLIGHT = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "x-api-key,if-match"}
ALLOW_ORIGIN = "access-control-allow-origin"


@pytest.fixture(scope="module")
async def open_shop(
    shared_shop: Installation, stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """A shop whose API two origins may call. It is taken down before the shared one, so it must be put up after it."""
    origins = Origins(f"{SHOP}, http://localhost:3000")
    async with new_installation(
        stack, template, media_dir=tmp_path_factory.mktemp("media"), cors_origins=origins
    ) as shop:
        yield shop


@pytest.mark.parametrize("origin", [SHOP, "http://localhost:3000"])
async def test_a_preflight_of_an_allowed_origin_says_what_it_may_send(open_shop: Installation, origin: str) -> None:
    response = await open_shop.client.options(PRODUCTS, headers={"Origin": origin, **PREFLIGHT})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers[ALLOW_ORIGIN] == origin
    assert "PATCH" in response.headers["access-control-allow-methods"]
    allowed = response.headers["access-control-allow-headers"].lower()
    for header in ("authorization", "x-api-key", "if-match", "if-none-match", "idempotency-key", "content-type"):
        assert header in allowed
    assert response.headers["vary"] == "Origin"


async def test_an_answer_to_an_allowed_origin_can_be_read(open_shop: Installation) -> None:
    for path, status in ((PRODUCTS, 200), (f"{PRODUCTS}/unknown", 404), ("/api/v1/nothing", 404)):
        response = await open_shop.client.get(path, headers={"Origin": SHOP})
        assert response.status_code == status
        assert response.headers[ALLOW_ORIGIN] == SHOP
        exposed = response.headers["access-control-expose-headers"].lower()
        for header in ("etag", "link", "location", "ratelimit", "retry-after", "x-request-id"):
            assert header in exposed
    refused = await open_shop.client.post(PRODUCTS, json={}, headers={"Origin": SHOP})
    assert (refused.status_code, refused.headers[ALLOW_ORIGIN]) == (401, SHOP)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "http://shop.example", "https://shop.example:444", "https://shop.example.evil.example",
        "https://evil.example/https://shop.example", "null", "", "https://shop.example\t", "*",
    ],
)  # fmt: skip
async def test_other_origins_get_no_permission(open_shop: Installation, origin: str) -> None:
    response = await open_shop.client.get(PRODUCTS, headers={"Origin": origin})
    assert response.status_code == 200
    assert ALLOW_ORIGIN not in response.headers
    preflight = await open_shop.client.options(PRODUCTS, headers={"Origin": origin, **PREFLIGHT})
    expect_problem(preflight, 405, "method_not_allowed")
    assert ALLOW_ORIGIN not in preflight.headers


async def test_caches_keep_answers_to_origins_apart(open_shop: Installation) -> None:
    for headers in ({}, {"Origin": SHOP}, {"Origin": "https://evil.example"}):
        answer = await open_shop.client.get(PRODUCTS, headers=headers)
        assert "Origin" in answer.headers.get_list("vary", split_commas=True)


async def test_cookies_are_never_allowed(open_shop: Installation) -> None:
    for response in (
        await open_shop.client.get(PRODUCTS, headers={"Origin": SHOP, "Cookie": "a=b"}),
        await open_shop.client.options(PRODUCTS, headers={"Origin": SHOP, **PREFLIGHT}),
    ):
        assert "access-control-allow-credentials" not in response.headers


async def test_pages_are_not_for_other_origins(open_shop: Installation) -> None:
    response = await open_shop.client.get("/", headers={"Origin": SHOP})
    assert ALLOW_ORIGIN not in response.headers


async def test_an_options_request_that_is_no_preflight_is_refused(open_shop: Installation) -> None:
    expect_problem(await open_shop.client.options(PRODUCTS, headers={"Origin": SHOP}), 405, "method_not_allowed")


async def test_without_origins_nobody_may(shared_shop: Installation) -> None:
    response = await shared_shop.client.get(PRODUCTS, headers={"Origin": SHOP})
    assert ALLOW_ORIGIN not in response.headers
    assert "Origin" not in response.headers.get_list("vary", split_commas=True)
    expect_problem(
        await shared_shop.client.options(PRODUCTS, headers={"Origin": SHOP, **PREFLIGHT}), 405, "method_not_allowed"
    )


async def test_a_star_lets_every_page_read(
    stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    media = tmp_path_factory.mktemp("media")
    async with new_installation(stack, template, media_dir=media, cors_origins=Origins("*")) as shop:
        response = await shop.client.get(PRODUCTS, headers={"Origin": "https://anyone.example"})
        assert response.headers[ALLOW_ORIGIN] == "*"
        assert "access-control-allow-credentials" not in response.headers


async def test_a_shop_with_https_tells_browsers_to_stay_there(
    shared_shop: Installation, stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert "strict-transport-security" not in (await shared_shop.client.get(PRODUCTS)).headers
    media = tmp_path_factory.mktemp("media")
    async with new_installation(stack, template, media_dir=media, public_url="https://shop.example") as shop:
        for path in ("/", PRODUCTS):
            assert (await shop.client.get(path)).headers["strict-transport-security"] == "max-age=31536000"
