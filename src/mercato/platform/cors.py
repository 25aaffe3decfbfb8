"""Which web pages of other origins may call the API from a browser (the fetch standard's CORS protocol).

Litestar's own middleware replaces the `Vary` that an answer has, sets it only where an `Origin` came, and covers pages too.
Credentials (cookies) are never allowed: scripts elsewhere authenticate by key or token, in a header.
"""

import re
from collections.abc import Iterable

from mercato.platform.asgitypes import ASGIApp, ASGIMessage, ASGIReceive, ASGIScope, ASGISend

_PATHS = ("/api/", "/schema/")
_ORIGIN = re.compile(r"^https?://[a-z0-9.\-]+(:[0-9]{1,5})?$|^https?://\[[0-9a-f:]+\](:[0-9]{1,5})?$")
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_REQUEST_HEADERS = b"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-API-Key, X-Request-ID"
_EXPOSED = b"ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
_MAX_AGE_S = b"7200"
"""How long a browser may remember a preflight; Chromium caps it here anyway."""

Header = tuple[bytes, bytes]


class Origins:
    """Origins as settings write them: "https://shop.example, https://admin.example:8443", or "*" for all."""

    def __init__(self, text: str = "") -> None:
        """Raises `ValueError` for what is no origin (a path, a trailing slash, a pattern)."""
        names = [part.strip().lower() for part in text.split(",") if part.strip()]
        self.is_any = names == ["*"]
        for name in () if self.is_any else names:
            if not _ORIGIN.match(name):
                raise ValueError(f"{name!r} is no origin; write https://host or https://host:port, without a path")
        self._names = frozenset(name.encode() for name in names)

    def __contains__(self, origin: bytes) -> bool:
        return self.is_any or origin in self._names

    def __bool__(self) -> bool:
        return bool(self._names)

    def __repr__(self) -> str:
        return f"Origins({', '.join(sorted(name.decode() for name in self._names))!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origins) and self._names == other._names

    def __hash__(self) -> int:
        return hash(self._names)


class Cors:
    """ASGI middleware: answers preflights of allowed origins and marks answers for them. Without origins it does nothing."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app, self._origins = app, origins

    async def __call__(self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
        """One connection."""
        if scope["type"] != "http" or not self._origins or not scope["path"].startswith(_PATHS):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        is_allowed = origin is not None and origin in self._origins
        marks = list(self._marks(origin if is_allowed else None))
        if is_allowed and scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await send({"type": "http.response.start", "status": 204, "headers": [*marks, *_PREFLIGHT]})
            await send({"type": "http.response.body", "body": b""})
            return

        async def marked_send(message: ASGIMessage) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *marks]}
            await send(message)

        await self._app(scope, receive, marked_send)

    def _marks(self, origin: bytes | None) -> Iterable[Header]:
        if not self._origins.is_any:
            # Also without an origin: a cache must not hand the unmarked answer to a page that may read it.
            yield b"vary", b"Origin"
        if origin is not None:
            yield b"access-control-allow-origin", b"*" if self._origins.is_any else origin
            yield b"access-control-expose-headers", _EXPOSED


_PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", _METHODS),
    (b"access-control-allow-headers", _REQUEST_HEADERS),
    (b"access-control-max-age", _MAX_AGE_S),
)
