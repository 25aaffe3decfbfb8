"""The hit path: what is held in memory is sent before the framework is asked, with all that other answers get besides.

Request id, access log, metrics and security headers come from the layers around; the limit is counted here, as the guard would.
"""

from mercato.catalog.product.hot import HotReads
from mercato.identity.principal import PUBLISHED_ONLY
from mercato.platform.address import limit_subject
from mercato.platform.asgitypes import ASGIApp, ASGIReceive, ASGIScope, ASGISend
from mercato.platform.etag import is_not_modified
from mercato.platform.http import send_problem
from mercato.platform.ids import is_id
from mercato.platform.ratelimit import RateLimiter
from mercato.platform.stored import StoredAnswer
from mercato.platform.telemetry import CLIENT_ADDRESS, RATE_LIMIT

LIST_PATH = "/api/v1/products"
PRODUCT_PATH = f"{LIST_PATH}/"
PRODUCT_TEMPLATE = f"{PRODUCT_PATH}{{key}}"
_START = len(PRODUCT_PATH)
_CREDENTIALS = frozenset({b"authorization", b"cookie", b"x-api-key"})


class HotPath:
    """ASGI middleware. It answers callers without credentials, what is held and products by id, and passes everything else on."""

    def __init__(self, app: ASGIApp, hot: HotReads, limiter: RateLimiter) -> None:
        self._app, self._hot, self._limiter = app, hot, limiter
        self._policy = limiter.policy("reads")

    async def __call__(self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
        """One connection, or the lifespan."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(LIST_PATH):
            if_none_match: str | None = None
            for name, value in scope["headers"]:
                if name in _CREDENTIALS:
                    break
                if name == b"if-none-match":
                    if_none_match = value.decode("latin-1")
            else:
                if await self._answer(scope, receive, send, if_none_match):
                    return
        await self._app(scope, receive, send)

    async def _answer(self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend, if_none_match: str | None) -> bool:
        """Whether the request was answered here."""
        path: str = scope["path"]
        key = None
        if path == LIST_PATH:
            held = self._hot.held_page(scope["query_string"])
        elif path.startswith(PRODUCT_PATH) and not scope["query_string"]:
            key = path[_START:]
            held = self._hot.held_product(key)
        else:
            return False
        is_readable = held is not None or (key is not None and is_id(key))
        if not is_readable or not await self._is_let_through(scope):
            return False
        scope["path_template"] = LIST_PATH if key is None else PRODUCT_TEMPLATE
        if held is not None:
            await _send(held, if_none_match, send)
        elif key is not None:
            await self._read(key, if_none_match, scope, receive, send)
        return True

    async def _read(
        self, key: str, if_none_match: str | None, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        """Answer with the product of this id, or a problem."""
        try:
            answer = await self._hot.product(key, PUBLISHED_ONLY)
        except Exception as error:  # noqa: BLE001 - every fault becomes a problem, as inside of the application
            await send_problem(error, scope, receive, send)
            return
        if answer is None:
            await send_problem(await self._hot.missing(key, PUBLISHED_ONLY), scope, receive, send)
        else:
            await _send(answer, if_none_match, send)

    async def _is_let_through(self, scope: ASGIScope) -> bool:
        """Count the request. The guard, which refuses one too many, finds the verdict and does not count again."""
        if self._policy is None:
            return True
        verdict = await self._limiter.check(self._policy, limit_subject(scope[CLIENT_ADDRESS]))
        if verdict is None:
            return True
        scope[RATE_LIMIT] = verdict
        return verdict.is_allowed


async def _send(answer: StoredAnswer, if_none_match: str | None, send: ASGISend) -> None:
    if is_not_modified(if_none_match, answer.etag):
        await send({"type": "http.response.start", "status": 304, "headers": answer.unchanged})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": answer.found})
    await send({"type": "http.response.body", "body": answer.body})
