"""Limits right across processes."""

from collections.abc import AsyncIterator

import pytest

from mercato.devstack import Stack
from mercato.platform.policies import Policy
from tests.support.fleet import EXACT, LEASED, Api, fleet, send, statuses
from tests.support.installation import ADMIN, new_installation

PROCESSES = 4
BLOCK = Policy(name="search", rate=LEASED, is_exact=False).block


@pytest.fixture(scope="module")
async def apis(stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Api]]:
    """Four of them, with limits that a test can reach."""
    folder = tmp_path_factory.mktemp("fleet")
    async with new_installation(stack, template, media_dir=folder / "media") as shop:
        await shop.drain()
        async with fleet(shop, folder, PROCESSES) as running:
            yield running


async def test_an_exact_limit_lets_exactly_so_many_through_all_processes(apis: list[Api]) -> None:
    caller = {"X-API-Key": "nobody's", "X-Forwarded-For": "198.51.100.1"}
    answers = await send(apis, "POST", "/api/v1/brands", total=4 * EXACT.limit, headers=caller)
    assert statuses(answers) == {401: EXACT.limit, 429: 3 * EXACT.limit}


async def test_an_exact_limit_counts_a_key_whatever_the_process_and_address(apis: list[Api]) -> None:
    answers = await send(apis, "POST", "/api/v1/brands", total=2 * EXACT.limit, headers=ADMIN)
    assert statuses(answers) == {201: EXACT.limit, 429: EXACT.limit}


async def test_a_leased_limit_lets_through_at_most_a_block_a_process_more(apis: list[Api]) -> None:
    caller = {"X-Forwarded-For": "198.51.100.2", "X-API-Key": ADMIN["X-API-Key"]}
    answers = await send(apis, "GET", "/api/v1/search", total=3 * LEASED.limit, headers=caller)
    passed = statuses(answers)[200]
    assert statuses(answers).keys() == {200, 429}
    assert LEASED.limit - PROCESSES * BLOCK <= passed <= LEASED.limit + PROCESSES * BLOCK
    more = await send(apis, "GET", "/api/v1/search", total=LEASED.limit, headers=caller)
    assert passed + statuses(more)[200] <= LEASED.limit + PROCESSES * BLOCK


async def test_refusals_of_a_leased_limit_agree_when_to_come_back(apis: list[Api]) -> None:
    caller = {"X-Forwarded-For": "198.51.100.3"}
    answers = await send(apis, "GET", "/api/v1/search", total=2 * LEASED.limit, headers=caller | ADMIN)
    refused = [answer for answer in answers if answer.status_code == 429]
    for answer in refused:
        assert 1 <= int(answer.headers["retry-after"]) <= LEASED.period
