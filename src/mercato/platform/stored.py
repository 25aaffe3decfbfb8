"""Answers that are ready to be sent: to whoever asks, as often as they ask."""

from collections.abc import Mapping
from typing import Literal

import msgspec

PRIVATE = "private, no-cache"
"""For the caller's own cache, which asks each time whether it still holds."""
_VARY = "Authorization, Cookie, X-API-Key"
"""Callers with credentials may see more: a shared cache must not give them what everybody gets."""

Header = tuple[bytes, bytes]


class StoredAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A body of JSON with its headers. `is_public`: everybody gets these very bytes."""

    body: bytes
    etag: str
    is_public: bool
    headers: Mapping[str, str]
    """As Litestar takes them, for callers without credentials."""
    found: tuple[Header, ...]
    """The same as ASGI sends them, of an answer with the body."""
    unchanged: tuple[Header, ...]
    """And of a 304."""

    def headers_for(self, caller: Literal["anybody", "known"]) -> Mapping[str, str]:
        """A caller with credentials is not told to share."""
        return self.headers if caller == "anybody" else {**self.headers, "Cache-Control": PRIVATE}


def make_stored(
    body: bytes, etag: str, *, is_public: bool, cache_control: str, link: str | None = None
) -> StoredAnswer:
    """Prepare an answer. `cache_control` is for answers that are public; `link` leads to the next page."""
    headers = {"ETag": etag, "Cache-Control": cache_control if is_public else PRIVATE, "Vary": _VARY}
    if link is not None:
        headers["Link"] = link
    wire = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in headers.items())
    size = str(len(body)).encode()
    return StoredAnswer(
        body=body,
        etag=etag,
        is_public=is_public,
        headers=headers,
        found=((b"content-type", b"application/json"), (b"content-length", size), *wire),
        unchanged=wire,
    )


def shared_cache_policy(cdn_seconds: int) -> str:
    """`Cache-Control` of public answers: browsers always ask, shared caches as well unless they are given some seconds."""
    return f"public, max-age=0, s-maxage={cdn_seconds}" if cdn_seconds else "public, no-cache"
