"""Sales: in effect by the clock, in the API at their second, in lists and search after the next look."""

from datetime import UTC, datetime, timedelta

import pytest

from mercato.search.schedule import follow_sales
from tests.api.searching import ask, settle
from tests.support.answers import at_once, expect_invalid, expect_problem
from tests.support.builders import Json, make_product, price, unique
from tests.support.installation import Installation
from tests.support.people import make_person


def moment(**ahead: float) -> str:
    """A time from now on, as the API takes it."""
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def variant_of(product: Json) -> str:
    """Id of the only variant."""
    [variant] = product["variants"]
    return str(variant["id"])


async def make_sale(shop: Installation, product: Json, **fields: object) -> Json:
    """A sale at 7.00 EUR for a day, from now on."""
    body = {"price": price(700), "ends_at": moment(days=1), **fields}
    response = await shop.admin.post(f"/api/v1/variants/{variant_of(product)}/sales", json=body)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    assert response.headers["location"] == f"/api/v1/sales/{made['id']}"
    return made


async def make_upcoming(shop: Installation, product: Json, **fields: object) -> Json:
    """A sale of tomorrow."""
    return await make_sale(shop, product, starts_at=moment(days=1), ends_at=moment(days=2), **fields)


async def read(shop: Installation, product: Json) -> Json:
    """The product as shoppers see it."""
    found: Json = (await shop.client.get(f"/api/v1/products/{product['id']}")).json()
    return found


async def shown(shop: Installation, product: Json) -> tuple[Json | None, Json | None]:
    """Price and compare-at price of a product, the same in its variant and in the list."""
    found = await read(shop, product)
    [variant] = found["variants"]
    [listed] = (await shop.client.get("/api/v1/products", params={"q": product["name"]})).json()["items"]
    pairs = {(str(item["price"]), str(item["compare_at_price"])) for item in (found, variant, listed)}
    assert len(pairs) == 1, pairs
    return found["price"], found["compare_at_price"]


async def let_pass(shop: Installation, sale: Json, *, begun: bool, ended: bool = False) -> None:
    """Have the clock pass the beginning (and the end) of a sale, with no job having looked yet."""
    start, end = ("-2 hours", "-1 hour") if ended else ("-1 hour" if begun else "1 day", "2 days")
    product = "SELECT product_id FROM sale WHERE id = $1"
    before = await shop.resources.db.reads.fetchrow(
        f"SELECT price_amount, compare_at_amount, price_changes_at FROM product WHERE id = ({product})", sale["id"]
    )
    assert before is not None
    await shop.execute(
        "UPDATE sale SET starts_at = now() + $2::text::interval, ends_at = now() + $3::text::interval WHERE id = $1",
        sale["id"], start, end,
    )  # fmt: skip
    await shop.execute(
        f"""UPDATE product SET price_amount = $2, compare_at_amount = $3, price_changes_at = now() - interval '1 second'
        WHERE id = ({product})""",
        sale["id"], before[0], before[1],
    )  # fmt: skip


# --- what is asked -------------------------------------------------------------------------------------------------------


async def test_a_running_sale_is_the_price_and_the_list_price_what_to_compare_it_with(
    shared_shop: Installation,
) -> None:
    made = await make_product(shared_shop, price=price(1000), compare_at_price=price(1500))
    sale = await make_sale(shared_shop, made, name="Winter sale")
    assert sale["state"] == "running"
    assert await shown(shared_shop, made) == (price(700), price(1000))
    [variant] = (await read(shared_shop, made))["variants"]
    assert variant["sale"] == {
        "id": sale["id"], "name": "Winter sale", "list_price": price(1000), "ends_at": sale["ends_at"]
    }  # fmt: skip


async def test_a_sale_to_come_changes_nothing_yet(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_upcoming(shared_shop, made)
    assert sale["state"] == "scheduled"
    assert await shown(shared_shop, made) == (price(1000), None)
    assert (await read(shared_shop, made))["variants"][0]["sale"] is None


async def test_a_sale_begins_at_its_second_without_anybody_writing(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_upcoming(shared_shop, made)
    await let_pass(shared_shop, sale, begun=True)
    assert await shown(shared_shop, made) == (price(700), price(1000))


async def test_a_sale_ends_at_its_second_without_anybody_writing(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_sale(shared_shop, made)
    await let_pass(shared_shop, sale, begun=True, ended=True)
    assert await shown(shared_shop, made) == (price(1000), None)


async def test_filters_orders_and_search_follow_at_the_next_look(shared_shop: Installation) -> None:
    word = unique("Lamp")
    made = await make_product(shared_shop, name=word)
    sale = await make_upcoming(shared_shop, made)
    await settle(shared_shop)
    await let_pass(shared_shop, sale, begun=True)
    assert await follow_sales(shared_shop.resources.db.reads) >= 1
    await settle(shared_shop)
    [hit] = (await ask(shared_shop, q=word, price_max=800))["hits"]
    assert (hit["price"], hit["compare_at_price"]) == (price(700), price(1000))
    await let_pass(shared_shop, sale, begun=True, ended=True)
    await follow_sales(shared_shop.resources.db.reads)
    await settle(shared_shop)
    assert (await ask(shared_shop, q=word, price_max=800))["hits"] == []
    row = await shared_shop.resources.db.reads.fetchrow(
        "SELECT price_amount, price_changes_at FROM product WHERE id = $1", made["id"]
    )
    assert row is not None
    assert tuple(row) == (1000, None), "nothing is left to look for"


async def test_the_entity_tag_changes_with_the_clock_and_the_version_does_not(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_upcoming(shared_shop, made)
    at = f"/api/v1/products/{made['id']}"
    before = await shared_shop.admin.get(at)
    await let_pass(shared_shop, sale, begun=True)
    after = await shared_shop.admin.get(at, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["version"] == before.json()["version"]
    changed = await shared_shop.admin.patch(at, json={"name": "x"}, headers={"If-Match": before.headers["etag"]})
    assert changed.status_code == 200


async def test_a_sale_that_asks_no_less_than_the_list_price_does_not_count(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    await make_sale(shared_shop, made)
    await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"price": price(600)})
    assert await shown(shared_shop, made) == (price(600), None)
    await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"price": price(900)})
    assert await shown(shared_shop, made) == (price(700), price(900))


async def test_a_product_is_read_in_one_statement_while_a_sale_runs(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_sale(shared_shop, made)
    await let_pass(shared_shop, sale, begun=True)
    for path in (f"/products/{made['id']}", f"/products?q={made['name']}"):
        with shared_shop.counted() as statements:
            await shared_shop.client.get(f"/api/v1{path}")
        assert len(statements) == 1, path


# --- changing them -------------------------------------------------------------------------------------------------------


async def test_a_sale_is_read_listed_changed_and_called_off(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_upcoming(shared_shop, made)
    at, listed = f"/api/v1/sales/{sale['id']}", f"/api/v1/variants/{variant_of(made)}/sales"
    assert (await shared_shop.admin.get(at)).json() == sale
    assert (await shared_shop.admin.get(listed)).json()["items"] == [sale]
    changes = {"price": price(650), "starts_at": moment(days=3), "ends_at": moment(days=4), "name": "Spring"}
    changed = await shared_shop.admin.patch(at, json=changes, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["price"], changed.json()["name"]) == (price(650), "Spring")
    assert changed.json()["version"] == 2
    assert (await shared_shop.admin.delete(at)).status_code == 204
    expect_problem(await shared_shop.admin.get(at), 404, "not_found")
    assert (await shared_shop.admin.get(listed)).json()["items"] == []


async def test_a_running_sale_keeps_its_price_and_its_beginning(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_sale(shared_shop, made)
    at = f"/api/v1/sales/{sale['id']}"
    for fields in ({"price": price(1)}, {"starts_at": moment(hours=1)}):
        expect_problem(await shared_shop.admin.patch(at, json=fields), 409, "sale_begun")
    longer = await shared_shop.admin.patch(at, json={"ends_at": moment(days=9), "name": "Longer"})
    assert (longer.status_code, longer.json()["name"]) == (200, "Longer")


async def test_a_running_sale_that_is_deleted_ends_now_and_stays_known(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_sale(shared_shop, made)
    at = f"/api/v1/sales/{sale['id']}"
    assert (await shared_shop.admin.delete(at)).status_code == 204
    assert await shown(shared_shop, made) == (price(1000), None)
    ended = (await shared_shop.admin.get(at)).json()
    assert ended["state"] == "ended"
    expect_problem(await shared_shop.admin.delete(at), 409, "sale_ended")
    expect_problem(await shared_shop.admin.patch(at, json={"name": "x"}), 409, "sale_ended")


async def test_a_change_of_a_sale_is_one_of_the_product_too(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_upcoming(shared_shop, made)
    after_making = (await read(shared_shop, made))["version"]
    assert after_making == made["version"] + 1
    await shared_shop.admin.patch(f"/api/v1/sales/{sale['id']}", json={"name": "Spring"})
    assert (await read(shared_shop, made))["version"] == after_making + 1


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"ends_at": moment(days=-1)}, "/ends_at", "schedule_reversed"),
        ({"starts_at": moment(days=2), "ends_at": moment(days=1)}, "/ends_at", "schedule_reversed"),
        ({"starts_at": moment(hours=-2)}, "/starts_at", "in_the_past"),
        ({"starts_at": "1969-01-01T00:00:00Z"}, "/starts_at", "out_of_range"),
        ({"ends_at": "2999-01-01T00:00:00"}, "/ends_at", None),
        ({"price": price(1000)}, "/price/amount", "not_below_list_price"),
        ({"price": price(2000)}, "/price/amount", "not_below_list_price"),
        ({"price": price(1, "USD")}, "/price/currency", "price_missing"),
        ({"price": price(-1)}, "/price/amount", None),
        ({"price": price(1, "XYZ")}, "/price", None),
        ({"price": 1.5}, "/price", None),
        ({"name": "a\nb"}, "/name", None),
        ({"variant_id": "x"}, "/variant_id", "unknown_field"),
    ],
)
async def test_a_sale_that_makes_no_sense_is_refused_by_name(
    shared_shop: Installation, fields: Json, pointer: str, code: str | None
) -> None:
    made = await make_product(shared_shop)
    at = f"/api/v1/variants/{variant_of(made)}/sales"
    body = {"price": price(700), "ends_at": moment(days=1), **fields}
    expect_invalid(await shared_shop.admin.post(at, json=body), pointer, code)
    assert (await shared_shop.admin.get(at)).json()["items"] == []


async def test_a_change_that_makes_no_sense_is_refused_by_name(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    at = f"/api/v1/sales/{(await make_upcoming(shared_shop, made))['id']}"
    expect_invalid(
        await shared_shop.admin.patch(at, json={"ends_at": moment(hours=1)}), "/ends_at", "schedule_reversed"
    )
    expect_invalid(await shared_shop.admin.patch(at, json={"starts_at": moment(days=-1)}), "/starts_at", "in_the_past")
    expect_invalid(
        await shared_shop.admin.patch(at, json={"price": price(9999)}), "/price/amount", "not_below_list_price"
    )
    expect_problem(
        await shared_shop.admin.patch(at, json={"name": "x"}, headers={"If-Match": '"7"'}), 412, "stale_version"
    )
    running = await make_sale(shared_shop, await make_product(shared_shop))
    late = await shared_shop.admin.patch(f"/api/v1/sales/{running['id']}", json={"ends_at": moment(days=-1)})
    expect_invalid(late, "/ends_at", "schedule_reversed")


async def test_sales_of_a_variant_do_not_overlap_in_one_currency(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    at = f"/api/v1/variants/{variant_of(made)}/sales"
    await shared_shop.admin.put(
        f"/api/v1/variants/{variant_of(made)}/prices", json={"prices": [{"price": price(9, "USD")}]}
    )
    start, middle, end = moment(days=1), moment(days=2), moment(days=3)
    first = await make_sale(shared_shop, made, starts_at=start, ends_at=middle)
    body = {"price": price(1), "starts_at": start, "ends_at": end}
    expect_problem(await shared_shop.admin.post(at, json=body), 409, "sale_overlaps")
    behind = await make_sale(shared_shop, made, starts_at=middle, ends_at=end)
    longer = await shared_shop.admin.patch(f"/api/v1/sales/{first['id']}", json={"ends_at": end})
    expect_problem(longer, 409, "sale_overlaps")
    await make_sale(shared_shop, made, price=price(1, "USD"), starts_at=start, ends_at=end)
    await shared_shop.admin.delete(f"/api/v1/sales/{behind['id']}")
    assert (await shared_shop.admin.patch(f"/api/v1/sales/{first['id']}", json={"ends_at": end})).status_code == 200


async def test_of_two_sales_at_the_same_time_one_is_made(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    at = f"/api/v1/variants/{variant_of(made)}/sales"
    body = {"price": price(700), "ends_at": moment(days=1)}
    answers = await at_once(*[lambda: shared_shop.admin.post(at, json=body)] * 8)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len((await shared_shop.admin.get(at)).json()["items"]) == 1


# --- who -----------------------------------------------------------------------------------------------------------------


async def test_sellers_put_their_own_products_on_sale_only(shared_shop: Installation) -> None:
    seller, other = await make_person(shared_shop, "seller"), await make_person(shared_shop, "seller")
    response = await seller.client.post(
        "/api/v1/products", json={"name": unique("Mug"), "status": "active", "price": price(1000)}
    )
    own = response.json()
    at = f"/api/v1/variants/{variant_of(own)}/sales"
    body = {"price": price(700), "starts_at": moment(days=1), "ends_at": moment(days=2)}
    sale = (await seller.client.post(at, json=body)).json()
    assert (await seller.client.get(at)).json()["items"] == [sale]
    expect_problem(await other.client.get(at), 404, "not_found")
    expect_problem(await other.client.get(f"/api/v1/sales/{sale['id']}"), 404, "not_found")
    expect_problem(await other.client.post(at, json=body), 403, "not_owner")
    for answer in (
        await other.client.patch(f"/api/v1/sales/{sale['id']}", json={"name": "x"}),
        await other.client.delete(f"/api/v1/sales/{sale['id']}"),
    ):
        expect_problem(answer, 403, "not_owner")
    assert (await shared_shop.admin.get(f"/api/v1/sales/{sale['id']}")).json() == sale


async def test_there_is_nothing_to_sell_of_a_variant_that_is_gone(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_upcoming(shared_shop, made)
    await shared_shop.admin.delete(f"/api/v1/products/{made['id']}")
    at = f"/api/v1/variants/{variant_of(made)}/sales"
    for answer in (
        await shared_shop.admin.get(at),
        await shared_shop.admin.post(at, json={"price": price(700), "ends_at": moment(days=1)}),
        await shared_shop.admin.get(f"/api/v1/sales/{sale['id']}"),
        await shared_shop.admin.patch(f"/api/v1/sales/{sale['id']}", json={"name": "x"}),
        await shared_shop.admin.delete(f"/api/v1/sales/{sale['id']}"),
    ):
        expect_problem(answer, 404, "not_found")


async def test_sales_are_in_the_audit_log_under_their_product(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    sale = await make_upcoming(shared_shop, made, name="Spring")
    await shared_shop.admin.patch(f"/api/v1/sales/{sale['id']}", json={"price": price(650)})
    await shared_shop.admin.delete(f"/api/v1/sales/{sale['id']}")
    events = (await shared_shop.admin.get("/api/v1/audit", params={"resource": sale["id"]})).json()["items"]
    assert [event["action"] for event in events] == ["delete", "update", "create"]
    assert (events[1]["before"]["amount"], events[1]["after"]["amount"]) == (700, 650)
