"""Accounts as admins see and change them."""

from uuid import uuid4

import pytest

from tests.support.answers import at_once, expect_invalid, expect_problem, read_all
from tests.support.installation import Installation
from tests.support.people import AUTH, PASSWORD, make_key, make_person, set_role, with_key

USERS = "/api/v1/users"


async def test_admins_list_find_and_read_accounts(shared_shop: Installation) -> None:
    admin, seller, buyer = [await make_person(shared_shop, role) for role in ("admin", "seller", "buyer")]
    me = (await buyer.client.get(f"{AUTH}/me")).json()
    assert (await admin.client.get(f"{USERS}/{buyer.id}")).json() == me
    for client in (admin.client, shared_shop.admin):
        listed = {item["id"]: item for item in await read_all(client, "/users", limit=100)}
        assert listed[buyer.id] == me
        assert listed.keys() >= {admin.id, seller.id, buyer.id}
    assert [item["id"] for item in await read_all(admin.client, "/users", q=buyer.email.upper())] == [buyer.id]
    sellers = await read_all(admin.client, "/users", role="seller", limit=100)
    assert seller.id in {item["id"] for item in sellers}
    assert {item["role"] for item in sellers} == {"seller"}
    counted = await admin.client.get(USERS, params={"q": buyer.email, "count": "exact"})
    assert counted.json()["total"] == 1


async def test_a_page_of_accounts_is_one_statement(shared_shop: Installation) -> None:
    with shared_shop.counted() as statements:
        await shared_shop.admin.get(USERS, params={"count": "exact"})
    assert len(statements) == 1, statements


async def test_no_answer_shows_a_hash(shared_shop: Installation) -> None:
    person = await make_person(shared_shop)
    for answer in (await person.client.get(f"{AUTH}/me"), await shared_shop.admin.get(f"{USERS}/{person.id}")):
        assert "password" not in answer.text
        assert "argon2" not in answer.text
        assert "epoch" not in answer.text


async def test_a_role_changes_with_its_version(shared_shop: Installation) -> None:
    person = await make_person(shared_shop)
    at = f"{USERS}/{person.id}"
    before = await shared_shop.admin.get(at)
    changed = await shared_shop.admin.patch(at, json={"role": "seller"}, headers={"If-Match": before.headers["etag"]})
    assert (changed.status_code, changed.json()["role"]) == (200, "seller")
    assert changed.json()["version"] == before.json()["version"] + 1
    stale = await shared_shop.admin.patch(at, json={"role": "admin"}, headers={"If-Match": before.headers["etag"]})
    expect_problem(stale, 412, "stale_version")
    again = await shared_shop.admin.patch(at, json={"role": "seller"})
    assert again.json() == changed.json()


@pytest.mark.parametrize("body", [{"role": "root"}, {"role": None}, {"is_active": "no"}, {"role": ["admin"]}], ids=str)
async def test_unknown_roles_and_the_like_are_refused(shared_shop: Installation, body: dict[str, object]) -> None:
    person = await make_person(shared_shop)
    expect_invalid(await shared_shop.admin.patch(f"{USERS}/{person.id}", json=body), f"/{next(iter(body))}")


@pytest.mark.parametrize("field", ["email", "password", "password_hash", "epoch", "version", "name", "id"])
async def test_nothing_but_role_and_activity_can_be_changed(shared_shop: Installation, field: str) -> None:
    person = await make_person(shared_shop)
    answer = await shared_shop.admin.patch(f"{USERS}/{person.id}", json={field: "x"})
    expect_invalid(answer, f"/{field}", "unknown_field")


async def test_unknown_accounts_are_not_found(shared_shop: Installation) -> None:
    expect_problem(await shared_shop.admin.get(f"{USERS}/{uuid4()}"), 404, "not_found")
    expect_problem(await shared_shop.admin.patch(f"{USERS}/{uuid4()}", json={"role": "buyer"}), 404, "not_found")
    expect_problem(await shared_shop.admin.get(f"{USERS}/nobody"), 404, "not_found")


async def test_accounts_are_for_admins(shared_shop: Installation) -> None:
    person = await make_person(shared_shop, "seller")
    for method, path in (("GET", USERS), ("GET", f"{USERS}/{person.id}"), ("PATCH", f"{USERS}/{person.id}")):
        body = None if method == "GET" else {"role": "admin"}
        expect_problem(await shared_shop.client.request(method, path, json=body), 401, "unauthenticated")
        problem = expect_problem(await person.client.request(method, path, json=body), 403, "missing_scope")
        assert problem["required_scope"] == "admin:users"


async def test_a_deactivated_account_can_do_nothing(shared_shop: Installation) -> None:
    person = await make_person(shared_shop, "seller")
    key = with_key(shared_shop, await make_key(person.client, "read:catalog"))
    assert (await key.get("/api/v1/products")).status_code == 200
    answer = await shared_shop.admin.patch(f"{USERS}/{person.id}", json={"is_active": False})
    assert (answer.status_code, answer.json()["is_active"]) == (200, False)
    login = await shared_shop.client.post(f"{AUTH}/login", json={"email": person.email, "password": PASSWORD})
    expect_problem(login, 401, "invalid_credentials")
    refreshed = await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": person.refresh_token})
    expect_problem(refreshed, 401, "invalid_refresh_token")
    await shared_shop.admin.patch(f"{USERS}/{person.id}", json={"is_active": True})
    assert (
        await shared_shop.client.post(f"{AUTH}/login", json={"email": person.email, "password": PASSWORD})
    ).status_code == 200
    # What was ended stays ended.
    refreshed = await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": person.refresh_token})
    expect_problem(refreshed, 401, "invalid_refresh_token")


async def test_the_last_admin_stays(empty_shop: Installation) -> None:
    first, second = await make_person(empty_shop), await make_person(empty_shop)
    for person in (first, second):
        await set_role(empty_shop.admin, {"id": person.id}, "admin")
    answers = await at_once(
        lambda: empty_shop.admin.patch(f"{USERS}/{first.id}", json={"role": "buyer"}),
        lambda: empty_shop.admin.patch(f"{USERS}/{second.id}", json={"is_active": False}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    expect_problem(next(answer for answer in answers if answer.status_code == 409), 409, "last_admin")
