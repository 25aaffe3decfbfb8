"""Products in several categories: one is the primary one, and each finds and counts the product once."""

from functools import partial

import anyio
import httpx
import msgspec
import pytest

from mercato.search.gateway import MeilisearchGateway
from mercato.search.schemas import SearchQuery
from mercato.search.service import SearchService
from tests.api.searching import ask, find, options, settle
from tests.support.answers import at_once, expect_invalid, expect_problem, read_all
from tests.support.builders import Json, make_category, make_product, unique
from tests.support.installation import Installation

MISSING = "01928c3e-5f2a-7c41-9d1e-3b0a6c7d8e9f"
MAX_FURTHER = 20


async def make_categories(shop: Installation, count: int) -> list[Json]:
    """Roots."""
    return [await make_category(shop) for _ in range(count)]


def ids(*categories: Json) -> list[str]:
    """Ids in the same order."""
    return [category["id"] for category in categories]


async def read(shop: Installation, path: str) -> Json:
    """A resource as it is now."""
    found: Json = (await shop.client.get(f"/api/v1{path}")).json()
    return found


async def test_the_primary_category_comes_first_and_each_has_its_path(shared_shop: Installation) -> None:
    [top, primary] = await make_categories(shared_shop, 2)
    leaf = await make_category(shared_shop, parent_id=top["id"])
    made = await make_product(shared_shop, category_id=primary["id"], category_ids=ids(leaf, top))
    assert ids(*made["categories"]) == ids(primary, leaf, top)
    assert made["category"] == made["categories"][0]
    assert ids(*made["categories"][1]["path"]) == ids(top, leaf)
    with shared_shop.counted() as statements:
        assert await read(shared_shop, f"/products/{made['slug']}") == made
    assert len(statements) == 1


async def test_naming_a_category_twice_or_the_primary_one_among_the_further_ones_does_no_harm(
    shared_shop: Installation,
) -> None:
    [first, second, third] = await make_categories(shared_shop, 3)
    further = ids(second, first, second, third, first)
    made = await make_product(shared_shop, category_id=first["id"], category_ids=further)
    assert ids(*made["categories"]) == ids(first, second, third)


async def test_without_a_primary_category_the_first_further_one_becomes_it(shared_shop: Installation) -> None:
    [first, second] = await make_categories(shared_shop, 2)
    made = await make_product(shared_shop, category_ids=ids(first, second))
    assert (made["category"]["id"], ids(*made["categories"])) == (first["id"], ids(first, second))
    changed = await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"category_id": None})
    assert ids(*changed.json()["categories"]) == ids(second)
    changed = await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"category_id": None})
    assert (changed.json()["category"], changed.json()["categories"]) == (None, [])


async def test_patch_changes_what_it_names_and_put_clears_what_it_does_not(shared_shop: Installation) -> None:
    [first, second, third] = await make_categories(shared_shop, 3)
    made = await make_product(shared_shop, category_id=first["id"], category_ids=ids(second))
    address = f"/api/v1/products/{made['id']}"
    patched = (await shared_shop.admin.patch(address, json={"category_id": third["id"]})).json()
    assert ids(*patched["categories"]) == ids(third, second)
    patched = (await shared_shop.admin.patch(address, json={"category_id": second["id"]})).json()
    assert ids(*patched["categories"]) == ids(second)
    patched = (await shared_shop.admin.patch(address, json={"category_ids": ids(first, third)})).json()
    assert ids(*patched["categories"]) == ids(second, first, third)
    put = (await shared_shop.admin.put(address, json={"name": "x", "category_id": second["id"]})).json()
    assert ids(*put["categories"]) == ids(second)


async def test_an_edit_of_the_categories_counts_as_a_version_and_is_audited(shared_shop: Installation) -> None:
    [first, second] = await make_categories(shared_shop, 2)
    made = await make_product(shared_shop, category_id=first["id"])
    address = f"/api/v1/products/{made['id']}"
    changed = (await shared_shop.admin.patch(address, json={"category_ids": ids(second)})).json()
    assert changed["version"] == made["version"] + 1
    same = (await shared_shop.admin.patch(address, json={"category_ids": ids(second)})).json()
    assert same["version"] == changed["version"]
    events = (await shared_shop.admin.get("/api/v1/audit", params={"resource": made["id"]})).json()["items"]
    assert events[0]["after"]["category_ids"] == ids(second)


@pytest.mark.parametrize(
    ("further", "pointer", "code"),
    [
        ([MISSING], "/category_ids/0", "unknown_reference"),
        (["x"], "/category_ids/0", "invalid"),
        ([MISSING] * (MAX_FURTHER + 1), "/category_ids", "invalid"),
        ("x", "/category_ids", "invalid"),
        (None, "/category_ids", "invalid"),
    ],
)
async def test_further_categories_must_be_there(
    shared_shop: Installation, further: object, pointer: str, code: str
) -> None:
    response = await shared_shop.admin.post("/api/v1/products", json={"name": "x", "category_ids": further})
    expect_invalid(response, pointer, code)


async def test_every_missing_category_is_named(shared_shop: Installation) -> None:
    [category, gone] = await make_categories(shared_shop, 2)
    await shared_shop.admin.delete(f"/api/v1/categories/{gone['id']}")
    body = {"name": "x", "category_id": MISSING, "category_ids": ids(category, gone)}
    problem = expect_invalid(await shared_shop.admin.post("/api/v1/products", json=body), "/category_id")
    assert [error["pointer"] for error in problem["errors"]] == ["/category_ids/1", "/category_id"]


# --- found and counted ---------------------------------------------------------------------------------------------------


async def test_every_category_and_those_above_list_the_product_once(shared_shop: Installation) -> None:
    [top, other] = await make_categories(shared_shop, 2)
    leaf = await make_category(shared_shop, parent_id=top["id"])
    twig = await make_category(shared_shop, parent_id=leaf["id"])
    made = await make_product(shared_shop, category_id=other["id"], category_ids=ids(leaf, twig, top))
    await make_product(shared_shop, category_id=leaf["id"])
    for category in (top, leaf, twig, other):
        listed = await read_all(shared_shop.client, "/products", category=category["slug"], sort="created_at", limit=1)
        assert [item["id"] for item in listed][:1] == [made["id"]]
        assert len(listed) == (2 if category in (top, leaf) else 1)
        assert (await read(shared_shop, f"/categories/{category['id']}"))["product_count"] == len(listed)


async def test_counts_of_lists_tree_and_facets_have_the_product_once_a_category(empty_shop: Installation) -> None:
    [top, other] = await make_categories(empty_shop, 2)
    leaf = await make_category(empty_shop, parent_id=top["id"])
    await make_product(empty_shop, name="both", category_id=leaf["id"], category_ids=ids(top, other))
    await make_product(empty_shop, name="one", category_id=other["id"])
    await make_product(empty_shop, name="draft", category_id=other["id"], category_ids=ids(top), status="draft")
    await settle(empty_shop)
    wanted = {top["slug"]: 1, leaf["slug"]: 1, other["slug"]: 2}
    listed = (await empty_shop.client.get("/api/v1/categories")).json()["items"]
    assert {item["slug"]: item["product_count"] for item in listed} == wanted
    tree = (await read(empty_shop, "/categories?view=tree"))["items"]
    assert {node["slug"]: node["product_count"] for root in tree for node in (root, *root["children"])} == wanted
    assert options(await ask(empty_shop, facets="category"), "category") == wanted
    known = empty_shop.resources.taxonomy.categories.values()
    assert {category.slug: category.product_count for category in known} == wanted


async def test_search_finds_the_product_by_each_category_and_its_name(shared_shop: Installation) -> None:
    primary, word = await make_category(shared_shop), unique("Shelf")
    further = await make_category(shared_shop, name=word)
    made = await make_product(shared_shop, name="Lamp", category_id=primary["id"], category_ids=ids(further))
    await settle(shared_shop)
    assert await find(shared_shop, category=further["slug"]) == await find(shared_shop, q=word) == ["Lamp"]
    [hit] = (await ask(shared_shop, category=further["slug"]))["hits"]
    assert hit["category"] == made["category"]
    assert f"/p/{made['slug']}" in (await shared_shop.client.get(f"/c/{further['slug']}")).text
    page = (await shared_shop.client.get(f"/p/{made['slug']}")).text
    for category in (primary, further):
        assert f'<a href="/c/{category["slug"]}">More in {category["name"]}</a>' in page


async def test_search_follows_changes_of_a_further_category(shared_shop: Installation) -> None:
    [primary, old, above] = await make_categories(shared_shop, 3)
    further = await make_category(shared_shop, parent_id=old["id"])
    made = await make_product(shared_shop, name="Lamp", category_id=primary["id"], category_ids=ids(further))
    await settle(shared_shop)
    word = unique("Renamed")
    await shared_shop.admin.patch(f"/api/v1/categories/{old['id']}", json={"name": word})
    await settle(shared_shop)
    assert await find(shared_shop, q=word) == ["Lamp"]
    await shared_shop.admin.post(f"/api/v1/categories/{further['id']}/move", json={"parent_id": above["id"]})
    await settle(shared_shop)
    assert await find(shared_shop, category=above["slug"]) == ["Lamp"]
    assert await find(shared_shop, category=old["slug"]) == []
    await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"category_ids": []})
    await settle(shared_shop)
    assert await find(shared_shop, category=above["slug"]) == []


async def test_postgres_finds_and_counts_the_same_while_the_engine_is_away(shared_shop: Installation) -> None:
    [top, primary] = await make_categories(shared_shop, 2)
    leaf = await make_category(shared_shop, parent_id=top["id"])
    await make_product(shared_shop, name="Lamp", category_id=primary["id"], category_ids=ids(leaf, top))
    await settle(shared_shop)
    settings, resources = shared_shop.settings, shared_shop.resources
    async with MeilisearchGateway(msgspec.structs.replace(settings, meilisearch_url="http://127.0.0.1:1")) as gateway:
        search = SearchService(settings, resources.db, gateway, resources.taxonomy)
        result = await search.search(SearchQuery(category=(top["slug"],)))
    assert (result.degraded, [hit.name for hit in result.hits]) == (True, ["Lamp"])
    [facet] = [facet for facet in result.facets if facet.id == "category"]
    assert {option.value: option.count for option in facet.options} == {
        category["slug"]: 1 for category in (top, primary, leaf)
    }


# --- deletes and writers at once -----------------------------------------------------------------------------------------


async def test_a_category_stays_while_it_is_a_further_one(shared_shop: Installation) -> None:
    [primary, further] = await make_categories(shared_shop, 2)
    made = await make_product(shared_shop, category_id=primary["id"], category_ids=ids(further), status="draft")
    delete = partial(shared_shop.admin.delete, f"/api/v1/categories/{further['id']}")
    expect_problem(await delete(), 409, "category_not_empty")
    await shared_shop.admin.delete(f"/api/v1/products/{made['id']}")
    assert (await delete()).status_code == 204


async def test_of_deleting_a_category_and_putting_a_product_into_it_one_is_refused(shared_shop: Installation) -> None:
    for _ in range(5):
        [category] = await make_categories(shared_shop, 1)
        made = await make_product(shared_shop)
        patch = partial(shared_shop.admin.patch, f"/api/v1/products/{made['id']}")
        answers = await at_once(
            partial(shared_shop.admin.delete, f"/api/v1/categories/{category['id']}"),
            partial(patch, json={"category_ids": ids(category)}),
        )
        assert sorted(answer.is_success for answer in answers) == [False, True]


async def test_writers_of_the_same_categories_in_any_order_do_not_get_in_each_others_way(
    shared_shop: Installation,
) -> None:
    categories = await make_categories(shared_shop, 4)
    products = [await make_product(shared_shop) for _ in range(4)]
    answers: list[httpx.Response] = []

    async def write(product: Json, turn: int) -> None:
        order = ids(*categories[turn:], *categories[:turn])
        address = f"/api/v1/products/{product['id']}"
        answers.append(await shared_shop.admin.patch(address, json={"category_ids": order}))

    async def move(category: Json) -> None:
        address = f"/api/v1/categories/{category['id']}/move"
        answers.append(await shared_shop.admin.post(address, json={"parent_id": None, "position": 3}))

    async with anyio.create_task_group() as group:
        for turn in range(4):
            for product in products:
                group.start_soon(write, product, turn)
            group.start_soon(move, categories[turn])
    assert {answer.status_code for answer in answers} == {200}


async def test_whoever_writes_past_the_api_keeps_the_order_too(shared_shop: Installation) -> None:
    [first, second] = await make_categories(shared_shop, 2)
    made = await make_product(shared_shop, category_id=first["id"])
    await shared_shop.execute(
        "UPDATE product SET category_ids = ARRAY[$2, $1, $2]::uuid[] WHERE id = $3",
        first["id"],
        second["id"],
        made["id"],
    )
    assert ids(*(await read(shared_shop, f"/products/{made['id']}"))["categories"]) == ids(first, second)
    await shared_shop.execute("UPDATE product SET category_id = NULL WHERE id = $1", made["id"])
    assert ids(*(await read(shared_shop, f"/products/{made['id']}"))["categories"]) == ids(second)
