"""Guessing passwords: failures are counted by account and address, and nobody can be locked out for ever."""

from collections.abc import AsyncIterator

import httpx
import pytest

from mercato.devstack import Stack
from mercato.identity.lockout import ACCOUNT_LIMIT, ADDRESS_LIMIT, PAIR_LIMIT, PAIR_S
from mercato.platform.address import ProxyNetworks
from tests.support.answers import at_once, expect_problem
from tests.support.installation import Installation, new_installation
from tests.support.people import AUTH, PASSWORD, register, unique_email

LOGIN = f"{AUTH}/login"


@pytest.fixture(scope="module")
async def shop(stack: Stack, template: str) -> AsyncIterator[Installation]:
    """A shop behind a proxy, so that tests choose the address they come from."""
    async with new_installation(stack, template, trusted_proxies=ProxyNetworks("127.0.0.1")) as made:
        yield made


@pytest.fixture
async def email(shop: Installation) -> str:
    return str((await register(shop.client))["email"])


async def attempt(shop: Installation, email: str, password: str, address: str) -> httpx.Response:
    """One try to sign in from an address."""
    body = {"email": email, "password": password}
    return await shop.client.post(LOGIN, json=body, headers={"X-Forwarded-For": address})


async def pretend_failures(shop: Installation, pattern: str, count: int) -> None:
    """Raise the counters that match, as so many more failures would."""
    prefix = shop.settings.search_index_prefix
    async for key in shop.resources.valkey.scan_iter(match=f"{prefix}lockout:{pattern}"):
        await shop.resources.valkey.incrby(key, count)


async def test_after_five_wrong_passwords_not_even_the_right_one_is_tried_from_there(
    shop: Installation, email: str
) -> None:
    for _ in range(PAIR_LIMIT):
        expect_problem(await attempt(shop, email, "wrong password", "192.0.2.1"), 401, "invalid_credentials")
    refused = await attempt(shop, email, PASSWORD, "192.0.2.1")
    expect_problem(refused, 429, "too_many_attempts")
    assert 0 < int(refused.headers["retry-after"]) <= PAIR_S
    # Elsewhere the owner signs in.
    assert (await attempt(shop, email, PASSWORD, "192.0.2.2")).status_code == 200


async def test_accounts_that_do_not_exist_are_counted_alike(shop: Installation) -> None:
    email = unique_email()
    for _ in range(PAIR_LIMIT):
        expect_problem(await attempt(shop, email, "wrong password", "192.0.2.3"), 401, "invalid_credentials")
    expect_problem(await attempt(shop, email, "wrong password", "192.0.2.3"), 429, "too_many_attempts")


async def test_guesses_that_come_at_once_are_no_more_than_those_one_by_one(shop: Installation, email: str) -> None:
    answers = await at_once(*[lambda: attempt(shop, email, "wrong password", "192.0.2.4")] * 30)
    assert sorted(answer.status_code for answer in answers) == [401] * PAIR_LIMIT + [429] * (30 - PAIR_LIMIT)


async def test_the_right_password_forgets_the_wrong_ones(shop: Installation, email: str) -> None:
    for _ in range(3):
        for _ in range(PAIR_LIMIT - 1):
            expect_problem(await attempt(shop, email, "wrong password", "192.0.2.5"), 401, "invalid_credentials")
        assert (await attempt(shop, email, PASSWORD, "192.0.2.5")).status_code == 200


async def test_one_address_that_tries_many_accounts_has_to_wait(shop: Installation, email: str) -> None:
    await attempt(shop, unique_email(), "wrong password", "192.0.2.6")
    await pretend_failures(shop, "address:192.0.2.6", ADDRESS_LIMIT - 1)
    expect_problem(await attempt(shop, email, PASSWORD, "192.0.2.6"), 429, "too_many_attempts")
    assert (await attempt(shop, email, PASSWORD, "192.0.2.7")).status_code == 200


async def test_many_addresses_that_try_one_account_do_not_lock_its_owner_out(shop: Installation, email: str) -> None:
    assert (await attempt(shop, email, PASSWORD, "192.0.2.8")).status_code == 200
    await attempt(shop, email, "wrong password", "192.0.2.9")
    await pretend_failures(shop, "account:*", ACCOUNT_LIMIT)
    expect_problem(await attempt(shop, email, PASSWORD, "192.0.2.10"), 429, "too_many_attempts")
    assert (await attempt(shop, email, PASSWORD, "192.0.2.8")).status_code == 200


async def test_every_count_ends_by_itself(shop: Installation, email: str) -> None:
    await attempt(shop, email, "wrong password", "192.0.2.11")
    prefix, seen = shop.settings.search_index_prefix, 0
    async for key in shop.resources.valkey.scan_iter(match=f"{prefix}lockout:*"):
        assert await shop.resources.valkey.ttl(key) > 0
        seen += 1
    assert seen >= 3


async def test_the_addresses_of_one_ipv6_customer_are_one(shop: Installation, email: str) -> None:
    for number in range(PAIR_LIMIT):
        answer = await attempt(shop, email, "wrong password", f"2001:db8:1:2::{number}")
        expect_problem(answer, 401, "invalid_credentials")
    expect_problem(await attempt(shop, email, PASSWORD, "2001:db8:1:2:ffff::1"), 429, "too_many_attempts")
    assert (await attempt(shop, email, PASSWORD, "2001:db8:1:3::1")).status_code == 200
