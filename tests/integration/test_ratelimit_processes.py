"""Limits right across processes, and nobody limited while Valkey is away."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from mercato.devstack import Stack
from mercato.platform.policies import Policy
from mercato.platform.rates import Rate
from tests.support.builders import unique
from tests.support.installation import ADMIN, Installation, new_installation
from tests.support.processes import MercatoProcess, api, eventually

PROCESSES = 4
EXACT, LEASED = Rate("50/7200"), Rate("200/7200")
BLOCK = Policy(name="search", rate=LEASED, is_exact=False).block
LIMITS = {
    "MERCATO_LIMIT_WRITES": str(EXACT),
    "MERCATO_LIMIT_SEARCH": str(LEASED),
    "MERCATO_TRUSTED_PROXIES": "127.0.0.1",
}

Api = tuple[MercatoProcess, httpx.AsyncClient]


@asynccontextmanager
async def fleet(shop: Installation, folder: Path, size: int) -> AsyncIterator[list[Api]]:
    """So many api processes of one installation."""
    async with AsyncExitStack() as running:
        starting = [
            running.enter_async_context(api(shop.settings, folder / f"api{n}.log", **LIMITS)) for n in range(size)
        ]
        yield [await process for process in starting]


@pytest.fixture(scope="module")
async def apis(stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Api]]:
    """Four of them, with limits that a test can reach."""
    folder = tmp_path_factory.mktemp("fleet")
    async with new_installation(stack, template, media_dir=folder / "media") as shop:
        await shop.drain()
        async with fleet(shop, folder, PROCESSES) as running:
            yield running


async def send(
    clients: list[Api], method: str, path: str, *, total: int, headers: dict[str, str]
) -> list[httpx.Response]:
    """Requests to all processes at once, taking turns."""

    async def one(number: int) -> httpx.Response:
        client = clients[number % len(clients)][1]
        return await client.request(
            method, path, headers=headers, json={"name": unique("B")} if method == "POST" else None
        )

    return await asyncio.gather(*(one(number) for number in range(total)))


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


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


async def test_valkey_killed_and_restarted(
    breakable_stack: Stack, breakable_shop: Installation, tmp_path: Path
) -> None:
    async with fleet(breakable_shop, tmp_path, 1) as running:
        process, client = running[0]

        async def posts(total: int) -> Counter[int]:
            caller = {"X-API-Key": "nobody's", "X-Forwarded-For": "198.51.100.4"}
            return statuses(await send(running, "POST", "/api/v1/brands", total=total, headers=caller))

        assert await posts(EXACT.limit + 1) == {401: EXACT.limit, 429: 1}

        await breakable_stack.valkey.kill()

        assert await posts(2 * EXACT.limit) == {401: 2 * EXACT.limit}
        searches = await send(running, "GET", "/api/v1/search", total=2 * LEASED.limit, headers=ADMIN)
        assert statuses(searches) == {200: 2 * LEASED.limit}
        assert "ratelimit" not in (await client.get("/api/v1/search")).headers

        await breakable_stack.valkey.start()

        await process.until_logged("rate_limits_on")
        assert (await posts(2 * EXACT.limit))[429] > 0
        assert len(process.events("rate_limits_off")) == 1
        assert process.events("unhandled_exception") == []

        await breakable_stack.valkey.kill()
        assert await posts(EXACT.limit) == {401: EXACT.limit}
        await breakable_stack.valkey.start()
        await process.until_logged("rate_limits_on", times=2)
        assert len(process.events("rate_limits_off")) == 2


async def test_valkey_that_hangs_delays_one_moment_only(
    breakable_stack: Stack, breakable_shop: Installation, tmp_path: Path
) -> None:
    async with fleet(breakable_shop, tmp_path, 1) as running:
        process, client = running[0]
        loop = asyncio.get_running_loop()
        assert (await client.post("/api/v1/brands", json={"name": unique("B")})).status_code == 201
        server = breakable_stack.valkey.process
        assert server is not None
        assert server.pid is not None

        os.kill(server.pid, signal.SIGSTOP)
        try:
            started = loop.time()
            answers = await send(running, "POST", "/api/v1/brands", total=20, headers=ADMIN)
            assert statuses(answers) == {201: 20}
            assert loop.time() - started < 5
            started = loop.time()
            assert statuses(await send(running, "GET", "/api/v1/search", total=50, headers=ADMIN)) == {200: 50}
            assert loop.time() - started < 3
        finally:
            os.kill(server.pid, signal.SIGCONT)

        async def is_limited() -> bool:
            return "ratelimit" in (await client.get("/api/v1/search")).headers

        await eventually(is_limited, "limits again")
        assert len(process.events("rate_limits_off")) == 1
