"""The policies that routes name, and what they allow in an installation."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from mercato.platform.rates import Rate
from mercato.platform.settings import Settings

PolicyName = Literal["login", "register", "refresh", "writes", "uploads", "search", "suggest", "reads"]

_READS = Rate("6000/60")
_SUGGESTIONS = Rate("12000/60")
"""People type faster than they search."""
_UNTHROTTLED = Rate("600000/60")
"""Of reads outside production, where load tests come from one address: more than a machine answers."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that routes share.

    Exact: each request is counted in Valkey before it runs, so that all processes together let through what the rate says.
    Leased: a process takes blocks of requests from Valkey beforehand, so that a request waits for nothing; all processes together
    may let through one block each beyond the rate.
    """

    name: PolicyName
    rate: Rate
    is_exact: bool
    by_address: bool = False
    """Count by the client's address, whatever credentials it shows: for routes that give credentials out."""

    @property
    def block(self) -> int:
        """Requests that a process takes at once: a twentieth of the rate, at most 500."""
        return max(1, min(self.rate.limit // 20, 500))

    @property
    def header(self) -> bytes:
        """The policy as `RateLimit-Policy` says it."""
        return _header(self.name, self.rate.limit, self.rate.period)


@lru_cache(maxsize=64)
def _header(name: PolicyName, limit: int, period: int) -> bytes:
    return f'"{name}";q={limit};w={period}'.encode()


def make_policies(settings: Settings) -> Sequence[Policy]:
    """What the settings say, and for reads that they leave open what suits the environment."""
    is_production = settings.environment == "production"
    reads, suggestions = (_READS, _SUGGESTIONS) if is_production else (_UNTHROTTLED, _UNTHROTTLED)
    return (
        Policy(name="login", rate=settings.limit_login, is_exact=True, by_address=True),
        Policy(name="register", rate=settings.limit_register, is_exact=True, by_address=True),
        Policy(name="refresh", rate=settings.limit_refresh, is_exact=True, by_address=True),
        Policy(name="writes", rate=settings.limit_writes, is_exact=True),
        Policy(name="uploads", rate=settings.limit_uploads, is_exact=True),
        Policy(name="search", rate=settings.limit_search or reads, is_exact=False),
        Policy(name="suggest", rate=settings.limit_suggest or suggestions, is_exact=False),
        Policy(name="reads", rate=settings.limit_reads or reads, is_exact=False),
    )
