"""Slugs with a history: a former one leads on, in the API and in the pages, and never where another thing lives."""

import pytest

from tests.api.resources import CATEGORIES, PRODUCTS, Resource, each_slugged_resource
from tests.api.searching import find, settle
from tests.support.answers import expect_problem
from tests.support.builders import Json, make_brand, make_category, make_product, unique
from tests.support.installation import Installation
from tests.support.people import make_person

PAGES = {"/products": "/p/", "/categories": "/c/", "/brands": "/b/"}


async def rename(shop: Installation, resource: Resource, made: Json, slug: str | None = None) -> Json:
    """The resource under another slug."""
    response = await shop.admin.patch(resource.address(made), json={"slug": slug or unique("new-")})
    assert response.status_code == 200, response.text
    renamed: Json = response.json()
    return renamed


@each_slugged_resource
async def test_the_api_says_where_a_former_slug_went(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    renamed = await rename(shared_shop, resource, made)
    response = await shared_shop.client.get(resource.address(made, by="slug"))
    problem = expect_problem(response, 301, "moved")
    assert (problem["slug"], problem["location"]) == (renamed["slug"], resource.address(renamed, by="slug"))
    assert response.headers["location"] == problem["location"]
    assert (await shared_shop.client.get(problem["location"])).json()["id"] == made["id"]


@pytest.mark.parametrize(("resource", "below"), [(PRODUCTS, "/variants"), (CATEGORIES, "/attributes")])
async def test_what_lies_below_a_former_slug_is_below_the_present_one(
    shared_shop: Installation, resource: Resource, below: str
) -> None:
    made = await resource.make(shared_shop)
    renamed = await rename(shared_shop, resource, made)
    response = await shared_shop.client.get(resource.address(made, by="slug") + below)
    problem = expect_problem(response, 301, "moved")
    assert problem["location"] == resource.address(renamed, by="slug") + below
    assert (await shared_shop.client.get(problem["location"])).status_code == 200


@each_slugged_resource
async def test_every_slug_of_the_past_leads_to_the_present_one_in_one_step(
    shared_shop: Installation, resource: Resource
) -> None:
    made = await resource.make(shared_shop)
    second = await rename(shared_shop, resource, made)
    third = await rename(shared_shop, resource, made)
    for former in (made, second):
        problem = (await shared_shop.client.get(resource.address(former, by="slug"))).json()
        assert problem["slug"] == third["slug"]
    await rename(shared_shop, resource, made, made["slug"])
    assert (await shared_shop.client.get(resource.address(made, by="slug"))).status_code == 200
    assert (await shared_shop.client.get(resource.address(third, by="slug"))).json()["slug"] == made["slug"]


@each_slugged_resource
async def test_what_has_a_slug_now_comes_before_what_had_it(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    await rename(shared_shop, resource, made)
    heir = await resource.make(shared_shop, slug=made["slug"])
    found = await shared_shop.client.get(resource.address(made, by="slug"))
    assert (found.status_code, found.json()["id"]) == (200, heir["id"])
    renamed = await rename(shared_shop, resource, heir)
    problem = (await shared_shop.client.get(resource.address(made, by="slug"))).json()
    assert problem["slug"] == renamed["slug"]


@each_slugged_resource
async def test_a_former_slug_of_what_is_deleted_leads_nowhere(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    renamed = await rename(shared_shop, resource, made)
    await shared_shop.admin.delete(resource.address(made))
    for slug in (made, renamed):
        expect_problem(await shared_shop.client.get(resource.address(slug, by="slug")), 404, "not_found")


@each_slugged_resource
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_write_under_a_former_slug_changes_nothing_and_names_the_present_one(
    shared_shop: Installation, resource: Resource, method: str
) -> None:
    made = await resource.make(shared_shop)
    renamed = await rename(shared_shop, resource, made)
    body = None if method == "DELETE" else {"name": "Other"}
    response = await shared_shop.admin.request(method, resource.address(made, by="slug"), json=body)
    assert expect_problem(response, 404, "not_found")["moved_to"] == renamed["slug"]
    assert (await shared_shop.client.get(resource.address(made))).json() == renamed


async def test_a_move_under_a_former_slug_names_the_present_one(shared_shop: Installation) -> None:
    made = await make_category(shared_shop)
    renamed = await rename(shared_shop, CATEGORIES, made)
    address = f"{CATEGORIES.address(made, by='slug')}/move"
    response = await shared_shop.admin.post(address, json={"parent_id": None})
    assert expect_problem(response, 404, "not_found")["moved_to"] == renamed["slug"]


async def test_only_who_sees_a_product_learns_where_it_went(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, status="draft")
    renamed = await rename(shared_shop, PRODUCTS, made)
    address = PRODUCTS.address(made, by="slug")
    stranger = await make_person(shared_shop, "seller")
    for caller in (shared_shop.client, stranger.client):
        expect_problem(await caller.get(address), 404, "not_found")
        assert (await caller.get(f"/p/{made['slug']}")).status_code == 404
    refused = expect_problem(await stranger.client.patch(address, json={"name": "x"}), 404, "not_found")
    assert "moved_to" not in refused
    assert expect_problem(await shared_shop.admin.get(address), 301, "moved")["slug"] == renamed["slug"]


async def test_a_seller_learns_where_an_own_draft_went(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    made = (await seller.client.post("/api/v1/products", json={"name": unique()})).json()
    renamed = await rename(shared_shop, PRODUCTS, made)
    address = PRODUCTS.address(made, by="slug")
    assert expect_problem(await seller.client.get(address), 301, "moved")["slug"] == renamed["slug"]
    refused = await seller.client.patch(address, json={"name": "x"})
    assert expect_problem(refused, 404, "not_found")["moved_to"] == renamed["slug"]


@each_slugged_resource
async def test_a_slug_that_is_there_costs_no_look_into_the_past(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    renamed = await rename(shared_shop, resource, made)
    with shared_shop.counted() as statements:
        await shared_shop.client.get(resource.address(renamed, by="slug"))
    assert len(statements) == 1
    with shared_shop.counted() as statements:
        await shared_shop.client.get(resource.address(made, by="slug"))
    assert len(statements) == 2


async def test_slugs_changed_past_the_api_have_a_history_too(shared_shop: Installation) -> None:
    word = unique("bulk-")
    made = [await make_product(shared_shop, slug=f"{word}-{number}") for number in range(3)]
    await shared_shop.execute("UPDATE product SET slug = slug || '-x' WHERE slug LIKE $1 || '-%'", word)
    for one in made:
        problem = (await shared_shop.client.get(PRODUCTS.address(one, by="slug"))).json()
        assert problem["slug"] == f"{one['slug']}-x"


# --- pages ---------------------------------------------------------------------------------------------------------------


@each_slugged_resource
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_page_under_a_former_slug_leads_on_and_keeps_the_query(
    shared_shop: Installation, resource: Resource, method: str
) -> None:
    made = await resource.make(shared_shop)
    renamed = await rename(shared_shop, resource, made)
    await shared_shop.resources.taxonomy.load()
    page = PAGES[resource.path]
    response = await shared_shop.client.request(method, f"{page}{made['slug']}?utm_source=a&page=1")
    assert response.status_code == 301
    assert response.headers["location"] == f"{page}{renamed['slug']}?utm_source=a&page=1"
    assert (await shared_shop.client.get(response.headers["location"])).status_code == 200


async def test_a_path_with_former_slugs_leads_to_the_category(shared_shop: Installation) -> None:
    top = await make_category(shared_shop)
    leaf = await make_category(shared_shop, parent_id=top["id"])
    new_top, new_leaf = [await rename(shared_shop, CATEGORIES, one) for one in (top, leaf)]
    await shared_shop.resources.taxonomy.load()
    response = await shared_shop.client.get(f"/c/{top['slug']}/{leaf['slug']}")
    assert (response.status_code, response.headers["location"]) == (301, f"/c/{new_top['slug']}/{new_leaf['slug']}")


async def test_a_search_that_names_a_former_slug_finds_the_same(shared_shop: Installation) -> None:
    category, brand = await make_category(shared_shop), await make_brand(shared_shop)
    await make_product(shared_shop, name="Lamp", category_id=category["id"], brand_id=brand["id"])
    for path, made in (("/categories", category), ("/brands", brand)):
        await shared_shop.admin.patch(f"/api/v1{path}/{made['id']}", json={"slug": unique("new-")})
    await settle(shared_shop)
    assert await find(shared_shop, category=category["slug"], brand=brand["slug"]) == ["Lamp"]
