"""Identity while servers are away, and what is left of sessions afterwards."""

from datetime import timedelta

from mercato.devstack import Stack
from mercato.identity.session.repository import sweep_sessions
from tests.support.answers import expect_problem
from tests.support.installation import Installation
from tests.support.people import AUTH, PASSWORD, bearer, login, make_key, make_person, register, with_key
from tests.support.processes import eventually

ME = f"{AUTH}/me"


async def test_without_valkey_people_sign_in_all_the_same(breakable_stack: Stack, breakable_shop: Installation) -> None:
    person = await make_person(breakable_shop)
    await breakable_stack.valkey.kill()
    tokens = await login(breakable_shop.client, person.email)
    assert (await breakable_shop.client.get(ME, headers=bearer(tokens["access_token"]))).status_code == 200
    body = {"email": person.email, "password": "wrong password"}
    for _ in range(7):
        expect_problem(await breakable_shop.client.post(f"{AUTH}/login", json=body), 401, "invalid_credentials")
    refreshed = await breakable_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 200
    await breakable_stack.valkey.start()
    await login(breakable_shop.client, person.email)


async def test_without_postgres_known_callers_stay_known_and_nobody_else_is_let_in(
    breakable_stack: Stack, breakable_shop: Installation
) -> None:
    seller, account = await make_person(breakable_shop, "seller"), await register(breakable_shop.client)
    used = with_key(breakable_shop, await make_key(seller.client, "read:catalog"))
    unused = with_key(breakable_shop, await make_key(seller.client, "read:catalog"))
    live = "/health/live"
    assert (await used.get(live)).status_code == 200
    await breakable_stack.postgres.kill()
    for client in (seller.client, used):
        assert (await client.get(live)).status_code == 200
    expect_problem(await unused.get(live), 503, "dependency_unavailable")
    expect_problem(await breakable_shop.client.get(live, headers=bearer("a.b.c")), 401, "invalid_token")
    for path, body in (
        ("login", {"email": account["email"], "password": PASSWORD}),
        ("refresh", {"refresh_token": seller.refresh_token}),
        ("logout", {"refresh_token": seller.refresh_token}),
    ):
        answer = await breakable_shop.client.post(f"{AUTH}/{path}", json=body)
        expect_problem(answer, 503, "dependency_unavailable")
        assert "retry-after" in answer.headers
    await breakable_stack.postgres.start()

    async def is_back() -> bool:
        return (await seller.client.get(ME)).status_code == 200

    await eventually(is_back, "the account after the database came back")
    # What was not carried out may be sent again.
    refreshed = await breakable_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": seller.refresh_token})
    assert refreshed.status_code == 200
    await breakable_shop.client.post(f"{AUTH}/logout", json={"refresh_token": refreshed.json()["refresh_token"]})

    async def is_out() -> bool:
        return (await seller.client.get(ME)).status_code == 401

    await eventually(is_out, "the end of the session, heard by a listener that was cut off", seconds=5)


async def test_sessions_that_ended_are_swept_with_their_tokens(empty_shop: Installation) -> None:
    ended, expired, live = [await make_person(empty_shop) for _ in range(3)]
    long_ago = timedelta(days=2)
    await empty_shop.execute(
        "UPDATE account_session SET revoked_at = now() - $2::interval, end_reason = 'signed_out' WHERE account_id = $1",
        ended.id,
        long_ago,
    )
    await empty_shop.execute(
        "UPDATE account_session SET expires_at = now() - $2::interval WHERE account_id = $1", expired.id, long_ago
    )
    assert await sweep_sessions(empty_shop.resources.db.reads) == 2
    reads = empty_shop.resources.db.reads
    assert await reads.fetchval("SELECT count(*) FROM account_session") == 1
    assert await reads.fetchval("SELECT count(*) FROM refresh_token") == 1
    refreshed = await empty_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": live.refresh_token})
    assert refreshed.status_code == 200


async def test_an_expired_session_gives_no_tokens(shared_shop: Installation) -> None:
    person = await make_person(shared_shop)
    await shared_shop.execute("UPDATE account_session SET expires_at = now() WHERE account_id = $1", person.id)
    answer = await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": person.refresh_token})
    expect_problem(answer, 401, "invalid_refresh_token")
