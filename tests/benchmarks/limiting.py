"""What limits cost: an exact one by itself, a leased one in requests a second, each beside the same without it."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from uuid import UUID

from mercato.platform.policies import Policy
from mercato.platform.ratelimit import RateLimiter
from mercato.platform.rates import Rate
from mercato.platform.settings import Settings
from tests.benchmarks.client import make_request, measure_rate
from tests.benchmarks.figures import Report, absolute, median, ratio
from tests.benchmarks.site import Site
from tests.support.processes import api

CONNECTIONS = 16
CHECKS = 2_000
MOST_MS = 0.5
LEAST = 0.95
PLENTY = "900000/60"
_READ_EACH_TIME = {"MERCATO_LOG_LEVEL": "error", "MERCATO_HOT_READS_MB": "0"}
"""What a limit costs is judged by reads of the database; those from memory have a bar of their own, with limits."""


async def measure_limiting(
    site: Site, report: Report, settings: Settings, ids: Sequence[UUID], *, rounds: int, seconds: float
) -> None:
    """An exact check in milliseconds; products a second with a leased limit and with none, in turns."""
    report.rows.append(absolute("an exact limit, median", "ms", await _exact_ms(settings), at_most=MOST_MS))
    with_limit: list[float] = []
    without: list[float] = []
    async with AsyncExitStack() as stack:
        ports = []
        for rate in (PLENTY, "off"):
            server, _ = await stack.enter_async_context(
                api(settings, site.log("limited"), MERCATO_LIMIT_READS=rate, **_READ_EACH_TIME)
            )
            ports.append(int(server.url.rpartition(":")[2]))
        for _ in range(rounds):
            for port, rates in zip(ports, (with_limit, without), strict=True):
                requests = [make_request("GET", f"/api/v1/products/{key}", port=port) for key in ids]
                rates.append(await measure_rate(port, requests, connections=CONNECTIONS, seconds=seconds))
    # Of neighbouring rounds: what else the machine does changes more from round to round than a limit costs.
    share = median([limited / free for limited, free in zip(with_limit, without, strict=True)])
    report.rows.append(
        ratio(
            f"product by id under a leased limit, {CONNECTIONS} connections",
            "req/s",
            share * median(without),
            median(without),
            "the same without a limit",
            at_least=LEAST,
        )
    )


async def _exact_ms(settings: Settings) -> float:
    policy = Policy(name="writes", rate=Rate(PLENTY), is_exact=True)
    limiter = RateLimiter(settings.valkey_url, [policy], namespace="bench:")
    times = []
    for _ in range(CHECKS):
        started = time.perf_counter()
        verdict = await limiter.check(policy, "somebody")
        times.append((time.perf_counter() - started) * 1000)
        if verdict is None:
            raise RuntimeError("Valkey does not answer")
    await limiter.aclose()
    return median(times)
