"""The hit path: what is held in memory is sent before the framework is asked, with all that other answers get besides.

Request id, access log, metrics and security headers come from the layers around; who calls and how often is looked at here, as the
guards would. Products by id that are not held are read here as well. What is to be refused is left to the framework.
"""

from mercato.catalog.product.hot import HotReads
from mercato.identity.authenticator import Authenticator
from mercato.identity.controllers import NO_CREDENTIALS, credentials_of
from mercato.identity.limits import subject_of
from mercato.identity.principal import ANONYMOUS, PUBLISHED_ONLY, Principal
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


class HotPath:
    """ASGI middleware. It answers what is held and products by id, and passes everything else on."""

    def __init__(
        self,
        app: ASGIApp,
        hot: HotReads,
        *,
        limiter: RateLimiter,
        authenticator: Authenticator,
        session_cookie: str,
    ) -> None:
        self._app, self._hot, self._limiter = app, hot, limiter
        self._authenticator, self._session_cookie = authenticator, session_cookie
        self._policy = limiter.policy("reads")

    async def __call__(self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
        """One connection, or the lifespan."""
        if scope["type"] == "http" and scope["method"] == "GET":
            path: str = scope["path"]
            if path.startswith(LIST_PATH) and await self._answer(path, scope, receive, send):
                return
        await self._app(scope, receive, send)

    async def _answer(self, path: str, scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> bool:
        """Whether the request was answered here."""
        key = path[_START:] if path.startswith(PRODUCT_PATH) and not scope["query_string"] else None
        if key is None and path != LIST_PATH:
            return False
        held = self._hot.held_page(scope["query_string"]) if key is None else self._hot.held_product(key)
        if held is None and (key is None or not is_id(key)):
            return False
        caller = await self._caller(scope)
        if caller is None or (key is None and caller.visibility != PUBLISHED_ONLY):
            return False
        if not await self._is_let_through(caller, scope):
            return False
        scope["path_template"] = LIST_PATH if key is None else PRODUCT_TEMPLATE
        try:
            answer = held or await self._read(key, caller)
        except Exception as error:  # noqa: BLE001 - every fault becomes a problem, as inside of the application
            await send_problem(error, scope, receive, send)
        else:
            await _send(answer, scope, send, is_anonymous=caller.kind == "anonymous")
        return True

    async def _read(self, key: str | None, caller: Principal) -> StoredAnswer:
        assert key is not None
        answer = await self._hot.product(key, caller.visibility)
        if answer is None:
            raise await self._hot.missing(key, caller.visibility)
        return answer

    async def _caller(self, scope: ASGIScope) -> Principal | None:
        """Who calls; None for somebody who is to be refused."""
        credentials = credentials_of(scope["headers"], self._session_cookie)
        if credentials is NO_CREDENTIALS:
            return ANONYMOUS
        try:
            principal = await self._authenticator.authenticate(credentials)
        except Exception:  # noqa: BLE001 - the framework will meet it again, and answer with a problem
            return None
        return None if principal.is_publishable else principal

    async def _is_let_through(self, caller: Principal, scope: ASGIScope) -> bool:
        """Count the request. The guard, which refuses one too many, finds the verdict and does not count again."""
        if self._policy is None:
            return True
        verdict = await self._limiter.check(self._policy, subject_of(caller, scope[CLIENT_ADDRESS]))
        if verdict is None:
            return True
        scope[RATE_LIMIT] = verdict
        return verdict.is_allowed


async def _send(answer: StoredAnswer, scope: ASGIScope, send: ASGISend, *, is_anonymous: bool) -> None:
    head = answer.head(is_anonymous=is_anonymous)
    for name, value in scope["headers"]:
        if name == b"if-none-match" and is_not_modified(value.decode("latin-1"), answer.etag):
            await send({"type": "http.response.start", "status": 304, "headers": head.unchanged})
            await send({"type": "http.response.body", "body": b""})
            return
    await send({"type": "http.response.start", "status": 200, "headers": head.found})
    await send({"type": "http.response.body", "body": answer.body})
