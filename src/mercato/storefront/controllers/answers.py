"""Bytes to answers: what all pages have in common on the wire."""

from collections.abc import Mapping
from typing import Any

from litestar import HttpMethod, MediaType, Request, Response
from litestar.response import Redirect

from mercato.identity.controllers import public
from mercato.identity.limits import limited
from mercato.storefront.rendering import Shop, compress, render

Answer = Response[bytes]
AnyRequest = Request[Any, Any, Any]

FRAGMENT_HEADER = "x-fragment"
PAGE: Mapping[str, Any] = {
    "http_method": [HttpMethod.GET, HttpMethod.HEAD],
    # Links to pages get decorated (utm_source and the like): unknown parameters are no error here.
    "opt": public() | limited("reads") | {"open_query": True},
    "include_in_schema": False,
}
"""Arguments of every route of the pages."""
HALF_AN_HOUR = "public, max-age=1800"
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-cache",
    "Vary": "X-Fragment, Accept-Encoding",
}


def page_answer(
    request: AnyRequest,
    template: str,
    shop: Shop,
    context: Mapping[str, object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """A page, or its `<main>` alone for the script that asks with `X-Fragment`."""
    content = render(template, shop, context, is_fragment=FRAGMENT_HEADER in request.headers)
    body, encoding = compress(content, request.headers.get("accept-encoding", ""))
    return Response(
        content=body,
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Content-Security-Policy": shop.content_policy, **_HEADERS, **(headers or {}), **encoding},
    )


def file_answer(body: bytes, media_type: str, headers: Mapping[str, str]) -> Answer:
    """A file as it is."""
    return Response(content=body, media_type=media_type, headers=dict(headers))


def xml_answer(request: AnyRequest, content: bytes) -> Answer:
    """An XML document that may be half an hour old."""
    body, encoding = compress(content, request.headers.get("accept-encoding", ""))
    headers = {"Cache-Control": HALF_AN_HOUR, "Vary": "Accept-Encoding", **encoding}
    return file_answer(body, "application/xml", headers)


def moved(url: str, *, permanently: bool = True) -> Answer:
    """Leads to another address."""
    return Redirect(url, status_code=301 if permanently else 302, headers={"Cache-Control": "no-cache"})


def with_query(url: str, request: AnyRequest) -> str:
    """The address with the query string of the request."""
    query = request.scope["query_string"].decode("latin-1")
    return f"{url}?{query}" if query else url
