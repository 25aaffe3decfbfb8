"""Whether the process lives, and whether what it needs answers."""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Literal

import anyio
import msgspec

CHECK_TIMEOUT_S = 2.0

Check = Callable[[], Awaitable[None]]


class DependencyHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One dependency. Without a required one nothing works; without another one Mercato serves on, degraded."""

    name: str
    status: Literal["up", "down"]
    required: bool
    latency_ms: float
    error: str | None = None


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """`ready`: all is well; `degraded`: serving with less; `unavailable`: send no traffic here."""

    status: Literal["ready", "degraded", "unavailable"]
    dependencies: list[DependencyHealth]


class Liveness(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["live"] = "live"


async def check_readiness(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Readiness:
    """Run all checks at once, each at most two seconds."""
    results: list[DependencyHealth] = []

    async def run(name: str, check: Check, *, is_required: bool) -> None:
        started = time.perf_counter()
        error = None
        try:
            with anyio.fail_after(CHECK_TIMEOUT_S):
                await check()
        except Exception as failure:  # noqa: BLE001 - whatever a client library raises, the dependency is down
            error = type(failure).__name__
        results.append(
            DependencyHealth(
                name=name,
                status="down" if error else "up",
                required=is_required,
                latency_ms=round((time.perf_counter() - started) * 1000, 2),
                error=error,
            )
        )

    async with anyio.create_task_group() as group:
        for name, check in required.items():
            group.start_soon(partial(run, is_required=True), name, check)
        for name, check in optional.items():
            group.start_soon(partial(run, is_required=False), name, check)
    results.sort(key=lambda result: result.name)
    if any(result.status == "down" and result.required for result in results):
        return Readiness(status="unavailable", dependencies=results)
    is_degraded = any(result.status == "down" for result in results)
    return Readiness(status="degraded" if is_degraded else "ready", dependencies=results)
