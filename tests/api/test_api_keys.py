"""API keys: made, used, listed, revoked, and never wider than their maker."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import anyio
import anyio.lowlevel
import pytest

from tests.support.answers import expect_invalid, expect_problem, read_all
from tests.support.builders import make_product, unique
from tests.support.installation import ADMIN, Installation
from tests.support.people import client_of, make_key, make_person, with_key

KEYS = "/api/v1/api-keys"
PRODUCTS = "/api/v1/products"


async def test_a_key_is_shown_once_and_works(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    response = await seller.client.post(KEYS, json={"name": "Till", "scopes": ["write:catalog", "read:catalog"]})
    assert response.status_code == 201, response.text
    assert response.headers["cache-control"] == "no-store"
    made = response.json()
    assert made["key"].startswith(made["prefix"] + "_")
    assert made["prefix"] == "mk_" + made["id"].replace("-", "")
    assert made["scopes"] == ["read:catalog", "write:catalog"]
    assert (made["account_id"], made["last_used_at"], made["revoked_at"]) == (seller.id, None, None)
    listed = await read_all(seller.client, "/api-keys")
    assert listed == [{name: value for name, value in made.items() if name != "key"}]
    product = await with_key(shared_shop, made).post(PRODUCTS, json={"name": unique("Product")})
    assert (product.status_code, product.json()["seller_id"]) == (201, seller.id)


async def test_a_key_does_what_its_scopes_say_and_no_more(shared_shop: Installation) -> None:
    admin = await make_person(shared_shop, "admin")
    hidden = await make_product(shared_shop, status="draft")
    reading = with_key(shared_shop, await make_key(admin.client, "read:catalog"))
    writing = with_key(shared_shop, await make_key(admin.client, "write:catalog"))
    at = f"{PRODUCTS}/{hidden['id']}"
    assert (await reading.get(at)).status_code == 200
    problem = expect_problem(await reading.patch(at, json={"name": "x"}), 403, "missing_scope")
    assert problem["required_scope"] == "write:catalog"
    expect_problem(await writing.get(at), 404, "not_found")
    assert (await writing.patch(at, json={"name": "Changed"})).status_code == 200
    for method, path in (("GET", KEYS), ("POST", KEYS), ("DELETE", f"{KEYS}/{uuid4()}"), ("GET", "/api/v1/auth/me")):
        body = {"name": "x", "scopes": ["read:catalog"]} if method == "POST" else None
        expect_problem(await reading.request(method, path, json=body), 403, "missing_scope")


async def test_no_key_is_wider_than_its_maker(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    for scope in ("admin:users", "write:search", "read:audit"):
        answer = await seller.client.post(KEYS, json={"name": "x", "scopes": ["read:catalog", scope]})
        assert expect_problem(answer, 403, "missing_scope")["required_scope"] == scope
    for scope in ("self:account", "self:api_keys"):
        for client in (seller.client, shared_shop.admin):
            expect_invalid(await client.post(KEYS, json={"name": "x", "scopes": [scope]}), "/scopes", "not_for_keys")


async def test_a_key_shrinks_with_its_maker_and_grows_with_them_again(shared_shop: Installation) -> None:
    admin = await make_person(shared_shop, "admin")
    key = with_key(shared_shop, await make_key(admin.client, "admin:users", "write:catalog"))
    assert (await key.get("/api/v1/users")).status_code == 200
    at = f"/api/v1/users/{admin.id}"
    for role, users, catalog in (("seller", 403, 201), ("buyer", 403, 403), ("admin", 200, 201)):
        await shared_shop.admin.patch(at, json={"role": role})
        fresh = client_of(shared_shop, dict(key.headers))
        await until_heard(shared_shop)
        assert (await fresh.get("/api/v1/users")).status_code == users
        assert (await fresh.post(PRODUCTS, json={"name": unique("P")})).status_code == catalog


async def until_heard(shop: Installation) -> None:
    """Every announcement that was committed so far has reached the application: one more is sent after them and awaited."""
    marker = uuid4()
    await shop.execute("SELECT pg_notify('identity', $1)", f"session {marker}")
    with anyio.fail_after(20):
        while marker not in shop.resources.identity.revocations.ended:
            # An answer in this process may come without a turn of the loop, which has to hear.
            await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize(
    "key",
    ["", "x", "mk_", "mk_x_y", "mk_" + "0" * 32 + "_" + "0" * 64, "pk_" + "0" * 32 + "_" + "0" * 64, "mk_" + "z" * 32 + "_" + "0" * 64,
     "mk_" + "0" * 32, "m" * 8000, "mk_" + "0" * 32 + "_" + "0" * 64 + "\u00e4"],
    ids=lambda key: key[:12],
)  # fmt: skip
async def test_malformed_and_unknown_keys_are_refused_even_where_anybody_may_read(
    shared_shop: Installation, key: str
) -> None:
    for path in (PRODUCTS, KEYS):
        response = await shared_shop.client.get(path, headers=[(b"x-api-key", key.encode("latin-1"))])
        expect_problem(response, 401, "unauthenticated")


async def test_a_key_with_another_secret_or_kind_is_refused(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    one, other = await make_key(seller.client, "read:catalog"), await make_key(seller.client, "read:catalog")
    forged = [
        one["prefix"] + "_" + other["key"].rpartition("_")[2],
        one["key"][:-1] + ("0" if one["key"][-1] != "0" else "1"),
        "pk" + one["key"][2:],
        one["key"].upper(),
        one["prefix"],
    ]
    for key in forged:
        response = await shared_shop.client.get(PRODUCTS, headers={"X-API-Key": key})
        expect_problem(response, 401, "unauthenticated")


async def test_an_expired_key_is_refused(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    key = await make_key(seller.client, "read:catalog", expires_at=soon)
    client = with_key(shared_shop, key)
    assert (await client.get(PRODUCTS)).status_code == 200
    while datetime.now(UTC) < datetime.fromisoformat(soon):
        await shared_shop.client.get("/health/live")
    problem = expect_problem(await client.get(PRODUCTS), 401, "unauthenticated")
    assert "expired" in problem["detail"]


async def test_a_revoked_key_is_refused_and_stays_in_the_list(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    key = await make_key(seller.client, "read:catalog")
    client = with_key(shared_shop, key)
    assert (await client.get(PRODUCTS)).status_code == 200
    assert (await seller.client.delete(f"{KEYS}/{key['id']}")).status_code == 204
    await until_heard(shared_shop)
    assert "revoked" in expect_problem(await client.get(PRODUCTS), 401, "unauthenticated")["detail"]
    listed = await read_all(seller.client, "/api-keys")
    assert listed[0]["revoked_at"] is not None
    assert (await seller.client.delete(f"{KEYS}/{key['id']}")).status_code == 204


async def test_keys_of_others_are_neither_listed_nor_revoked(shared_shop: Installation) -> None:
    owner, other = await make_person(shared_shop, "seller"), await make_person(shared_shop, "seller")
    admin = await make_person(shared_shop, "admin")
    key = await make_key(owner.client, "read:catalog")
    expect_problem(await other.client.delete(f"{KEYS}/{key['id']}"), 404, "not_found")
    assert await read_all(other.client, "/api-keys") == []
    problem = expect_problem(await other.client.get(KEYS, params={"all": "true"}), 403, "missing_scope")
    assert problem["required_scope"] == "admin:users"
    assert (await with_key(shared_shop, key).get(PRODUCTS)).status_code == 200
    assert await read_all(admin.client, "/api-keys") == []
    assert key["id"] in {item["id"] for item in await read_all(admin.client, "/api-keys", all="true", limit=100)}
    assert (await admin.client.delete(f"{KEYS}/{key['id']}")).status_code == 204
    expect_problem(await admin.client.delete(f"{KEYS}/{uuid4()}"), 404, "not_found")
    expect_problem(await admin.client.delete(f"{KEYS}/nothing"), 404, "not_found")


async def test_keys_need_somebody_signed_in(shared_shop: Installation) -> None:
    for method, path in (("GET", KEYS), ("POST", KEYS), ("DELETE", f"{KEYS}/{uuid4()}")):
        expect_problem(await shared_shop.client.request(method, path), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scopes": ["read:catalog"]}, "/name"),
        ({"name": "x"}, "/scopes"),
        ({"name": "x", "scopes": []}, "/scopes"),
        ({"name": "x", "scopes": ["everything"]}, "/scopes/0"),
        ({"name": "x", "scopes": ["read:catalog"] * 4_000}, "/scopes"),
        ({"name": " ", "scopes": ["read:catalog"]}, "/name"),
        ({"name": "x", "scopes": ["read:catalog"], "expires_at": "2001-01-01T00:00:00Z"}, "/expires_at"),
        ({"name": "x", "scopes": ["read:catalog"], "expires_at": "2999-01-01T00:00:00"}, "/expires_at"),
        ({"name": "x", "scopes": ["read:catalog"], "kind": "root"}, "/kind"),
        ({"name": "x", "scopes": ["read:catalog"], "account_id": str(uuid4())}, "/account_id"),
        ({"name": "x", "scopes": ["write:catalog"], "kind": "publishable"}, "/scopes"),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_bad_keys_are_not_made(shared_shop: Installation, body: dict[str, object], pointer: str) -> None:
    expect_invalid(await shared_shop.admin.post(KEYS, json=body), pointer)


async def test_a_publishable_key_can_only_search(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    made = await make_key(seller.client, kind="publishable")
    assert (made["key"][:3], made["scopes"]) == ("pk_", ["read:search"])
    client = with_key(shared_shop, made)
    for path in ("/search", "/search/suggest", "/search/facets/brand"):
        assert (await client.get(f"/api/v1{path}")).status_code == 200
    for method, path in (
        ("GET", "/products"),
        ("POST", "/products"),
        ("GET", "/categories"),
        ("GET", "/users"),
        ("GET", "/api-keys"),
    ):
        expect_problem(await client.request(method, f"/api/v1{path}"), 403, "missing_scope")


async def test_keys_made_with_the_admin_key_belong_to_the_installation(shared_shop: Installation) -> None:
    made = await make_key(shared_shop.admin, "admin:users")
    assert made["account_id"] is None
    assert (await with_key(shared_shop, made).get("/api/v1/users")).status_code == 200
    assert (await shared_shop.admin.delete(f"{KEYS}/{made['id']}")).status_code == 204
    assert ADMIN["X-API-Key"] not in (await shared_shop.admin.get(KEYS)).text


async def test_the_last_use_is_noted_in_batches(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    key = await make_key(seller.client, "read:catalog")
    before = datetime.now(UTC)
    client = with_key(shared_shop, key)
    with shared_shop.counted() as statements:
        for _ in range(5):
            assert (await client.get(PRODUCTS)).status_code == 200
    assert len([s for s in statements if "api_key" in s]) == 1  # looked up once, written not at all
    await shared_shop.resources.identity.usage.flush()
    used = datetime.fromisoformat((await read_all(seller.client, "/api-keys"))[0]["last_used_at"])
    assert before <= used <= datetime.now(UTC)
