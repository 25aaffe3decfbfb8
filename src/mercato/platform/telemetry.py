"""The outermost layer of HTTP: request ids, access log, metrics, security headers, and HEAD for whatever answers GET."""

import re
import time

import structlog
from prometheus_client import Counter, Gauge, Histogram

from mercato.platform.address import ProxyNetworks, client_address
from mercato.platform.asgitypes import ASGIApp, ASGIMessage, ASGIReceive, ASGIScope, ASGISend
from mercato.platform.ids import new_id
from mercato.platform.logging import get_logger

REQUESTS = Counter("mercato_http_requests", "HTTP requests answered.", ["method", "route", "status"])
DURATION = Histogram(
    "mercato_http_request_duration_seconds",
    "Time from request to the last byte of the answer.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT = Gauge("mercato_http_requests_in_flight", "HTTP requests being answered.", multiprocess_mode="livesum")

_REQUEST_ID = re.compile(rb"^[A-Za-z0-9._\-]{1,100}$")
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")
_API_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
RATE_LIMIT = "rate_limit"
"""Key of the scope under which the verdict of a limited route is left (`ratelimit.Verdict`), for its headers."""
CLIENT_ADDRESS = "client_address"
"""Key of the scope under which everything inside finds the client's address."""
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})


class Telemetry:
    """ASGI middleware around the whole application, so that answers to unknown addresses are seen too."""

    def __init__(self, app: ASGIApp, trusted: ProxyNetworks, *, is_https: bool) -> None:
        """`is_https`: the shop is reached by https, and browsers are told to use nothing else."""
        self._app, self._trusted = app, trusted
        self._security_headers = (*_SECURITY_HEADERS, _API_POLICY, *((_HTTPS_ONLY,) if is_https else ()))
        self._log = get_logger()
        # Looking children up by their labels costs more than counting does.
        self._meters: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
        """Pass everything but HTTP through untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        scope[CLIENT_ADDRESS] = client_address(scope, self._trusted)
        is_head = scope["method"] == "HEAD"
        # A copy: the server looks at its own scope to know that no body may follow.
        inner = {**scope, "method": "GET"} if is_head else scope
        status = 500

        async def tagged_send(message: ASGIMessage) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                present = {name for name, _ in headers}
                headers += [header for header in self._security_headers if header[0] not in present]
                headers.append((b"x-request-id", request_id.encode()))
                if (verdict := inner.get(RATE_LIMIT)) is not None:
                    headers += verdict.headers
                message = {**message, "headers": headers}
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        IN_FLIGHT.inc()
        try:
            await self._app(inner, receive, tagged_send)
        finally:
            IN_FLIGHT.dec()
            self._record(scope["method"], inner, status, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("request_id")

    def _record(self, method: str, scope: ASGIScope, status: int, seconds: float) -> None:
        route = scope.get("path_template") or "unmatched"
        kind = (method, route, status)
        known = self._meters.get(kind)
        if known is None:
            known = self._meters[kind] = (REQUESTS.labels(*kind), DURATION.labels(method, route))
        known[0].inc()
        known[1].observe(seconds)
        if scope["path"] not in _QUIET:
            self._log.info(
                "request",
                method=method,
                path=scope["path"],
                query=scope["query_string"].decode("latin-1"),
                route=route,
                status=status,
                ms=round(seconds * 1000, 2),
                client=scope[CLIENT_ADDRESS],
            )


def _request_id(scope: ASGIScope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.match(value):
            return str(value.decode())
    return str(new_id())
