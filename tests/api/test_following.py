"""Following the catalog by `updated_since` and a cursor: nothing is missed, whatever runs at the same time."""

import random
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import anyio
import asyncpg
import msgspec
import pytest

from mercato.catalog.product.following import Position, sweep_changes
from mercato.platform.ids import new_id
from mercato.platform.paging import encode_token
from mercato.search.schedule import note_scheduled
from tests.support.answers import expect_invalid, read_all
from tests.support.builders import Json, make_brand, make_category, make_product, unique
from tests.support.following import LIST, Follower
from tests.support.installation import Installation
from tests.support.people import make_person
from tests.support.pictures import SHOW_SOME

LONG_AGO = "2000-01-01T00:00:00Z"


async def make_line(shop: Installation, *names: str, **fields: object) -> tuple[Json, dict[str, Json]]:
    """Products of one new brand, by their names, with the brand."""
    brand = await make_brand(shop)
    made = {name: await make_product(shop, name=name, brand_id=brand["id"], **fields) for name in names}
    return brand, made


async def rename(shop: Installation, product: Json, name: str) -> None:
    """Change a product through the API."""
    response = await shop.admin.patch(f"{LIST}/{product['id']}", json={"name": name})
    assert response.status_code == 200, response.text


@asynccontextmanager
async def open_transaction(shop: Installation) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of somebody else, rolled back unless the block says COMMIT."""
    connection = await shop.resources.db.connect()
    try:
        await connection.execute("BEGIN")
        yield connection
    finally:
        connection.terminate()


# --- what is told --------------------------------------------------------------------------------------------------------


async def test_each_product_is_told_once_in_the_order_of_its_last_change(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "a", "b", "c", "d")
    await rename(shared_shop, made["b"], "b2")
    await rename(shared_shop, made["a"], "a2")
    pages = [
        await read_all(shared_shop.admin, "/products", brand=brand["slug"], updated_since=LONG_AGO, limit=n)
        for n in (1, 3, 100)
    ]
    assert [item["name"] for item in pages[0]] == ["c", "d", "b2", "a2"]
    assert pages[0] == pages[1] == pages[2]
    plain = await read_all(shared_shop.admin, "/products", brand=brand["slug"])
    assert sorted(plain, key=lambda item: item["name"]) == sorted(pages[0], key=lambda item: item["name"])


async def test_a_follower_is_told_only_what_changed_since_it_came(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "a", "b", "c")
    follower = Follower(shared_shop.admin, brand=brand["slug"], updated_since=LONG_AGO, limit=2)
    await follower.catch_up()
    assert follower.names() == ["a", "b", "c"]
    follower.told = 0
    await follower.catch_up()
    assert follower.told == 0
    await rename(shared_shop, made["b"], "b2")
    await make_product(shared_shop, name="d", brand_id=brand["id"])
    await shared_shop.admin.delete(f"{LIST}/{made['a']['id']}")
    await follower.catch_up()
    assert (follower.names(), follower.told) == (["b2", "c", "d"], 3)
    assert follower.gone == {made["a"]["id"]}


async def test_the_cursor_alone_leads_on(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "a")
    first = (await shared_shop.admin.get(LIST, params={"brand": brand["slug"], "updated_since": LONG_AGO})).json()
    assert first["next_cursor"] is None
    await rename(shared_shop, made["a"], "a2")
    alone = {"brand": brand["slug"], "cursor": first["resume_cursor"]}
    second = (await shared_shop.admin.get(LIST, params=alone)).json()
    assert [item["name"] for item in second["items"]] == ["a2"]
    assert second["resume_cursor"] != first["resume_cursor"]


async def test_an_empty_list_gives_a_cursor_too(empty_shop: Installation) -> None:
    follower = Follower(empty_shop.admin, updated_since=LONG_AGO)
    assert await follower.catch_up() == []
    await make_product(empty_shop, name="first")
    await follower.catch_up()
    assert follower.names() == ["first"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE variant SET stock = stock + 1 WHERE product_id = $1",
        "UPDATE brand SET name = name || '!' WHERE id = (SELECT brand_id FROM product WHERE id = $1)",
        "UPDATE category SET name = name || '!' WHERE id = (SELECT category_id FROM product WHERE id = $1)",
        SHOW_SOME,
        "UPDATE product SET rating_count = rating_count + 1 WHERE id = $1",
        (
            "INSERT INTO sale (id, product_id, variant_id, currency, amount, starts_at, ends_at) "
            "SELECT uuidv7(), product_id, id, 'EUR', 1, now(), now() + interval '1 h' FROM variant WHERE product_id = $1"
        ),
        'UPDATE variant SET prices = \'{"USD": {"amount": 5}}\' WHERE product_id = $1',
        "UPDATE category SET name = name || '!' WHERE id = (SELECT category_ids[1] FROM product WHERE id = $1)",
    ],
)
async def test_whatever_changes_what_the_api_says_of_a_product_is_told(
    shared_shop: Installation, statement: str
) -> None:
    category, further = await make_category(shared_shop), await make_category(shared_shop)
    fields = {"category_id": category["id"], "category_ids": [further["id"]]}
    brand, made = await make_line(shared_shop, "a", "b", **fields)
    follower = Follower(shared_shop.client, brand=brand["slug"], updated_since=LONG_AGO)
    await follower.catch_up()
    follower.items.clear()
    await shared_shop.execute(statement, UUID(made["a"]["id"]))
    await follower.catch_up()
    assert made["a"]["id"] in follower.items


async def test_a_product_that_the_clock_takes_away_or_brings_is_told(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "ends", "begins")
    seller = Follower((await make_person(shared_shop, "seller")).client, brand=brand["slug"], updated_since=LONG_AGO)
    await seller.catch_up()
    before = datetime.now(UTC) - timedelta(hours=1)
    await shared_shop.execute(
        "UPDATE product SET unpublish_at = now() - interval '1 s' WHERE id = $1", UUID(made["ends"]["id"])
    )
    await seller.catch_up()
    seller.gone.clear()
    await note_scheduled(shared_shop.resources.db.reads, before)
    await seller.catch_up()
    assert seller.gone == {made["ends"]["id"]}
    assert seller.names() == ["begins"]


async def test_a_page_is_one_statement(shared_shop: Installation) -> None:
    brand, _ = await make_line(shared_shop, "a", "b")
    with shared_shop.counted() as statements:
        await shared_shop.client.get(LIST, params={"brand": brand["slug"], "updated_since": LONG_AGO})
    assert len(statements) == 1


async def test_a_category_includes_what_is_below_and_further_categories(shared_shop: Installation) -> None:
    top, other = await make_category(shared_shop), await make_category(shared_shop)
    leaf = await make_category(shared_shop, parent_id=top["id"])
    await make_line(shared_shop, "top", category_id=top["id"])
    await make_line(shared_shop, "leaf", category_id=leaf["id"])
    await make_line(shared_shop, "further", category_id=other["id"], category_ids=[leaf["id"]])
    await make_line(shared_shop, "other", category_id=other["id"])
    await make_line(shared_shop, "none")
    asked = {"category": top["slug"], "updated_since": LONG_AGO}
    told = await read_all(shared_shop.client, "/products", **asked)
    assert [item["name"] for item in told] == ["top", "leaf", "further"]


async def test_totals_count_what_is_told(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "a", "b", "c")
    await rename(shared_shop, made["a"], "a2")
    for count in ("exact", "estimated"):
        asked = {"brand": brand["slug"], "updated_since": LONG_AGO, "limit": 1, "count": count}
        page = (await shared_shop.client.get(LIST, params=asked)).json()
        assert page["total"] == 3
        following = (await shared_shop.client.get(LIST, params={**asked, "cursor": page["next_cursor"]})).json()
        assert following["total"] == 3


# --- who is told what ----------------------------------------------------------------------------------------------------


async def test_tombstones_are_for_those_who_read_the_catalog(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "deleted", "archived", "drafted", "stays")
    admin = Follower(shared_shop.admin, brand=brand["slug"], updated_since=LONG_AGO)
    seller = Follower((await make_person(shared_shop, "seller")).client, brand=brand["slug"], updated_since=LONG_AGO)
    anybody = Follower(shared_shop.client, brand=brand["slug"], updated_since=LONG_AGO)
    buyer = Follower((await make_person(shared_shop)).client, brand=brand["slug"], updated_since=LONG_AGO)
    followers = (admin, seller, anybody, buyer)
    for follower in followers:
        await follower.catch_up()
        assert follower.names() == ["archived", "deleted", "drafted", "stays"]
    await shared_shop.admin.delete(f"{LIST}/{made['deleted']['id']}")
    await shared_shop.admin.patch(f"{LIST}/{made['archived']['id']}", json={"status": "archived"})
    await shared_shop.admin.patch(f"{LIST}/{made['drafted']['id']}", json={"status": "draft"})
    for follower in followers:
        await follower.catch_up()
    ids = {name: product["id"] for name, product in made.items()}
    assert admin.gone == {ids["deleted"]}
    assert seller.gone == {ids["deleted"], ids["archived"], ids["drafted"]}
    assert anybody.gone == buyer.gone == set()


async def test_sellers_are_told_of_their_own_drafts(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    brand = await make_brand(shared_shop)
    body = {"name": "draft", "brand_id": brand["id"]}
    draft = (await seller.client.post(LIST, json=body)).json()
    mine = Follower(seller.client, brand=brand["slug"], updated_since=LONG_AGO)
    assert [item["id"] for item in await mine.catch_up()] == [draft["id"]]
    others = Follower(shared_shop.client, brand=brand["slug"], updated_since=LONG_AGO)
    await others.catch_up()
    assert others.told == 0


async def test_a_product_that_was_removed_from_the_database_itself_is_told(empty_shop: Installation) -> None:
    product = await make_product(empty_shop)
    follower = Follower(empty_shop.admin, updated_since=LONG_AGO)
    await follower.catch_up()
    await empty_shop.execute("DELETE FROM variant WHERE product_id = $1", UUID(product["id"]))
    await empty_shop.execute("DELETE FROM product WHERE id = $1", UUID(product["id"]))
    await follower.catch_up()
    assert (follower.items, follower.gone) == ({}, {product["id"]})


# --- what runs at the same time ------------------------------------------------------------------------------------------


async def test_a_change_that_is_committed_late_is_told_after_those_that_overtook_it(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "late", "early", "other")
    follower = Follower(shared_shop.admin, brand=brand["slug"], updated_since=LONG_AGO)
    await follower.catch_up()
    async with open_transaction(shared_shop) as other:
        await other.execute("UPDATE product SET name = 'late 2' WHERE id = $1", UUID(made["late"]["id"]))
        await rename(shared_shop, made["early"], "early 2")
        await follower.catch_up()
        assert follower.names() == ["early 2", "late", "other"]  # not held up by the open transaction
        await rename(shared_shop, made["other"], "other 2")
        await follower.catch_up()
        await other.execute("COMMIT")
    await follower.catch_up()
    assert follower.names() == ["early 2", "late 2", "other 2"]


async def test_a_change_that_is_committed_between_two_pages_is_told(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "late", "b", "c")
    async with open_transaction(shared_shop) as other:
        await other.execute("UPDATE product SET name = 'late 2' WHERE id = $1", UUID(made["late"]["id"]))
        await rename(shared_shop, made["b"], "b 2")
        await rename(shared_shop, made["c"], "c 2")
        follower = Follower(shared_shop.admin, brand=brand["slug"], updated_since=LONG_AGO, limit=2)
        assert await follower.read_page()
        assert follower.names() == ["b 2", "late"]
        await other.execute("COMMIT")
    await follower.catch_up()
    await follower.catch_up()
    assert follower.names() == ["b 2", "c 2", "late 2"]


@pytest.mark.parametrize("first_read", ["before the commit", "after the commit"])
async def test_a_moment_finds_what_began_before_it_and_was_committed_after(
    shared_shop: Installation, first_read: str
) -> None:
    brand, made = await make_line(shared_shop, "late", "old")
    async with open_transaction(shared_shop) as other:
        await other.execute(
            "UPDATE product SET name = 'late 2', updated_at = now() WHERE id = $1", UUID(made["late"]["id"])
        )
        since = await shared_shop.resources.db.reads.fetchval("SELECT clock_timestamp()")
        follower = Follower(shared_shop.admin, brand=brand["slug"], updated_since=since.isoformat())
        if first_read == "before the commit":
            await follower.catch_up()
            assert follower.told == 0
        await other.execute("COMMIT")
    await follower.catch_up()
    assert follower.names() == ["late 2"]
    assert datetime.fromisoformat(follower.known()[0]["updated_at"]) < since


@pytest.mark.parametrize("is_swept", [False, True])
async def test_a_moment_finds_what_began_first_and_was_committed_last(
    shared_shop: Installation, *, is_swept: bool
) -> None:
    brand, made = await make_line(shared_shop, "a")
    reads = shared_shop.resources.db.reads
    async with open_transaction(shared_shop) as other:
        await other.execute("UPDATE brand SET name = 'Renamed' WHERE id = $1", UUID(brand["id"]))
        await rename(shared_shop, made["a"], "a 2")
        since = await reads.fetchval("SELECT clock_timestamp()")
        await other.execute("COMMIT")
    if is_swept:
        await sweep_changes(reads)
    follower = Follower(shared_shop.admin, brand=brand["slug"], updated_since=since.isoformat())
    (item,) = await follower.catch_up()
    assert (item["name"], item["brand"]["name"]) == ("a 2", "Renamed")


async def test_what_was_rolled_back_is_not_told(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "a", "b")
    follower = Follower(shared_shop.admin, brand=brand["slug"], updated_since=LONG_AGO)
    await follower.catch_up()
    follower.told = 0
    async with open_transaction(shared_shop) as other:
        await other.execute("SAVEPOINT s")
        await other.execute("UPDATE product SET name = 'x' WHERE id = $1", UUID(made["a"]["id"]))
        await other.execute("ROLLBACK TO s")
        await other.execute("UPDATE product SET name = 'b 2' WHERE id = $1", UUID(made["b"]["id"]))
        await other.execute("COMMIT")
    async with open_transaction(shared_shop) as other:
        await other.execute("UPDATE product SET name = 'y' WHERE id = $1", UUID(made["a"]["id"]))
    await follower.catch_up()
    assert follower.names() == ["a", "b 2"]


class Writers:
    """Transactions that are open at once, each with products that no other one touches."""

    def __init__(self, connections: list[asyncpg.Connection], products: list[UUID], seed: int) -> None:
        self._idle, self._free = list(connections), list(products)
        self._open: list[tuple[asyncpg.Connection, list[UUID]]] = []
        self._random = random.Random(seed)

    async def step(self) -> None:
        """Begin a transaction, do more in an open one, or end one."""
        what = self._random.choice(["begin", "write", "end"])
        if what == "begin" and self._idle and self._free:
            connection = self._idle.pop()
            await connection.execute("BEGIN")
            self._open.append((connection, []))
            await self._write(len(self._open) - 1)
        elif what == "write" and self._open and self._free:
            await self._write(self._random.randrange(len(self._open)))
        elif what == "end" and self._open:
            await self._end(self._random.randrange(len(self._open)), self._random.choice(["COMMIT"] * 3 + ["ROLLBACK"]))

    async def end_all(self) -> None:
        """Commit what is open."""
        while self._open:
            await self._end(0, "COMMIT")

    async def _write(self, number: int) -> None:
        connection, touched = self._open[number]
        product = self._free.pop(self._random.randrange(len(self._free)))
        touched.append(product)
        changes = [
            "UPDATE product SET name = gen_random_uuid()::text WHERE id = $1",
            "UPDATE product SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END WHERE id = $1",
            "UPDATE product SET status = CASE status WHEN 'active' THEN 'draft' ELSE 'active' END WHERE id = $1",
            "UPDATE variant SET price_amount = price_amount + 1 WHERE product_id = $1",
        ]
        await connection.execute(self._random.choice(changes), product)

    async def _end(self, number: int, how: str) -> None:
        connection, touched = self._open.pop(number)
        await connection.execute(how)
        self._idle.append(connection)
        self._free += touched


@pytest.mark.parametrize("seed", range(4))
async def test_a_follower_ends_up_with_the_catalog_whatever_order_transactions_end_in(
    empty_shop: Installation, seed: int
) -> None:
    made = [UUID((await make_product(empty_shop))["id"]) for _ in range(12)]
    seller = await make_person(empty_shop, "seller")
    followers = {
        "all": Follower(empty_shop.admin, updated_since=LONG_AGO, limit=2),
        "published": Follower(seller.client, updated_since=LONG_AGO, limit=5),
    }
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        connections = [await empty_shop.resources.db.connect() for _ in range(5)]
        for connection in connections:
            stack.callback(connection.terminate)
        writers = Writers(connections, made, seed)
        for _ in range(150):
            await writers.step()
            if chance.random() < 0.3:
                await chance.choice(list(followers.values())).read_page()
            if chance.random() < 0.05:
                await sweep_changes(empty_shop.resources.db.reads)
        await writers.end_all()
    for follower in followers.values():
        await follower.catch_up()  # the rest of the pass that was under way
        await follower.catch_up()
    for name, client in (("all", empty_shop.admin), ("published", seller.client)):
        truth = await read_all(client, "/products")
        assert followers[name].items == {item["id"]: item for item in truth}


async def write_much(shop: Installation, seed: int) -> None:
    """Make, change and delete products, one request after the other, each in one of the ways that there are."""
    chance, keys = random.Random(seed), [(await make_product(shop))["id"]]
    for _ in range(12):
        key = chance.choice(keys)
        what = chance.choice(["make", "change", "delete", "batch"])
        if what == "make":
            keys.append((await make_product(shop))["id"])
        elif what == "change":
            await shop.admin.patch(f"{LIST}/{key}", json={"name": unique(), "stock": chance.randrange(9)})
        elif what == "delete":
            await shop.admin.delete(f"{LIST}/{key}")
        else:
            operations = [
                {"op": "create", "data": {"name": unique()}},
                {"op": "update", "id": key, "data": {"tags": ["x"]}},
            ]
            body = {"operations": operations, "error_policy": chance.choice(["reject_all", "reject_failed"])}
            await shop.admin.post(f"{LIST}/batch", json=body)


async def test_a_follower_keeps_up_with_many_who_write_at_once(empty_shop: Installation) -> None:
    follower = Follower(empty_shop.admin, updated_since=LONG_AGO, limit=3)
    async with anyio.create_task_group() as everybody:
        async with anyio.create_task_group() as writers:
            everybody.start_soon(follow_for_ever, follower)
            for seed in range(6):
                writers.start_soon(write_much, empty_shop, seed)
        everybody.cancel_scope.cancel()
    await follower.catch_up()
    await follower.catch_up()
    truth = await read_all(empty_shop.admin, "/products")
    assert len(truth) > 6
    assert follower.items == {item["id"]: item for item in truth}


async def follow_for_ever(follower: Follower) -> None:
    """Read pages until cancelled."""
    while True:
        await follower.read_page()


# --- upkeep --------------------------------------------------------------------------------------------------------------


async def test_changes_that_later_ones_supersede_are_removed(empty_shop: Installation) -> None:
    one, other = await make_product(empty_shop), await make_product(empty_shop, name="other")
    follower = Follower(empty_shop.admin, updated_since=LONG_AGO)
    await follower.catch_up()
    for number in range(5):
        await rename(empty_shop, one, f"one {number}")
    reads = empty_shop.resources.db.reads
    assert await sweep_changes(reads) == 5
    assert await sweep_changes(reads) == 0
    for table in ("product_change", "product_change_commit"):
        assert await reads.fetchval(f"SELECT count(*) FROM {table}") == 2
    await follower.catch_up()
    assert follower.names() == ["one 4", "other"]
    assert other["id"] in follower.items


async def test_a_change_is_kept_while_the_one_that_supersedes_it_may_still_be_overtaken(
    empty_shop: Installation,
) -> None:
    one, other = await make_product(empty_shop), await make_product(empty_shop)
    async with open_transaction(empty_shop) as late:
        await late.execute("UPDATE product SET name = 'late' WHERE id = $1", UUID(other["id"]))
        await rename(empty_shop, one, "renamed")
        assert await sweep_changes(empty_shop.resources.db.reads) == 0
        await late.execute("COMMIT")
    assert await sweep_changes(empty_shop.resources.db.reads) == 2


async def test_a_log_that_was_restored_from_another_server_is_begun_anew(empty_shop: Installation) -> None:
    one, other = await make_product(empty_shop, name="one"), await make_product(empty_shop, name="other")
    await empty_shop.execute("UPDATE product_change SET changed_in = changed_in + 1000000000")
    await empty_shop.execute("UPDATE product_change_commit SET changed_in = changed_in + 1000000000")
    before = Follower(empty_shop.admin, updated_since=LONG_AGO)
    await before.catch_up()
    await rename(empty_shop, one, "one 2")
    await sweep_changes(empty_shop.resources.db.reads)
    asked = {"cursor": before.cursor or ""}
    expect_invalid(await empty_shop.admin.get(LIST, params=asked), "cursor", "cursor_expired")
    anew = Follower(empty_shop.admin, updated_since=LONG_AGO)
    await anew.catch_up()
    assert anew.names() == ["one 2", "other"]
    await rename(empty_shop, other, "other 2")
    await sweep_changes(empty_shop.resources.db.reads)
    await anew.catch_up()
    assert anew.names() == ["one 2", "other 2"]


# --- what cannot be used -------------------------------------------------------------------------------------------------


async def test_with_an_order_it_is_an_ordinary_filter(shared_shop: Installation) -> None:
    brand, made = await make_line(shared_shop, "b", "a", "gone")
    await shared_shop.admin.delete(f"{LIST}/{made['gone']['id']}")
    asked = {"brand": brand["slug"], "updated_since": made["b"]["updated_at"], "sort": "name"}
    page = (await shared_shop.admin.get(LIST, params=asked)).json()
    assert [item["name"] for item in page["items"]] == ["a", "b"]
    assert "resume_cursor" not in page


async def test_cursors_of_changes_and_of_ordinary_lists_are_told_apart(shared_shop: Installation) -> None:
    await make_line(shared_shop, "a", "b")
    ordinary = (await shared_shop.client.get(LIST, params={"limit": 1})).json()["next_cursor"]
    changes = (await shared_shop.client.get(LIST, params={"limit": 1, "updated_since": LONG_AGO})).json()
    mixed: list[Json] = [
        {"cursor": ordinary, "updated_since": LONG_AGO},
        {"cursor": changes["resume_cursor"], "sort": "name"},
    ]
    for asked in mixed:
        expect_invalid(await shared_shop.client.get(LIST, params=asked), "cursor", "invalid_cursor")
    brands = await shared_shop.client.get("/api/v1/brands", params={"cursor": changes["resume_cursor"]})
    expect_invalid(brands, "cursor", "invalid_cursor")


@pytest.mark.parametrize(
    "position",
    [
        Position("changes", None, -1),
        Position("changes", None, 2**63),
        Position("changes", None, 1, new_id(), 2**63),
        Position("changes", None, 1, since=datetime(1, 1, 1, tzinfo=UTC)),
        Position(unique(), None, 1),
    ],
)
async def test_a_cursor_that_was_never_given_is_refused(shared_shop: Installation, position: Position) -> None:
    asked = {"cursor": encode_token(position)}
    expect_invalid(await shared_shop.client.get(LIST, params=asked), "cursor", "invalid_cursor")


@pytest.mark.parametrize(
    "content",
    [["changes"], ["changes", None, "1"], ["changes", 1, 1], ["changes", None, 1, "x"], ["changes", None, 1.5], {}, []],
)
async def test_a_cursor_of_another_shape_is_refused(shared_shop: Installation, content: object) -> None:
    token = urlsafe_b64encode(msgspec.json.encode(content)).decode()
    expect_invalid(await shared_shop.client.get(LIST, params={"cursor": token}), "cursor", "invalid_cursor")


async def test_a_moment_to_come_finds_nothing_yet(shared_shop: Installation) -> None:
    brand, _ = await make_line(shared_shop, "a")
    ahead = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    follower = Follower(shared_shop.admin, brand=brand["slug"], updated_since=ahead)
    assert await follower.catch_up() == []
