"""Bytes that no client library sends, at a real server: it answers or hangs up, and goes on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.processes import MercatoProcess, api

GET = b"GET /api/v1/products HTTP/1.1\r\nHost: shop\r\n"
POST = b"POST /api/v1/products HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
END = b"Connection: close\r\n\r\n"


@pytest.fixture
async def server(shared_shop: Installation, tmp_path: Path) -> AsyncIterator[MercatoProcess]:
    """A running api."""
    async with api(shared_shop.settings, tmp_path / "api.log") as (process, _):
        yield process


async def exchange(server: MercatoProcess, sent: bytes) -> bytes:
    """All that comes back until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    try:
        async with asyncio.timeout(20):
            writer.write(sent)
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_bytes_that_mean_harm_get_no_5xx_and_no_header_of_their_own(server: MercatoProcess) -> None:
    attempts = {
        "a bare line feed in a header": GET + b"X-Request-ID: a\nX-Injected: yes\r\n" + END,
        "a carriage return in a header": GET + b"X-Request-ID: a\rX-Injected: yes\r\n" + END,
        "NUL in a header": GET + b"X-Request-ID: a\0b\r\n" + END,
        "a folded header": GET + b"X-API-Key: a\r\n X-Injected: yes\r\n" + END,
        "a header of 200 kB": GET + b"X-API-Key: " + b"a" * 200_000 + b"\r\n" + END,
        "a token of 50 kB": GET + b"Authorization: Bearer " + b"a" * 50_000 + b"\r\n" + END,
        "two thousand headers": GET + b"".join(b"X-%d: a\r\n" % n for n in range(2_000)) + END,
        "an address of 200 kB": b"GET /api/v1/products?q=" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: shop\r\n" + END,
        "line breaks in the address": b"GET /api/v1/products?q=\r\nX-Injected: yes HTTP/1.1\r\nHost: shop\r\n" + END,
        "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 20\r\n" + END + b"{}",
        "a length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n",
        "a negative length": POST + b"Content-Length: -1\r\n" + END,
        "chunks that are none": POST + b"Transfer-Encoding: chunked\r\n" + END + b"zz\r\n{}\r\n",
        "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n",
        "a thousand proxies": GET + b"X-Forwarded-For: " + b"10.0.0.1, " * 1_000 + b"x\r\n" + END,
        "another host": b"GET /p/x HTTP/1.1\r\nHost: evil.example\r\n" + END,
        "an absolute address": b"GET http://evil.example/p/x HTTP/1.1\r\nHost: shop\r\n" + END,
    }
    for name, sent in attempts.items():
        answer = await exchange(server, sent)
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert not head.startswith(b"http/1.1 5"), (name, head)
        assert b"x-injected" not in head, (name, head)
        assert b"evil.example" not in head, (name, head)
    assert b"HTTP/1.1 200 OK" in await exchange(server, GET + END)
    assert server.events("unhandled_exception") == []


async def test_a_spoofed_address_is_not_logged_as_the_client(server: MercatoProcess) -> None:
    await exchange(server, GET + b"X-Forwarded-For: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\n" + END)
    await server.until_logged("request")
    assert {event["client"] for event in server.events("request")} == {"127.0.0.1"}
