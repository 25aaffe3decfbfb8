"""Api processes with limits that a test can reach, and many requests to them at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from mercato.platform.rates import Rate
from tests.support.builders import unique
from tests.support.installation import Installation
from tests.support.processes import MercatoProcess, api

EXACT, LEASED = Rate("50/7200"), Rate("200/7200")
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
