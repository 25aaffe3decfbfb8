"""Sessions, roles and keys across api processes: what ends in one has ended in all, within two seconds and without asking the database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from mercato.devstack import Stack
from tests.support.answers import at_once, expect_problem
from tests.support.builders import Json
from tests.support.installation import ADMIN, Installation, new_installation
from tests.support.people import AUTH, PASSWORD, bearer, login, make_key, register, set_role
from tests.support.processes import api, eventually

WITHIN_S = 2.0
ME = f"{AUTH}/me"
PRODUCTS = "/api/v1/products"


class Pair:
    """Two api processes on one database; `first` is where things are changed."""

    def __init__(
        self, shop: Installation, first: httpx.AsyncClient, second: httpx.AsyncClient, admin: httpx.AsyncClient
    ) -> None:
        self.shop, self.both, self.first, self.admin = shop, (first, second), first, admin

    async def become(self, status: int, path: str, headers: dict[str, str], what: str) -> None:
        """Wait until both answer so; at most two seconds, which is the promise."""

        async def check() -> bool:
            return all([(await client.get(path, headers=headers)).status_code == status for client in self.both])

        await eventually(check, what, seconds=WITHIN_S)

    async def admin_patch(self, account: Json, **changes: object) -> None:
        """Change an account as an admin."""
        response = await self.admin.patch(f"/api/v1/users/{account['id']}", json=changes)
        assert response.status_code == 200, response.text


@pytest.fixture(scope="module")
async def pair(stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("pair")
    async with (
        new_installation(stack, template, media_dir=folder) as shop,
        api(shop.settings, folder / "first.log") as (_, first),
        api(shop.settings, folder / "second.log") as (_, second),
        httpx.AsyncClient(base_url=first.base_url, headers=ADMIN, timeout=20) as admin,
    ):
        for client in (first, second):
            del client.headers["X-API-Key"]
        yield Pair(shop, first, second, admin)


@pytest.fixture
async def account(pair: Pair) -> Json:
    return await register(pair.first)


async def test_of_fifty_refreshes_at_once_one_wins_and_the_session_ends(pair: Pair, account: Json) -> None:
    tokens = await login(pair.first, account["email"])

    def refreshing(client: httpx.AsyncClient) -> Callable[[], Awaitable[httpx.Response]]:
        return lambda: client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})

    answers = await at_once(*[refreshing(pair.both[number % 2]) for number in range(50)])
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 49
    won = next(answer for answer in answers if answer.status_code == 200).json()
    for answer in answers:
        if answer.status_code == 401:
            expect_problem(answer, 401, "invalid_refresh_token")
    # The rule: whatever comes twice was stolen, however soon. Nobody keeps anything.
    newest = await pair.both[1].post(f"{AUTH}/refresh", json={"refresh_token": won["refresh_token"]})
    expect_problem(newest, 401, "invalid_refresh_token")
    for token in (tokens["access_token"], won["access_token"]):
        await pair.become(401, ME, bearer(token), "tokens of the session are refused")
    ended = await pair.shop.resources.db.reads.fetchval(
        "SELECT end_reason FROM account_session WHERE account_id = $1", account["id"]
    )
    assert ended == "reuse"


async def test_fifty_sign_ins_at_once_all_succeed(pair: Pair, account: Json) -> None:
    body = {"email": account["email"], "password": PASSWORD}
    answers = await at_once(*[lambda: pair.first.post(f"{AUTH}/login", json=body)] * 50)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 50


async def test_signing_out_is_heard_everywhere(pair: Pair, account: Json) -> None:
    tokens = await login(pair.first, account["email"])
    headers = bearer(tokens["access_token"])
    await pair.become(200, ME, headers, "signed in")
    out = await pair.first.post(f"{AUTH}/logout", json={"refresh_token": tokens["refresh_token"]})
    assert out.status_code == 204
    await pair.become(401, ME, headers, "signed out")


async def test_a_changed_role_is_heard_everywhere_and_costs_no_session(pair: Pair, account: Json) -> None:
    tokens = await login(pair.first, account["email"])
    await pair.become(403, "/api/v1/users", bearer(tokens["access_token"]), "a buyer lists no users")
    await pair.admin_patch(account, role="admin")
    await pair.become(401, ME, bearer(tokens["access_token"]), "tokens of the old role are refused")
    renewed = await pair.both[1].post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert renewed.status_code == 200
    headers = bearer(renewed.json()["access_token"])
    await pair.become(200, "/api/v1/users", headers, "an admin lists users")
    await set_role(pair.admin, await register(pair.first), "admin")  # the last one could not be changed
    await pair.admin_patch(account, role="seller")
    await pair.become(401, "/api/v1/users", headers, "no admin any more")


async def test_a_deactivated_account_and_its_keys_are_dead_everywhere(pair: Pair, account: Json) -> None:
    await set_role(pair.admin, account, "seller")
    tokens = await login(pair.first, account["email"])
    headers = bearer(tokens["access_token"])
    pair.first.headers.update(headers)
    try:
        key = {"X-API-Key": (await make_key(pair.first, "read:catalog"))["key"]}
    finally:
        del pair.first.headers["Authorization"]
    await pair.become(200, PRODUCTS, key, "the key works")
    await pair.admin_patch(account, is_active=False)
    await pair.become(401, ME, headers, "tokens of a deactivated account are refused")
    await pair.become(401, PRODUCTS, key, "keys of a deactivated account are refused")
    await pair.admin_patch(account, is_active=True)
    await pair.become(200, PRODUCTS, key, "keys live again with their maker")
    await pair.become(401, ME, headers, "sessions do not")


async def test_a_changed_password_is_heard_everywhere(pair: Pair, account: Json) -> None:
    tokens, other = await login(pair.first, account["email"]), await login(pair.first, account["email"])
    for token in (tokens, other):
        await pair.become(200, ME, bearer(token["access_token"]), "signed in")
    body = {"current": PASSWORD, "new": "something else"}
    changed = await pair.first.post(f"{AUTH}/password", json=body, headers=bearer(tokens["access_token"]))
    assert changed.status_code == 204
    for token in (tokens, other):
        await pair.become(401, ME, bearer(token["access_token"]), "signed out")


async def test_a_revoked_key_is_dead_everywhere(pair: Pair) -> None:
    made = await make_key(pair.admin, "read:catalog")
    headers = {"X-API-Key": made["key"]}
    await pair.become(200, PRODUCTS, headers, "the key works")
    assert (await pair.admin.delete(f"/api/v1/api-keys/{made['id']}")).status_code == 204
    await pair.become(401, PRODUCTS, headers, "the key is dead")


async def test_what_a_person_changes_in_psql_is_heard_too(pair: Pair, account: Json) -> None:
    tokens = await login(pair.first, account["email"])
    await pair.become(200, ME, bearer(tokens["access_token"]), "signed in")
    await pair.shop.execute("UPDATE account SET is_active = false WHERE id = $1", account["id"])
    await pair.become(401, ME, bearer(tokens["access_token"]), "deactivated")


async def test_a_process_that_starts_later_knows_what_was_revoked(pair: Pair, account: Json, tmp_path: Path) -> None:
    tokens = await login(pair.first, account["email"])
    await pair.first.post(f"{AUTH}/logout", json={"refresh_token": tokens["refresh_token"]})
    async with api(pair.shop.settings, tmp_path / "third.log") as (_, third):
        del third.headers["X-API-Key"]
        expect_problem(await third.get(ME, headers=bearer(tokens["access_token"])), 401, "invalid_token")


async def test_a_listener_that_was_cut_off_catches_up(pair: Pair, account: Json) -> None:
    tokens = await login(pair.first, account["email"])
    headers = bearer(tokens["access_token"])
    await pair.become(200, ME, headers, "signed in")
    await pair.shop.execute(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%account_session WHERE revoked_at >%'
        """
    )
    await pair.first.post(f"{AUTH}/logout", json={"refresh_token": tokens["refresh_token"]})

    async def check() -> bool:
        return all([(await client.get(ME, headers=headers)).status_code == 401 for client in pair.both])

    await eventually(check, "signed out, through lost listeners", seconds=5)
