"""Access and refresh tokens: good ones, and every kind of bad one."""

import base64
import time
from collections.abc import Callable
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mercato.devstack import Stack
from mercato.platform.settings import parse_signing_keys
from tests.support.answers import expect_problem
from tests.support.builders import Json
from tests.support.installation import SIGNING_KEYS, Installation, new_installation
from tests.support.people import AUTH, Person, bearer, login, make_key, make_person, register

SEED = parse_signing_keys(SIGNING_KEYS)["test"]
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
ME = f"{AUTH}/me"


def claims_of(person: Person, **changes: object) -> Json:
    """The claims of a good token, with changes; `None` takes one out."""
    claims: Json = jwt.decode(person.access_token, options={"verify_signature": False}) | changes
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: Json, key: Any = KEY, algorithm: str = "EdDSA", kid: str | None = "test") -> str:
    """A token with these claims."""
    return jwt.encode(claims, key, algorithm=algorithm, headers={} if kid is None else {"kid": kid})


def unsigned(claims: Json, algorithm: str) -> str:
    """A token without a signature that says that none is needed."""
    parts = [{"alg": algorithm, "typ": "JWT", "kid": "test"}, claims]
    encoded = [base64.urlsafe_b64encode(msgspec.json.encode(part)).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, ""])


@pytest.fixture(scope="module")
async def person(shared_shop: Installation) -> Person:
    return await make_person(shared_shop)


async def expect_refused(shop: Installation, token: str, code: str = "invalid_token") -> None:
    """The token opens neither a guarded route nor, silently as nobody, a public one."""
    for path in (ME, "/api/v1/products"):
        response = await shop.client.get(path, headers=bearer(token))
        expect_problem(response, 401, code)
        assert 'error="invalid_token"' in response.headers["www-authenticate"]


async def test_a_token_says_who_and_until_when_and_nothing_private(person: Person) -> None:
    header, claims = jwt.get_unverified_header(person.access_token), claims_of(person)
    assert (header["alg"], header["kid"]) == ("EdDSA", "test")
    assert claims.keys() == {"typ", "iss", "aud", "sub", "sid", "role", "epoch", "iat", "nbf", "exp"}
    assert (claims["sub"], claims["role"], claims["typ"]) == (person.id, "buyer", "access")
    assert claims["exp"] - claims["iat"] == 900


async def test_a_token_that_we_could_have_made_is_good(shared_shop: Installation, person: Person) -> None:
    assert (await shared_shop.client.get(ME, headers=bearer(signed(claims_of(person))))).status_code == 200


FORGERIES: dict[str, Callable[[Json], str]] = {
    "alg none": lambda claims: unsigned(claims, "none"),
    "alg None": lambda claims: unsigned(claims, "None"),
    "HS256 with the public key": lambda claims: signed(claims, KEY.public_key().public_bytes_raw(), "HS256"),
    "HS512 with a weak secret": lambda claims: signed(claims, "mercato" * 10, "HS512"),
    "another key": lambda claims: signed(claims, Ed25519PrivateKey.generate()),
    "unknown kid": lambda claims: signed(claims, kid="other"),
    "kid as path": lambda claims: signed(claims, kid="../../dev/null"),
    "no kid": lambda claims: signed(claims, kid=None),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
async def test_what_our_key_did_not_sign_is_refused(
    shared_shop: Installation, person: Person, forge: Callable[[Json], str]
) -> None:
    await expect_refused(shared_shop, forge(claims_of(person)))


BAD_CLAIMS: dict[str, Json] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "other"},
    "several audiences": {"aud": ["mercato", "other"]},
    "no audience": {"aud": None},
    "another type": {"typ": "refresh"},
    "no type": {"typ": None},
    "no expiry": {"exp": None},
    "no subject": {"sub": None},
    "subject that is no id": {"sub": "admin"},
    "no session": {"sid": None},
    "unknown role": {"role": "root"},
    "no role": {"role": None},
    "no epoch": {"epoch": None},
    "epoch as text": {"epoch": "0"},
    "not yet valid": {"nbf": time.time() + 3600},
    "issued in the future": {"iat": time.time() + 3600},
    "expiry as text": {"exp": "tomorrow"},
}


@pytest.mark.parametrize("changes", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
async def test_claims_that_are_not_for_us_or_not_now_are_refused(
    shared_shop: Installation, person: Person, changes: Json
) -> None:
    await expect_refused(shared_shop, signed(claims_of(person, **changes)))


async def test_an_expired_token_says_so(shared_shop: Installation, person: Person) -> None:
    now = int(time.time())
    await expect_refused(shared_shop, signed(claims_of(person, exp=now - 60, iat=now - 960)), "token_expired")


DAMAGED: dict[str, Callable[[str], str]] = {
    "truncated": lambda token: token[:-10],
    "truncated to two parts": lambda token: token.rpartition(".")[0],
    "one part": lambda token: token.partition(".")[0],
    "one letter changed": lambda token: token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:],
    "no base64": lambda _: "a.b.c",
    "dots": lambda _: "...",
    "100 kB": lambda token: token + "A" * 100_000,
    "100 kB of parts": lambda _: "a." * 50_000,
    "claims of 5 kB": lambda token: signed(jwt.decode(token, options={"verify_signature": False}) | {"x": "y" * 5000}),
    "header without end": lambda _: base64.urlsafe_b64encode(b'{"alg":' * 100).decode() + ".e30.AA",
    "deep header": lambda _: base64.urlsafe_b64encode(b"[" * 2500).rstrip(b"=").decode() + ".e30.AA",
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
async def test_damaged_tokens_are_refused(
    shared_shop: Installation, person: Person, damage: Callable[[str], str]
) -> None:
    await expect_refused(shared_shop, damage(person.access_token))


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer", "Token x", "Bearer a b", "Bearer ä"]
)
async def test_other_ways_of_authorization_are_refused(shared_shop: Installation, value: str) -> None:
    response = await shared_shop.client.get(ME, headers=[(b"authorization", value.encode())])
    expect_problem(response, 401, "invalid_token")


async def test_the_scheme_is_written_in_any_case(shared_shop: Installation, person: Person) -> None:
    response = await shared_shop.client.get(ME, headers={"Authorization": f"bearer {person.access_token}"})
    assert response.status_code == 200


async def test_a_refresh_token_is_no_access_token_and_the_other_way_round(
    shared_shop: Installation, person: Person
) -> None:
    await expect_refused(shared_shop, person.refresh_token)
    body = {"refresh_token": person.access_token}
    assert (await shared_shop.client.post(f"{AUTH}/refresh", json=body)).status_code in {400, 401}


async def test_two_credentials_at_once_are_ambiguous(shared_shop: Installation, person: Person) -> None:
    response = await shared_shop.admin.get(ME, headers=bearer(person.access_token))
    expect_problem(response, 400, "invalid_input")


async def test_refreshing_gives_new_tokens_and_voids_the_old_refresh_token(shared_shop: Installation) -> None:
    person = await make_person(shared_shop)
    answer = await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": person.refresh_token})
    assert answer.status_code == 200
    tokens = answer.json()
    assert tokens["refresh_token"] != person.refresh_token
    assert (await shared_shop.client.get(ME, headers=bearer(tokens["access_token"]))).status_code == 200
    assert (await person.client.get(ME)).status_code == 200


async def test_a_refresh_token_that_comes_again_ends_its_session_and_no_other(shared_shop: Installation) -> None:
    person = await make_person(shared_shop)
    elsewhere = await login(shared_shop.client, person.email)
    rotated = (await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": person.refresh_token})).json()
    again = await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": person.refresh_token})
    expect_problem(again, 401, "invalid_refresh_token")
    newest = await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": rotated["refresh_token"]})
    expect_problem(newest, 401, "invalid_refresh_token")
    for token in (person.access_token, rotated["access_token"]):
        expect_problem(await shared_shop.client.get(ME, headers=bearer(token)), 401, "invalid_token")
    assert (await shared_shop.client.get(ME, headers=bearer(elsewhere["access_token"]))).status_code == 200
    other = await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": elsewhere["refresh_token"]})
    assert other.status_code == 200


@pytest.mark.parametrize("token", ["x", "rt_" + "0" * 64, "' OR 1=1 --", "a\u0000b", "ü" * 50])
async def test_unknown_refresh_tokens_are_refused(shared_shop: Installation, token: str) -> None:
    expect_problem(
        await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": token}), 401, "invalid_refresh_token"
    )


@pytest.mark.parametrize("token", ["", "x" * 201, "x" * 60_000, None, 1, ["x"]], ids=lambda token: str(token)[:8])
async def test_malformed_refresh_tokens_are_refused(shared_shop: Installation, token: object) -> None:
    for path in ("refresh", "logout"):
        answer = await shared_shop.client.post(f"{AUTH}/{path}", json={"refresh_token": token})
        expect_problem(answer, 400, "invalid_input", "/refresh_token")


async def test_signing_out_ends_the_session_and_no_other(shared_shop: Installation) -> None:
    person = await make_person(shared_shop)
    elsewhere = await login(shared_shop.client, person.email)
    for _ in range(2):
        out = await shared_shop.client.post(f"{AUTH}/logout", json={"refresh_token": person.refresh_token})
        assert (out.status_code, out.content) == (204, b"")
    expect_problem(await person.client.get(ME), 401, "invalid_token")
    refreshed = await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": person.refresh_token})
    expect_problem(refreshed, 401, "invalid_refresh_token")
    assert (await shared_shop.client.get(ME, headers=bearer(elsewhere["access_token"]))).status_code == 200
    unknown = await shared_shop.client.post(f"{AUTH}/logout", json={"refresh_token": "rt_" + "0" * 64})
    assert unknown.status_code == 204


async def test_neither_tokens_nor_keys_nor_passwords_are_stored_readable(shared_shop: Installation) -> None:
    person = await make_person(shared_shop, "seller")
    key = await make_key(person.client, "read:catalog")
    secrets = [person.refresh_token, key["key"], key["key"].rpartition("_")[2]]
    for table in ("refresh_token", "account_session", "api_key", "account"):
        rows = await shared_shop.resources.db.reads.fetch(f"SELECT t::text FROM {table} t")
        stored = "\n".join(row[0] for row in rows)
        assert not any(secret in stored for secret in secrets)


async def test_requests_with_a_token_ask_the_database_nothing_about_it(shared_shop: Installation) -> None:
    person = await make_person(shared_shop)
    for _ in range(2):
        with shared_shop.counted() as statements:
            assert (await person.client.get(ME)).status_code == 200
        assert [s for s in statements if "account_session" in s or "refresh_token" in s] == []
        assert len([s for s in statements if "FROM account a" in s]) == 1  # what the route itself reads


async def test_keys_are_rotated_without_signing_anybody_out(
    shared_shop: Installation, stack: Stack, template: str
) -> None:
    old, new = "old:" + "b" * 43, "new:" + "c" * 43
    async with new_installation(stack, template, signing_keys=f"{new},{old}", public_url="http://keys.example") as shop:
        account = await register(shop.client)
        tokens = await login(shop.client, account["email"])
        assert jwt.get_unverified_header(tokens["access_token"])["kid"] == "new"
        claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
        before = Ed25519PrivateKey.from_private_bytes(parse_signing_keys(old)["old"])
        good = signed(claims, before, kid="old")
        assert (await shop.client.get(ME, headers=bearer(good))).status_code == 200
        gone = signed(claims, Ed25519PrivateKey.generate(), kid="gone")
        expect_problem(await shop.client.get(ME, headers=bearer(gone)), 401, "invalid_token")


async def test_without_signing_keys_nobody_signs_in_and_the_rest_works(stack: Stack, template: str) -> None:
    async with new_installation(stack, template, signing_keys=None) as shop:
        account = await register(shop.client)
        body = {"email": account["email"], "password": "correct horse battery"}
        for path, data in (("login", body), ("refresh", {"refresh_token": "rt_x"})):
            expect_problem(await shop.client.post(f"{AUTH}/{path}", json=data), 503, "accounts_not_configured")
        assert (await shop.admin.get("/api/v1/users")).status_code == 200
        expect_problem(await shop.client.get(ME, headers=bearer("a.b.c")), 401, "invalid_token")
