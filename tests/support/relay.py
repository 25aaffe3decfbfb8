"""A relay between the application and a server, which passes everything on and notes the requests that go by."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream, SocketStream

_REQUEST_LINE = re.compile(rb"(?:^|\r\n|\})((?:GET|POST|PUT|PATCH|DELETE) \S+) HTTP/1\.1\r\n")


@asynccontextmanager
async def relay(url: str) -> AsyncIterator[tuple[str, list[str]]]:
    """The address of a relay to the HTTP server at `url`, and the request lines seen so far (`POST /multi-search`)."""
    target = urlsplit(url)
    seen: list[str] = []

    async def serve(client: SocketStream) -> None:
        server = await anyio.connect_tcp(target.hostname or "127.0.0.1", target.port or 80)
        async with client, server, anyio.create_task_group() as group:
            group.start_soon(_pass_on, client, server, seen)
            group.start_soon(_pass_on, server, client, None)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 - anyio, not Django
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, serve)
        yield f"http://127.0.0.1:{port}", seen
        group.cancel_scope.cancel()


async def _pass_on(source: ByteReceiveStream, sink: ByteSendStream, seen: list[str] | None) -> None:
    try:
        async for chunk in source:
            if seen is not None:
                seen += [line.decode() for line in _REQUEST_LINE.findall(chunk)]
            await sink.send(chunk)
        await sink.aclose()
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        await sink.aclose()
