"""A small HTTP/1.1 client: the same one for both sides of a comparison, and light enough not to be what is measured.

It speaks to servers on this machine that state `Content-Length`, over connections that it keeps.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self, cast

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Answer(NamedTuple):
    """Status and body."""

    status: int
    body: bytes


def make_request(
    method: str, path: str, *, port: int, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept-Encoding: identity"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + _END_OF_HEAD + (body or b"")


class _Reader(asyncio.Protocol):
    """Cuts answers out of the stream of bytes."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._buffer = b""
        self._size = -1
        self._head = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if self._size < 0 and not self._read_head():
            return
        if len(self._buffer) >= self._size:
            answer = Answer(int(self._buffer[9:12]), self._buffer[self._head : self._size])
            self._buffer, self._size = self._buffer[self._size :], -1
            self.answered(answer)

    def _read_head(self) -> bool:
        end = self._buffer.find(_END_OF_HEAD)
        if end < 0:
            return False
        head = self._buffer[: end + 2].lower()
        at = head.find(_LENGTH)
        if at < 0:
            raise ValueError(f"an answer without Content-Length: {head!r}")
        length = int(head[at + len(_LENGTH) : head.index(b"\r\n", at)])
        self._head = end + len(_END_OF_HEAD)
        self._size = self._head + length
        return True

    def answered(self, answer: Answer) -> None:
        """A whole answer is there."""
        raise NotImplementedError


class Connection(_Reader):
    """One connection, one request after the other."""

    def __init__(self) -> None:
        super().__init__()
        self._waiter: asyncio.Future[Answer] | None = None

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect to a server on this machine."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    async def ask(self, request: bytes) -> Answer:
        """Send a request, wait for the answer."""
        assert self.transport is not None
        self._waiter = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._waiter

    async def time(self, request: bytes) -> tuple[float, Answer]:
        """The answer and how long it took, in seconds."""
        started = time.perf_counter()
        answer = await self.ask(request)
        return time.perf_counter() - started, answer

    def close(self) -> None:
        """Hang up."""
        if self.transport is not None:
            self.transport.close()

    def answered(self, answer: Answer) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionError(f"the server hung up: {exc}"))


class _Hammer(_Reader):
    """Sends the next request as soon as the answer to the last one is there, without a task in between."""

    def __init__(self, requests: Sequence[bytes], first: int) -> None:
        super().__init__()
        self._requests, self._next = requests, first
        self.answers = 0
        self.failures = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._send()

    def answered(self, answer: Answer) -> None:
        self.answers += 1
        self.failures += answer.status != 200
        self._send()

    def _send(self) -> None:
        assert self.transport is not None
        self.transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1


async def measure_rate(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> float:
    """Answers a second over several connections; every answer must be a 200."""
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda first=number * 7: _Hammer(requests, first), "127.0.0.1", port)  # type: ignore[misc]
        for number in range(connections)
    ]
    hammers = [hammer for _, hammer in made]
    before, started = sum(hammer.answers for hammer in hammers), time.perf_counter()
    await asyncio.sleep(seconds)
    answers, took = sum(hammer.answers for hammer in hammers) - before, time.perf_counter() - started
    for transport, _ in made:
        transport.close()
    if failures := sum(hammer.failures for hammer in hammers):
        raise ValueError(f"{failures} answers were not 200")
    return answers / took
