"""Registering, signing in, the own account, and the password."""

import unicodedata

import pytest
from argon2 import PasswordHasher

from tests.support.answers import at_once, expect_invalid, expect_problem
from tests.support.builders import Json
from tests.support.installation import Installation
from tests.support.people import AUTH, PASSWORD, bearer, login, make_person, register, unique_email


async def test_who_registers_is_a_buyer_and_can_sign_in(shared_shop: Installation) -> None:
    email = unique_email()
    response = await shared_shop.client.post(
        f"{AUTH}/register", json={"email": email, "password": PASSWORD, "name": "Ada"}
    )
    assert response.status_code == 201, response.text
    account = response.json()
    assert account.keys() == {"id", "email", "name", "role", "is_active", "created_at", "updated_at", "version"}
    assert (account["email"], account["name"], account["role"], account["is_active"]) == (email, "Ada", "buyer", True)
    tokens = await login(shared_shop.client, email)
    assert tokens.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)
    me = await shared_shop.client.get(f"{AUTH}/me", headers=bearer(tokens["access_token"]))
    assert me.json() == account
    assert me.headers["etag"] == response.headers["etag"]


async def test_answers_with_tokens_are_kept_out_of_caches(shared_shop: Installation) -> None:
    account = await register(shared_shop.client)
    response = await shared_shop.client.post(f"{AUTH}/login", json={"email": account["email"], "password": PASSWORD})
    assert response.headers["cache-control"] == "no-store"
    refreshed = await shared_shop.client.post(
        f"{AUTH}/refresh", json={"refresh_token": response.json()["refresh_token"]}
    )
    assert refreshed.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("field", ["role", "is_active", "id", "version", "seller_id", "epoch"])
async def test_nobody_registers_with_more_than_address_password_and_name(shared_shop: Installation, field: str) -> None:
    body = {"email": unique_email(), "password": PASSWORD, "name": "Eve", field: "admin"}
    expect_invalid(await shared_shop.client.post(f"{AUTH}/register", json=body), f"/{field}", "unknown_field")


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "@example.com", "a@", "a b@example.com", "a@b@example.com", "a@example", "a\u0000@example.com",
     "a@example.com\r\nBcc: b@example.com", "x" * 300 + "@example.com", "a@127.0.0.1", "\u202ea@example.com"],
)  # fmt: skip
async def test_what_is_no_address_is_refused(shared_shop: Installation, email: str) -> None:
    body = {"email": email, "password": PASSWORD, "name": "Ada"}
    expect_invalid(await shared_shop.client.post(f"{AUTH}/register", json=body), "/email")


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "nul\u0000nulnul", "line\nbreak here"])
async def test_unusable_passwords_are_refused(shared_shop: Installation, password: str) -> None:
    body = {"email": unique_email(), "password": password, "name": "Ada"}
    expect_invalid(await shared_shop.client.post(f"{AUTH}/register", json=body), "/password")


async def test_an_address_is_one_whatever_its_case_and_way_of_writing(shared_shop: Installation) -> None:
    word = unique_email().partition("@")[0]
    composed = f"José.{word}@example.com"
    await register(shared_shop.client, composed)
    variants = [
        unicodedata.normalize("NFD", composed),
        composed.upper(),
        f"  josé.{word}@EXAMPLE.com ",
        composed.replace("J", "\uff2a"),
    ]
    for variant in variants:
        body = {"email": variant, "password": PASSWORD, "name": "Another"}
        expect_problem(await shared_shop.client.post(f"{AUTH}/register", json=body), 409, "email_taken")
        await login(shared_shop.client, variant)


async def test_of_many_who_register_one_address_at_once_one_gets_it(shared_shop: Installation) -> None:
    body = {"email": unique_email(), "password": PASSWORD, "name": "Ada"}
    answers = await at_once(*[lambda: shared_shop.client.post(f"{AUTH}/register", json=body)] * 6)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(shared_shop: Installation) -> None:
    account = await register(shared_shop.client)
    answers = [
        await shared_shop.client.post(f"{AUTH}/login", json={"email": email, "password": password})
        for email, password in [
            (account["email"], "not the password"),
            (unique_email(), PASSWORD),
            ("nobody", PASSWORD),
        ]
    ]
    problems = [expect_problem(answer, 401, "invalid_credentials") for answer in answers]
    for problem in problems:
        del problem["request_id"]
    assert problems[0] == problems[1] == problems[2]
    assert len({answer.headers["www-authenticate"] for answer in answers}) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@example.com"},
        {"email": 1, "password": "x"},
        {"email": "a@example.com", "password": None},
        {"email": "a@example.com", "password": "x", "role": "admin"},
        [],
        "text",
    ],
)
async def test_a_malformed_sign_in_is_refused(shared_shop: Installation, body: object) -> None:
    expect_problem(await shared_shop.client.post(f"{AUTH}/login", json=body), 400, "invalid_input")


async def test_a_password_is_one_however_its_letters_are_composed(shared_shop: Installation) -> None:
    email = unique_email()
    await register(shared_shop.client, email, password="pässwörd-für-alle")
    await login(shared_shop.client, email, unicodedata.normalize("NFD", "pässwörd-für-alle"))


async def test_people_change_their_name_and_nothing_else(shared_shop: Installation) -> None:
    person = await make_person(shared_shop)
    before = await person.client.get(f"{AUTH}/me")
    renamed = await person.client.patch(
        f"{AUTH}/me", json={"name": "Grace"}, headers={"If-Match": before.headers["etag"]}
    )
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Grace")
    stale = await person.client.patch(f"{AUTH}/me", json={"name": "Ada"}, headers={"If-Match": before.headers["etag"]})
    assert expect_problem(stale, 412, "stale_version")["current_version"] == renamed.json()["version"]
    for field in ("role", "is_active", "email", "epoch", "version", "id"):
        expect_invalid(await person.client.patch(f"{AUTH}/me", json={field: "admin"}), f"/{field}", "unknown_field")


async def test_a_new_password_ends_all_sessions_and_the_old_password(shared_shop: Installation) -> None:
    person, other = await make_person(shared_shop), await make_person(shared_shop)
    second = await login(shared_shop.client, person.email)
    wrong = await person.client.post(f"{AUTH}/password", json={"current": "not it", "new": "another password"})
    expect_invalid(wrong, "/current", "wrong_password")
    assert (await person.client.get(f"{AUTH}/me")).status_code == 200
    changed = await person.client.post(f"{AUTH}/password", json={"current": PASSWORD, "new": "another password"})
    assert changed.status_code == 204
    for token in (person.refresh_token, second["refresh_token"]):
        expect_problem(
            await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": token}),
            401,
            "invalid_refresh_token",
        )
    body = {"email": person.email, "password": PASSWORD}
    expect_problem(await shared_shop.client.post(f"{AUTH}/login", json=body), 401, "invalid_credentials")
    await login(shared_shop.client, person.email, "another password")
    assert (await other.client.get(f"{AUTH}/me")).status_code == 200


async def test_the_own_account_needs_somebody_signed_in(shared_shop: Installation) -> None:
    for method, path in (("GET", "/me"), ("PATCH", "/me"), ("POST", "/password")):
        body: Json | None = None if method == "GET" else {}
        expect_problem(await shared_shop.client.request(method, AUTH + path, json=body), 401, "unauthenticated")
        problem = expect_problem(await shared_shop.admin.request(method, AUTH + path, json=body), 403, "missing_scope")
        assert problem["required_scope"] == "self:account"


async def test_a_hash_of_weaker_parameters_is_replaced_at_sign_in(shared_shop: Installation) -> None:
    account = await register(shared_shop.client)
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await shared_shop.execute("UPDATE account SET password_hash = $2 WHERE id = $1", account["id"], weak)
    await login(shared_shop.client, account["email"])
    stored = await shared_shop.resources.db.reads.fetchval(
        "SELECT password_hash FROM account WHERE id = $1", account["id"]
    )
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await login(shared_shop.client, account["email"])
