"""Products and lists that are answered from memory: never older than what was acknowledged, never what not everybody may see."""

import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from mercato.catalog.product.hot import HotReads
from mercato.devstack import Stack
from mercato.identity.principal import PUBLISHED_ONLY
from mercato.platform.cache import EVERYTHING
from mercato.platform.ratelimit import THROTTLED
from mercato.platform.rates import Rate
from tests.support.answers import expect_problem
from tests.support.builders import Json, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation, new_installation
from tests.support.people import make_key, make_person, with_key
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


async def test_a_sale_begins_and_ends_by_the_clock_in_what_is_held(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    one, many = f"{PRODUCTS}/{made['id']}", f"{PRODUCTS}?q={made['name'].replace(' ', '+')}"
    row = await shared_shop.resources.db.reads.fetchrow("SELECT now() + interval '1 s', now() + interval '2 s'")
    sale = {"price": price(900), "starts_at": row[0].isoformat(), "ends_at": row[1].isoformat()}
    answer = await shared_shop.admin.post(f"/api/v1/variants/{made['variants'][0]['id']}/sales", json=sale)
    assert answer.status_code == 201, answer.text
    seen = []

    async def is_over() -> bool:
        shown = [(await shared_shop.client.get(one)).json(), (await shared_shop.client.get(many)).json()["items"][0]]
        seen.append([product["price"]["amount"] for product in shown])
        return [900, 900] in seen and seen[-1] == [1000, 1000]

    await eventually(is_over, "the sale begun and ended", seconds=5)
    # Each began and ended once.
    for amounts in zip(*seen, strict=True):
        assert [amount for amount, _ in itertools.groupby(amounts)] == [1000, 900, 1000]


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
        assert answer.for_anybody.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
        assert len(statements) == 1


# --- answers that do not pass through the framework ----------------------------------------------------------------------------

OF_THE_EXCHANGE = {"x-request-id", "ratelimit"}


def of_the_resource(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OF_THE_EXCHANGE}


async def test_an_answer_from_memory_is_like_any_other(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    shared_shop.resources.hot.drop([EVERYTHING])
    for path in (f"{PRODUCTS}/{made['slug']}", f"{PRODUCTS}?limit=2"):
        first = await shared_shop.client.get(path)
        await until_held(shared_shop, path)
        again = await shared_shop.client.get(path, headers={"X-Request-ID": "mine"})
        assert of_the_resource(again) == of_the_resource(first)
        assert (again.content, again.headers["x-request-id"]) == (first.content, "mine")
        assert again.headers["ratelimit"].startswith('"reads"')
        assert again.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_what_is_held_is_not_sent_to_who_has_it(shared_shop: Installation, form: str) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['slug']}"
    await until_held(shared_shop, path)
    tag = (await shared_shop.client.get(path)).headers["etag"]
    answer = await shared_shop.client.get(path, headers={"If-None-Match": form.format(tag)})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await shared_shop.client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_head_of_what_is_held_has_no_body(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['id']}"
    await until_held(shared_shop, path)
    get, head = await shared_shop.client.get(path), await shared_shop.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert of_the_resource(head) == of_the_resource(get)


async def test_addresses_that_are_not_understood_are_refused_as_ever(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['id']}"
    await until_held(shared_shop, path)
    expect_problem(await shared_shop.client.get(f"{path}?x=1"), 400, "invalid_input")
    expect_problem(await shared_shop.client.get(f"{path}/nothing"), 404, "not_found")
    expect_problem(await shared_shop.client.options(path), 405, "method_not_allowed")
    expect_problem(await shared_shop.client.get(f"{PRODUCTS}?x=1"), 400, "invalid_input")


async def test_callers_with_credentials_are_answered_from_memory_too(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    path, pages = f"{PRODUCTS}/{made['id']}", f"{PRODUCTS}?limit=2"
    await until_held(shared_shop, path)
    await until_held(shared_shop, pages)
    buyer = await make_person(shared_shop)
    publishable = await make_key(shared_shop.admin, "read:search", kind="publishable")
    for client in (buyer.client, shared_shop.admin):
        answer = await client.get(path)
        assert (answer.json(), answer.headers["cache-control"]) == (made, "private, no-cache")
        assert answer.headers["ratelimit"].startswith('"reads"')
    assert (await buyer.client.get(pages)).content == (await shared_shop.client.get(pages)).content
    expect_problem(await with_key(shared_shop, publishable).get(path), 403, "missing_scope")


async def test_credentials_that_are_not_good_are_refused_as_ever(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['id']}"
    await until_held(shared_shop, path)
    for headers in ({"X-API-Key": "x"}, {"Authorization": "Bearer x"}):
        assert (await shared_shop.client.get(path, headers=headers)).status_code == 401


async def test_an_unknown_id_is_a_problem_in_one_statement(shared_shop: Installation) -> None:
    with shared_shop.counted() as statements:
        answer = await shared_shop.client.get(f"{PRODUCTS}/{uuid4()}")
    expect_problem(answer, 404, "not_found")
    assert len(statements) == 1


async def test_answers_from_memory_are_counted_by_route(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    path = f"{PRODUCTS}/{made['id']}"
    await until_held(shared_shop, path)
    text = (await shared_shop.client.get("/metrics")).text
    assert 'mercato_http_requests_total{method="GET",route="/api/v1/products/{key}",status="200"}' in text
    assert made["id"] not in text


async def test_what_is_held_is_limited_and_one_too_many_is_counted_once(
    stack: Stack, template: str, tmp_path: Path
) -> None:
    async with new_installation(stack, template, media_dir=tmp_path, limit_reads=Rate("40/7200")) as shop:
        path = f"{PRODUCTS}/{(await make_product(shop))['slug']}"
        await until_held(shop, path)
        before = THROTTLED.labels("reads")._value.get()
        answers = [await shop.client.get(path) for _ in range(60)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert THROTTLED.labels("reads")._value.get() - before == len(refused)
        assert 200 in {answer.status_code for answer in answers}
        assert answers[-1].headers["ratelimit"].startswith('"reads";r=0')
