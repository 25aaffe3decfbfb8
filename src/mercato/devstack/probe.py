"""Readiness: ask until the answer is yes, the process has ended, or time is up."""

import asyncio
import http.client
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

import msgspec

from mercato.devstack.errors import StackError
from mercato.devstack.process import ChildProcess

HTTP_OK = 200
_POLL_SECONDS = 0.03


class HttpAnswer(msgspec.Struct, frozen=True):
    """What an HTTP server said."""

    status: int
    body: bytes


async def http_get(url: str, *, headers: Mapping[str, str] | None = None, seconds: float = 2.0) -> HttpAnswer | None:
    """GET `url` within `seconds`; None when nothing answers there."""
    return await asyncio.to_thread(_http_get, url, dict(headers or {}), seconds)


def _http_get(url: str, headers: dict[str, str], seconds: float) -> HttpAnswer | None:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=seconds)
    try:
        connection.request("GET", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", headers=headers)
        response = connection.getresponse()
        return HttpAnswer(response.status, response.read())
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


async def wait_until_ready(child: ChildProcess, check: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
    """Call `check` until it says True; raises `StackError` with the end of the log when `child` ends or time is up."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        if not child.is_running:
            raise StackError(
                f"{child.name} ended while starting (exit code {child.exit_code})",
                log_tail=child.log_tail(),
                remedy=f"Its log: {child.program.log}",
            )
        if await check():
            return
        if asyncio.get_running_loop().time() > deadline:
            raise StackError(
                f"{child.name} is not ready after {seconds:.0f} s",
                log_tail=child.log_tail(),
                remedy=f"Its log: {child.program.log}",
            )
        await asyncio.sleep(_POLL_SECONDS)
