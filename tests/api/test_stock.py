"""The stock of variants and its ledger."""

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from tests.support.answers import at_once, expect_invalid, expect_problem, read_all, read_pages
from tests.support.builders import Json, make_product, price, unique
from tests.support.installation import Installation
from tests.support.people import make_key, make_person, with_key


def stock_of(product: Json) -> str:
    """Address of the stock of a product's first variant."""
    return f"/api/v1/variants/{product['variants'][0]['id']}/stock"


async def change(client: httpx.AsyncClient, product: Json, **body: object) -> Json:
    """The stock after a change."""
    response = await client.post(stock_of(product), json={"reason": "correction", **body})
    assert response.status_code == 200, response.text
    changed: Json = response.json()
    return changed


async def read_level(shop: Installation, product: Json) -> Json:
    """The stock as it is."""
    response = await shop.admin.get(stock_of(product))
    assert response.status_code == 200, response.text
    level: Json = response.json()
    return level


async def ledger(shop: Installation, product: Json) -> list[tuple[int, int, str]]:
    """Delta, quantity after it, and reason of all movements, the oldest first."""
    items = await read_all(shop.admin, f"/variants/{product['variants'][0]['id']}/stock/movements")
    return [(item["delta"], item["quantity_after"], item["reason"]) for item in items[::-1]]


async def test_pieces_come_and_go_and_the_ledger_says_why(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    changed = await change(shared_shop.admin, product, delta=-2, reason="sale", note="Order 4711")
    variant = product["variants"][0]
    movement = changed.pop("movement")
    assert changed == {
        "variant_id": variant["id"], "product_id": product["id"], "sku": variant["sku"],
        "quantity": 3, "reserved": 0, "available": 3, "allow_backorder": False,
        "low_stock_threshold": None, "is_low": False, "version": variant["version"],
    }  # fmt: skip
    assert (movement["delta"], movement["quantity_after"], movement["reason"]) == (-2, 3, "sale")
    assert (movement["note"], movement["reservation_id"]) == ("Order 4711", None)
    assert movement["actor"] == {"id": None, "name": "admin-key"}
    await change(shared_shop.admin, product, delta=10, reason="restock")
    await change(shared_shop.admin, product, quantity=12, reason="counted")
    assert await ledger(shared_shop, product) == [
        (5, 5, "opening"),
        (-2, 3, "sale"),
        (10, 13, "restock"),
        (-1, 12, "counted"),
    ]
    assert await read_level(shared_shop, product) == changed | {"quantity": 12, "available": 12}
    read = (await shared_shop.client.get(f"/api/v1/products/{product['id']}")).json()
    assert (read["variants"][0]["stock"], read["version"]) == (12, product["version"])


async def test_a_count_that_finds_what_was_known_is_no_movement(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    assert (await change(shared_shop.admin, product, quantity=5))["movement"] is None
    assert await ledger(shared_shop, product) == [(5, 5, "opening")]


async def test_stock_never_falls_below_zero(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=2)
    refused = await shared_shop.admin.post(stock_of(product), json={"delta": -3, "reason": "sale"})
    assert expect_problem(refused, 409, "insufficient_stock")["available"] == 2
    assert (await read_level(shared_shop, product))["quantity"] == 2


async def test_stock_falls_below_zero_with_backorders(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=2, allow_backorder=True)
    changed = await change(shared_shop.admin, product, delta=-3)
    assert (changed["quantity"], changed["available"], changed["allow_backorder"]) == (-1, -1, True)
    kept = await shared_shop.admin.patch(f"/api/v1/products/{product['id']}", json={"allow_backorder": False})
    expect_problem(kept, 409, "stock_below_zero")


async def test_availability_follows_the_stock(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=1)
    for delta, in_stock in ((-1, False), (1, True)):
        await change(shared_shop.admin, product, delta=delta)
        read = (await shared_shop.client.get(f"/api/v1/products/{product['id']}")).json()
        assert read["in_stock"] is in_stock


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"reason": "sale"}, "", "delta_or_quantity"),
        ({"reason": "sale", "delta": 1, "quantity": 1}, "", "delta_or_quantity"),
        ({"reason": "sale", "delta": 0}, "/delta", "no_change"),
        ({"delta": 1}, "/reason", "missing_field"),
        ({"reason": "", "delta": 1}, "/reason", None),
        ({"reason": "a\0b", "delta": 1}, "/reason", None),
        ({"reason": "sale", "delta": 1, "note": "\0"}, "/note", None),
        ({"reason": "sale", "delta": 1, "note": "x" * 501}, "/note", None),
        ({"reason": "sale", "delta": 1.5}, "/delta", None),
        ({"reason": "sale", "delta": "1"}, "/delta", None),
        ({"reason": "sale", "delta": None}, "/delta", None),
        ({"reason": "sale", "delta": 10**9 + 1}, "/delta", None),
        ({"reason": "sale", "delta": 10**9}, "/delta", "out_of_range"),
        ({"reason": "sale", "quantity": -1}, "/quantity", None),
        ({"reason": "sale", "quantity": 10**9 + 1}, "/quantity", None),
        ({"reason": "sale", "delta": 1, "why": "x"}, "/why", "unknown_field"),
    ],
    ids=str,
)
async def test_bad_changes_are_refused(shared_shop: Installation, body: Json, pointer: str, code: str | None) -> None:
    product = await make_product(shared_shop, stock=5)
    expect_invalid(await shared_shop.admin.post(stock_of(product), json=body), pointer, code)
    assert (await read_level(shared_shop, product))["quantity"] == 5


async def test_sellers_change_and_see_the_stock_of_their_own_products_only(shared_shop: Installation) -> None:
    seller, other = await make_person(shared_shop, "seller"), await make_person(shared_shop, "seller")
    body = {"name": unique("Mine"), "price": price(100), "stock": 3}
    draft = (await seller.client.post("/api/v1/products", json=body)).json()
    active = (await seller.client.post("/api/v1/products", json=body | {"status": "active"})).json()
    assert (await change(seller.client, draft, delta=1))["quantity"] == 4
    assert (await seller.client.get(stock_of(draft) + "/movements")).json()["items"][0]["actor"]["id"] == seller.id
    for product, status, code in ((draft, 404, "not_found"), (active, 403, "not_owner")):
        at = stock_of(product)
        expect_problem(await other.client.post(at, json={"delta": 1, "reason": "x"}), status, code)
        expect_problem(await other.client.get(at), status, code)
        expect_problem(await other.client.get(f"{at}/movements"), status, code)
    key = with_key(shared_shop, await make_key(seller.client, "write:catalog"))
    assert (await change(key, draft, delta=1))["quantity"] == 5
    buyer = await make_person(shared_shop)
    expect_problem(await buyer.client.get(stock_of(active)), 403, "missing_scope")
    expect_problem(await shared_shop.client.get(stock_of(active)), 401, "unauthenticated")


async def test_what_is_not_there_has_no_stock(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    await shared_shop.admin.delete(f"/api/v1/products/{product['id']}")
    for at in (stock_of(product), f"/api/v1/variants/{uuid4()}/stock"):
        expect_problem(await shared_shop.admin.get(at), 404, "not_found")
        expect_problem(await shared_shop.admin.get(f"{at}/movements"), 404, "not_found")
        expect_problem(await shared_shop.admin.post(at, json={"delta": 1, "reason": "x"}), 404, "not_found")


async def test_every_way_to_change_stock_is_in_the_ledger(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=0)
    variant_id = product["variants"][0]["id"]
    assert await ledger(shared_shop, product) == []
    patched = await shared_shop.admin.patch(f"/api/v1/products/{product['id']}", json={"stock": 7})
    assert patched.status_code == 200
    await shared_shop.execute("UPDATE variant SET stock = 4 WHERE id = $1::uuid", variant_id)
    await shared_shop.admin.patch(f"/api/v1/products/{product['id']}", json={"name": "Another", "stock": 4})
    assert await ledger(shared_shop, product) == [(7, 7, "correction"), (-3, 4, "correction")]


async def test_what_was_loaded_in_bulk_opens_its_ledger_with_the_first_change(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=0)
    sku, variant_id = unique("bulk"), uuid4()
    await shared_shop.execute(
        """INSERT INTO variant (id, product_id, sku, stock, options) VALUES ($1, $2::uuid, $3, 9, '{"a": "b"}')""",
        variant_id,
        product["id"],
        sku,
    )
    at = f"/api/v1/variants/{variant_id}/stock"
    assert (await shared_shop.admin.get(f"{at}/movements")).json()["items"] == []
    for delta in (-4, 1):
        assert (await shared_shop.admin.post(at, json={"delta": delta, "reason": "sale"})).status_code == 200
    items = (await shared_shop.admin.get(f"{at}/movements")).json()["items"]
    assert [(item["delta"], item["quantity_after"], item["reason"]) for item in items] == [
        (1, 6, "sale"),
        (-4, 5, "sale"),
        (9, 9, "opening"),
    ]


async def test_the_ledger_is_paged(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=1)
    for _ in range(4):
        await change(shared_shop.admin, product, delta=1)
    path = f"/variants/{product['variants'][0]['id']}/stock/movements"
    pages = await read_pages(shared_shop.admin, path, limit=2)
    assert [[item["quantity_after"] for item in page] for page in pages] == [[5, 4], [3, 2], [1]]
    counted = await shared_shop.admin.get(f"/api/v1{path}", params={"count": "exact", "limit": 1})
    assert counted.json()["total"] == 5
    expect_invalid(await shared_shop.admin.get(f"/api/v1{path}", params={"cursor": "x"}), "cursor")


async def test_the_ledger_is_not_changed(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    with pytest.raises(Exception, match="movements of stock are not changed"):
        await shared_shop.execute(
            "UPDATE stock_movement SET delta = 1 WHERE variant_id = $1::uuid", product["variants"][0]["id"]
        )


async def test_a_change_that_is_sent_again_is_made_once(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    headers = {"Idempotency-Key": str(uuid4())}
    answers = [
        await shared_shop.admin.post(stock_of(product), json={"delta": -1, "reason": "sale"}, headers=headers)
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert (await read_level(shared_shop, product))["quantity"] == 4


async def test_changes_at_once_add_up_and_none_goes_below_zero(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=7)

    def taking(delta: int) -> Callable[[], object]:
        return lambda: shared_shop.admin.post(stock_of(product), json={"delta": delta, "reason": "sale"})

    answers: list[httpx.Response] = await at_once(*(taking(-1) for _ in range(20)))  # type: ignore[arg-type]  # awaitables
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [409] * 13
    assert (await read_level(shared_shop, product))["quantity"] == 0
    assert [after for _, after, _ in await ledger(shared_shop, product)] == [7, 6, 5, 4, 3, 2, 1, 0]


async def test_a_stock_has_an_entity_tag(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=7)
    tag = (await shared_shop.admin.get(stock_of(product))).headers["etag"]
    known = await shared_shop.admin.get(stock_of(product), headers={"If-None-Match": tag})
    assert known.status_code == 304
    await change(shared_shop.admin, product, delta=1)
    assert (await shared_shop.admin.get(stock_of(product), headers={"If-None-Match": tag})).status_code == 200


# --- low stock --------------------------------------------------------------------------------------------------------------


async def watch(client: httpx.AsyncClient, product: Json, threshold: int | None) -> Json:
    """The stock, watched from now on."""
    response = await client.patch(stock_of(product), json={"low_stock_threshold": threshold})
    assert response.status_code == 200, response.text
    level: Json = response.json()
    return level


async def low_ones(client: httpx.AsyncClient) -> list[tuple[str, int]]:
    """SKU and stock of what is low, by what the caller sees."""
    return [(item["sku"], item["quantity"]) for item in await read_all(client, "/stock/low", limit=2)]


async def test_what_falls_to_its_threshold_is_listed_the_lowest_first(empty_shop: Installation) -> None:
    products = [await make_product(empty_shop, stock=stock, sku=f"S{stock}") for stock in (9, 3, 1, 2)]
    assert await low_ones(empty_shop.admin) == []
    for product in products:
        watched = await watch(empty_shop.admin, product, 3)
        assert watched["low_stock_threshold"] == 3
        assert watched["version"] == product["variants"][0]["version"] + 1
        assert watched["is_low"] is (watched["quantity"] <= 3)
    assert await low_ones(empty_shop.admin) == [("S1", 1), ("S2", 2), ("S3", 3)]
    await change(empty_shop.admin, products[0], delta=-9)
    await change(empty_shop.admin, products[2], delta=10)
    assert await low_ones(empty_shop.admin) == [("S9", 0), ("S2", 2), ("S3", 3)]
    await watch(empty_shop.admin, products[0], None)
    await empty_shop.admin.delete(f"/api/v1/products/{products[1]['id']}")
    with empty_shop.counted() as statements:
        page = (await empty_shop.admin.get("/api/v1/stock/low", params={"count": "exact"})).json()
    assert len(statements) == 1
    assert page["total"] == 1
    variant = products[3]["variants"][0]
    assert page["items"] == [
        {
            "variant_id": variant["id"],
            "product": {"id": products[3]["id"], "slug": products[3]["slug"], "name": products[3]["name"]},
            "sku": "S2", "options": {}, "quantity": 2, "reserved": 0, "available": 2,
            "allow_backorder": False, "low_stock_threshold": 3,
        }
    ]  # fmt: skip


async def test_sellers_see_what_is_low_of_their_own(shared_shop: Installation) -> None:
    seller, other = await make_person(shared_shop, "seller"), await make_person(shared_shop, "seller")
    sku = unique("LOW")
    body = {"name": unique("Mine"), "stock": 3, "sku": sku}
    product = (await seller.client.post("/api/v1/products", json=body)).json()
    await watch(seller.client, product, 3)
    assert await low_ones(seller.client) == [(sku, 3)]
    assert await low_ones(other.client) == []
    expect_problem(await other.client.patch(stock_of(product), json={"low_stock_threshold": 1}), 404, "not_found")
    buyer = await make_person(shared_shop)
    expect_problem(await buyer.client.get("/api/v1/stock/low"), 403, "missing_scope")


async def test_a_threshold_is_a_number_of_pieces_and_guarded_by_the_version(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=3)
    for bad in (-1, 1.5, "1", 10**9 + 1):
        refused = await shared_shop.admin.patch(stock_of(product), json={"low_stock_threshold": bad})
        expect_invalid(refused, "/low_stock_threshold")
    expect_invalid(await shared_shop.admin.patch(stock_of(product), json={}), "/low_stock_threshold", "missing_field")
    first = await watch(shared_shop.admin, product, 1)
    assert await watch(shared_shop.admin, product, 1) == first
    stale = await shared_shop.admin.patch(
        stock_of(product), json={"low_stock_threshold": 2}, headers={"If-Match": f'"{first["version"] - 1}"'}
    )
    assert expect_problem(stale, 412, "stale_version")["current_version"] == first["version"]
