"""Who sees which products: everybody what is published, admins everything."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.answers import expect_problem, read_all
from tests.support.builders import Json, make_brand, make_category, make_product, unique
from tests.support.installation import Installation

PAST, FUTURE = "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"

HIDDEN = {
    "draft": {"status": "draft"},
    "archived": {"status": "archived"},
    "not published yet": {"publish_at": FUTURE},
    "published no more": {"publish_at": PAST, "unpublish_at": "2002-01-01T00:00:00Z"},
    "scheduled draft": {"status": "draft", "publish_at": PAST},
}
each_hidden = pytest.mark.parametrize("fields", HIDDEN.values(), ids=HIDDEN.keys())


@each_hidden
async def test_shoppers_do_not_find_what_is_not_published_and_admins_do(
    shared_shop: Installation, fields: Json
) -> None:
    brand = await make_brand(shared_shop)
    hidden = await make_product(shared_shop, brand_id=brand["id"], **fields)
    for key in (hidden["id"], hidden["slug"]):
        expect_problem(await shared_shop.client.get(f"/api/v1/products/{key}"), 404, "not_found")
        assert (await shared_shop.admin.get(f"/api/v1/products/{key}")).json() == hidden
    for filters in ({"brand": brand["slug"]}, {"q": hidden["name"]}, {"brand": brand["slug"], "status": "draft"}):
        assert await read_all(shared_shop.client, "/products", **filters) == []
    assert [item["id"] for item in await read_all(shared_shop.admin, "/products", brand=brand["slug"])] == [
        hidden["id"]
    ]
    listed = (
        await shared_shop.client.get("/api/v1/products", params={"brand": brand["slug"], "count": "exact"})
    ).json()
    assert listed["total"] == 0


@each_hidden
async def test_search_and_suggestions_do_not_find_what_is_not_published(
    shared_shop: Installation, fields: Json
) -> None:
    word, sku = unique("Word"), unique("SKU-1")
    brand, category = (
        await make_brand(shared_shop, name=f"Brand {word}"),
        await make_category(shared_shop, name=f"Shelf {word}"),
    )
    await make_product(
        shared_shop, name=word, sku=sku, brand_id=brand["id"], category_id=category["id"], tags=[word], **fields
    )
    await shared_shop.drain()
    for client in (shared_shop.client, shared_shop.admin):
        for q in (word, sku):
            found = (await client.get("/api/v1/search", params={"q": q})).json()
            assert (found["hits"], found["total"]) == ([], 0)
        suggested = (await client.get("/api/v1/search/suggest", params={"q": word})).json()
        assert {kind: suggested[kind] for kind in ("products", "queries", "categories", "brands")} == {
            "products": [],
            "queries": [],
            "categories": [],
            "brands": [],
        }


async def test_the_existence_of_a_hidden_product_is_not_told_by_conditional_requests(shared_shop: Installation) -> None:
    hidden = await make_product(shared_shop, status="draft")
    response = await shared_shop.client.get(f"/api/v1/products/{hidden['id']}", headers={"If-None-Match": "*"})
    expect_problem(response, 404, "not_found")


async def test_a_schedule_in_force_shows_the_product(shared_shop: Installation) -> None:
    word = unique("Word")
    made = await make_product(shared_shop, name=word, publish_at=PAST, unpublish_at=FUTURE)
    await shared_shop.drain()
    assert (await shared_shop.client.get(f"/api/v1/products/{made['id']}")).status_code == 200
    found = (await shared_shop.client.get("/api/v1/search", params={"q": word})).json()
    assert [hit["id"] for hit in found["hits"]] == [made["id"]]


async def test_publishing_and_archiving_takes_effect_at_once(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, status="draft")
    at = f"/api/v1/products/{made['id']}"
    await shared_shop.admin.patch(at, json={"status": "active"})
    assert (await shared_shop.client.get(at)).status_code == 200
    await shared_shop.admin.patch(at, json={"status": "archived"})
    expect_problem(await shared_shop.client.get(at), 404, "not_found")
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await shared_shop.admin.patch(at, json={"status": "active", "publish_at": soon})
    expect_problem(await shared_shop.client.get(at), 404, "not_found")
