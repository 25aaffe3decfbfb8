"""What prices have been, and the lowest of the last 30 days."""

from datetime import datetime, timedelta

from tests.api.test_sales import make_sale, make_upcoming, moment, variant_of
from tests.support.answers import expect_invalid, expect_problem, read_all, read_pages
from tests.support.builders import Json, make_product, price
from tests.support.installation import Installation


def history_of(product: Json) -> str:
    """Address of the history of the only variant."""
    return f"/variants/{variant_of(product)}/price-history"


async def told(shop: Installation, product: Json, **parameters: object) -> list[tuple[str, Json | None, Json | None]]:
    """What happened, the latest first: the event, what was asked from then on, and what without a sale."""
    items = await read_all(shop.client, history_of(product), **parameters)
    return [(item["event"], item["price"], item["list_price"]) for item in items]


async def lowest(shop: Installation, product: Json) -> list[Json]:
    """The lowest prices of the last 30 days, without the times."""
    found = (await shop.client.get(f"/api/v1{history_of(product)}")).json()["lowest_30_days"]
    return [item["price"] for item in found]


async def set_price(shop: Installation, product: Json, amount: int, currency: str = "EUR") -> None:
    """Change the list price through the API."""
    answer = await shop.admin.patch(f"/api/v1/products/{product['id']}", json={"price": price(amount, currency)})
    assert answer.status_code == 200, answer.text


async def grow_old(shop: Installation, product: Json, days: int) -> None:
    """Move everything that happened to the variant into the past."""
    variant, past = variant_of(product), f"interval '{days} days'"
    await shop.execute(
        f"""DO $$ BEGIN
            ALTER TABLE price_history DISABLE TRIGGER price_history_stays;
            UPDATE price_history SET changed_at = changed_at - {past} WHERE variant_id = '{variant}';
            ALTER TABLE price_history ENABLE TRIGGER price_history_stays;
            UPDATE variant SET created_at = created_at - {past} WHERE id = '{variant}';
            UPDATE sale SET starts_at = starts_at - {past}, ends_at = ends_at - {past} WHERE variant_id = '{variant}';
        END $$"""
    )


async def test_every_change_of_the_list_price_is_told(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    assert await told(shared_shop, made) == [("created", price(1000), price(1000))]
    await set_price(shared_shop, made, 1200)
    await set_price(shared_shop, made, 1200)
    await set_price(shared_shop, made, 900)
    assert await told(shared_shop, made) == [
        ("price_changed", price(900), price(900)),
        ("price_changed", price(1200), price(1200)),
        ("created", price(1000), price(1000)),
    ]


async def test_sales_are_told_when_they_begin_and_when_they_have_ended(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_sale(shared_shop, made, name="Winter sale")
    await make_sale(shared_shop, made, starts_at=moment(days=2), ends_at=moment(days=3))
    assert (await told(shared_shop, made))[0] == ("sale_began", price(700), price(1000))
    await set_price(shared_shop, made, 1100)
    await shared_shop.admin.delete(f"/api/v1/sales/{sale['id']}")
    items = await read_all(shared_shop.client, history_of(made))
    assert [(item["event"], item["price"], item["list_price"]) for item in items] == [
        ("sale_ended", price(1100), price(1100)),
        ("price_changed", price(700), price(1100)),
        ("sale_began", price(700), price(1000)),
        ("created", price(1000), price(1000)),
    ]
    assert items[0]["sale"] == items[2]["sale"] == {"id": sale["id"], "name": "Winter sale"}
    assert items[0]["at"] > items[2]["at"] == sale["starts_at"]


async def test_a_sale_that_was_called_off_never_happened(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_upcoming(shared_shop, made)
    await shared_shop.admin.delete(f"/api/v1/sales/{sale['id']}")
    assert [event for event, *_prices in await told(shared_shop, made)] == ["created"]


async def test_further_currencies_have_their_own_history(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    at = f"/api/v1/variants/{variant_of(made)}/prices"
    await shared_shop.admin.put(at, json={"prices": [{"price": price(1099, "USD")}, {"price": price(1500, "JPY")}]})
    await shared_shop.admin.put(at, json={"prices": [{"price": price(1400, "JPY")}]})
    assert await told(shared_shop, made, currency="USD") == [
        ("price_changed", None, None),
        ("price_changed", price(1099, "USD"), price(1099, "USD")),
    ]
    assert [found for _event, found, _list in await told(shared_shop, made, currency="JPY")] == [
        price(1400, "JPY"), price(1500, "JPY")
    ]  # fmt: skip
    assert await lowest(shared_shop, made) == [price(1000), price(1400, "JPY")]


async def test_a_change_of_the_base_currency_ends_one_price_and_begins_another(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    await set_price(shared_shop, made, 1100, "USD")
    assert await told(shared_shop, made, currency="EUR") == [
        ("price_changed", None, None),
        ("created", price(1000), price(1000)),
    ]
    assert await told(shared_shop, made, currency="USD") == [("price_changed", price(1100, "USD"), price(1100, "USD"))]


async def test_history_pages_neither_repeat_nor_lose_an_event(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    for amount in range(1001, 1008):
        await set_price(shared_shop, made, amount)
    pages = await read_pages(shared_shop.client, history_of(made), limit=3, count="exact")
    assert [len(page) for page in pages] == [3, 3, 2]
    assert [item["price"]["amount"] for page in pages for item in page] == list(range(1007, 999, -1))


async def test_the_lowest_price_of_30_days_looks_back_to_what_held_when_they_began(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    await set_price(shared_shop, made, 800)
    await grow_old(shared_shop, made, 40)
    await set_price(shared_shop, made, 900)
    assert await lowest(shared_shop, made) == [price(800)], "it held until just now"
    await grow_old(shared_shop, made, 31)
    assert await lowest(shared_shop, made) == [price(900)], "800 was asked before"


async def test_the_lowest_price_beside_a_running_sale_is_that_of_the_days_before_it(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    await set_price(shared_shop, made, 950)
    await set_price(shared_shop, made, 1100)
    await grow_old(shared_shop, made, 3)
    sale = await make_sale(shared_shop, made)
    [found] = (await shared_shop.client.get(f"/api/v1{history_of(made)}")).json()["lowest_30_days"]
    assert (found["price"], found["until"]) == (price(950), sale["starts_at"])
    assert datetime.fromisoformat(found["until"]) - datetime.fromisoformat(found["since"]) <= timedelta(days=30)
    await shared_shop.admin.delete(f"/api/v1/sales/{sale['id']}")
    assert await lowest(shared_shop, made) == [price(700)], "the sale is one of the last 30 days' prices now"


async def test_a_sale_from_the_first_second_on_is_compared_with_the_list_price(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_sale(shared_shop, made)
    await shared_shop.execute(
        "UPDATE variant SET created_at = $2::text::timestamptz WHERE id = $1", variant_of(made), sale["starts_at"]
    )
    assert await lowest(shared_shop, made) == [price(1000)]


async def test_changes_that_are_no_prices_leave_no_trace(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"stock": 3, "weight_grams": 5})
    assert [event for event, *_prices in await told(shared_shop, made)] == ["created"]


async def test_the_history_is_there_for_who_sees_the_product(shared_shop: Installation) -> None:
    hidden = await make_product(shared_shop, status="draft")
    expect_problem(await shared_shop.client.get(f"/api/v1{history_of(hidden)}"), 404, "not_found")
    assert (await shared_shop.admin.get(f"/api/v1{history_of(hidden)}")).status_code == 200
    made = await make_product(shared_shop)
    for currency in ("XYZ", "eur"):
        answer = await shared_shop.client.get(f"/api/v1{history_of(made)}", params={"currency": currency})
        expect_invalid(answer, "currency")
    stale = await shared_shop.client.get(f"/api/v1{history_of(made)}", params={"cursor": "x"})
    expect_invalid(stale, "cursor", "invalid_cursor")
