"""The lean HTTP client, against a server that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from mercato.platform.keepalive import Answer, KeepAliveClient

pytestmark = pytest.mark.anyio

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Server:
    """Hands each request to a handler; counts connections."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.connections = 0
        self.requests: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                await self._handler(self.requests[-1], writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(handler: Handler, *, timeout_s: float = 5) -> AsyncIterator[tuple[Server, KeepAliveClient]]:
    """A server with this handler, and a client for it."""
    server = Server(handler)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/base/"
    client = KeepAliveClient(server.url, headers={"Authorization": "Bearer k"}, timeout_s=timeout_s)
    try:
        yield server, client
    finally:
        await client.close()
        listener.close()


def answering(*pieces: bytes, then_close: bool = False) -> Handler:
    """A handler that sends these pieces one by one."""

    async def handle(_request: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        if then_close:
            writer.close()

    return handle


async def test_calls_carry_path_headers_and_body_over_one_connection() -> None:
    async with serving(answering(OK)) as (server, client):
        answers = [await client.call("POST", "/x?y=1", b"{}") for _ in range(3)]

    assert answers == [Answer(200, b"ok")] * 3
    assert server.connections == 1
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /base/x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Authorization: Bearer k" in head
    assert body == b"{}"


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", b"1\r\nd\r\n0\r\n\r\n"),
            (200, b"abcd"),
        ),
        ((b"HTTP/1.1 404 Not", b" Found\r\ncontent-le", b"ngth: 4\r\n\r\nno", b"pe"), (404, b"nope")),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", OK), (200, b"ok")),
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), (204, b"")),
    ],
)
async def test_answers_may_come_in_any_shape(pieces: tuple[bytes, ...], expected: tuple[int, bytes]) -> None:
    async with serving(answering(*pieces)) as (server, client):
        first, second = await client.call("GET", "/"), await client.call("GET", "/")

    assert (first, second) == (expected, expected)
    assert server.connections == 1


async def test_calls_at_the_same_time_have_connections_of_their_own() -> None:
    together = asyncio.Barrier(5)

    async def echo_when_all_are_here(request: bytes, writer: asyncio.StreamWriter) -> None:
        await together.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + request[-1:])

    async with serving(echo_when_all_are_here) as (server, client):
        answers = await asyncio.gather(*(client.call("POST", "/", str(number).encode()) for number in range(5)))

    assert [answer.body for answer in answers] == [b"0", b"1", b"2", b"3", b"4"]
    assert server.connections == 5


async def test_a_server_that_closes_after_each_answer_is_called_anew() -> None:
    closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
    async with serving(answering(closing, then_close=True)) as (server, client):
        answers = [await client.call("POST", "/") for _ in range(3)]

    assert answers == [Answer(200, b"ok")] * 3
    assert server.connections == 3


async def test_only_what_may_be_repeated_is_repeated_when_a_kept_connection_ends_under_it() -> None:
    def hanging_up_on_every_second() -> Handler:
        count = 0

        async def handle(_request: bytes, writer: asyncio.StreamWriter) -> None:
            nonlocal count
            count += 1
            if count % 2:
                writer.write(OK)
            else:
                writer.close()

        return handle

    async with serving(hanging_up_on_every_second()) as (server, client):
        assert (await client.call("POST", "/")).status == 200
        assert (await client.call("POST", "/", is_repeatable=True)).status == 200
        with pytest.raises(ConnectionError):
            await client.call("POST", "/")
        assert len(server.requests) == 4


async def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one() -> None:
    late = asyncio.Event()

    async def handle(request: bytes, writer: asyncio.StreamWriter) -> None:
        if request.endswith(b"slow"):
            await late.wait()
        writer.write(OK)

    async with serving(handle, timeout_s=0.2) as (server, client):
        with pytest.raises(TimeoutError):
            await client.call("POST", "/", b"slow")
        late.set()

        assert await client.call("POST", "/", b"fast") == Answer(200, b"ok")
        assert server.connections == 2


async def test_what_is_not_http_is_an_error() -> None:
    async with serving(answering(b"hello\r\n\r\n")) as (_, client):
        with pytest.raises(OSError, match="not HTTP"):
            await client.call("GET", "/")


async def test_nobody_there_is_an_error_at_once() -> None:
    async with serving(answering(OK)) as (server, _):
        url = server.url
    client = KeepAliveClient(url, headers={}, timeout_s=5)

    with pytest.raises(ConnectionRefusedError):
        await client.call("GET", "/")
