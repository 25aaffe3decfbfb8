"""`Idempotency-Key`: a write that is sent again is answered again, not carried out again."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.resources import Resource, each_resource
from tests.support.answers import at_once, expect_invalid, expect_problem
from tests.support.builders import Json, make_brand, make_product, price, unique
from tests.support.installation import Installation

PRODUCTS = "/api/v1/products"
BRANDS = "/api/v1/brands"
REPLAYED = "idempotent-replayed"
SAME_HEADERS = ("etag", "location", "content-type", "content-length", "cache-control")


def key(text: str | None = None) -> dict[str, str]:
    """The header, with a key that nobody used before."""
    return {"Idempotency-Key": text or str(uuid4())}


def assert_replay(first: httpx.Response, again: httpx.Response) -> None:
    """The second answer is the first one, and says so."""
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for name in SAME_HEADERS:
        assert again.headers.get(name) == first.headers.get(name), name
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


async def count(shop: Installation, sql: str, *values: object) -> int:
    """What a counting query gives."""
    return int(await shop.resources.db.reads.fetchval(sql, *values))


async def named(shop: Installation, name: str) -> int:
    """How many products have the name."""
    return await count(shop, "SELECT count(*) FROM product WHERE name = $1", name)


# --- what is replayed ----------------------------------------------------------------------------------------------------


@each_resource
async def test_a_repeated_post_creates_once_and_gets_the_first_answer(
    shared_shop: Installation, resource: Resource
) -> None:
    made = await resource.make(shared_shop)
    headers, body = key(), resource.make_body()
    first = await shared_shop.admin.post(f"/api/v1{resource.path}", json=body, headers=headers)
    again = await shared_shop.admin.post(f"/api/v1{resource.path}", json=body, headers=headers)
    assert first.status_code == 201
    assert first.json()["id"] != made["id"]
    assert {"etag", "location"} <= first.headers.keys()
    assert_replay(first, again)


async def test_a_repeated_patch_is_not_carried_out_again(shared_shop: Installation) -> None:
    path = f"{PRODUCTS}/{(await make_product(shared_shop))['id']}"
    headers = key()
    first = await shared_shop.admin.patch(path, json={"stock": 7}, headers=headers)
    await shared_shop.admin.patch(path, json={"stock": 3})
    again = await shared_shop.admin.patch(path, json={"stock": 7}, headers=headers)
    assert first.json()["version"] == 2
    assert_replay(first, again)
    assert (await shared_shop.admin.get(path)).json()["variants"][0]["stock"] == 3


async def test_a_replay_is_what_was_answered_then_even_when_the_thing_is_gone(shared_shop: Installation) -> None:
    headers, body = key(), {"name": f"Lamp {unique()}"}
    first = await shared_shop.admin.post(PRODUCTS, json=body, headers=headers)
    assert (await shared_shop.admin.delete(f"{PRODUCTS}/{first.json()['id']}")).status_code == 204
    assert_replay(first, await shared_shop.admin.post(PRODUCTS, json=body, headers=headers))


async def test_posts_that_write_no_resource_are_replayed_too(empty_shop: Installation) -> None:
    headers = key()
    first = await empty_shop.admin.post("/api/v1/search/reindex", headers=headers)
    await empty_shop.drain()
    assert first.status_code == 202
    assert_replay(first, await empty_shop.admin.post("/api/v1/search/reindex", headers=headers))
    assert await count(empty_shop, "SELECT count(*) FROM search_rebuild WHERE id = $1", first.json()["id"]) == 1


async def test_a_stale_version_stays_stale_for_the_same_key(shared_shop: Installation) -> None:
    path = f"{PRODUCTS}/{(await make_product(shared_shop))['id']}"
    headers = key() | {"If-Match": '"9"'}
    first = await shared_shop.admin.patch(path, json={"stock": 1}, headers=headers)
    assert first.status_code == 412
    assert_replay(first, await shared_shop.admin.patch(path, json={"stock": 1}, headers=headers))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": ""}, 400),
        ({"name": "x", "unknown": 1}, 400),
        ({"name": "x", "brand_id": "01900000-0000-7000-8000-000000000000"}, 400),
    ],
)
async def test_a_refusal_is_the_answer_too(shared_shop: Installation, body: Json, status: int) -> None:
    headers = key()
    first = await shared_shop.admin.post(PRODUCTS, json=body, headers=headers)
    assert first.status_code == status
    assert_replay(first, await shared_shop.admin.post(PRODUCTS, json=body, headers=headers))


async def test_a_conflict_leaves_nothing_but_its_answer(shared_shop: Installation) -> None:
    taken, name, headers = await make_product(shared_shop), f"Second {unique()}", key()
    body = {"name": name, "sku": taken["variants"][0]["sku"]}
    first = await shared_shop.admin.post(PRODUCTS, json=body, headers=headers)
    expect_problem(first, 409, "sku_taken")
    await shared_shop.admin.delete(f"{PRODUCTS}/{taken['id']}")  # now it could be created
    assert_replay(first, await shared_shop.admin.post(PRODUCTS, json=body, headers=headers))
    assert await named(shared_shop, name) == 0


async def test_without_a_key_everything_is_carried_out(shared_shop: Installation) -> None:
    name = f"Lamp {unique()}"
    for _ in range(2):
        response = await shared_shop.admin.post(PRODUCTS, json={"name": name})
        assert (response.status_code, REPLAYED in response.headers) == (201, False)
    assert await named(shared_shop, name) == 2


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_reads_take_no_notice_of_a_key(shared_shop: Installation, method: str) -> None:
    path, headers = f"{PRODUCTS}/{(await make_product(shared_shop))['id']}", key()
    for _ in range(2):
        response = await shared_shop.admin.request(method, path, headers=headers)
        assert (response.status_code, REPLAYED in response.headers) == (200, False)
    assert (await shared_shop.admin.get(path, headers=key("no key at all"))).status_code == 200


async def test_puts_and_deletes_take_no_notice_of_a_key(shared_shop: Installation) -> None:
    brand, headers = await make_brand(shared_shop), key()
    path = f"{BRANDS}/{brand['id']}"
    for version, name in ((2, "Two"), (3, "Three")):
        response = await shared_shop.admin.put(path, json={"name": name}, headers=headers)
        assert (response.json()["version"], REPLAYED in response.headers) == (version, False)
    assert (await shared_shop.admin.delete(path, headers=headers)).status_code == 204
    assert (await shared_shop.admin.delete(path, headers=headers)).status_code == 404


# --- what a key is bound to ----------------------------------------------------------------------------------------------


async def test_the_same_key_with_another_body_is_refused_and_changes_nothing(shared_shop: Installation) -> None:
    headers, name = key(), f"Other {unique()}"
    first = await shared_shop.admin.post(PRODUCTS, json={"name": f"One {unique()}"}, headers=headers)
    assert first.status_code == 201
    for _ in range(2):
        other = await shared_shop.admin.post(PRODUCTS, json={"name": name}, headers=headers)
        expect_problem(other, 422, "idempotency_key_reused")
    assert await named(shared_shop, name) == 0


async def test_the_same_key_and_body_at_another_address_is_another_request(shared_shop: Installation) -> None:
    headers, body = key(), {"name": unique("Same")}
    assert (await shared_shop.admin.post(BRANDS, json=body, headers=headers)).status_code == 201
    expect_problem(await shared_shop.admin.post(PRODUCTS, json=body, headers=headers), 422, "idempotency_key_reused")
    one, other = await make_brand(shared_shop), await make_brand(shared_shop)
    headers = key()
    assert (await shared_shop.admin.patch(f"{BRANDS}/{one['id']}", json=body, headers=headers)).status_code == 200
    refused = await shared_shop.admin.patch(f"{BRANDS}/{other['id']}", json=body, headers=headers)
    expect_problem(refused, 422, "idempotency_key_reused")


async def test_a_body_that_was_refused_needs_a_new_key_when_it_is_mended(shared_shop: Installation) -> None:
    headers = key()
    assert (await shared_shop.admin.post(PRODUCTS, json={"name": 5}, headers=headers)).status_code == 400
    mended = await shared_shop.admin.post(PRODUCTS, json={"name": "x"}, headers=headers)
    expect_problem(mended, 422, "idempotency_key_reused")


async def test_what_was_not_allowed_is_not_remembered(shared_shop: Installation) -> None:
    headers, name = key(), f"Lamp {unique()}"
    for _ in range(2):
        refused = await shared_shop.client.post(PRODUCTS, json={"name": name}, headers=headers)
        expect_problem(refused, 401, "unauthenticated")
        assert REPLAYED not in refused.headers
    assert (await shared_shop.admin.post(PRODUCTS, json={"name": name}, headers=headers)).status_code == 201


async def test_what_addresses_do_not_know_is_not_remembered(shared_shop: Installation) -> None:
    for path, status in ((f"{PRODUCTS}/a/b/c", 404), ("/api/v1/search", 405), ("/", 405)):
        response = await shared_shop.admin.post(path, headers=key())
        assert (response.status_code, REPLAYED in response.headers) == (status, False)


# --- keys themselves -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a", "!~", "k" * 255, '"quoted"', "8e03978e-40d5-43e8-bc93-6894a57f9324;,{}"])
async def test_a_key_is_any_visible_ascii_of_up_to_255_characters(shared_shop: Installation, text: str) -> None:
    headers = {"Idempotency-Key": text}
    body: dict[str, Any] = {"name": "Keyed"}
    first = await shared_shop.admin.post(BRANDS, json=body, headers=headers)
    assert first.status_code == 201
    assert_replay(first, await shared_shop.admin.post(BRANDS, json=body, headers=headers))


@pytest.mark.parametrize(
    "raw", [b"", b" ", b"k" * 256, b"two words", b"tab\tbed", "ümlaut".encode(), b"\x7f", b"nul\x00", b"\x80"]
)
async def test_any_other_key_is_refused(shared_shop: Installation, raw: bytes) -> None:
    name = f"Lamp {unique()}"
    response = await shared_shop.admin.post(PRODUCTS, json={"name": name}, headers=[(b"Idempotency-Key", raw)])
    expect_invalid(response, "Idempotency-Key")
    assert await named(shared_shop, name) == 0


async def test_two_keys_are_refused(shared_shop: Installation) -> None:
    twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    expect_invalid(await shared_shop.admin.post(PRODUCTS, json={"name": "x"}, headers=twice), "Idempotency-Key")


async def test_a_key_is_free_again_after_a_day(shared_shop: Installation) -> None:
    headers, name = key(), f"Lamp {unique()}"
    await shared_shop.admin.post(PRODUCTS, json={"name": name}, headers=headers)
    await shared_shop.execute(
        "UPDATE idempotency_key SET created_at = created_at - interval '24 hours 1 second' WHERE key = $1",
        headers["Idempotency-Key"],
    )
    again = await shared_shop.admin.post(PRODUCTS, json={"name": name, "stock": 2}, headers=headers)
    assert (again.status_code, REPLAYED in again.headers) == (201, False)
    assert await named(shared_shop, name) == 2


# --- duplicates that come at once ----------------------------------------------------------------------------------------


async def test_of_duplicates_at_once_one_is_carried_out_and_all_get_its_answer(shared_shop: Installation) -> None:
    headers, name = key(), f"Lamp {unique()}"
    body = {"name": name, "price": price(1999)}
    answers = await at_once(*[lambda: shared_shop.admin.post(PRODUCTS, json=body, headers=headers)] * 30)
    assert [answer.status_code for answer in answers] == [201] * 30
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1
    assert await named(shared_shop, name) == 1


async def test_duplicates_with_another_body_at_once_are_refused(shared_shop: Installation) -> None:
    headers, name = key(), f"Lamp {unique()}"

    async def send(number: int) -> httpx.Response:
        return await shared_shop.admin.post(PRODUCTS, json={"name": name, "stock": number}, headers=headers)

    answers = await at_once(*[lambda number=number: send(number) for number in range(12)])
    assert sorted(answer.status_code for answer in answers) == [201, *[422] * 11]
    assert await named(shared_shop, name) == 1


async def test_many_keys_at_once_do_not_wait_for_each_other(shared_shop: Installation) -> None:
    name = f"Lamp {unique()}"
    answers = await at_once(*[lambda: shared_shop.admin.post(PRODUCTS, json={"name": name}, headers=key())] * 30)
    assert {answer.status_code for answer in answers} == {201}
    assert await named(shared_shop, name) == 30
