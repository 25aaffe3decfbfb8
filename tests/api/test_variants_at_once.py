"""Variants: who may change them, on which version, and many at once."""

from functools import partial

import httpx

from mercato.platform.ids import new_id
from tests.support.answers import at_once, expect_problem, read_all
from tests.support.builders import make_product, make_variants, price, unique
from tests.support.installation import Installation
from tests.support.people import make_person
from tests.support.variants import (
    COLOURS,
    SIZES,
    add,
    at,
    defaults,
    make_image,
    of,
    patch,
    read,
)

# --- callers and versions -----------------------------------------------------------------------------------------------


async def test_sellers_write_variants_of_their_own_products(shared_shop: Installation) -> None:
    seller, other = [await make_person(shared_shop, "seller") for _ in range(2)]
    response = await seller.client.post("/api/v1/products", json={"name": "Mine", "options": [SIZES]})
    draft = response.json()
    variant = draft["variants"][0]

    async def tries(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [
            await client.post(at(draft), json={"options": {"Size": "M"}}),
            await client.post(at(draft, "/generate"), json={}),
            await client.patch(of(variant), json={"stock": 1}),
            await client.put(of(variant), json={"stock": 1}),
            await client.delete(of(variant)),
        ]

    assert [r.status_code for r in await tries(other.client)] == [404] * 5
    assert [r.status_code for r in await tries(shared_shop.client)] == [401] * 5
    for client in (other.client, shared_shop.client):
        expect_problem(await client.get(of(variant)), 404, "not_found")
        expect_problem(await client.get(at(draft)), 404, "not_found")
    assert (await seller.client.get(of(variant))).status_code == 200
    assert [r.status_code for r in await tries(seller.client)] == [201, 200, 200, 200, 204]

    await shared_shop.admin.patch(f"/api/v1/products/{draft['id']}", json={"status": "active"})
    variant = (await read(shared_shop, draft))["variants"][0]
    for refused in (await tries(other.client))[2:]:
        expect_problem(refused, 403, "not_owner")
    assert (await shared_shop.client.get(of(variant))).status_code == 200
    buyer = await make_person(shared_shop)
    expect_problem(await buyer.client.patch(of(variant), json={"stock": 1}), 403, "missing_scope")


async def test_what_is_not_there_is_not_found(shared_shop: Installation) -> None:
    for address in (f"/api/v1/variants/{new_id()}", f"/api/v1/products/{new_id()}/variants"):
        expect_problem(await shared_shop.admin.get(address), 404, "not_found")
    expect_problem(await shared_shop.admin.patch(f"/api/v1/variants/{new_id()}", json={}), 404, "not_found")
    expect_problem(await shared_shop.admin.get("/api/v1/variants/no-id"), 404, "not_found")
    expect_problem(await shared_shop.admin.post("/api/v1/products/nope/variants", json={}), 404, "not_found")
    product = await make_product(shared_shop)
    assert (await shared_shop.admin.delete(f"/api/v1/products/{product['id']}")).status_code == 204
    expect_problem(await shared_shop.admin.get(of(product["variants"][0])), 404, "not_found")
    expect_problem(await shared_shop.admin.patch(of(product["variants"][0]), json={"stock": 1}), 404, "not_found")


async def test_a_change_based_on_an_old_version_is_refused(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    variant = product["variants"][0]
    await patch(shared_shop, of(variant), stock=9)
    stale = {"If-Match": f'"{variant["version"]}"'}
    for response in (
        await shared_shop.admin.patch(of(variant), json={"stock": 1}, headers=stale),
        await shared_shop.admin.put(of(variant), json={"stock": 1}, headers=stale),
        await shared_shop.admin.delete(of(variant), headers=stale),
    ):
        assert expect_problem(response, 412, "stale_version")["current_version"] == 3
    fresh = await shared_shop.admin.patch(of(variant), json={"stock": 1}, headers={"If-Match": '"3"'})
    assert fresh.status_code == 200


async def test_a_repeated_request_adds_one_variant(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    send = partial(
        shared_shop.admin.post, at(product), json={"options": {"Size": "M"}}, headers={"Idempotency-Key": unique()}
    )
    first, again = await send(), await send()
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert len((await read(shared_shop, product))["variants"]) == 2


async def test_changes_of_variants_are_in_the_audit_log_of_their_product(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    image = await make_image(shared_shop, product)
    variant = await add(shared_shop, product, options={"Size": "M"}, image_ids=[image])
    events = await read_all(shared_shop.admin, "/audit", resource=product["id"])
    found = [(event["resource"], event["action"]) for event in events]
    assert ({"type": "variant", "id": variant["id"]}, "create") in found
    assert "variant_image" in {resource["type"] for resource, _action in found}


# --- at once ------------------------------------------------------------------------------------------------------------


async def test_of_many_that_add_the_same_combination_one_succeeds(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    answers = await at_once(*[partial(shared_shop.admin.post, at(product), json={"options": {"Size": "M"}})] * 8)
    assert sorted(response.status_code for response in answers) == [201, *[409] * 7]
    assert len((await read(shared_shop, product))["variants"]) == 2


async def test_many_that_claim_the_default_leave_one(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES, COLOURS)
    answers = await at_once(
        *(partial(shared_shop.admin.patch, of(v), json={"is_default": True}) for v in product["variants"] * 2)
    )
    assert {response.status_code for response in answers} == {200}
    assert len(defaults(await read(shared_shop, product))) == 1


async def test_deleting_all_variants_at_once_leaves_one_which_is_the_default(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES, COLOURS)
    answers = await at_once(*(partial(shared_shop.admin.delete, of(v)) for v in product["variants"]))
    assert sorted(response.status_code for response in answers) == [*[204] * 5, 409]
    now = await read(shared_shop, product)
    assert defaults(now) == [now["variants"][0]["sku"]]


async def test_room_for_variants_is_counted_right_by_many_at_once(shared_shop: Installation) -> None:
    options = [{"name": "A", "values": [str(n) for n in range(100)]}, {"name": "B", "values": ["x", "y", "z"]}]
    product = await make_product(
        shared_shop,
        price=None,
        stock=0,
        options=options,
        variants=[{"options": {"A": str(n), "B": b}} for n in range(98) for b in ("x", "y")],
    )
    assert len(product["variants"]) == 196
    answers = await at_once(
        *(partial(shared_shop.admin.post, at(product), json={"options": {"A": str(n), "B": "z"}}) for n in range(10))
    )
    assert sorted(response.status_code for response in answers) == [*[201] * 4, *[409] * 6]


async def test_options_and_variants_that_change_at_once_fit_together(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    fewer = [{"name": "Size", "values": ["S"]}]
    at_product = f"/api/v1/products/{product['id']}"
    answers = await at_once(
        partial(shared_shop.admin.post, at(product), json={"options": {"Size": "L"}}),
        partial(shared_shop.admin.patch, at_product, json={"options": fewer}),
    )
    assert sorted(response.status_code for response in answers) in ([200, 400], [201, 409])
    now = await read(shared_shop, product)
    for variant in now["variants"]:
        assert variant["options"]["Size"] in now["options"][0]["values"]


async def test_shoppers_see_a_changed_variant_at_once(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    here = f"/api/v1/products/{product['id']}"
    image = await make_image(shared_shop, product)
    variant = product["variants"][2]
    for change, field, expected in (
        ({"price": price(5)}, "price", price(5)),
        ({"is_default": True}, "is_default", True),
        ({"image_ids": [image]}, "image_ids", [image]),
        ({"image_ids": []}, "image_ids", []),
    ):
        for _ in range(2):  # the second time from memory
            assert (await shared_shop.client.get(here)).status_code == 200
        await patch(shared_shop, of(variant), **change)
        seen = (await shared_shop.client.get(here)).json()["variants"][2]
        assert (seen["id"], seen[field]) == (variant["id"], expected)
    await shared_shop.admin.delete(of(variant))
    assert len((await shared_shop.client.get(here)).json()["variants"]) == 2
