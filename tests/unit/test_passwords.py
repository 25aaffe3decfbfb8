"""Passwords and e-mail addresses."""

import time

import pytest
from argon2 import PasswordHasher

from mercato.identity.emails import comparable, normalize
from mercato.identity.passwords import Passwords
from mercato.platform.problems import InvalidInput, Unavailable
from tests.support.answers import at_once

pytestmark = pytest.mark.anyio


async def test_a_hash_says_its_parameters_and_differs_each_time() -> None:
    passwords = Passwords()
    first, second = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    for stored in (first, second):
        verdict = await passwords.verify("correct horse", stored)
        assert (verdict.is_right, verdict.is_outdated) == (True, False)
        assert not (await passwords.verify("Correct horse", stored)).is_right


@pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$broken", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_no_password_fits_what_is_no_hash(stored: str | None) -> None:
    assert not (await Passwords().verify("correct horse", stored)).is_right


async def test_a_hash_of_other_parameters_is_right_and_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("correct horse")
    verdict = await Passwords().verify("correct horse", weak)
    assert (verdict.is_right, verdict.is_outdated) == (True, True)


async def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    passwords = Passwords(threads=1)
    stored = await passwords.hash("correct horse")

    async def best(hashed: str | None) -> float:
        times = []
        for _ in range(8):
            began = time.perf_counter()
            await passwords.verify("wrong", hashed)
            times.append(time.perf_counter() - began)
        return min(times)

    known, unknown = await best(stored), await best(None)
    assert 0.5 < known / unknown < 2


async def test_when_too_many_wait_more_are_turned_away() -> None:
    passwords = Passwords(threads=1)
    stored = await passwords.hash("correct horse")

    async def outcome() -> bool:
        try:
            return (await passwords.verify("correct horse", stored)).is_right
        except Unavailable:
            return False

    outcomes = await at_once(*[outcome] * 120)
    assert sum(outcomes) == 100


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  ada@example.com ", "ada@example.com"),
        ("jose\u0301@example.com", "jos\u00e9@example.com"),
        ("STRASSE@example.com", "straße@example.com"),
        ("\uff41da@example.com", "ada@example.com"),
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_two_ways_of_writing_one_address_compare_equal(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


def test_different_addresses_do_not() -> None:
    addresses = ["ada@example.com", "a.da@example.com", "ada+x@example.com", "ada@example.org", "adä@example.com"]
    assert len({comparable(address) for address in addresses}) == len(addresses)


@pytest.mark.parametrize("text", ["", "@", "ada", "ada@", "ada@localhost", "a\nb@example.com", "<ada@example.com>"])
def test_what_is_no_address_is_refused_and_still_compared(text: str) -> None:
    with pytest.raises(InvalidInput):
        normalize(text)
    assert isinstance(comparable(text), str)
