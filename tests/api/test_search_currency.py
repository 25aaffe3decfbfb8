"""Search in one currency: what it filters by, orders by and shows; by the engine, and by Postgres in its stead."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from mercato.search.gateway import MeilisearchGateway
from mercato.search.schemas import SearchQuery, SearchResult, SearchSort
from mercato.search.service import SearchService
from tests.api.searching import settle
from tests.api.test_sales import make_sale, variant_of
from tests.support.builders import Json, make_category, make_product, price
from tests.support.installation import Installation


@pytest.fixture(params=["engine", "postgres"])
async def search(shared_shop: Installation, request: pytest.FixtureRequest) -> AsyncIterator[SearchService]:
    """Search of the shared shop, with its engine and without."""
    settings, resources = shared_shop.settings, shared_shop.resources
    if request.param == "engine":
        yield resources.search
        return
    async with MeilisearchGateway(msgspec.structs.replace(settings, meilisearch_url="http://127.0.0.1:1")) as gateway:
        yield SearchService(settings, resources.db, gateway, resources.taxonomy)


async def set_prices(shop: Installation, product: Json, *prices: Json) -> None:
    """Give the only variant prices in further currencies."""
    answer = await shop.admin.put(f"/api/v1/variants/{variant_of(product)}/prices", json={"prices": list(prices)})
    assert answer.status_code == 200, answer.text


async def make_shelf(shop: Installation) -> str:
    """Products whose order by dollars is another one than that by euros; gives their category."""
    category = (await make_category(shop))["id"]
    a = await make_product(shop, name="a", price=price(100), category_id=category)
    b = await make_product(shop, name="b", price=price(200), category_id=category)
    await make_product(shop, name="c", price=price(300, "USD"), category_id=category)
    await make_product(shop, name="d", price=price(50), category_id=category)
    await set_prices(shop, a, {"price": price(900, "USD"), "compare_at_price": price(990, "USD")})
    await set_prices(shop, b, {"price": price(250, "USD")}, {"price": price(40_000, "JPY")})
    await settle(shop)
    return str(category)


def shown(result: SearchResult) -> list[tuple[str, int, str]]:
    """Names and prices of the hits, in order."""
    return [(hit.name, hit.price.amount, hit.price.currency) for hit in result.hits if hit.price is not None]


async def test_prices_are_filtered_ordered_and_shown_in_the_currency(
    shared_shop: Installation, search: SearchService
) -> None:
    category = await make_shelf(shared_shop)
    query = SearchQuery(category=(category,), currency="USD", sort=SearchSort.PRICE, facets=("price",))
    result = await search.search(query)
    assert shown(result) == [("b", 250, "USD"), ("c", 300, "USD"), ("a", 900, "USD")], "d has no price in dollars"
    assert [hit.compare_at_price and hit.compare_at_price.amount for hit in result.hits] == [None, None, 990]
    assert (result.facet_stats["price"].min, result.facet_stats["price"].max) == (250, 900)
    down = msgspec.structs.replace(query, sort=SearchSort.PRICE_DESC, price_min=250, price_max=300)
    assert [name for name, *_price in shown(await search.search(down))] == ["c", "b"]
    yen = await search.search(msgspec.structs.replace(query, currency="JPY"))
    assert shown(yen) == [("b", 40_000, "JPY")]


async def test_without_a_currency_base_prices_are_shown(shared_shop: Installation, search: SearchService) -> None:
    category = await make_shelf(shared_shop)
    result = await search.search(SearchQuery(category=(category,), sort=SearchSort.PRICE))
    assert shown(result) == [("d", 50, "EUR"), ("a", 100, "EUR"), ("b", 200, "EUR"), ("c", 300, "USD")]


async def test_a_sale_in_the_currency_counts(shared_shop: Installation, search: SearchService) -> None:
    category = (await make_category(shared_shop))["id"]
    made = await make_product(shared_shop, category_id=category)
    await set_prices(shared_shop, made, {"price": price(1100, "USD")})
    await make_sale(shared_shop, made, price=price(600, "USD"))
    await settle(shared_shop)
    [hit] = (await search.search(SearchQuery(category=(category,), currency="USD", price_max=700))).hits
    assert hit.price is not None
    assert hit.compare_at_price is not None
    assert (hit.price.amount, hit.compare_at_price.amount) == (600, 1100)
    assert (await search.search(SearchQuery(category=(category,), currency="USD", price_min=700))).hits == []


async def test_a_changed_price_in_a_further_currency_is_followed(shared_shop: Installation) -> None:
    category = (await make_category(shared_shop))["id"]
    made = await make_product(shared_shop, category_id=category)
    for amount in (1100, 1200):
        await set_prices(shared_shop, made, {"price": price(amount, "USD")})
        await settle(shared_shop)
        answer = await shared_shop.client.get("/api/v1/search", params={"category": category, "currency": "USD"})
        assert [hit["price"] for hit in answer.json()["hits"]] == [price(amount, "USD")]
    await set_prices(shared_shop, made)
    await settle(shared_shop)
    answer = await shared_shop.client.get("/api/v1/search", params={"category": category, "currency": "USD"})
    assert answer.json()["hits"] == []
