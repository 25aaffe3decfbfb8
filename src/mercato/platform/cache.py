"""Answers held in the process, for as long as nothing that they tell of has changed.

What makes it safe are three rules:

- An answer is given only while the process is *trusted*: it has proof, at most `LEASE_S` old, that it has heard of every
  change announced until then (`platform/announcements.py`). Without a feed of announcements nothing is held at all.
- An answer that was being read when a change was announced may show the state before it: it is not kept, and nobody who comes after
  the announcement is given it.
- Each answer has an end: the next moment at which the clock changes it, and a lifetime as the safety net.
"""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

import msgspec

LIFETIME_S = 30.0
"""The longest that a change which nobody announced can go unseen."""
JITTER = 0.3
"""Share of the lifetime that chance takes off, so that what was read together does not end together."""
OVERHEAD_BYTES = 1500
"""What an answer costs beside its body: headers, keys, the entry itself."""
REMEMBERED_CHANGES = 20_000

EVERYTHING = "*"
"""Stands for all ids."""

ValueT = TypeVar("ValueT")


class Reading(msgspec.Struct, Generic[ValueT], frozen=True, kw_only=True):
    """What was read. Without a `size` (bytes) it is not to be kept.

    `about` is the id of the only thing that it tells of; None when any change may concern it. `valid_s`: seconds from when reading
    began until the clock changes it.
    """

    value: ValueT
    size: int | None = None
    about: str | None = None
    valid_s: float | None = None


class _Entry(msgspec.Struct, Generic[ValueT]):
    value: ValueT
    expires_at: float
    size: int
    about: str | None


class _Flight:
    """A reading under way, and those who wait for it."""

    __slots__ = ("waiters",)

    def __init__(self) -> None:
        self.waiters: list[asyncio.Future[object]] = []


class AnswerCache(Generic[ValueT]):
    """The least recently used answers go first when there are more than `max_bytes` of them."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, _Entry[ValueT]] = OrderedDict()
        self._about: dict[str | None, set[str]] = {}
        self._flights: dict[str, _Flight] = {}
        self._is_open = False
        self._trusted_until = 0.0
        self._moment = 0
        """Rises with each announcement: what was begun at an earlier one may be old news."""
        self._floor = 0
        self._changed: OrderedDict[str, int] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    # What the feed of announcements tells.

    def open(self) -> None:
        """From now on every change will be announced. Starts empty."""
        self.drop([EVERYTHING])
        self._is_open = self._max_bytes > 0

    def close(self) -> None:
        """Changes may go by unheard: hold nothing."""
        self._is_open, self._trusted_until = False, 0.0
        self.drop([EVERYTHING])

    def trust(self, until: float) -> None:
        """Everything announced so far was heard; that is proof enough until this moment (monotonic seconds)."""
        if self._is_open:
            self._trusted_until = until

    @property
    def is_trusted(self) -> bool:
        """Whether answers may be given."""
        return time.monotonic() < self._trusted_until

    def drop(self, ids: Iterable[str]) -> None:
        """Things changed: forget what tells of them, and what may."""
        self._moment += 1
        # Whoever comes now must not be given what was read before.
        self._flights = {}
        for changed in ids:
            if changed == EVERYTHING:
                self._entries.clear()
                self._about.clear()
                self._changed.clear()
                self.bytes, self._floor = 0, self._moment
                return
            self._changed[changed] = self._moment
            self._changed.move_to_end(changed)
            self._forget_about(changed)
        self._forget_about(None)
        while len(self._changed) > REMEMBERED_CHANGES:
            _, self._floor = self._changed.popitem(last=False)

    # What readers do.

    def get(self, key: str) -> ValueT | None:
        """The answer, when there is one that may be given now."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        now = time.monotonic()
        if now >= self._trusted_until:
            return None
        if now >= entry.expires_at:
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    async def read(self, key: str, read: Callable[[], Awaitable[Reading[ValueT]]]) -> ValueT:
        """The answer that is held, or else what `read` gives, which is then held.

        Of those who ask for the same at once, one reads for all. Raises what `read` raises.
        """
        while True:
            held = self.get(key)
            if held is not None:
                return held
            flight = self._flights.get(key) if self.is_trusted else None
            if flight is None:
                return await self._lead(key, read)
            waiter: asyncio.Future[object] = asyncio.get_running_loop().create_future()
            flight.waiters.append(waiter)
            shared = await waiter
            if isinstance(shared, Reading):
                value: ValueT = shared.value
                return value

    async def _lead(self, key: str, read: Callable[[], Awaitable[Reading[ValueT]]]) -> ValueT:
        began, started = self._moment, time.monotonic()
        flight = self._flights[key] = _Flight()
        try:
            reading = await read()
        except Exception as error:
            self._land(key, flight, error)
            raise
        except BaseException:
            self._land(key, flight, None)  # cut off: others try for themselves
            raise
        self._keep(key, reading, began=began, started=started)
        self._land(key, flight, reading)
        return reading.value

    def _land(self, key: str, flight: _Flight, outcome: Reading[ValueT] | Exception | None) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        for waiter in flight.waiters:
            if waiter.done():
                continue
            if isinstance(outcome, Exception):
                waiter.set_exception(outcome)
            else:
                waiter.set_result(outcome)

    def _keep(self, key: str, reading: Reading[ValueT], *, began: int, started: float) -> None:
        if reading.size is None or not self._is_open:
            return
        about = reading.about
        last_change = self._moment if about is None else max(self._floor, self._changed.get(about, 0))
        size = reading.size + OVERHEAD_BYTES
        lifetime = LIFETIME_S * (1 - JITTER * random.random())  # noqa: S311 - no secret
        if reading.valid_s is not None:
            lifetime = min(lifetime, reading.valid_s)
        if last_change > began or size > self._max_bytes or lifetime <= 0:
            return
        self._forget(key)
        while self.bytes + size > self._max_bytes:
            self._forget(next(iter(self._entries)))
        self._entries[key] = _Entry(reading.value, started + lifetime, size, about)
        self._about.setdefault(about, set()).add(key)
        self.bytes += size

    def _forget_about(self, about: str | None) -> None:
        for key in tuple(self._about.get(about, ())):
            self._forget(key)

    def _forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self.bytes -= entry.size
        keys = self._about[entry.about]
        keys.discard(key)
        if not keys:
            del self._about[entry.about]
