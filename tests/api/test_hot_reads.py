"""Products and lists that are answered from memory: never older than what was acknowledged, never what not everybody may see."""

from collections.abc import Awaitable, Callable

import pytest

from mercato.catalog.product.hot import HotReads
from mercato.identity.principal import PUBLISHED_ONLY
from tests.support.answers import expect_problem
from tests.support.builders import Json, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation
from tests.support.people import make_person
from tests.support.processes import eventually

PRODUCTS = "/api/v1/products"


async def until_held(shop: Installation, path: str) -> None:
    """Read until the answer comes from memory: on a busy machine proof of having heard everything may be late."""

    async def is_held() -> bool:
        assert (await shop.client.get(path)).status_code == 200
        with shop.counted() as statements:
            await shop.client.get(path)
        return not statements

    await eventually(is_held, "an answer from memory")


async def test_a_product_and_a_first_page_are_read_once(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    for path in (f"{PRODUCTS}/{made['id']}", f"{PRODUCTS}/{made['slug']}", PRODUCTS, f"{PRODUCTS}?sort=name&limit=3"):
        first = await shared_shop.client.get(path)
        await until_held(shared_shop, path)
        again = await shared_shop.client.get(path)
        assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])


async def test_a_product_that_is_held_is_given_to_those_who_may_see_more(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['id'].upper()}"
    await until_held(shared_shop, path)
    answer = await shared_shop.admin.get(path)
    assert answer.json() == made
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_shared_caches_may_keep_what_everybody_sees(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    for path in (f"{PRODUCTS}/{made['slug']}", f"{PRODUCTS}?limit=2"):
        answer = await shared_shop.client.get(path)
        assert answer.headers["cache-control"] == "public, no-cache"
        assert "Authorization, Cookie, X-API-Key" in answer.headers.get_list("vary")
    draft = await make_product(shared_shop, status="draft")
    assert (await shared_shop.admin.get(f"{PRODUCTS}/{draft['id']}")).headers["cache-control"] == "private, no-cache"
    missing = await shared_shop.client.get(f"{PRODUCTS}/{draft['id']}")
    assert missing.headers["cache-control"] == "no-store"


async def test_a_list_has_a_tag(shared_shop: Installation) -> None:
    path = f"{PRODUCTS}?limit=2"
    tag = (await shared_shop.client.get(path)).headers["etag"]
    for _ in range(2):
        answer = await shared_shop.client.get(path, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    await make_product(shared_shop)
    assert (await shared_shop.client.get(path, headers={"If-None-Match": tag})).status_code == 200


Change = Callable[[Installation, Json], Awaitable[object]]


async def _patch(shop: Installation, made: Json) -> object:
    return await shop.admin.patch(f"{PRODUCTS}/{made['id']}", json={"price": price(1)})


async def _patch_once(shop: Installation, made: Json) -> object:
    headers = {"Idempotency-Key": unique()}
    return await shop.admin.patch(f"{PRODUCTS}/{made['id']}", json={"price": price(1)}, headers=headers)


async def _rename_brand(shop: Installation, made: Json) -> object:
    return await shop.admin.patch(f"/api/v1/brands/{made['brand']['id']}", json={"name": unique("B")})


async def _rename_category(shop: Installation, made: Json) -> object:
    return await shop.admin.patch(f"/api/v1/categories/{made['category']['id']}", json={"name": unique("C")})


CHANGES = [_patch, _patch_once, _rename_brand, _rename_category]


@pytest.mark.parametrize("change", CHANGES)
async def test_an_acknowledged_change_is_seen_at_once(shared_shop: Installation, change: Change) -> None:
    brand, category = await make_brand(shared_shop), await make_category(shared_shop)
    made = await make_product(shared_shop, brand_id=brand["id"], category_id=category["id"])
    one, many = f"{PRODUCTS}/{made['id']}", f"{PRODUCTS}?brand={brand['id']}"
    for path in (one, many):
        await until_held(shared_shop, path)
    await change(shared_shop, made)
    seen = (await shared_shop.client.get(one)).json()
    assert seen != made
    [listed] = (await shared_shop.client.get(many)).json()["items"]
    assert {key: listed[key] for key in ("brand", "category", "price")} == {
        key: seen[key] for key in ("brand", "category", "price")
    }


async def test_a_new_product_is_in_lists_at_once(shared_shop: Installation) -> None:
    brand = await make_brand(shared_shop)
    path = f"{PRODUCTS}?brand={brand['slug']}"
    await until_held(shared_shop, path)
    made = await make_product(shared_shop, brand_id=brand["id"])
    assert [item["id"] for item in (await shared_shop.client.get(path)).json()["items"]] == [made["id"]]


async def test_a_slug_that_goes_to_another_product_is_that_products(shared_shop: Installation) -> None:
    made, other = await make_product(shared_shop), await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['slug']}"
    await until_held(shared_shop, path)
    await shared_shop.admin.patch(f"{PRODUCTS}/{made['id']}", json={"slug": unique("s")})
    await shared_shop.admin.patch(f"{PRODUCTS}/{other['id']}", json={"slug": made["slug"]})
    assert (await shared_shop.client.get(path)).json()["id"] == other["id"]


@pytest.mark.parametrize(
    "changes", [{"status": "draft"}, {"status": "archived"}, {"publish_at": "2999-01-01T00:00:00Z"}]
)
async def test_what_is_unpublished_is_gone_at_once(shared_shop: Installation, changes: Json) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['id']}"
    await until_held(shared_shop, path)
    assert (await shared_shop.admin.patch(path, json=changes)).status_code == 200
    expect_problem(await shared_shop.client.get(path), 404, "not_found")
    assert (await shared_shop.admin.get(path)).status_code == 200
    expect_problem(await shared_shop.client.get(path), 404, "not_found")


async def test_a_deleted_product_is_gone_at_once(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['id']}"
    await until_held(shared_shop, path)
    assert (await shared_shop.admin.delete(path)).status_code == 204
    expect_problem(await shared_shop.client.get(path), 404, "not_found")


async def test_the_clock_ends_what_is_held(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['id']}"
    row = await shared_shop.resources.db.reads.fetchrow("SELECT now() + interval '1 second'")
    assert (await shared_shop.admin.patch(path, json={"unpublish_at": row[0].isoformat()})).status_code == 200
    lists = f"{PRODUCTS}?q={made['name'].replace(' ', '+')}"

    async def is_gone() -> bool:
        answer = await shared_shop.client.get(path)
        listed = (await shared_shop.client.get(lists)).json()["items"]
        after = await shared_shop.resources.db.reads.fetchrow("SELECT now() >= $1", row[0])
        if answer.status_code == 404:
            assert after[0]
            return not listed
        return False

    await eventually(is_gone, "gone by the clock", seconds=3)
    # To the second: no answer that began after that moment shows it.
    expect_problem(await shared_shop.client.get(path), 404, "not_found")


async def test_a_seller_sees_own_drafts_in_lists_and_nobody_else_does(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    made = await seller.client.post(PRODUCTS, json={"name": unique("P")})
    path = f"{PRODUCTS}?seller={made.json()['seller_id']}"
    for _ in range(2):
        assert (await seller.client.get(path)).json()["items"]
        assert (await shared_shop.client.get(path)).json()["items"] == []
        assert (await shared_shop.admin.get(path)).json()["items"]


async def test_a_refused_write_changes_nothing_and_drops_nothing(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['id']}"
    await until_held(shared_shop, path)
    refused = await shared_shop.admin.patch(path, json={"name": "x"}, headers={"If-Match": '"99-000000000000"'})
    expect_problem(refused, 412, "stale_version")
    with shared_shop.counted() as statements:
        assert (await shared_shop.client.get(path)).json() == made
    assert len(statements) <= 1


async def test_memory_can_be_switched_off(shared_shop: Installation) -> None:
    hot = HotReads(shared_shop.resources.db, max_mb=0, cdn_seconds=60)
    hot.open()
    made = await make_product(shared_shop)
    for _ in range(2):
        with shared_shop.counted() as statements:
            answer = await hot.product(made["id"], PUBLISHED_ONLY)
        assert answer is not None
        assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
        assert len(statements) == 1
