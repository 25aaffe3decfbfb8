"""Passwords: argon2id in a bounded number of threads.

19 MiB of memory, two passes and one lane are what OWASP's Password Storage Cheat Sheet asks for at least; a verification costs
28 ms of processor here, and its memory is bounded by the number of threads.
"""

import os
import unicodedata
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

import anyio.to_thread
import msgspec
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw
from msgspec import Meta

from mercato.platform.problems import Unavailable
from mercato.platform.text import END

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
HASH_BYTES = 32
SALT_BYTES = 16
MAX_WAITING = 100
"""Passwords that may be at work or wait for a thread (some three seconds' worth on two processors); more are turned away."""

_PATTERN = rf"^[^\x00-\x1f\x7f]*{END}"
NewPassword = Annotated[
    str, Meta(min_length=8, max_length=256, pattern=_PATTERN, description="8 to 256 characters, no rules beyond that.")
]
Password = Annotated[str, Meta(max_length=256)]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a password is right, and if so whether its hash was made with other parameters than today's."""

    is_right: bool
    is_outdated: bool = False


class Passwords:
    """Hashes and verifies, a few at a time."""

    def __init__(self, threads: int | None = None) -> None:
        self._limiter = CapacityLimiter(threads or os.cpu_count() or 1)
        self._inside = 0
        self._hasher = PasswordHasher(
            time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, hash_len=HASH_BYTES, salt_len=SALT_BYTES
        )
        self._nobodys = (
            f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${_base64(SALT_BYTES)}${_base64(HASH_BYTES)}"
        )

    async def hash(self, password: str) -> str:
        """A hash to store, with its parameters and a salt of its own."""
        async with self._place():
            return await anyio.to_thread.run_sync(self._hasher.hash, _comparable(password), limiter=self._limiter)

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Whether the password made the stored hash; for None the same work is done for nothing, so that time tells nothing."""
        async with self._place():
            return await anyio.to_thread.run_sync(self._verify, _comparable(password), stored, limiter=self._limiter)

    async def stretch(self, secret: bytes, salt: bytes) -> bytes:
        """A digest of a secret as hard to guess from as a hash of a password, but the same each time."""
        digest = partial(
            hash_secret_raw,
            time_cost=PASSES,
            memory_cost=MEMORY_KIB,
            parallelism=LANES,
            hash_len=HASH_BYTES,
            type=Type.ID,
        )
        async with self._place():
            return await anyio.to_thread.run_sync(digest, secret, salt, limiter=self._limiter)

    def _verify(self, password: str, stored: str | None) -> Verdict:
        try:
            self._hasher.verify(stored or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return Verdict(is_right=False)
        return Verdict(is_right=stored is not None, is_outdated=self._hasher.check_needs_rehash(stored or ""))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        # Not the limiter's own count: tasks join its queue only after they have yielded, so a burst would pass unseen.
        if self._inside >= MAX_WAITING:
            raise Unavailable("Too many people sign in at this moment. Try again in a few seconds.")
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


def _comparable(password: str) -> str:
    # One password typed on two keyboards may be two sequences of code points (NIST SP 800-63B, section 5.1.1.2).
    return unicodedata.normalize("NFKC", password)


def _base64(count: int) -> str:
    return b64encode(bytes(count)).rstrip(b"=").decode()
