"""What admins, sellers, buyers and their keys may do, and what they cannot by any trick."""

import httpx
import pytest

from tests.support.answers import expect_invalid, expect_problem, read_all
from tests.support.builders import Json, make_attribute, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation
from tests.support.people import Person, make_key, make_person, with_key

PRODUCTS = "/api/v1/products"
FUTURE = "2999-01-01T00:00:00Z"


async def sell(seller: httpx.AsyncClient, **fields: object) -> Json:
    """A product of a seller, published unless told otherwise."""
    body = {"name": f"Product {unique()}", "status": "active", "price": price(1000), **fields}
    response = await seller.post(PRODUCTS, json=body)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


@pytest.fixture
async def seller(shared_shop: Installation) -> Person:
    return await make_person(shared_shop, "seller")


@pytest.fixture
async def rival(shared_shop: Installation) -> Person:
    return await make_person(shared_shop, "seller")


@pytest.fixture
async def buyer(shared_shop: Installation) -> Person:
    return await make_person(shared_shop, "buyer")


async def test_what_a_seller_makes_is_theirs_to_see_change_and_delete(
    shared_shop: Installation, seller: Person
) -> None:
    made = await sell(seller.client, status="draft")
    at = f"{PRODUCTS}/{made['id']}"
    assert made["seller_id"] == seller.id
    assert (await seller.client.get(at)).json() == made
    assert (await seller.client.get(f"{PRODUCTS}/{made['slug']}")).json() == made
    assert (await shared_shop.admin.get(at)).json() == made
    changed = await seller.client.patch(at, json={"description": "Mine."})
    assert (changed.status_code, changed.json()["seller_id"]) == (200, seller.id)
    replaced = await seller.client.put(at, json={"name": "Still mine"})
    assert (replaced.status_code, replaced.json()["seller_id"]) == (200, seller.id)
    assert (await seller.client.delete(at)).status_code == 204


async def test_what_an_admin_makes_has_no_seller(shared_shop: Installation) -> None:
    admin = await make_person(shared_shop, "admin")
    assert (await sell(admin.client))["seller_id"] is None
    assert (await make_product(shared_shop))["seller_id"] is None


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"status": "archived"}, {"publish_at": FUTURE}], ids=str)
async def test_unpublished_products_of_another_seller_do_not_exist(
    shared_shop: Installation, seller: Person, rival: Person, buyer: Person, fields: Json
) -> None:
    hidden = await sell(seller.client, **fields)
    for client in (rival.client, buyer.client, shared_shop.client):
        for key in (hidden["id"], hidden["slug"]):
            expect_problem(await client.get(f"{PRODUCTS}/{key}"), 404, "not_found")
        assert await read_all(client, "/products", seller=seller.id) == []
        assert await read_all(client, "/products", q=hidden["name"]) == []
    at = f"{PRODUCTS}/{hidden['id']}"
    for answer in (
        await rival.client.patch(at, json={"name": "Mine now"}),
        await rival.client.put(at, json={"name": "Mine now"}),
        await rival.client.delete(at),
        await rival.client.patch(at, json={"name": "Mine now"}, headers={"If-Match": '"999"'}),
    ):
        expect_problem(answer, 404, "not_found")
    assert (await seller.client.get(at)).json() == hidden


async def test_published_products_of_another_seller_are_read_and_not_changed(
    seller: Person, rival: Person, buyer: Person
) -> None:
    shown = await sell(seller.client)
    at = f"{PRODUCTS}/{shown['id']}"
    assert (await rival.client.get(at)).json() == shown
    for answer in (
        await rival.client.patch(at, json={"name": "Mine now"}),
        await rival.client.put(at, json={"name": "Mine now"}),
        await rival.client.delete(at),
    ):
        expect_problem(answer, 403, "not_owner")
    expect_problem(await buyer.client.patch(at, json={"name": "Mine now"}), 403, "missing_scope")
    assert (await seller.client.get(at)).json() == shown


async def test_products_without_a_seller_are_nobodys_but_the_admins(shared_shop: Installation, seller: Person) -> None:
    shown, hidden = await make_product(shared_shop), await make_product(shared_shop, status="draft")
    expect_problem(await seller.client.patch(f"{PRODUCTS}/{shown['id']}", json={"name": "x"}), 403, "not_owner")
    expect_problem(await seller.client.patch(f"{PRODUCTS}/{hidden['id']}", json={"name": "x"}), 404, "not_found")


async def test_lists_show_sellers_their_own_and_admins_everything(
    shared_shop: Installation, seller: Person, rival: Person
) -> None:
    brand = await make_brand(shared_shop)
    made = {
        (person.id, status): (await sell(person.client, status=status, brand_id=brand["id"]))["id"]
        for person in (seller, rival)
        for status in ("active", "draft")
    }
    every, mine = set(made.values()), {made[seller.id, "draft"]}
    public = {made[seller.id, "active"], made[rival.id, "active"]}

    async def listed(client: httpx.AsyncClient, **filters: object) -> set[str]:
        return {item["id"] for item in await read_all(client, "/products", brand=brand["id"], **filters)}

    assert await listed(shared_shop.client) == public
    assert await listed(seller.client) == public | mine
    assert await listed(seller.client, status="draft") == mine
    assert await listed(seller.client, seller=rival.id) == {made[rival.id, "active"]}
    assert await listed(shared_shop.admin) == every
    counted = await seller.client.get(PRODUCTS, params={"brand": brand["id"], "count": "exact"})
    assert counted.json()["total"] == 3


@pytest.mark.parametrize("field", ["seller_id", "version", "id", "created_at", "rating", "popularity", "deleted_at"])
async def test_what_the_service_sets_is_not_taken_from_the_body(seller: Person, rival: Person, field: str) -> None:
    made = await sell(seller.client)
    value = rival.id if field == "seller_id" else 99
    at = f"{PRODUCTS}/{made['id']}"
    for answer in (
        await seller.client.post(PRODUCTS, json={"name": "x", field: value}),
        await seller.client.put(at, json={"name": "x", field: value}),
        await seller.client.patch(at, json={field: value}),
    ):
        expect_invalid(answer, f"/{field}", "unknown_field")


async def test_the_shared_catalog_is_changed_by_admins_only(shared_shop: Installation, seller: Person) -> None:
    admin = await make_person(shared_shop, "admin")
    category, brand, attribute = (
        await make_category(shared_shop),
        await make_brand(shared_shop),
        await make_attribute(shared_shop),
    )
    calls: list[tuple[str, str, Json | None]] = [
        ("POST", "/categories", {"name": unique()}),
        ("PATCH", f"/categories/{category['id']}", {"description": "x"}),
        ("POST", f"/categories/{category['id']}/move", {"parent_id": None, "position": 1}),
        ("POST", "/brands", {"name": unique()}),
        ("PATCH", f"/brands/{brand['id']}", {"description": "x"}),
        ("PATCH", f"/attributes/{attribute['code']}", {"name": "x"}),
        ("DELETE", f"/attributes/{attribute['code']}", None),
        ("DELETE", f"/brands/{brand['id']}", None),
        ("DELETE", f"/categories/{category['id']}", None),
    ]
    key = with_key(shared_shop, await make_key(seller.client, "write:catalog"))
    for method, path, body in calls:
        for client in (seller.client, key):
            problem = expect_problem(await client.request(method, f"/api/v1{path}", json=body), 403, "missing_role")
            assert problem["required_scope"] == "write:catalog"
    for method, path, body in calls:
        assert (await admin.client.request(method, f"/api/v1{path}", json=body)).is_success


async def test_each_role_is_refused_what_is_not_its_own(
    shared_shop: Installation, seller: Person, buyer: Person
) -> None:
    target = await make_person(shared_shop)
    refused: dict[str, list[tuple[Person, str, str]]] = {
        "write:catalog": [(buyer, "POST", PRODUCTS)],
        "write:search": [(buyer, "POST", "/api/v1/search/reindex"), (seller, "POST", "/api/v1/search/reindex")],
        "admin:users": [
            (person, method, path)
            for person in (seller, buyer)
            for method, path in (("GET", "/api/v1/users"), ("PATCH", f"/api/v1/users/{target.id}"))
        ],
        "self:api_keys": [(buyer, "POST", "/api/v1/api-keys"), (buyer, "GET", "/api/v1/api-keys")],
    }
    for scope, calls in refused.items():
        for person, method, path in calls:
            body = None if method == "GET" else {"role": "admin"}
            answer = expect_problem(await person.client.request(method, path, json=body), 403, "missing_scope")
            assert answer["required_scope"] == scope


async def test_nobody_makes_themselves_an_admin(shared_shop: Installation, seller: Person, buyer: Person) -> None:
    for person in (seller, buyer):
        expect_problem(
            await person.client.patch(f"/api/v1/users/{person.id}", json={"role": "admin"}), 403, "missing_scope"
        )
        expect_invalid(await person.client.patch("/api/v1/auth/me", json={"role": "admin"}), "/role", "unknown_field")
        assert (await person.client.get("/api/v1/auth/me")).json()["role"] == person.role
