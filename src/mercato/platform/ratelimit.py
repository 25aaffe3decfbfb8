"""Counting requests in Valkey, right across processes, and not limiting at all while Valkey is away.

Both kinds of policy use one script: the generic cell rate algorithm (GCRA), whose whole state is one moment per caller, taken from
Valkey's clock. It grants up to the number of requests asked for.
"""

import asyncio
import math
import time
from collections.abc import Coroutine, Iterable
from typing import cast

import msgspec
from prometheus_client import Counter
from valkey.asyncio import BlockingConnectionPool, Valkey
from valkey.exceptions import ValkeyError

from mercato.platform.logging import get_logger
from mercato.platform.policies import Policy, PolicyName

THROTTLED = Counter("mercato_http_requests_throttled", "HTTP requests refused with 429.", ["policy"])

_GRANT = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local interval, limit, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local available = math.floor((now + limit * interval - full_at) / interval)
local granted = math.max(0, math.min(wanted, available))
if granted > 0 then
    full_at = full_at + granted * interval
    redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000) + 1)
end
local retry = 0
if granted < wanted then
    retry = full_at - now - (limit - 1) * interval
end
return {granted, math.max(0, available - granted), full_at - now, retry}
"""
"""Grants up to ARGV[3] of the requests that the caller has left. `full_at` is when all of them have grown back. Numbers are whole
microseconds, exact in Lua's floating point; returns granted, left, time until full, time until the next single one."""

_MICROSECOND = 1e-6
_ANSWER_S = 1.0
"""Longer than any healthy answer takes on a busy machine; after it Valkey counts as away."""
_PROBE_S = 1.0
_PROBE_INTERVAL_US = 1000
_MAX_CONNECTIONS = 16
_MAX_LEASES = 20_000
"""Callers that a process holds leases for; beyond it the idle ones are forgotten, then the oldest."""

_log = get_logger()


class Verdict(msgspec.Struct, frozen=True):
    """Whether a request may run, and what its caller is told. Times in seconds from now."""

    policy: Policy
    is_allowed: bool
    remaining: int
    full_s: float
    """Until all requests of the rate are there again."""
    retry_s: float = 0.0
    """Of a refused request: until another try may succeed."""

    @property
    def retry_after_s(self) -> int:
        """`retry_s` in whole seconds, at least one."""
        return max(1, math.ceil(self.retry_s))

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10)."""
        policy = self.policy
        now = f'"{policy.name}";r={self.remaining};t={math.ceil(self.full_s)}'
        return ((b"ratelimit-policy", policy.header), (b"ratelimit", now.encode()))


class _Grant(msgspec.Struct, frozen=True, array_like=True):
    granted: int
    left: int
    full_us: int
    retry_us: int


class _Lease:
    """What this process holds of one caller's requests.

    `balance` is what was granted less what was let through. It may fall to minus one block: that credit is why nobody waits, and
    the next grant pays it back.
    """

    __slots__ = ("balance", "block", "denied_until", "full_at", "left", "renewal", "used_at")

    def __init__(self, limit: int, block: int, now: float) -> None:
        self.balance = 0
        self.block = block
        self.left = limit
        self.full_at = self.used_at = now
        self.denied_until = 0.0
        self.renewal: asyncio.Task[None] | None = None


class RateLimiter:
    """Counts by policy and subject (an account, a key, an address). `namespace` holds apart installations that share a Valkey."""

    def __init__(self, valkey_url: str, policies: Iterable[Policy], *, namespace: str = "") -> None:
        self._policies = {policy.name: policy for policy in policies if not policy.rate.is_off}
        self._namespace = namespace
        pool = BlockingConnectionPool.from_url(
            valkey_url, max_connections=_MAX_CONNECTIONS, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S
        )
        self._valkey = Valkey.from_pool(pool)
        self._script = self._valkey.register_script(_GRANT)
        self._leases: dict[tuple[PolicyName, str], _Lease] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._down_since: float | None = None

    async def aclose(self) -> None:
        """End background work and connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._valkey.aclose()

    def policy(self, name: PolicyName) -> Policy | None:
        """The policy of that name; None when it is off."""
        return self._policies.get(name)

    async def check(self, policy: Policy, subject: str) -> Verdict | None:
        """Count one request; None while Valkey is away and nobody is limited."""
        if self._down_since is not None:
            return None
        verdict = await (self._check_exact(policy, subject) if policy.is_exact else self._check_leased(policy, subject))
        if verdict is not None and not verdict.is_allowed:
            THROTTLED.labels(policy.name).inc()
        return verdict

    async def _check_exact(self, policy: Policy, subject: str) -> Verdict | None:
        grant = await self._grant(policy, subject, 1)
        if grant is None:
            return None
        return Verdict(
            policy, grant.granted == 1, grant.left, grant.full_us * _MICROSECOND, grant.retry_us * _MICROSECOND
        )

    async def _check_leased(self, policy: Policy, subject: str) -> Verdict | None:
        now = time.monotonic()
        lease = self._leases.get((policy.name, subject))
        if lease is None:
            lease = self._new_lease(policy, subject, now)
        lease.used_at = now
        while lease.balance <= -lease.block and now >= lease.denied_until:
            # A whole block went by during one round trip, or the blocks are tiny: only now is Valkey waited for.
            await asyncio.shield(self._renewing(policy, subject, lease))
            if self._down_since is not None:
                return None
            now = time.monotonic()
        full_s = max(0.0, lease.full_at - now)
        if now < lease.denied_until:
            return Verdict(policy, False, 0, full_s, lease.denied_until - now)
        lease.balance -= 1
        if lease.balance * 2 < -lease.block:
            _ = self._renewing(policy, subject, lease)
        return Verdict(policy, True, max(0, lease.left + lease.balance), full_s)

    def _new_lease(self, policy: Policy, subject: str, now: float) -> _Lease:
        if len(self._leases) >= _MAX_LEASES:
            self._forget(now)
        lease = self._leases[policy.name, subject] = _Lease(policy.rate.limit, policy.block, now)
        return lease

    def _forget(self, now: float) -> None:
        """Make room. What an idle caller owed has grown back by the end of the period."""
        idle = [key for key, lease in self._leases.items() if now - lease.used_at > self._policies[key[0]].rate.period]
        for key in idle or list(self._leases)[: _MAX_LEASES // 10]:
            del self._leases[key]

    def _renewing(self, policy: Policy, subject: str, lease: _Lease) -> asyncio.Task[None]:
        """The lease's renewal that is under way, started when there is none."""
        if lease.renewal is None:
            lease.renewal = self._start(self._renew(policy, subject, lease))
        return lease.renewal

    async def _renew(self, policy: Policy, subject: str, lease: _Lease) -> None:
        try:
            wanted = lease.block - lease.balance
            grant = await self._grant(policy, subject, wanted)
            if grant is None:
                return
            now = time.monotonic()
            lease.balance += grant.granted
            lease.left = grant.left
            lease.full_at = now + grant.full_us * _MICROSECOND
            if grant.granted < wanted and lease.balance <= 0:
                debt_us = -lease.balance * policy.rate.interval_us
                lease.denied_until = now + (grant.retry_us + debt_us) * _MICROSECOND
        finally:
            lease.renewal = None

    async def _grant(self, policy: Policy, subject: str, wanted: int) -> _Grant | None:
        if self._down_since is not None:
            return None
        rate = policy.rate
        key = f"{self._namespace}limit:{policy.name}:{rate}:{subject}"
        try:
            answer = await self._script(keys=[key], args=[rate.interval_us, rate.limit, wanted])
        except (ValkeyError, OSError, TimeoutError) as error:
            self._lost(error)
            return None
        return msgspec.convert(answer, _Grant)

    def _lost(self, error: Exception) -> None:
        """Note an outage, once; requests that were under way when it began come here too."""
        if self._down_since is None:
            self._down_since = time.monotonic()
            _log.warning("rate_limits_off", error=type(error).__name__, reason="Valkey does not answer")
            _ = self._start(self._return())

    async def _return(self) -> None:
        while True:
            await asyncio.sleep(_PROBE_S)
            try:
                # The script itself: a server that answers PING but has no memory left, or is a replica, does not do.
                await self._script(keys=[f"{self._namespace}limit:probe"], args=[_PROBE_INTERVAL_US, 1, 1])
            except (ValkeyError, OSError, TimeoutError):
                continue
            seconds = time.monotonic() - cast("float", self._down_since)
            self._down_since = None
            _log.info("rate_limits_on", off_for_s=round(seconds, 1))
            return

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
