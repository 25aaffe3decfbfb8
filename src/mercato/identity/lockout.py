"""Sign-ins that fail too often have to wait: counted in Valkey, always for a limited time.

Three counts: by account and address (a person who forgot), by address (one machine trying many accounts), by account (many
machines trying one). The last one does not bind addresses from which the account has signed in before, so nobody can keep
its owner out by failing on purpose. Accounts are counted by the address typed, whether or not it exists.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256

import anyio
from valkey.asyncio import Valkey
from valkey.commands.core import AsyncScript
from valkey.exceptions import ValkeyError

from mercato.identity.problems import TooManyAttempts
from mercato.platform.logging import get_logger

PAIR_LIMIT, PAIR_S = 5, 15 * 60
ADDRESS_LIMIT, ADDRESS_S = 50, 15 * 60
ACCOUNT_LIMIT, ACCOUNT_S = 100, 60 * 60
MAX_WAITING = 100
"""Tries at one account that may wait for their turn."""
UNREACHABLE = (ValkeyError, OSError)
KNOWN_S = 90 * 24 * 60 * 60
"""How long an address from which somebody signed in counts as theirs."""

_CHECK = """
local wait = 0
for i = 1, 3 do
    local owns = i == 3 and redis.call('EXISTS', KEYS[4]) == 1
    if not owns and tonumber(redis.call('GET', KEYS[i]) or '0') >= tonumber(ARGV[i]) then
        wait = math.max(wait, redis.call('TTL', KEYS[i]), 1)
    end
end
return wait
"""
_FAILURE = """
for i = 1, 3 do
    if redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[i]) end
end
return 0
"""

_log = get_logger()


class Attempt:
    """One try; `succeeded` is for the caller to set."""

    succeeded = False


class Lockout:
    """Counts failures. Without Valkey nothing is limited, and that is logged."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey, self._prefix = valkey, prefix
        self._check = valkey.register_script(_CHECK)
        self._failure = valkey.register_script(_FAILURE)
        self._turns: dict[str, anyio.Lock] = {}

    @asynccontextmanager
    async def attempt(self, account: str, address: str) -> AsyncIterator[Attempt]:
        """Try a password inside of the block; raises 429 before it when there were too many failures.

        Tries at one account take turns in this process: however many come at once, each knows how those before it ended.
        """
        async with self._turn(account):
            keys = self._keys(account, address)
            wait = await self._run(self._check, keys, (PAIR_LIMIT, ADDRESS_LIMIT, ACCOUNT_LIMIT))
            if wait > 0:
                raise TooManyAttempts(wait)
            attempt = Attempt()
            yield attempt
            if attempt.succeeded:
                await self._note_success(keys)
            else:
                await self._run(self._failure, keys, (PAIR_S, ADDRESS_S, ACCOUNT_S))

    @asynccontextmanager
    async def _turn(self, account: str) -> AsyncIterator[None]:
        lock = self._turns.setdefault(account, anyio.Lock())
        if lock.statistics().tasks_waiting >= MAX_WAITING:
            raise TooManyAttempts(1)
        try:
            async with lock:
                yield
        finally:
            if not lock.locked() and not lock.statistics().tasks_waiting:
                self._turns.pop(account, None)

    async def _run(self, script: AsyncScript, keys: list[str], arguments: Sequence[int]) -> int:
        try:
            return int(await script(keys=keys, args=list(arguments)))
        except UNREACHABLE as error:
            _log.warning("lockout_unavailable", error=type(error).__name__)
            return 0

    async def _note_success(self, keys: list[str]) -> None:
        try:
            async with self._valkey.pipeline(transaction=False) as pipeline:
                pipeline.delete(keys[0])
                pipeline.set(keys[3], "1", ex=KNOWN_S)
                await pipeline.execute()
        except UNREACHABLE as error:
            _log.warning("lockout_unavailable", error=type(error).__name__)

    def _keys(self, account: str, address: str) -> list[str]:
        who = sha256(account.encode()).hexdigest()[:32]
        return [
            f"{self._prefix}lockout:pair:{who}:{address}",
            f"{self._prefix}lockout:address:{address}",
            f"{self._prefix}lockout:account:{who}",
            f"{self._prefix}lockout:known:{who}:{address}",
        ]
