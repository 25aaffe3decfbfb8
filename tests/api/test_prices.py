"""Money: integer minor units of a known currency, the same for both prices of a product."""

import pytest

from tests.support.answers import expect_invalid, expect_problem
from tests.support.builders import Json, make_product, price
from tests.support.installation import Installation

MAX_AMOUNT = 10**15


async def patch_refused(shop: Installation, product: Json, pointer: str, code: str, **fields: object) -> None:
    """Check that a change is refused, and that nothing of it is done."""
    at = f"/api/v1/products/{product['id']}"
    expect_invalid(await shop.admin.patch(at, json=fields), pointer, code)
    assert (await shop.admin.get(at)).json() == product


@pytest.mark.parametrize("amount", [0, 1, 1999, MAX_AMOUNT])
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
async def test_minor_units_of_any_currency_are_kept_exactly(
    shared_shop: Installation, amount: int, currency: str
) -> None:
    made = await make_product(shared_shop, price=price(amount, currency))
    assert made["price"] == made["variants"][0]["price"] == {"amount": amount, "currency": currency}


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"amount": -1, "currency": "EUR"}, "/price/amount"),
        ({"amount": MAX_AMOUNT + 1, "currency": "EUR"}, "/price/amount"),
        ({"amount": 10**30, "currency": "EUR"}, "/price/amount"),
        ({"amount": 19.99, "currency": "EUR"}, "/price/amount"),
        ({"amount": 20.0, "currency": "EUR"}, "/price/amount"),
        ({"amount": "1999", "currency": "EUR"}, "/price/amount"),
        ({"amount": None, "currency": "EUR"}, "/price/amount"),
        ({"amount": True, "currency": "EUR"}, "/price/amount"),
        ({"currency": "EUR"}, "/price/amount"),
        ({"amount": 1}, "/price/currency"),
        ({"amount": 1, "currency": "eur"}, "/price/currency"),
        ({"amount": 1, "currency": "EUR\n"}, "/price/currency"),
        ({"amount": 1, "currency": "XYZ"}, "/price"),
        ({"amount": 1, "currency": "EUR", "unit": "kg"}, "/price/unit"),
        (1999, "/price"),
        ("19.99", "/price"),
        ([], "/price"),
    ],
)
async def test_what_is_no_price_is_refused_by_name(shared_shop: Installation, value: object, pointer: str) -> None:
    expect_invalid(await shared_shop.admin.post("/api/v1/products", json={"name": "x", "price": value}), pointer)
    compare = {"name": "x", "price": price(1), "compare_at_price": value}
    response = await shared_shop.admin.post("/api/v1/products", json=compare)
    expect_invalid(response, pointer.replace("/price", "/compare_at_price"))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 5000])
async def test_a_number_that_json_or_a_price_cannot_hold_is_refused(shared_shop: Installation, number: str) -> None:
    body = f'{{"name": "x", "price": {{"amount": {number}, "currency": "EUR"}}}}'
    response = await shared_shop.admin.post(
        "/api/v1/products", content=body, headers={"content-type": "application/json"}
    )
    expect_problem(response, 400, "invalid_input")


async def test_both_prices_are_in_one_currency(shared_shop: Installation) -> None:
    body = {"name": "x", "price": price(1), "compare_at_price": price(2, "USD")}
    response = await shared_shop.admin.post("/api/v1/products", json=body)
    expect_invalid(response, "/compare_at_price/currency", "currency_mismatch")

    made = await make_product(shared_shop, price=price(100), compare_at_price=price(200))
    at = "/compare_at_price/currency"
    await patch_refused(shared_shop, made, at, "currency_mismatch", compare_at_price=price(300, "USD"))
    await patch_refused(shared_shop, made, at, "currency_mismatch", price=price(100, "USD"))
    both = {"price": price(110, "USD"), "compare_at_price": price(220, "USD")}
    changed = await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json=both)
    assert (changed.json()["price"], changed.json()["compare_at_price"]) == (both["price"], both["compare_at_price"])


async def test_a_compare_at_price_needs_a_price(shared_shop: Installation) -> None:
    response = await shared_shop.admin.post("/api/v1/products", json={"name": "x", "compare_at_price": price(2)})
    expect_invalid(response, "/compare_at_price", "price_missing")
    made = await make_product(shared_shop, price=price(100), compare_at_price=price(200))
    await patch_refused(shared_shop, made, "/compare_at_price", "price_missing", price=None)


async def test_a_currency_can_change_when_there_is_nothing_to_compare_with(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, price=price(100))
    changed = await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"price": price(90, "USD")})
    assert changed.json()["price"] == price(90, "USD")
