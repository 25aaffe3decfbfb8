"""Answers that are ready to be sent: to whoever asks, as often as they ask."""

from collections.abc import Mapping

import msgspec

PRIVATE = "private, no-cache"
"""For the caller's own cache, which asks each time whether it still holds."""
_VARY = "Authorization, Cookie, X-API-Key"
"""Callers with credentials may see more: a shared cache must not give them what everybody gets."""

Header = tuple[bytes, bytes]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The headers of an answer: as Litestar takes them, and as ASGI sends them with the body (`found`) and with a 304."""

    headers: Mapping[str, str]
    found: tuple[Header, ...]
    unchanged: tuple[Header, ...]


class StoredAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A body of JSON with its headers: for callers without credentials, and for those with."""

    body: bytes
    etag: str
    for_anybody: Head
    for_known: Head

    def head(self, *, is_anonymous: bool) -> Head:
        """The headers for a caller. One with credentials is not told to share."""
        return self.for_anybody if is_anonymous else self.for_known


def make_stored(body: bytes, etag: str, *, cache_control: str, link: str | None = None) -> StoredAnswer:
    """Prepare an answer. `cache_control` is for callers without credentials; `link` leads to the next page."""
    return StoredAnswer(
        body=body,
        etag=etag,
        for_anybody=_make_head(body, etag, cache_control, link),
        for_known=_make_head(body, etag, PRIVATE, link),
    )


def _make_head(body: bytes, etag: str, cache_control: str, link: str | None) -> Head:
    headers = {"ETag": etag, "Cache-Control": cache_control, "Vary": _VARY}
    if link is not None:
        headers["Link"] = link
    wire = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in headers.items())
    size = str(len(body)).encode()
    return Head(
        headers=headers,
        found=((b"content-type", b"application/json"), (b"content-length", size), *wire),
        unchanged=wire,
    )


def shared_cache_policy(cdn_seconds: int) -> str:
    """`Cache-Control` of public answers: browsers always ask, shared caches as well unless they are given some seconds."""
    return f"public, max-age=0, s-maxage={cdn_seconds}" if cdn_seconds else "public, no-cache"
