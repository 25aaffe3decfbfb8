"""Results in the order of an attribute, by the engine and by the database while the engine is away."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from mercato.search.gateway import MeilisearchGateway
from mercato.search.schemas import AttributeSort, SearchQuery
from mercato.search.service import SearchService
from tests.api.searching import SEARCH, find, settle, stocked
from tests.support.answers import expect_invalid
from tests.support.builders import Json, make_attribute
from tests.support.installation import Installation


@pytest.fixture
async def degraded(shared_shop: Installation) -> AsyncIterator[SearchService]:
    """Search of the shared shop, whose engine is nowhere to be reached."""
    settings, resources = shared_shop.settings, shared_shop.resources
    async with MeilisearchGateway(msgspec.structs.replace(settings, meilisearch_url="http://127.0.0.1:1")) as gateway:
        yield SearchService(settings, resources.db, gateway, resources.taxonomy)


ORDERS = pytest.mark.parametrize(
    ("definition", "values"),
    [
        ({"type": "number"}, [-2.5, 9, 10, 100]),
        ({"type": "enum", "options": ["S", "M", "L", "XL"]}, ["S", "M", "L", "XL"]),
        ({"type": "text"}, ["amber", "Birch", "cedar"]),
        ({"type": "boolean"}, [False, True]),
        ({"type": "date"}, ["1999-12-31", "2026-01-02", "2026-01-10"]),
        ({"type": "color"}, ["Blue", "red"]),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)


@ORDERS
async def test_results_come_in_the_order_of_an_attribute_and_those_without_a_value_last(
    shared_shop: Installation, degraded: SearchService, definition: Json, values: list[object]
) -> None:
    code = (await make_attribute(shared_shop, is_sortable=True, **definition))["code"]
    shuffled = [*values[1::2], *values[::2]]
    category = await stocked(
        shared_shop, {"name": "none"}, *({"name": str(value), "attributes": {code: value}} for value in shuffled)
    )
    for sign, expected in (("", values), ("-", values[::-1])):
        wanted = [*map(str, expected), "none"]
        assert await find(shared_shop, category=category, sort=f"{sign}attr.{code}") == wanted
        order = AttributeSort(code=code, is_descending=bool(sign))
        result = await degraded.search(SearchQuery(category=(category,), sort=order))
        assert result.degraded
        assert [hit.name for hit in result.hits] == wanted


async def test_an_attribute_becomes_an_order_and_ceases_to_be_one_without_a_rebuild(shared_shop: Installation) -> None:
    code = (await make_attribute(shared_shop, type="number"))["code"]
    sort = f"attr.{code}"
    category = await stocked(shared_shop, *({"name": str(n), "attributes": {code: n}} for n in (30, 4, 200)))
    expect_invalid(await shared_shop.client.get(SEARCH, params={"sort": sort}), "sort", "unknown_sort")
    address = f"/api/v1/attributes/{code}"
    assert (await shared_shop.admin.patch(address, json={"is_sortable": True})).json()["is_sortable"]
    await settle(shared_shop)
    assert await find(shared_shop, category=category, sort=sort) == ["4", "30", "200"]
    await shared_shop.admin.patch(address, json={"is_sortable": False})
    await settle(shared_shop)
    expect_invalid(await shared_shop.client.get(SEARCH, params={"sort": sort}), "sort", "unknown_sort")


async def test_reordered_options_reorder_results(shared_shop: Installation) -> None:
    attribute = await make_attribute(shared_shop, type="enum", options=["L", "S", "M"], is_sortable=True)
    code = attribute["code"]
    category = await stocked(shared_shop, *({"name": size, "attributes": {code: size}} for size in ("S", "M", "L")))
    assert await find(shared_shop, category=category, sort=f"attr.{code}") == ["L", "S", "M"]
    await shared_shop.admin.patch(f"/api/v1/attributes/{code}", json={"options": ["S", "M", "L", "XL"]})
    await settle(shared_shop)
    assert await find(shared_shop, category=category, sort=f"attr.{code}") == ["S", "M", "L"]


async def test_an_order_counts_before_the_words(shared_shop: Installation) -> None:
    code = (await make_attribute(shared_shop, type="number", is_sortable=True))["code"]
    category = await stocked(
        shared_shop,
        {"name": "Lamp", "attributes": {code: 2}},
        {"name": "Desk for a lamp", "attributes": {code: 1}},
        {"name": "Kettle", "attributes": {code: 0}},
    )
    assert await find(shared_shop, category=category, q="lamp", sort=f"attr.{code}") == ["Desk for a lamp", "Lamp"]
