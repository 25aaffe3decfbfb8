"""`Idempotency-Key` and who sends it: owners of keys, secrets in answers, passwords in bodies."""

from uuid import uuid4

import httpx
import msgspec
from litestar.handlers import HTTPRouteHandler

from mercato.asgi import Application
from mercato.identity.passwords import NewPassword, Password
from mercato.platform.idempotency import METHODS, Handling, handling_of, is_stretched
from tests.support.answers import expect_problem
from tests.support.builders import unique
from tests.support.installation import Installation
from tests.support.people import AUTH, PASSWORD, client_of, login, make_key, make_person, unique_email, with_key

BRANDS = "/api/v1/brands"
REPLAYED = "idempotent-replayed"
NEW_PASSWORD = "another correct horse"


def application_of(shop: Installation) -> Application:
    """What the clients call."""
    application = getattr(shop.client._transport, "app", None)
    assert isinstance(application, Application)
    return application


def key() -> dict[str, str]:
    """The header, with a key that nobody used before."""
    return {"Idempotency-Key": str(uuid4())}


async def stored(shop: Installation, headers: dict[str, str]) -> list[tuple[str, int]]:
    """Owner and status of the rows of a key."""
    statement = "SELECT owner, status FROM idempotency_key WHERE key = $1 ORDER BY owner"
    rows = await shop.resources.db.reads.fetch(statement, headers["Idempotency-Key"])
    return [(row["owner"], row["status"]) for row in rows]


async def test_each_caller_has_keys_of_their_own(shared_shop: Installation) -> None:
    first, second = [await make_person(shared_shop, "admin") for _ in range(2)]
    program = with_key(shared_shop, await make_key(first.client, "write:catalog"))
    headers = key()
    for client in (shared_shop.admin, first.client, second.client, program):
        for is_replay in (False, True):
            made = await client.post(BRANDS, json={"name": "Same", "slug": None}, headers=headers)
            assert (made.status_code, REPLAYED in made.headers) == (201, is_replay)
    owners = [owner.partition(":")[0] for owner, _ in await stored(shared_shop, headers)]
    assert owners == ["account", "account", "admin_key", "api_key"]


async def test_an_account_is_one_caller_in_all_its_sessions(shared_shop: Installation) -> None:
    person = await make_person(shared_shop, "admin")
    token = (await login(shared_shop.client, person.email))["access_token"]
    other = client_of(shared_shop, {"Authorization": f"Bearer {token}"})
    headers, body = key(), {"name": unique("Brand")}
    first = await person.client.post(BRANDS, json=body, headers=headers)
    again = await other.post(BRANDS, json=body, headers=headers)
    assert (again.headers[REPLAYED], again.content) == ("true", first.content)


async def test_whoever_may_no_longer_write_is_not_told_what_was_written(shared_shop: Installation) -> None:
    maker = await make_person(shared_shop, "admin")
    made = await make_key(maker.client, "write:catalog")
    program, headers, body = with_key(shared_shop, made), key(), {"name": unique("Brand")}
    assert (await program.post(BRANDS, json=body, headers=headers)).status_code == 201
    assert (await maker.client.delete(f"/api/v1/api-keys/{made['id']}")).status_code == 204
    expect_problem(await program.post(BRANDS, json=body, headers=headers), 401, "unauthenticated")


async def test_callers_without_credentials_are_told_apart_by_address(shared_shop: Installation) -> None:
    headers, body = key(), {"email": unique_email(), "password": PASSWORD, "name": "A"}
    first, again = [await shared_shop.client.post(f"{AUTH}/register", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code, again.headers[REPLAYED]) == (201, 201, "true")
    assert again.content == first.content
    transport = httpx.ASGITransport(application_of(shared_shop), client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as elsewhere:
        expect_problem(await elsewhere.post(f"{AUTH}/register", json=body, headers=headers), 409, "email_taken")
    assert [owner for owner, _ in await stored(shared_shop, headers)] == ["address:127.0.0.1", "address:192.0.2.7"]


async def test_sign_in_never_stores_tokens(shared_shop: Installation) -> None:
    person, headers = await make_person(shared_shop), key()
    body = {"email": person.email, "password": PASSWORD}
    first, again = [await shared_shop.client.post(f"{AUTH}/login", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code, REPLAYED in again.headers) == (200, 200, False)
    assert first.json()["refresh_token"] != again.json()["refresh_token"]
    refreshed = await shared_shop.client.post(
        f"{AUTH}/refresh", json={"refresh_token": first.json()["refresh_token"]}, headers=headers
    )
    left = await shared_shop.client.post(
        f"{AUTH}/logout", json={"refresh_token": refreshed.json()["refresh_token"]}, headers=headers
    )
    assert (refreshed.status_code, left.status_code) == (200, 204)
    assert await stored(shared_shop, headers) == []


async def test_an_api_key_is_made_once_and_its_secret_stored_nowhere(shared_shop: Installation) -> None:
    person, headers = await make_person(shared_shop, "seller"), key()
    body = {"name": "A key", "scopes": ["write:catalog"]}
    first = await person.client.post("/api/v1/api-keys", json=body, headers=headers)
    assert first.status_code == 201
    again = await person.client.post("/api/v1/api-keys", json=body, headers=headers)
    expect_problem(again, 409, "idempotency_answer_not_kept")
    assert len((await person.client.get("/api/v1/api-keys")).json()["items"]) == 1
    assert await stored(shared_shop, headers) == [(f"account:{person.id}", 201)]
    secret = first.json()["key"].rpartition("_")[2]
    found = await shared_shop.resources.db.reads.fetchval(
        "SELECT count(*) FROM idempotency_key k WHERE strpos(k::text, $1) > 0 OR strpos(k::text, $2) > 0",
        secret,
        secret.encode().hex(),
    )
    assert found == 0


async def test_a_password_is_changed_once(shared_shop: Installation) -> None:
    person, headers = await make_person(shared_shop), key()
    body = {"current": PASSWORD, "new": NEW_PASSWORD}
    assert (await person.client.post(f"{AUTH}/password", json=body, headers=headers)).status_code == 204
    token = (await login(shared_shop.client, person.email, NEW_PASSWORD))["access_token"]
    client = client_of(shared_shop, {"Authorization": f"Bearer {token}"})
    again = await client.post(f"{AUTH}/password", json=body, headers=headers)
    assert (again.status_code, again.headers[REPLAYED], again.content) == (204, "true", b"")
    assert (await client.get(f"{AUTH}/me")).status_code == 200  # the session was not ended a second time


def writing_handlers(shop: Installation) -> list[HTTPRouteHandler]:
    """The handlers of the API that take POST or PATCH."""
    return [
        handler
        for route in application_of(shop).litestar.routes
        for handler in getattr(route, "route_handlers", ())
        if route.path.startswith("/api/") and handler.http_methods & METHODS
    ]


async def test_every_post_and_patch_of_the_api_claims_its_key_or_says_why_not(shared_shop: Installation) -> None:
    handlers = writing_handlers(shared_shop)
    assert len(handlers) >= 15
    for handler in handlers:
        assert handler.resolve_before_request() is not None, handler
        if handling_of(handler.opt) is not Handling.REPLAY:
            assert handler.opt["idempotency_reason"], handler


async def test_no_route_keeps_a_quick_digest_of_a_password(shared_shop: Installation) -> None:
    with_password = set[str]()
    for handler in writing_handlers(shared_shop):
        body = handler.parsed_data_field.annotation if handler.parsed_data_field else None
        if body and any(field.type in {Password, NewPassword} for field in msgspec.structs.fields(body)):
            with_password.add(str(handler.operation_id))
            assert handling_of(handler.opt) is Handling.IGNORE or is_stretched(handler.opt), handler
    assert with_password == {"change_password", "login", "register"}


async def test_the_description_names_the_header_where_it_counts(shared_shop: Installation) -> None:
    paths = (await shared_shop.client.get("/schema/openapi.json")).json()["paths"]
    naming = {
        operation["operationId"]
        for item in paths.values()
        for operation in item.values()
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", ()))
    }
    claiming = {
        handler.operation_id
        for handler in writing_handlers(shared_shop)
        if handling_of(handler.opt) is not Handling.IGNORE
    }
    assert naming == claiming
