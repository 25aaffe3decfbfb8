"""Valkey killed or hanging: nobody is limited, the log says so once, and limits come back."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

from mercato.devstack import Stack
from tests.support.builders import unique
from tests.support.fleet import EXACT, LEASED, fleet, send, statuses
from tests.support.installation import ADMIN, Installation
from tests.support.processes import eventually


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
