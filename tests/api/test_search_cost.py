"""What a search costs: one request to the engine, and none to the database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mercato.devstack import Stack
from tests.api.searching import settle
from tests.support.builders import make_attribute, make_brand, make_product
from tests.support.installation import Installation, new_installation
from tests.support.relay import relay

Watched = tuple[Installation, list[str]]


@pytest.fixture(scope="module")
async def watched(stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    """A shop with a product, and the requests that it sends to its engine."""
    media = Path(tmp_path_factory.mktemp("media"))
    async with (
        relay(stack.environment()["MEILISEARCH_URL"]) as (address, requests),
        new_installation(stack, template, media_dir=media, meilisearch_url=address) as shop,
    ):
        attribute = await make_attribute(shop, code="colour", type="color", is_facet=True)
        brand = await make_brand(shop, slug="acme")
        await make_product(shop, name="Red Kettle", brand_id=brand["id"], attributes={attribute["code"]: "red"})
        await settle(shop)
        yield shop, requests


@pytest.mark.parametrize(
    "query",
    [
        "search",
        "search?q=kettle",
        "search?q=red+kettle&brand=acme&category=x&in_stock=true&rating_min=3&price_min=1&attr.colour=red",
        "search?q=AB-1234+56&facets=brand,price,attr.colour&sort=price&page=2",
        "search?q=nothing+at+all+matches+this",
        "search/suggest",
        "search/suggest?q=ket",
        "search/facets/brand?q=ac",
        "search/facets/attr.colour?q=re&brand=acme",
    ],
)
async def test_an_answer_costs_one_request_to_the_engine_and_no_statement(watched: Watched, query: str) -> None:
    shop, requests = watched
    requests.clear()
    with shop.counted() as statements:
        response = await shop.client.get(f"/api/v1/{query}")
    assert response.status_code == 200
    assert response.json().get("degraded") is not True
    assert requests == ["POST /multi-search"]
    assert statements == []


@pytest.mark.parametrize("query", ["search?sort=name", "search?page=1000", "search?attr.nope=1", "search/facets/nope"])
async def test_a_refused_search_costs_nothing(watched: Watched, query: str) -> None:
    shop, requests = watched
    requests.clear()
    with shop.counted() as statements:
        assert (await shop.client.get(f"/api/v1/{query}")).status_code in {400, 404}
    assert requests == []
    assert statements == []
