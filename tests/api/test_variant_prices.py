"""Prices of a variant in further currencies."""

import pytest

from tests.api.test_sales import make_sale, moment, variant_of
from tests.support.answers import expect_invalid, expect_problem
from tests.support.builders import Json, make_product, price, unique
from tests.support.installation import Installation
from tests.support.people import make_person


def prices_of(product: Json) -> str:
    """Address of the prices of the only variant."""
    return f"/api/v1/variants/{variant_of(product)}/prices"


async def test_a_variant_has_prices_in_several_currencies(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    at = prices_of(made)
    further = [
        {"price": price(1500, "JPY"), "compare_at_price": None},
        {"price": price(3045, "KWD"), "compare_at_price": price(4000, "KWD")},
        {"price": price(1099, "USD"), "compare_at_price": None},
    ]
    put = await shared_shop.admin.put(at, json={"prices": further}, headers={"If-Match": '"1"'})
    assert put.status_code == 200, put.text
    stored = put.json()
    assert [item["list_price"] for item in stored["prices"]] == [
        price(1000), price(1500, "JPY"), price(3045, "KWD"), price(1099, "USD")
    ]  # fmt: skip
    assert [item["is_base"] for item in stored["prices"]] == [True, False, False, False]
    assert stored["version"] == 2
    assert (await shared_shop.client.get(at)).json() == stored
    product = (await shared_shop.client.get(f"/api/v1/products/{made['id']}")).json()
    assert product["variants"][0]["prices"] == further
    assert product["version"] == made["version"] + 1
    assert (await shared_shop.admin.put(at, json={"prices": []})).json()["prices"] == stored["prices"][:1]


async def test_a_sale_lowers_the_price_of_its_own_currency_only(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    await shared_shop.admin.put(prices_of(made), json={"prices": [{"price": price(1099, "USD")}]})
    sale = await make_sale(shared_shop, made, price=price(599, "USD"), name="Dollar days")
    base, dollars = (await shared_shop.client.get(prices_of(made))).json()["prices"]
    assert (base["price"], base["sale"]) == (price(1000), None)
    assert (dollars["price"], dollars["list_price"], dollars["sale"]["id"]) == (
        price(599, "USD"), price(1099, "USD"), sale["id"]
    )  # fmt: skip
    [variant] = (await shared_shop.client.get(f"/api/v1/products/{made['id']}")).json()["variants"]
    assert variant["price"] == price(1000)
    assert variant["prices"] == [{"price": price(599, "USD"), "compare_at_price": price(1099, "USD")}]


async def test_setting_the_same_prices_again_changes_nothing(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    body = {"prices": [{"price": price(1099, "USD")}]}
    first = await shared_shop.admin.put(prices_of(made), json=body)
    again = await shared_shop.admin.put(prices_of(made), json=body)
    assert again.json() == first.json()


@pytest.mark.parametrize(
    ("prices", "pointer", "code"),
    [
        ([{"price": price(1)}], "/prices/0/price/currency", "base_currency"),
        ([{"price": price(1, "USD")}] * 2, "/prices/1/price/currency", "duplicate_currency"),
        ([{"price": price(1, "XYZ")}], "/prices/0/price", None),
        ([{"price": price(1.5, "USD")}], "/prices/0/price/amount", None),  # type: ignore[arg-type]  # on purpose
        ([{"price": price(-1, "USD")}], "/prices/0/price/amount", None),
        (
            [{"price": price(1, "USD"), "compare_at_price": price(2, "JPY")}],
            "/prices/0/compare_at_price/currency",
            "currency_mismatch",
        ),
        ([{"price": price(1, "USD"), "amount": 1}], "/prices/0/amount", "unknown_field"),
        ({}, "/prices", None),
    ],
)
async def test_prices_that_make_no_sense_are_refused_by_name(
    shared_shop: Installation, prices: object, pointer: str, code: str | None
) -> None:
    made = await make_product(shared_shop)
    expect_invalid(await shared_shop.admin.put(prices_of(made), json={"prices": prices}), pointer, code)


async def test_stale_and_foreign_changes_are_refused(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    body: Json = {"prices": [{"price": price(1099, "USD")}]}
    stale = await shared_shop.admin.put(prices_of(made), json=body, headers={"If-Match": '"7"'})
    expect_problem(stale, 412, "stale_version")
    seller = await make_person(shared_shop, "seller")
    expect_problem(await seller.client.put(prices_of(made), json=body), 403, "not_owner")
    hidden = await make_product(shared_shop, status="draft")
    expect_problem(await seller.client.put(prices_of(hidden), json=body), 404, "not_found")
    expect_problem(await shared_shop.client.get(prices_of(hidden)), 404, "not_found")
    assert (await shared_shop.admin.get(prices_of(hidden))).status_code == 200


async def test_a_base_price_in_a_currency_that_was_a_further_one_counts_alone(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, name=unique("Mug"))
    await shared_shop.admin.put(prices_of(made), json={"prices": [{"price": price(1099, "USD")}]})
    await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"price": price(1299, "USD")})
    listed = (await shared_shop.client.get(prices_of(made))).json()["prices"]
    assert [item["list_price"] for item in listed] == [price(1299, "USD")]
    product = (await shared_shop.client.get(f"/api/v1/products/{made['id']}")).json()
    assert product["variants"][0]["prices"] == []
    at = f"/api/v1/variants/{variant_of(made)}/sales"
    sale = {"price": price(1100, "USD"), "ends_at": moment(days=1)}
    assert (await shared_shop.admin.post(at, json=sale)).status_code == 201
