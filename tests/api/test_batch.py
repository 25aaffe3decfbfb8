"""Many changes of products in one request: what is stored, and what each operation is told."""

from collections.abc import Sequence
from uuid import uuid4

import httpx
import pytest

from mercato.platform.ids import new_id
from tests.support.answers import at_once, expect_invalid, expect_problem
from tests.support.builders import Json, make_attribute, make_brand, make_product, price, unique
from tests.support.installation import Installation
from tests.support.people import make_key, make_person, with_key

PRODUCTS = "/api/v1/products"
BATCH = f"{PRODUCTS}/batch"


def create(**data: object) -> Json:
    """An operation that makes a product."""
    return {"op": "create", "data": {"name": f"Product {unique()}", **data}}


def update(key: str, version: int | None = None, **data: object) -> Json:
    """An operation that changes one."""
    return {"op": "update", "id": key, "data": data} | ({} if version is None else {"version": version})


def delete(key: str, version: int | None = None) -> Json:
    """An operation that deletes one."""
    return {"op": "delete", "id": key} | ({} if version is None else {"version": version})


async def send(client: httpx.AsyncClient, operations: Sequence[Json], policy: str = "reject_failed") -> list[Json]:
    """The results of a batch that could be read."""
    response = await client.post(BATCH, json={"operations": operations, "error_policy": policy})
    assert response.status_code == 207, response.text
    results: list[Json] = response.json()["results"]
    assert [result["index"] for result in results] == list(range(len(operations)))
    return results


def statuses(results: Sequence[Json]) -> list[int]:
    """What each operation was told."""
    return [result["status"] for result in results]


def codes(results: Sequence[Json]) -> list[str | None]:
    """The problem of each operation, or None."""
    return [result["problem"]["code"] if "problem" in result else None for result in results]


async def status_of(shop: Installation, key: str) -> int:
    """What a read of the product answers."""
    return (await shop.admin.get(f"{PRODUCTS}/{key}")).status_code


# --- what is carried out -------------------------------------------------------------------------------------------------


async def test_a_batch_makes_changes_and_deletes_products(shared_shop: Installation) -> None:
    changed, gone = await make_product(shared_shop), await make_product(shared_shop)
    sku = unique("SKU")
    results = await send(
        shared_shop.admin,
        [create(sku=sku, price=price(500)), update(changed["id"], name="Other"), delete(gone["slug"])],
        "reject_all",
    )
    assert statuses(results) == [201, 200, 204]
    assert results[1] == {"index": 1, "status": 200, "id": changed["id"], "version": 2}
    assert results[2] == {"index": 2, "status": 204, "id": gone["id"]}
    made = (await shared_shop.admin.get(f"{PRODUCTS}/{results[0]['id']}")).json()
    assert (made["variants"][0]["sku"], made["price"], made["version"]) == (sku, price(500), results[0]["version"])
    assert (await shared_shop.admin.get(f"{PRODUCTS}/{changed['slug']}")).json()["name"] == "Other"
    assert await status_of(shared_shop, gone["id"]) == 404


async def test_operations_see_what_those_before_them_did(shared_shop: Installation) -> None:
    slug, sku = unique("s"), unique("SKU")
    results = await send(
        shared_shop.admin,
        [
            create(slug=slug, sku=sku),
            update(slug, version=1, name="Renamed"),
            update(slug, version=1, name="Stale"),
            delete(slug),
            create(slug=slug, sku=sku),
        ],
    )
    assert statuses(results) == [201, 200, 412, 204, 201]
    assert results[2]["problem"]["current_version"] == 2
    assert results[0]["id"] == results[1]["id"] == results[3]["id"] != results[4]["id"]


async def test_a_hundred_are_taken_and_get_slugs_of_their_own(shared_shop: Installation) -> None:
    name = unique("Lamp")
    results = await send(shared_shop.admin, [create(name=name)] * 100)
    assert statuses(results) == [201] * 100
    found = (await shared_shop.admin.get(PRODUCTS, params={"q": name, "limit": 100})).json()["items"]
    assert {item["id"] for item in found} == {result["id"] for result in results}
    assert len({item["slug"] for item in found}) == 100


async def test_what_a_batch_stores_is_searchable_and_in_the_audit_log(shared_shop: Installation) -> None:
    word = unique("word")
    (made,) = await send(shared_shop.admin, [create(name=word, status="active")])
    await shared_shop.drain()
    hits = (await shared_shop.client.get("/api/v1/search", params={"q": word})).json()["hits"]
    assert [hit["id"] for hit in hits] == [made["id"]]
    events = (await shared_shop.admin.get("/api/v1/audit", params={"resource": made["id"]})).json()["items"]
    assert {event["action"] for event in events} == {"create"}


# --- policies ------------------------------------------------------------------------------------------------------------


async def test_reject_failed_stores_what_is_fine(shared_shop: Installation) -> None:
    there = await make_product(shared_shop, sku=unique("SKU"))
    taken = there["variants"][0]["sku"]
    results = await send(
        shared_shop.admin,
        [create(), create(sku=taken), create(name=""), update(str(new_id()), name="x"), update(there["id"], stock=9)],
    )
    assert statuses(results) == [201, 409, 400, 404, 200]
    assert codes(results) == [None, "sku_taken", "invalid_input", "not_found", None]
    assert await status_of(shared_shop, results[0]["id"]) == 200
    assert (await shared_shop.admin.get(f"{PRODUCTS}/{there['id']}")).json()["variants"][0]["stock"] == 9


@pytest.mark.parametrize("policy", [{}, {"error_policy": "reject_all"}])
async def test_reject_all_stores_nothing_and_tells_all_that_is_wrong(shared_shop: Installation, policy: Json) -> None:
    there, kept = await make_product(shared_shop), await make_product(shared_shop)
    ref = unique("ref")
    response = await shared_shop.admin.post(
        BATCH,
        json={
            "operations": [
                create(external_ref=ref),
                create(stock=-1),
                update(there["id"], name="Other"),
                update(there["id"], version=9, name="Stale"),
                delete(kept["id"]),
            ],
            **policy,
        },
    )
    results = response.json()["results"]
    assert statuses(results) == [424, 400, 424, 412, 424]
    assert codes(results) == ["not_applied", "invalid_input", "not_applied", "stale_version", "not_applied"]
    assert not any("id" in result for result in results)
    assert (await shared_shop.admin.get(f"{PRODUCTS}/{there['id']}")).json() == there
    assert (await shared_shop.admin.get(f"{PRODUCTS}/{kept['id']}")).json() == kept
    assert statuses(await send(shared_shop.admin, [create(external_ref=ref)])) == [201]


async def test_what_was_not_stored_leaves_no_trace_for_search_or_audit(shared_shop: Installation) -> None:
    word = unique("word")
    await send(shared_shop.admin, [create(name=word, status="active"), create(name="")], "reject_all")
    await shared_shop.drain()
    assert (await shared_shop.client.get("/api/v1/search", params={"q": word})).json()["hits"] == []
    rows = await shared_shop.resources.db.reads.fetch("SELECT FROM product WHERE name = $1", word)
    assert rows == []


# --- problems of one operation -------------------------------------------------------------------------------------------


async def test_problems_point_into_the_body_of_the_request(shared_shop: Installation) -> None:
    number = await make_attribute(shared_shop, type="number")
    response = await shared_shop.admin.post(
        BATCH,
        json={
            "operations": [
                create(price={"amount": -1, "currency": "EUR"}),
                create(gtin="4006381333932"),
                create(colour="red"),
                create(brand_id=str(new_id())),
                create(attributes={number["code"]: "many"}),
                {"op": "update", "id": "x", "data": {"stock": "5"}},
                create(slug="batch"),
            ],
            "error_policy": "reject_failed",
        },
    )
    problems = [result["problem"] for result in response.json()["results"]]
    assert [problem["errors"][0]["pointer"] for problem in problems] == [
        "/operations/0/data/price/amount",
        "/operations/1/data/gtin",
        "/operations/2/data/colour",
        "/operations/3/data/brand_id",
        f"/operations/4/data/attributes/{number['code']}",
        "/operations/5/data/stock",
        "/operations/6/data/slug",
    ]
    for problem in problems:
        assert (problem["status"], problem["instance"]) == (400, BATCH)
        assert problem["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("operation", "pointer", "code"),
    [
        ({"op": "create"}, "/data", "missing_field"),
        ({"op": "create", "id": "x", "data": {"name": "x"}}, "/id", "unknown_field"),
        ({"op": "create", "version": 1, "data": {"name": "x"}}, "/version", "unknown_field"),
        ({"op": "create", "data": {}}, "/data/name", "missing_field"),
        ({"op": "update", "data": {}}, "/id", "missing_field"),
        ({"op": "update", "id": "x"}, "/data", "missing_field"),
        ({"op": "delete"}, "/id", "missing_field"),
        ({"op": "delete", "id": "x", "data": {}}, "/data", "unknown_field"),
    ],
)
async def test_fields_that_lack_or_mean_nothing_are_told_for_the_operation(
    shared_shop: Installation, operation: Json, pointer: str, code: str
) -> None:
    results = await send(shared_shop.admin, [create(), operation])
    assert statuses(results) == [201, 400]
    (error,) = results[1]["problem"]["errors"]
    assert (error["pointer"], error["code"]) == (f"/operations/1{pointer}", code)


@pytest.mark.parametrize("key", ["no-such-thing", "a\0b", "ü" * 120, "' OR 1=1"])
async def test_keys_that_name_nothing_are_not_found(shared_shop: Installation, key: str) -> None:
    assert statuses(await send(shared_shop.admin, [update(key, name="x"), delete(key), create()])) == [404, 404, 201]


async def test_sellers_change_their_own_products_only(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    other, draft = await make_product(shared_shop), await make_product(shared_shop, status="draft")
    (made,) = await send(seller.client, [create()])
    results = await send(
        seller.client,
        [update(made["id"], name="Mine"), update(other["id"], name="x"), delete(draft["id"]), delete(made["id"])],
    )
    assert statuses(results) == [200, 403, 404, 204]
    assert codes(results) == [None, "not_owner", "not_found", None]


async def test_a_product_called_like_an_address_of_the_api_gets_another_slug(shared_shop: Installation) -> None:
    results = await send(shared_shop.admin, [create(name="Batch"), create(name="Publish!")])
    for result in results:
        slug = (await shared_shop.admin.get(f"{PRODUCTS}/{result['id']}")).json()["slug"]
        assert slug not in {"batch", "publish"}
        assert await status_of(shared_shop, slug) == 200


# --- the request itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"operations": []}, "/operations"),
        ({"operations": [create()] * 101}, "/operations"),
        ({}, "/operations"),
        ({"operations": [{"op": "upsert"}]}, "/operations/0/op"),
        ({"operations": [{"op": "create", "data": {}, "x": 1}]}, "/operations/0/x"),
        ({"operations": [update("x", version=0)]}, "/operations/0/version"),
        ({"operations": [{"op": "create", "data": []}]}, "/operations/0/data"),
        ({"operations": [create()], "error_policy": "ignore"}, "/error_policy"),
        ({"operations": [create()], "policy": "reject_all"}, "/policy"),
    ],
)
async def test_a_batch_that_cannot_be_read_is_refused_whole(
    shared_shop: Installation, body: Json, pointer: str
) -> None:
    expect_invalid(await shared_shop.admin.post(BATCH, json=body), pointer)


async def test_it_needs_the_scope_of_writing(shared_shop: Installation) -> None:
    body = {"operations": [create()]}
    expect_problem(await shared_shop.client.post(BATCH, json=body), 401, "unauthenticated")
    buyer = await make_person(shared_shop)
    expect_problem(await buyer.client.post(BATCH, json=body), 403, "missing_scope")
    reader = with_key(shared_shop, await make_key((await make_person(shared_shop, "seller")).client, "read:catalog"))
    expect_problem(await reader.post(BATCH, json=body), 403, "missing_scope")


async def test_eight_megabytes_are_enough(shared_shop: Installation) -> None:
    large = await send(shared_shop.admin, [create(description="x" * 20_000)] * 100)
    assert statuses(large) == [201] * 100
    response = await shared_shop.admin.post(BATCH, content=b" " * (8 * 1024 * 1024 + 1))
    expect_problem(response, 413, "too_large")


@pytest.mark.parametrize("policy", ["reject_all", "reject_failed"])
async def test_a_batch_that_is_sent_again_is_not_carried_out_again(shared_shop: Installation, policy: str) -> None:
    name, headers = unique("Lamp"), {"Idempotency-Key": str(uuid4())}
    body = {"operations": [create(name=name), create(name="")], "error_policy": policy}
    first = await shared_shop.admin.post(BATCH, json=body, headers=headers)
    again = await shared_shop.admin.post(BATCH, json=body, headers=headers)
    assert (first.status_code, again.content) == (207, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    found = (await shared_shop.admin.get(PRODUCTS, params={"q": name})).json()["items"]
    assert len(found) == (0 if policy == "reject_all" else 1)


# --- at once -------------------------------------------------------------------------------------------------------------


async def test_batches_that_touch_the_same_products_in_opposite_order_do_not_lock_each_other_out(
    shared_shop: Installation,
) -> None:
    brand = await make_brand(shared_shop)
    products = [(await make_product(shared_shop))["id"] for _ in range(8)]

    async def change(number: int) -> list[Json]:
        keys = products if number % 2 else products[::-1]
        new = [create(name=f"{word} shared", brand_id=brand["id"]) for word in ("One", "Two", "Three")]
        operations = [*(update(key, stock=100 + number) for key in keys), *(new if number % 2 else new[::-1])]
        return await send(shared_shop.admin, operations, "reject_all")

    answers = await at_once(*[lambda number=number: change(number) for number in range(8)])
    assert [statuses(results) for results in answers] == [[200] * 8 + [201] * 3] * 8
    for key in products:
        assert (await shared_shop.admin.get(f"{PRODUCTS}/{key}")).json()["version"] == 1 + len(answers)


async def test_batches_that_want_the_same_skus_in_opposite_order_share_them_out(shared_shop: Installation) -> None:
    skus = [unique("SKU") for _ in range(6)]

    async def make(number: int) -> list[Json]:
        return await send(shared_shop.admin, [create(sku=sku) for sku in (skus if number % 2 else skus[::-1])])

    answers = await at_once(*[lambda number=number: make(number) for number in range(6)])
    told = sorted(status for results in answers for status in statuses(results))
    assert told == [201] * 6 + [409] * 30
