"""Reservations of stock: held, confirmed, released, expired."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import httpx
import pytest

from mercato.worker import make_worker, sweep_expired_reservations
from tests.support.answers import at_once, expect_invalid, expect_problem
from tests.support.builders import Json, make_product, unique
from tests.support.installation import Installation
from tests.support.people import make_key, make_person, with_key
from tests.support.processes import eventually

RESERVATIONS = "/api/v1/reservations"
_EXPIRE = """
WITH late AS (
    UPDATE stock_reservation SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1::uuid RETURNING id, expires_at
)
UPDATE stock_reservation_line l SET held_until = late.expires_at FROM late WHERE l.reservation_id = late.id
"""
_WAITING = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FOR NO KEY UPDATE OF p%'
)
"""


def variant_of(product: Json) -> str:
    """Id of a product's first variant."""
    return str(product["variants"][0]["id"])


def lines(*wanted: tuple[Json, int]) -> list[Json]:
    """So many pieces of each of these products."""
    return [{"variant_id": variant_of(product), "quantity": quantity} for product, quantity in wanted]


async def post(shop: Installation, *wanted: tuple[Json, int], **fields: object) -> httpx.Response:
    """Ask for pieces."""
    return await shop.admin.post(RESERVATIONS, json={"lines": lines(*wanted), **fields})


async def reserve(shop: Installation, *wanted: tuple[Json, int], **fields: object) -> Json:
    """A reservation."""
    response = await post(shop, *wanted, **fields)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    assert response.headers["location"] == f"{RESERVATIONS}/{made['id']}"
    return made


async def end(shop: Installation, reservation: Json, how: str) -> httpx.Response:
    """Confirm or release it."""
    return await shop.admin.post(f"{RESERVATIONS}/{reservation['id']}/{how}")


async def level(shop: Installation, product: Json) -> tuple[int, int, int]:
    """Pieces that are there, reserved, available."""
    found = (await shop.admin.get(f"/api/v1/variants/{variant_of(product)}/stock")).json()
    return found["quantity"], found["reserved"], found["available"]


async def status(shop: Installation, reservation: Json) -> str:
    """How a reservation stands."""
    return str((await shop.admin.get(f"{RESERVATIONS}/{reservation['id']}")).json()["status"])


async def expire(shop: Installation, reservation: Json) -> None:
    """Have its time run out."""
    await shop.execute(_EXPIRE, reservation["id"])


async def sweep(shop: Installation) -> int:
    """What the worker does every minute."""
    return await sweep_expired_reservations({"resources": shop.resources})


async def test_reserved_pieces_are_there_but_not_available(shared_shop: Installation) -> None:
    mugs, caps = await make_product(shared_shop, stock=5), await make_product(shared_shop, stock=2)
    made = await reserve(shared_shop, (mugs, 3), (caps, 2), expires_in=600, reference="Cart 1")
    assert (made["status"], made["reference"], made["closed_at"]) == ("active", "Cart 1", None)
    assert {(line["variant_id"], line["quantity"]) for line in made["lines"]} == {
        (variant_of(mugs), 3),
        (variant_of(caps), 2),
    }
    remaining = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=570) < remaining <= timedelta(seconds=601)
    assert await level(shared_shop, mugs) == (5, 3, 2)
    assert await level(shared_shop, caps) == (2, 2, 0)
    read = await shared_shop.admin.get(f"{RESERVATIONS}/{made['id']}")
    assert read.json() == made
    assert read.headers["etag"]
    assert (await shared_shop.client.get(f"/api/v1/products/{caps['id']}")).json()["in_stock"] is True


async def test_confirmed_pieces_leave_the_stock_once(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    made = await reserve(shared_shop, (product, 3), reference="Order 8")
    first, second = await end(shared_shop, made, "confirm"), await end(shared_shop, made, "confirm")
    assert first.status_code == second.status_code == 200
    assert first.json()["status"] == "confirmed"
    assert first.json() == second.json()
    assert first.json()["closed_at"]
    assert await level(shared_shop, product) == (2, 0, 2)
    (movement, _) = (await shared_shop.admin.get(f"/api/v1/variants/{variant_of(product)}/stock/movements")).json()[
        "items"
    ]
    assert (movement["delta"], movement["reason"], movement["note"]) == (-3, "sale", "Order 8")
    assert movement["reservation_id"] == made["id"]
    expect_problem(await end(shared_shop, made, "release"), 409, "reservation_confirmed")


async def test_released_pieces_are_available_again(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    made = await reserve(shared_shop, (product, 5))
    first, second = await end(shared_shop, made, "release"), await end(shared_shop, made, "release")
    assert first.json()["status"] == "released"
    assert first.json() == second.json()
    assert await level(shared_shop, product) == (5, 0, 5)
    expect_problem(await end(shared_shop, made, "confirm"), 409, "reservation_released")


async def test_all_lines_or_none(shared_shop: Installation) -> None:
    enough, short = await make_product(shared_shop, stock=9), await make_product(shared_shop, stock=2)
    refused = await post(shared_shop, (enough, 3), (short, 3))
    problem = expect_problem(refused, 409, "insufficient_stock", "/lines/1/quantity")
    assert (problem["available"], len(problem["errors"])) == (2, 1)
    assert await level(shared_shop, enough) == (9, 0, 9)


async def test_what_is_reserved_is_neither_reserved_nor_taken_again(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    await reserve(shared_shop, (product, 4))
    assert expect_problem(await post(shared_shop, (product, 2)), 409, "insufficient_stock")["available"] == 1
    at = f"/api/v1/variants/{variant_of(product)}/stock"
    refused = await shared_shop.admin.post(at, json={"delta": -2, "reason": "sale"})
    assert expect_problem(refused, 409, "insufficient_stock")["available"] == 1
    assert (await shared_shop.admin.post(at, json={"delta": -1, "reason": "sale"})).status_code == 200
    assert await level(shared_shop, product) == (4, 4, 0)


async def test_with_backorders_more_is_reserved_and_confirmed_than_there_is(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=1, allow_backorder=True)
    made = await reserve(shared_shop, (product, 3))
    assert await level(shared_shop, product) == (1, 3, -2)
    assert (await end(shared_shop, made, "confirm")).status_code == 200
    assert await level(shared_shop, product) == (-2, 0, -2)


async def test_a_count_below_what_is_reserved_stops_the_confirmation(shared_shop: Installation) -> None:
    product, other = await make_product(shared_shop, stock=5), await make_product(shared_shop, stock=5)
    made = await reserve(shared_shop, (product, 4), (other, 1))
    at = f"/api/v1/variants/{variant_of(product)}/stock"
    assert (await shared_shop.admin.post(at, json={"quantity": 3, "reason": "counted"})).status_code == 200
    expect_problem(await end(shared_shop, made, "confirm"), 409, "insufficient_stock")
    assert await level(shared_shop, product) == (3, 4, -1)
    assert await level(shared_shop, other) == (5, 1, 4)
    assert await status(shared_shop, made) == "active"


async def test_what_is_no_longer_sold_is_not_confirmed(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    made = await reserve(shared_shop, (product, 4))
    await shared_shop.admin.delete(f"/api/v1/products/{product['id']}")
    expect_problem(await end(shared_shop, made, "confirm"), 409, "insufficient_stock")
    assert (await end(shared_shop, made, "release")).json()["status"] == "released"


# --- time -----------------------------------------------------------------------------------------------------------------


async def test_a_reservation_expires_by_the_clock_alone(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    made = await reserve(shared_shop, (product, 5), expires_in=1)

    async def is_free() -> bool:
        return await level(shared_shop, product) == (5, 0, 5)

    await eventually(is_free, "pieces of an expired reservation", seconds=10)
    read = (await shared_shop.admin.get(f"{RESERVATIONS}/{made['id']}")).json()
    assert (read["status"], read["closed_at"]) == ("expired", made["expires_at"])
    expect_problem(await end(shared_shop, made, "confirm"), 409, "reservation_expired")
    await reserve(shared_shop, (product, 5))


async def test_the_sweeper_closes_what_has_expired_and_nothing_else(empty_shop: Installation) -> None:
    product = await make_product(empty_shop, stock=9)
    late, alive, sold = [await reserve(empty_shop, (product, 2)) for _ in range(3)]
    await end(empty_shop, sold, "confirm")
    await expire(empty_shop, late)
    assert (await sweep(empty_shop), await sweep(empty_shop)) == (1, 0)
    assert [await status(empty_shop, made) for made in (late, alive, sold)] == ["expired", "active", "confirmed"]
    assert await level(empty_shop, product) == (7, 2, 5)
    expect_problem(await end(empty_shop, late, "confirm"), 409, "reservation_expired")
    assert (await end(empty_shop, late, "release")).json()["status"] == "expired"
    names = [job.function.__qualname__ for job in make_worker(empty_shop.resources).cron_jobs or []]
    assert "sweep_expired_reservations" in names


async def test_what_came_to_nothing_is_removed_after_a_week(empty_shop: Installation) -> None:
    product = await make_product(empty_shop, stock=9)
    released, sold = [await reserve(empty_shop, (product, 2)) for _ in range(2)]
    await end(empty_shop, released, "release")
    await end(empty_shop, sold, "confirm")
    await empty_shop.execute("UPDATE stock_reservation SET closed_at = closed_at - interval '8 days'")
    await sweep(empty_shop)
    expect_problem(await empty_shop.admin.get(f"{RESERVATIONS}/{released['id']}"), 404, "not_found")
    assert await status(empty_shop, sold) == "confirmed"


@pytest.mark.parametrize("is_swept", [False, True])
async def test_a_reservation_that_expires_while_it_is_confirmed_is_not_sold(
    empty_shop: Installation, *, is_swept: bool
) -> None:
    product = await make_product(empty_shop, stock=5)
    made = await reserve(empty_shop, (product, 5))
    connection = await empty_shop.resources.db.connect()
    answers = []
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT FROM product FOR UPDATE")

        async def confirm() -> None:
            answers.append(await end(empty_shop, made, "confirm"))

        async def let_it_expire() -> None:
            async def is_waiting() -> bool:
                return bool(await empty_shop.resources.db.reads.fetchval(_WAITING))

            await eventually(is_waiting, "a confirmation that waits")
            await expire(empty_shop, made)
            if is_swept:
                await sweep(empty_shop)
            await transaction.rollback()

        await at_once(confirm, let_it_expire)
    finally:
        await connection.close()
    expect_problem(answers[0], 409, "reservation_expired")
    assert await level(empty_shop, product) == (5, 0, 5)


# --- many at once -----------------------------------------------------------------------------------------------------------


async def test_of_many_that_want_the_last_pieces_as_many_get_them_as_there_are(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=6)
    answers = await at_once(*(partial(post, shared_shop, (product, 2)) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 9
    assert await level(shared_shop, product) == (6, 6, 0)


async def test_orders_of_the_same_things_in_any_order_do_not_block_each_other(shared_shop: Installation) -> None:
    products = [await make_product(shared_shop, stock=100) for _ in range(4)]
    wanted: list[Sequence[tuple[Json, int]]] = [[(p, 1) for p in products], [(p, 1) for p in products[::-1]]]
    answers = await at_once(*(partial(post, shared_shop, *wanted[number % 2]) for number in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    ended = await at_once(
        *(
            partial(end, shared_shop, answer.json(), "confirm" if number % 3 else "release")
            for number, answer in enumerate(answers)
        )
    )
    assert {answer.status_code for answer in ended} == {200}
    sold = sum(1 for number in range(20) if number % 3)
    assert [await level(shared_shop, product) for product in products] == [(100 - sold, 0, 100 - sold)] * 4


async def test_confirming_and_releasing_at_once_does_one_of_them(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=10)
    for _ in range(5):
        before, _, _ = await level(shared_shop, product)
        made = await reserve(shared_shop, (product, 1))
        confirmed, released = await at_once(
            partial(end, shared_shop, made, "confirm"), partial(end, shared_shop, made, "release")
        )
        assert sorted([confirmed.status_code, released.status_code]) == [200, 409]
        after = before - (confirmed.status_code == 200)
        assert await level(shared_shop, product) == (after, 0, after)


async def test_no_piece_is_sold_twice_while_reservations_expire(empty_shop: Installation) -> None:
    product = await make_product(empty_shop, stock=8)
    old = [await reserve(empty_shop, (product, 1), expires_in=1) for _ in range(8)]

    async def confirm(reservation: Json) -> httpx.Response:
        return await end(empty_shop, reservation, "confirm")

    async def buy() -> httpx.Response:
        while (made := await post(empty_shop, (product, 1))).status_code == 409:
            if (await level(empty_shop, product))[0] == 0:
                return made
        return await end(empty_shop, made.json(), "confirm")

    async def drop() -> httpx.Response:
        await sweep(empty_shop)
        return await empty_shop.admin.get("/health/live")

    late = old[4:]
    first = await at_once(*(partial(confirm, one) for one in old[:2]))
    answers = await at_once(
        *(partial(buy) for _ in range(8)), *(partial(confirm, one) for one in late), *(drop for _ in range(4))
    )
    sold = sum(1 for answer in [*first, *answers[:12]] if answer.status_code == 200)
    quantity, reserved, available = await level(empty_shop, product)
    assert quantity == 8 - sold >= 0
    assert available == quantity - reserved >= 0


# --- who and what -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/lines", "missing_field"),
        ({"lines": []}, "/lines", None),
        ({"lines": [{"quantity": 1}]}, "/lines/0/variant_id", "missing_field"),
        ({"lines": [{"variant_id": "x", "quantity": 1}]}, "/lines/0/variant_id", None),
        ({"lines": [{"variant_id": str(uuid4()), "quantity": 1}]}, "/lines/0/variant_id", "unknown_reference"),
        ({"lines": [{"variant_id": str(uuid4()), "quantity": 0}]}, "/lines/0/quantity", None),
        ({"lines": [{"variant_id": str(uuid4()), "quantity": 1.5}]}, "/lines/0/quantity", None),
        ({"lines": [{"variant_id": str(uuid4()), "quantity": 10**9 + 1}]}, "/lines/0/quantity", None),
        ({"lines": [{"variant_id": str(uuid4()), "quantity": 1, "x": 1}]}, "/lines/0/x", "unknown_field"),
        ({"lines": [{"variant_id": str(uuid4()), "quantity": 1}] * 101}, "/lines", None),
        ({"lines": [{"variant_id": str(uuid4()), "quantity": 1}], "expires_in": 0}, "/expires_in", None),
        ({"lines": [{"variant_id": str(uuid4()), "quantity": 1}], "expires_in": 86_401}, "/expires_in", None),
        ({"lines": [{"variant_id": str(uuid4()), "quantity": 1}], "reference": "a\0"}, "/reference", None),
    ],
    ids=str,
)
async def test_bad_reservations_are_refused(
    shared_shop: Installation, body: Json, pointer: str, code: str | None
) -> None:
    expect_invalid(await shared_shop.admin.post(RESERVATIONS, json=body), pointer, code)


async def test_a_variant_stands_in_one_line(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    refused = await post(shared_shop, (product, 1), (product, 1))
    expect_invalid(refused, "/lines/1/variant_id", "repeated_variant")


async def test_sellers_reserve_their_own_and_see_their_own_reservations(shared_shop: Installation) -> None:
    seller, other = await make_person(shared_shop, "seller"), await make_person(shared_shop, "seller")
    body = {"name": unique("Mine"), "status": "active", "stock": 3}
    mine = (await seller.client.post("/api/v1/products", json=body)).json()
    draft = (await seller.client.post("/api/v1/products", json=body | {"status": "draft"})).json()
    made = (await seller.client.post(RESERVATIONS, json={"lines": lines((mine, 1))})).json()
    at = f"{RESERVATIONS}/{made['id']}"
    expect_problem(await other.client.post(RESERVATIONS, json={"lines": lines((mine, 1))}), 403, "not_owner")
    hidden = await other.client.post(RESERVATIONS, json={"lines": lines((draft, 1))})
    expect_invalid(hidden, "/lines/0/variant_id", "unknown_reference")
    expect_problem(await other.client.get(at), 404, "not_found")
    for how in ("confirm", "release"):
        expect_problem(await other.client.post(f"{at}/{how}"), 404, "not_found")
    key = with_key(shared_shop, await make_key(seller.client, "write:catalog"))
    assert (await key.get(at)).json() == (await shared_shop.admin.get(at)).json() == made
    assert (await key.post(f"{at}/confirm")).json()["status"] == "confirmed"
    buyer = await make_person(shared_shop)
    expect_problem(await buyer.client.post(RESERVATIONS, json={"lines": lines((mine, 1))}), 403, "missing_scope")


async def test_a_reservation_that_is_sent_again_is_made_once_and_in_the_audit_log(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = [
        await shared_shop.admin.post(RESERVATIONS, json={"lines": lines((product, 2))}, headers=headers)
        for _ in range(2)
    ]
    assert first.json() == second.json()
    assert await level(shared_shop, product) == (5, 2, 3)
    await end(shared_shop, first.json(), "release")
    events = (await shared_shop.admin.get("/api/v1/audit", params={"resource": first.json()["id"]})).json()["items"]
    assert [event["action"] for event in events] == ["update", "create"]
