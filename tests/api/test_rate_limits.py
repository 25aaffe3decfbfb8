"""Limits as a caller meets them: headers, 429, whom they count, and what is not limited."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from mercato.devstack import Stack
from mercato.platform.address import ProxyNetworks
from mercato.platform.rates import Rate
from tests.support.answers import expect_problem
from tests.support.builders import unique
from tests.support.installation import ADMIN, Installation, new_installation

PRODUCTS = "/api/v1/products"
BRANDS = "/api/v1/brands"


@pytest.fixture(scope="module")
async def limited_shop(
    stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """A shop behind a proxy of its own network that lets little through. Tests come from addresses of their own."""
    async with new_installation(
        stack,
        template,
        media_dir=tmp_path_factory.mktemp("media"),
        trusted_proxies=ProxyNetworks("127.0.0.1"),
        limit_writes=Rate("3/3600"),
        limit_reads=Rate("40/3600"),
        limit_search=Rate("20/3600"),
    ) as shop:
        yield shop


_addresses = iter(f"198.51.100.{number}" for number in range(1, 255))


@pytest.fixture
def caller() -> dict[str, str]:
    """Headers of somebody who was never here before."""
    return {"X-Forwarded-For": next(_addresses)}


def remaining(response: httpx.Response) -> int:
    """What is left, as the header says."""
    return int(response.headers["ratelimit"].split(";r=")[1].split(";")[0])


async def post_brands(shop: Installation, *callers: dict[str, str]) -> list[int]:
    """Statuses of writes by these callers, one after the other."""
    return [(await shop.client.post(BRANDS, json={}, headers=headers)).status_code for headers in callers]


async def test_answers_say_what_is_left(limited_shop: Installation, caller: dict[str, str]) -> None:
    response = await limited_shop.client.get(PRODUCTS, headers=caller)
    assert response.headers["ratelimit-policy"] == '"reads";q=40;w=3600'
    assert response.headers["ratelimit"] == '"reads";r=39;t=0'
    again = await limited_shop.client.get(PRODUCTS, headers=caller)
    assert remaining(again) == 38


async def test_each_kind_of_route_has_a_policy_of_its_own(limited_shop: Installation, caller: dict[str, str]) -> None:
    for path, policy in (
        (PRODUCTS, "reads"),
        (f"{PRODUCTS}/unknown", "reads"),
        ("/api/v1/search", "search"),
        ("/api/v1/search/facets/brand", "search"),
        ("/api/v1/search/suggest", "suggest"),
        ("/", "reads"),
        ("/search", "reads"),
    ):
        response = await limited_shop.client.get(path, headers=caller)
        assert response.headers["ratelimit-policy"].startswith(f'"{policy}";'), path


async def test_health_files_and_the_description_are_not_limited(
    limited_shop: Installation, caller: dict[str, str]
) -> None:
    for path in ("/health/live", "/metrics", "/schema/openapi.json", "/docs"):
        response = await limited_shop.client.get(path, headers=caller)
        assert response.status_code == 200
        assert "ratelimit" not in response.headers


async def test_one_request_too_many_is_refused_with_the_time_to_wait(
    limited_shop: Installation, caller: dict[str, str]
) -> None:
    answers = [await limited_shop.client.post(BRANDS, json={}, headers=caller) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    problem = expect_problem(answers[-1], 429, "rate_limited")
    assert "3 in 3600 s" in problem["detail"]
    assert 1100 < int(answers[-1].headers["retry-after"]) <= 1200
    assert answers[-1].headers["ratelimit"].startswith('"writes";r=0;t=3')
    assert [remaining(answer) for answer in answers] == [2, 1, 0, 0, 0]


async def test_a_leased_limit_ends_too(limited_shop: Installation, caller: dict[str, str]) -> None:
    answers = [await limited_shop.client.get("/api/v1/search", headers=caller) for _ in range(30)]
    passed = [answer.status_code for answer in answers].index(429)
    assert 20 <= passed <= 21
    assert {answer.status_code for answer in answers[passed:]} == {429}
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_an_unchanged_resource_counts_too(limited_shop: Installation, caller: dict[str, str]) -> None:
    before = remaining(await limited_shop.client.get(PRODUCTS, headers=caller))
    after = remaining(await limited_shop.client.head(PRODUCTS, headers=caller))
    assert after == before - 1


async def test_callers_are_counted_apart(limited_shop: Installation, caller: dict[str, str]) -> None:
    other = {"X-Forwarded-For": next(_addresses)}
    assert await post_brands(limited_shop, *[caller] * 4, other) == [401, 401, 401, 429, 401]


async def test_a_client_behind_the_proxy_cannot_name_another_address(
    limited_shop: Installation, caller: dict[str, str]
) -> None:
    invented = [{"X-Forwarded-For": f"192.0.2.{number}, {caller['X-Forwarded-For']}"} for number in range(4)]
    assert await post_brands(limited_shop, *invented) == [401, 401, 401, 429]


async def test_a_network_of_ipv6_addresses_is_one_client(limited_shop: Installation) -> None:
    neighbours = [{"X-Forwarded-For": f"2001:db8:7:7::{number:x}"} for number in range(4)]
    assert await post_brands(limited_shop, *neighbours) == [401, 401, 401, 429]


async def test_a_key_is_counted_by_itself_wherever_it_calls_from(limited_shop: Installation) -> None:
    codes = [
        (
            await limited_shop.client.post(
                BRANDS, json={"name": unique("Brand ")}, headers={**ADMIN, "X-Forwarded-For": next(_addresses)}
            )
        ).status_code
        for _ in range(4)
    ]
    assert codes == [201, 201, 201, 429]


async def test_guessing_keys_is_limited_by_address(limited_shop: Installation, caller: dict[str, str]) -> None:
    codes = [
        (await limited_shop.client.post(BRANDS, json={}, headers={**caller, "X-API-Key": f"guess-{n}"})).status_code
        for n in range(4)
    ]
    assert codes == [401, 401, 401, 429]


async def test_a_page_refused_is_a_page(limited_shop: Installation, caller: dict[str, str]) -> None:
    last = [await limited_shop.client.get("/search", headers=caller) for _ in range(45)][-1]
    assert last.status_code == 429
    assert last.headers["content-type"].startswith("text/html")
    assert "One moment" in last.text


async def test_without_trusted_proxies_nobody_can_name_an_address(stack: Stack, template: str, tmp_path: Path) -> None:
    async with new_installation(stack, template, media_dir=tmp_path, limit_writes=Rate("3/3600")) as shop:
        invented = [{"X-Forwarded-For": next(_addresses)} for _ in range(4)]
        assert await post_brands(shop, *invented) == [401, 401, 401, 429]


async def test_a_limit_that_is_off_counts_nothing(stack: Stack, template: str, tmp_path: Path) -> None:
    async with new_installation(stack, template, media_dir=tmp_path, limit_reads=Rate("off")) as shop:
        response = await shop.client.get(PRODUCTS)
        assert response.status_code == 200
        assert "ratelimit" not in response.headers


async def test_refused_requests_are_metered(limited_shop: Installation, caller: dict[str, str]) -> None:
    for _ in range(4):
        await limited_shop.client.post(BRANDS, json={}, headers=caller)
    metrics = (await limited_shop.client.get("/metrics")).text
    assert 'mercato_http_requests_throttled_total{policy="writes"}' in metrics
