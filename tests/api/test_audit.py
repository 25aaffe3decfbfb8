"""The audit log: who changed what, from where and with which credential; and reading it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
import pytest

from mercato.worker import prune_audit_log
from tests.api.resources import Resource, each_resource
from tests.support.answers import expect_invalid, expect_problem, read_all
from tests.support.builders import Json, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation
from tests.support.people import AUTH, PASSWORD, make_key, make_person, register, with_key

AUDIT = "/api/v1/audit"


async def events(shop: Installation, **filters: object) -> list[Json]:
    """Events, the oldest first."""
    return (await read_all(shop.admin, "/audit", **filters))[::-1]


async def changes(shop: Installation, resource: str) -> list[tuple[str, str, Json | None, Json | None]]:
    """Kind, action, before and after of the events of one thing and its parts."""
    return [
        (e["resource"]["type"], e["action"], e["before"], e["after"]) for e in await events(shop, resource=resource)
    ]


# --- what is written -----------------------------------------------------------------------------------------------------


@each_resource
async def test_making_changing_and_deleting_are_logged(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    at, kind = resource.address(made), {"/categories": "category"}.get(resource.path, resource.path[1:-1])
    await shared_shop.admin.patch(at, json={"name": "After"})
    await shared_shop.admin.delete(at)
    own = [event for event in await events(shared_shop, resource=made["id"]) if event["resource"]["type"] == kind]
    assert [event["action"] for event in own] == ["create", "update", "delete"]
    created, updated, deleted = own
    assert created["before"] is None
    assert created["after"].items() >= {"id": made["id"], "name": made["name"], "version": 1}.items()
    assert updated["before"] == {"name": made["name"], "version": 1}
    assert updated["after"] == {"name": "After", "version": 2}
    assert (deleted["before"]["deleted_at"], deleted["after"].keys()) == (None, {"deleted_at", "version"})
    for event in own:
        assert event["resource"] == {"type": kind, "id": made["id"]}
        assert UUID(event["id"]).version == 7


async def test_a_rebuild_of_the_index_is_logged_with_who_asked_for_it(empty_shop: Installation) -> None:
    asked = await empty_shop.admin.post("/api/v1/search/reindex")
    (event,) = await events(empty_shop, resource=f"search_rebuild/{asked.json()['id']}")
    assert (event["action"], event["actor"]["kind"], event["after"]["state"]) == ("create", "admin_key", "building")


async def test_an_event_says_who_from_where_with_what_and_when(shared_shop: Installation) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    response = await shared_shop.admin.post(
        "/api/v1/brands", json={"name": unique("Brand")}, headers={"X-Request-ID": "trace-7"}
    )
    (event,) = await events(shared_shop, resource=response.json()["id"])
    assert event["actor"] == {"kind": "admin_key", "id": None, "name": "admin-key"}
    assert (event["credential"], event["address"], event["request_id"]) == ("admin_key", "127.0.0.1", "trace-7")
    assert before <= datetime.fromisoformat(event["occurred_at"]) <= datetime.now(UTC) + timedelta(seconds=1)


async def test_people_and_their_keys_are_told_apart(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    made = await make_key(seller.client, "write:catalog", "read:catalog")
    product = (await seller.client.post("/api/v1/products", json={"name": "Mine"})).json()
    changed = await with_key(shared_shop, made).patch(f"/api/v1/products/{product['id']}", json={"name": "Ours"})
    assert changed.status_code == 200, changed.text
    found = await events(shared_shop, resource=f"product/{product['id']}")
    by_person, by_key = found[0], found[-1]
    assert by_person["actor"] == {"kind": "account", "id": seller.id, "name": by_person["actor"]["name"]}
    assert by_person["credential"].startswith("session:")
    assert (by_key["actor"]["kind"], by_key["actor"]["id"]) == ("api_key", seller.id)
    assert by_key["credential"] == f"api_key:{made['id']}"


async def test_what_changes_in_the_variant_is_found_by_the_product(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, stock=5)
    await shared_shop.admin.patch(f"/api/v1/products/{product['id']}", json={"stock": 4, "price": price(900)})
    variant, found = product["variants"][0]["id"], await changes(shared_shop, product["id"])
    assert {kind for kind, *_ in found[:2]} == {"product", "variant"}
    # The lowest price of the product follows from the variant; its new version says nothing by itself.
    before = {"stock": 5, "price_amount": 1000, "version": 1}
    assert found[2:] == [("variant", "update", before, {"stock": 4, "price_amount": 900, "version": 2})]
    assert [kind for kind, *_ in await changes(shared_shop, variant)] == ["variant", "variant"]
    assert await changes(shared_shop, f"variant/{variant}") == await changes(shared_shop, variant)
    assert await changes(shared_shop, f"brand/{variant}") == []


async def test_a_move_is_one_event_however_much_lies_below(shared_shop: Installation) -> None:
    top, other = await make_category(shared_shop), await make_category(shared_shop)
    child = await make_category(shared_shop, parent_id=top["id"])
    await make_category(shared_shop, parent_id=child["id"])
    moved = await shared_shop.admin.post(f"/api/v1/categories/{top['id']}/move", json={"parent_id": other["id"]})
    assert moved.status_code == 200, moved.text
    (event,) = await events(shared_shop, resource="category", since=await moment_of(shared_shop, moved))
    assert event["resource"]["id"] == top["id"]
    assert (event["before"]["parent_id"], event["after"]["parent_id"]) == (None, other["id"])
    assert "path_ids" not in event["after"]


async def moment_of(shop: Installation, response: httpx.Response) -> str:
    """When the transaction of a request began."""
    statement = "SELECT min(occurred_at) FROM audit_event WHERE request_id = $1"
    moment = await shop.resources.db.reads.fetchval(statement, response.headers["x-request-id"])
    return str(moment.isoformat())


async def test_what_changes_nothing_is_not_logged(shared_shop: Installation) -> None:
    brand, other = await make_brand(shared_shop), await make_brand(shared_shop)
    at = f"/api/v1/brands/{brand['id']}"
    assert (await shared_shop.admin.patch(at, json={"name": brand["name"]})).status_code == 200
    assert (await shared_shop.admin.patch(at, json={"slug": other["slug"]})).status_code == 409
    assert (await shared_shop.admin.patch(at, json={"name": "x"}, headers={"If-Match": '"9"'})).status_code == 412
    assert (await shared_shop.admin.patch(at, json={"name": ""})).status_code == 400
    assert (await shared_shop.client.patch(at, json={"name": "x"})).status_code == 401
    assert [action for _, action, _, _ in await changes(shared_shop, brand["id"])] == ["create"]


async def test_a_repeated_request_is_logged_once(shared_shop: Installation) -> None:
    brand, headers = await make_brand(shared_shop), {"Idempotency-Key": str(uuid4())}
    for _ in range(3):
        await shared_shop.admin.patch(f"/api/v1/brands/{brand['id']}", json={"name": "Once"}, headers=headers)
    made, changed = await events(shared_shop, resource=brand["id"])
    assert (made["action"], changed["action"]) == ("create", "update")
    assert changed["actor"] == made["actor"]


async def test_a_person_in_psql_is_not_logged_and_neither_is_what_comes_after_a_request(
    shared_shop: Installation,
) -> None:
    brand = await make_brand(shared_shop)
    async with shared_shop.resources.db.transaction() as session:  # perhaps on the connection of that request
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE brand SET name = 'x' WHERE id = $1", (UUID(brand["id"]),))
    await shared_shop.execute("UPDATE brand SET name = 'y' WHERE id = $1", UUID(brand["id"]))
    assert len(await events(shared_shop, resource=brand["id"])) == 1


async def test_events_are_not_changed_afterwards(shared_shop: Installation) -> None:
    await make_brand(shared_shop)
    with pytest.raises(asyncpg.RaiseError):
        await shared_shop.execute("UPDATE audit_event SET actor_name = 'somebody else'")


# --- secrets -------------------------------------------------------------------------------------------------------------


async def test_accounts_and_keys_are_logged_without_their_secrets(shared_shop: Installation) -> None:
    person = await make_person(shared_shop, "admin")
    key = await make_key(person.client, "read:catalog")
    await person.client.delete(f"/api/v1/api-keys/{key['id']}")
    body = {"current": PASSWORD, "new": "another correct horse"}
    assert (await person.client.post(f"{AUTH}/password", json=body)).status_code == 204

    made, promoted, password = await changes(shared_shop, f"account/{person.id}")
    assert (made[1], made[3] and made[3]["email"], made[3] and made[3]["role"]) == ("create", person.email, "buyer")
    assert (promoted[2], promoted[3]) == ({"role": "buyer", "version": 1}, {"role": "admin", "version": 2})
    assert password[2:] == ({"password_hash": "(hidden)", "version": 2}, {"password_hash": "(hidden)", "version": 3})

    made, revoked = await changes(shared_shop, f"api_key/{key['id']}")
    assert (made[1], made[3] and made[3]["secret_hash"]) == ("create", "(hidden)")
    assert (revoked[1], revoked[2]) == ("delete", {"revoked_at": None})

    everything = await shared_shop.resources.db.reads.fetchval(
        "SELECT string_agg(e::text, '') FROM audit_event e WHERE e.subject_id = ANY($1)",
        [UUID(person.id), UUID(key["id"])],
    )
    hashes = await shared_shop.resources.db.reads.fetchval(
        "SELECT encode(secret_hash, 'hex') FROM api_key WHERE id = $1", UUID(key["id"])
    )
    for secret in ("argon2", PASSWORD, key["key"].rpartition("_")[2], hashes, person.refresh_token):
        assert secret not in everything


async def test_signing_up_is_logged_and_signing_in_is_not(shared_shop: Installation) -> None:
    account = await register(shared_shop.client)
    body = {"email": account["email"], "password": PASSWORD}
    assert (await shared_shop.client.post(f"{AUTH}/login", json=body)).status_code == 200
    (event,) = await events(shared_shop, resource=account["id"])
    assert (event["action"], event["actor"]["kind"], event["credential"]) == ("create", "anonymous", "")


# --- reading -------------------------------------------------------------------------------------------------------------


async def test_only_those_who_may_read_the_log_do(shared_shop: Installation) -> None:
    expect_problem(await shared_shop.client.get(AUDIT), 401, "unauthenticated")
    for role in ("buyer", "seller"):
        person = await make_person(shared_shop, role)
        refused = expect_problem(await person.client.get(AUDIT), 403, "missing_scope")
        assert refused["required_scope"] == "read:audit"
    admin = await make_person(shared_shop, "admin")
    assert (await admin.client.get(AUDIT)).status_code == 200
    for scope, status in (("read:audit", 200), ("read:catalog", 403)):
        program = with_key(shared_shop, await make_key(admin.client, scope))
        assert (await program.get(AUDIT)).status_code == status


async def test_the_log_is_one_statement_a_page_latest_first(shared_shop: Installation) -> None:
    made = [(await make_brand(shared_shop))["id"] for _ in range(5)]
    with shared_shop.counted() as statements:
        page = (await shared_shop.admin.get(AUDIT, params={"resource": "brand", "limit": 3})).json()
    assert len(statements) == 1
    assert [event["resource"]["id"] for event in page["items"]] == made[:1:-1]
    following = await shared_shop.admin.get(
        AUDIT, params={"resource": "brand", "limit": 2, "cursor": page["next_cursor"]}
    )
    assert [event["resource"]["id"] for event in following.json()["items"]] == made[1::-1]


async def test_events_are_found_by_actor_action_and_time(empty_shop: Installation) -> None:
    seller = await make_person(empty_shop, "seller")
    program = await make_key(seller.client, "write:catalog")
    brand = await make_brand(empty_shop)
    product = (await with_key(empty_shop, program).post("/api/v1/products", json={"name": "Mine"})).json()
    await empty_shop.admin.delete(f"/api/v1/brands/{brand['id']}")

    async def found(**filters: object) -> set[tuple[str, str]]:
        return {(event["resource"]["type"], event["action"]) for event in await events(empty_shop, **filters)}

    of_product = {("product", "create"), ("variant", "create")}
    assert await found(actor=program["id"]) == of_product
    assert await found(actor=seller.id) == of_product | {("api_key", "create")}
    assert await found(actor="anonymous") == {("account", "create")}
    assert await found(actor="admin-key") == {("brand", "create"), ("brand", "delete"), ("account", "update")}
    assert await found(actor="nobody") == set()
    assert await found(action="delete") == {("brand", "delete")}
    assert await found(action="create", resource="brand") == {("brand", "create")}
    assert await found(resource="product", actor="admin_key") == set()
    made, _ = await events(empty_shop, resource=f"product/{product['id']}", actor=program["id"])
    moment = made["occurred_at"]
    assert await found(since=moment, actor=program["id"]) == of_product
    assert await found(until=moment, actor=program["id"]) == set()
    later = (datetime.fromisoformat(moment) + timedelta(seconds=60)).isoformat()
    assert await found(since=later) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resource", "product/"),
        ("resource", "product/not-an-id"),
        ("resource", "Product"),
        ("resource", "a/b/c"),
        ("resource", ""),
        ("actor", ""),
        ("actor", "x" * 321),
        ("action", "destroy"),
        ("since", "yesterday"),
        ("until", "2026-01-01T00:00:00"),
        ("since", "0001-01-01T00:00:00Z"),
        ("cursor", "nonsense"),
        ("limit", "0"),
        ("limit", "101"),
        ("user", "x"),
    ],
)
async def test_filters_that_make_no_sense_are_refused(shared_shop: Installation, name: str, value: str) -> None:
    expect_invalid(await shared_shop.admin.get(AUDIT, params={name: value}), name)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nobody_writes_the_log(shared_shop: Installation, method: str) -> None:
    expect_problem(await shared_shop.admin.request(method, AUDIT, json={}), 405, "method_not_allowed")


# --- keeping -------------------------------------------------------------------------------------------------------------


async def test_old_events_are_removed_and_none_when_they_are_kept_for_ever(empty_shop: Installation) -> None:
    for _ in range(3):
        await make_brand(empty_shop)
    await empty_shop.execute(
        """
        INSERT INTO audit_event (
            id, occurred_at, action, resource_type, actor_kind, actor_name, credential, address, request_id
        ) SELECT uuidv7(), now() - make_interval(days => age), 'update', 'brand', 'admin_key', 'x', '', '', ''
        FROM unnest('{29,31,400}'::int[]) age
        """
    )

    async def prune(days: int) -> int:
        settings = msgspec.structs.replace(empty_shop.settings, audit_days=days)
        return await prune_audit_log({"resources": msgspec.structs.replace(empty_shop.resources, settings=settings)})

    assert [await prune(0), await prune(30), await prune(30), await prune(1)] == [0, 2, 0, 1]
    assert len(await events(empty_shop)) == 3
