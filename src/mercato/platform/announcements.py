"""Telling every process what changed, through Valkey's pub/sub, so that answers held in a process (`platform/cache.py`) never outlive it.

A write is announced after its COMMIT and before its answer is sent. Whoever holds answers listens, and pings several times in the
span of a lease: what Valkey published before it answered a ping has come before that answer, on the same connection. So a process
knows up to which moment it has heard of everything, and holds nothing back that is older than the lease. Where an announcement
cannot be made, the write's answer waits until no process can still trust what it has.
"""

import asyncio
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Protocol, cast

import anyio
from prometheus_client import Counter, Histogram
from valkey.asyncio import BlockingConnectionPool, Valkey
from valkey.asyncio.connection import AbstractConnection
from valkey.exceptions import ValkeyError

from mercato.platform.cache import EVERYTHING
from mercato.platform.logging import get_logger

LEASE_S = 0.08
"""How long proof of having heard everything is good for: what another process acknowledged longer ago is never missing."""
PING_S = 0.02
ANSWER_S = 0.1
"""An announcement that takes longer has failed."""
SILENCE_S = 1.0
"""A feed that answers no ping for so long is given up, and made anew."""
RETRY_S = 0.25
MAX_IDS = 500
"""An announcement of more says that everything changed."""
_MAX_CONNECTIONS = 4
_AWAY = (ValkeyError, OSError, TimeoutError)

PUBLISHED = Counter("mercato_announcements", "Announcements of changed products.", ["outcome"])
HEARD = Counter("mercato_announcements_heard", "Announcements of changed products that were heard.")
DELAY = Histogram(
    "mercato_announcement_delay_seconds",
    "From the announcement of a change until this process dropped what it held of it.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
LOST = Counter("mercato_announcement_feed_lost", "Times that the feed of announcements broke off.")

_log = get_logger()


class Holder(Protocol):
    """Holds answers, and forgets them."""

    def open(self) -> None:
        """Changes are announced from now on."""

    def close(self) -> None:
        """Changes may go by unheard."""

    def trust(self, until: float) -> None:
        """Everything announced so far was heard; until this moment (monotonic seconds) that is proof enough."""

    def drop(self, ids: Collection[str]) -> None:
        """These products changed."""


class Announcer:
    """Announces changes of products. `run` makes up for announcements that failed."""

    def __init__(self, valkey_url: str, *, namespace: str = "") -> None:
        """`namespace` holds apart installations that share a Valkey."""
        self.channel = f"{namespace}products"
        pool = BlockingConnectionPool.from_url(
            valkey_url,
            max_connections=_MAX_CONNECTIONS,
            timeout=ANSWER_S,
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
        )
        self._valkey = Valkey.from_pool(pool)
        self._owes = anyio.Event()
        self._is_complained = False

    async def aclose(self) -> None:
        """Close the connections."""
        await self._valkey.aclose()

    async def announce(self, ids: Collection[str]) -> bool:
        """Tell of changed products (none: only lists may differ); False when Valkey did not take it in time.

        What could not be told is made up for by `run`, as soon as Valkey answers.
        """
        try:
            await self._publish((EVERYTHING,) if len(ids) > MAX_IDS or EVERYTHING in ids else ids)
        except _AWAY as error:
            if not self._is_complained:
                self._is_complained = True
                _log.warning("announcement_failed", error=type(error).__name__)
            self._owes.set()
            return False
        return True

    async def run(self) -> None:
        """Whenever something could not be told, tell that everything changed until that succeeds; runs until cancelled."""
        while True:
            await self._owes.wait()
            await anyio.sleep(RETRY_S)
            self._owes = anyio.Event()  # what fails from now on is owed once more
            try:
                await self._publish((EVERYTHING,))
            except _AWAY:
                self._owes.set()
            else:
                self._is_complained = False
                _log.info("announcements_caught_up")

    async def _publish(self, told: Collection[str]) -> None:
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._valkey.publish(self.channel, " ".join([repr(time.time()), *told]))
        except _AWAY:
            PUBLISHED.labels("failed").inc()
            raise
        PUBLISHED.labels("made").inc()


class Feed:
    """Hears announcements and tells the holder."""

    def __init__(self, announcer: Announcer, valkey_url: str, holder: Holder) -> None:
        self._channel, self._url, self._holder = announcer.channel, valkey_url, holder
        self._is_complained = False
        self.proof_until = 0.0
        """How long the newest proof of having heard everything is good for (monotonic seconds); stays when the feed is lost."""

    async def run(self) -> None:
        """Listen until cancelled, through lost connections."""
        while True:
            try:
                await self._listen()
            except _AWAY as error:
                if not self._is_complained:
                    _log.warning("hot_reads_off", error=type(error).__name__, reason="the feed from Valkey is lost")
                self._is_complained = True
            except Exception:  # noqa: BLE001 - a defect here must not end the whole API; it is logged
                _log.exception("feed_crashed")
            await anyio.sleep(RETRY_S)

    async def _listen(self) -> None:
        client = Valkey.from_url(self._url, socket_timeout=SILENCE_S, socket_connect_timeout=SILENCE_S)
        connection = client.connection_pool.make_connection()
        try:
            await connection.connect()
            await connection.send_command("SUBSCRIBE", self._channel, check_health=False)
            _subscribed = await connection.read_response()
            # Whatever is announced from here on reaches us, or breaks the connection off.
            self._holder.open()
            self._note_found()
            pinging = asyncio.create_task(_ping(connection))
            try:
                await self._hear(connection)
            finally:
                # It ends with the connection, too: a cancellation is lost that arrives as a write ends (`wait_for` of Python 3.11).
                await _hang_up(connection)
                pinging.cancel()
                await asyncio.gather(pinging, return_exceptions=True)
        finally:
            self._holder.close()
            LOST.inc()
            await _hang_up(connection)
            await client.aclose()

    async def _hear(self, connection: AbstractConnection) -> None:
        # `read_response` gives up after SILENCE_S: pings are answered far more often than that.
        while True:
            reply = cast("Sequence[bytes]", await connection.read_response())
            if reply[0] == b"pong":
                self.proof_until = float(reply[1]) + LEASE_S
                self._holder.trust(self.proof_until)
            elif reply[0] == b"message":
                self._drop(reply[2].decode())

    def _drop(self, message: str) -> None:
        announced_at, *ids = message.split(" ")
        self._holder.drop(ids)
        HEARD.inc()
        with suppress(ValueError):
            DELAY.observe(max(0.0, time.time() - float(announced_at)))

    def _note_found(self) -> None:
        if self._is_complained:
            self._is_complained = False
            _log.info("hot_reads_on")


async def _hang_up(connection: AbstractConnection) -> None:
    with suppress(*_AWAY):
        await connection.disconnect(nowait=True)


async def _ping(connection: AbstractConnection) -> None:
    """Each ping carries the moment at which it was sent, and its answer brings that back."""
    # On a lost connection `send_command` would make a new one, which has not subscribed to anything.
    while connection.is_connected:
        await connection.send_command("PING", repr(time.monotonic()), check_health=False)
        await asyncio.sleep(PING_S)


class Changes:
    """What a transaction of this process changed, told to this process at once and to all others before the answer is sent."""

    def __init__(self, announcer: Announcer, feed: Feed, holder: Holder) -> None:
        self._announcer, self._feed, self._holder = announcer, feed, holder

    async def committed(self, ids: Collection[str]) -> None:
        """These products changed (with none, only lists may differ). When this returns, no process gives older answers."""
        self._holder.drop(ids)
        if await self._announcer.announce(ids):
            return
        # Nobody was told. Then others get no answers to their pings either: wait until the proof that they have is too old.
        # Our own, which is at most one ping older, shows when that is.
        rest = self._feed.proof_until + 2 * PING_S - time.monotonic()
        await asyncio.sleep(min(max(0.0, rest), LEASE_S + 2 * PING_S))
