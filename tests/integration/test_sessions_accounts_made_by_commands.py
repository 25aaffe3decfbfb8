"""Accounts made at the command line: the first admin, a forgotten password, and those of the demo."""

import httpx
import pytest

from tests.support.command import Command
from tests.support.installation import Installation, environment_of
from tests.support.people import AUTH, PASSWORD, bearer, login, register, unique_email


async def run(
    shop: Installation, *arguments: str, password: str | None = PASSWORD, **variables: str
) -> tuple[int, str]:
    """Exit code and output of a `mercato` command."""
    environment = environment_of(shop.settings) | variables
    if password is not None:
        environment["MERCATO_ADMIN_PASSWORD"] = password
    command = await Command.start(*arguments, environment=environment)
    return await command.ends(), command.output


async def role_of(shop: Installation, email: str, password: str = PASSWORD) -> str:
    tokens = await login(shop.client, email, password)
    me: httpx.Response = await shop.client.get(f"{AUTH}/me", headers=bearer(tokens["access_token"]))
    return str(me.json()["role"])


async def test_the_first_admin_is_made_by_a_command(shared_shop: Installation) -> None:
    email = unique_email()
    assert await run(shared_shop, "admin", "create", "--email", email) == (0, f"{email} is an admin.\n")
    assert await role_of(shared_shop, email) == "admin"
    code, output = await run(shared_shop, "admin", "create", "--email", email.upper())
    assert code == 1
    assert "--promote" in output


async def test_an_account_becomes_an_admin_and_keeps_its_password(shared_shop: Installation) -> None:
    account = await register(shared_shop.client)
    code, _ = await run(shared_shop, "admin", "create", "--email", account["email"], "--promote", password=None)
    assert code == 0
    assert await role_of(shared_shop, account["email"]) == "admin"
    code, output = await run(shared_shop, "admin", "create", "--email", "nobody@example.com", "--promote")
    assert (code, output) == (1, "There is no account with the address nobody@example.com.\n")


async def test_a_forgotten_password_is_replaced_and_sessions_end(shared_shop: Installation) -> None:
    account = await register(shared_shop.client)
    tokens = await login(shared_shop.client, account["email"])
    assert (await run(shared_shop, "admin", "password", "--email", account["email"], password="another one"))[0] == 0
    assert await role_of(shared_shop, account["email"], "another one") == "buyer"
    refreshed = await shared_shop.client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 401


@pytest.mark.parametrize(("email", "password"), [("nobody", PASSWORD), ("a@example.com", "short")])
async def test_unusable_addresses_and_passwords_are_refused(
    shared_shop: Installation, email: str, password: str
) -> None:
    code, output = await run(shared_shop, "admin", "create", "--email", email, password=password)
    assert code in {1, 2}
    assert "Traceback" not in output


async def test_the_demo_brings_its_accounts_and_the_seller_products(empty_shop: Installation) -> None:
    for _ in range(2):
        code, output = await run(empty_shop, "seed", "--products", "30")
        assert code == 0, output
    for role in ("admin", "seller", "buyer"):
        assert await role_of(empty_shop, f"{role}@example.com", "mercato-demo") == role
    users = (await empty_shop.admin.get("/api/v1/users", params={"role": "seller"})).json()["items"]
    listed = await empty_shop.admin.get("/api/v1/products", params={"seller": users[0]["id"]})
    assert len(listed.json()["items"]) == 3


async def test_in_production_the_demo_brings_no_accounts(empty_shop: Installation) -> None:
    code, output = await run(empty_shop, "seed", "--products", "3", MERCATO_ENV="production")
    assert code == 0, output
    assert (await empty_shop.admin.get("/api/v1/users")).json()["items"] == []
