"""How Litestar is bent to the contract: strict bodies, refused unknown parameters, problems, prebuilt JSON, write sessions."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

import asyncpg
import msgspec
import sqlalchemy.exc
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures.state import State
from litestar.exceptions import HTTPException, MethodNotAllowedException, ValidationException
from litestar.handlers import BaseRouteHandler

from mercato.platform.db import DATABASE_AWAY
from mercato.platform.etag import is_not_modified, make_etag
from mercato.platform.logging import get_logger
from mercato.platform.paging import PageBytes
from mercato.platform.problems import (
    Conflict,
    FieldError,
    InvalidInput,
    NotFound,
    Problem,
    ProblemBody,
    Unavailable,
    UnsupportedMediaType,
    invalid_from_msgspec,
)
from mercato.platform.stored import PRIVATE, StoredAnswer

T = TypeVar("T")
PROBLEM_MEDIA_TYPE = "application/problem+json"
JSON = "application/json"
API_PREFIX = "/api/"

_log = get_logger()
_decoders: dict[object, msgspec.json.Decoder[Any]] = {}


class ApiRequest(Request[Any, Any, State]):
    """Decodes JSON bodies straight into the handler's struct, strictly.

    Litestar would decode to plain objects and convert those leniently, so that `{"stock": "5"}` passed as a number.
    """

    async def json(self) -> object:
        """The body as the type that the handler's `data` declares; raises problems of status 400 and 415."""
        _check_is_json(*self.content_type)
        body = await self.body()
        data = self.route_handler.parsed_data_field
        if data is None:
            return await super().json()
        decoder = _decoders.get(data.annotation)
        if decoder is None:
            decoder = _decoders[data.annotation] = msgspec.json.Decoder(data.annotation)
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            raise invalid_from_msgspec(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidInput(
                f"The body is not JSON: {error}",
                errors=[FieldError(pointer="", code="malformed_json", message=str(error))],
            ) from None


def _check_is_json(media_type: str, options: Mapping[str, str]) -> None:
    """Refuse a body that says to be something else than JSON in UTF-8 (RFC 8259, section 8.1); saying nothing is fine."""
    if media_type not in {"", JSON} or options.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(f"The body is {media_type}; send it as {JSON} in UTF-8.")


def json_answer(
    kind: type[T], body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[T]:
    """An answer whose JSON is already built (by the database); `kind` is what OpenAPI calls it."""
    del kind
    return Response(content=cast(T, body), media_type=JSON, status_code=status, headers=dict(headers or {}))


def versioned_answer(
    kind: type[T],
    body: bytes,
    version: int,
    *,
    request: ApiRequest,
    status: int = 200,
    location: str | None = None,
) -> Response[T]:
    """One resource with its `ETag`; 304 without a body when the caller's `If-None-Match` names it."""
    headers = {"ETag": make_etag(version, body)}
    if location is not None:
        headers["Location"] = location
    if request.method in {"GET", "HEAD"}:
        headers["Cache-Control"] = PRIVATE
        if is_not_modified(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(content=cast(T, b""), status_code=304, headers=headers)
    return json_answer(kind, body, status=status, headers=headers)


def page_answer(kind: type[T], page: PageBytes, request: ApiRequest) -> Response[T]:
    """One page of a list, with the address of the next one in `Link` (RFC 8288)."""
    headers = {} if page.next_cursor is None else {"Link": next_link(request, page.next_cursor)}
    return json_answer(kind, page.body, headers=headers)


def next_link(request: ApiRequest, cursor: str) -> str:
    """`Link` from this page of a list to the one behind the cursor."""
    following = request.url.with_replacements(query=_replaced(request, "cursor", cursor))
    return f'<{following.path}?{following.query}>; rel="next"'


def stored_answer(kind: type[T], answer: StoredAnswer, request: ApiRequest, *, is_anonymous: bool) -> Response[T]:
    """An answer that is ready; 304 without a body when the caller's `If-None-Match` names it."""
    headers = answer.head(is_anonymous=is_anonymous).headers
    if is_not_modified(request.headers.get("if-none-match"), answer.etag):
        return Response(content=cast(T, b""), status_code=304, headers=dict(headers))
    return json_answer(kind, answer.body, headers=headers)


def _replaced(request: ApiRequest, name: str, value: str) -> str:
    pairs = [(key, item) for key, item in request.query_params.multi_items() if key != name]
    return urlencode([*pairs, (name, value)])


Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def one_after_another(*guards: Guard) -> Guard:
    """Several guards as one: Litestar copies the handler for each, which costs more than what most guards do."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        for check in guards:
            await check(connection, handler)

    return guard


async def refuse_options(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard: OPTIONS is not offered. Litestar answers it by itself, but of a controller's methods it names the first only."""
    if connection.scope.get("method") == "OPTIONS":
        here = connection.scope["path_template"]
        methods = {m for route in connection.app.routes if route.path_format == here for m in route.methods}
        raise MethodNotAllowedException(headers={"allow": ", ".join(methods)})


async def refuse_unusable_parameters(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: what an address says is used or refused, never ignored.

    Refused are query parameters that the handler does not declare, a second value for one that takes one, and NUL, which
    no text of ours holds. A handler may opt out with `open_query=True` (pages, which marketing links decorate) or
    accept a family of names with `query_prefix="attr."`.
    """
    if "\0" in connection.scope["path"]:
        raise NotFound("There is nothing at this address.")
    if not connection.scope["query_string"] or handler.opt.get("open_query"):
        return
    takes_many = _known_parameters(handler)
    prefix = handler.opt.get("query_prefix")
    errors = [
        FieldError(pointer=name, code=code, message=message)
        for name in dict.fromkeys(connection.query_params)
        for code, message in _parameter_faults(
            connection.query_params.getall(name),
            takes_many.get(name, True if prefix and name.startswith(prefix) else None),
        )
    ]
    if errors:
        known = ", ".join(sorted(takes_many)) or "none"
        raise InvalidInput(
            "; ".join(f"{error.pointer} {error.message}" for error in errors) + f" (parameters: {known})", errors=errors
        )


def _parameter_faults(values: Sequence[str], takes_many: bool | None) -> Iterator[tuple[str, str]]:
    """Codes and messages of what is wrong with one parameter; `takes_many` is None for an unknown one."""
    if takes_many is None:
        yield "unknown_parameter", "is not a parameter"
    elif len(values) > 1 and not takes_many:
        yield "repeated_parameter", "takes one value"
    if any("\0" in value for value in values):
        yield "invalid", "must not hold NUL"


def _known_parameters(handler: BaseRouteHandler) -> Mapping[str, bool]:
    """Name of each query parameter -> whether it may be repeated."""
    known = handler.opt.get("_known_parameters")
    if known is None:
        model = handler.create_kwargs_model(path_parameters={})
        known = {p.field_alias: p.is_sequence for p in model.expected_query_params}
        handler.opt["_known_parameters"] = known
    return cast("Mapping[str, bool]", known)


class ConstraintProblems:
    """What a broken database constraint means to a caller; each domain registers the names of its own."""

    def __init__(self) -> None:
        self._by_name: dict[str, Callable[[], Problem]] = {}

    def register(self, problems: Mapping[str, Callable[[], Problem]]) -> None:
        """Add constraint (or unique index) name -> problem."""
        self._by_name.update(problems)

    def find(self, error: BaseException | None) -> Problem | None:
        """The problem behind a database error, looking through wrappers; None when it is none of ours."""
        seen = error
        while seen is not None:
            name = getattr(seen, "constraint_name", None)
            if name in self._by_name:
                return self._by_name[name]()
            seen = getattr(seen, "orig", None) or seen.__cause__
        return None


CONSTRAINTS = ConstraintProblems()


def problem_response(problem: Problem, request: Request[Any, Any, Any]) -> Response[ProblemBody]:
    """The answer that tells a problem."""
    body = problem.body(instance=request.url.path, request_id=str(request.scope.get("request_id", "")))
    return Response(
        content=body,
        status_code=problem.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers={**problem.headers, "Cache-Control": "no-store"},
    )


def to_problem(error: Exception) -> Problem:
    """Translate any exception into what the caller may know of it."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _from_litestar_validation(error) if isinstance(error, ValidationException) else _from_http(error)
    if known := CONSTRAINTS.find(error) or _from_database(error):
        return known
    _log.error("unhandled_exception", exc_info=error)
    return Problem("Something went wrong on our side. The request id finds it in our logs.")


def handle_exception(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemBody]:
    """The exception handler of the API."""
    return problem_response(to_problem(error), request)


async def send_problem(error: Exception, scope: Any, receive: Any, send: Any) -> None:
    """Answer with a problem, from a layer around the framework: the same answer as from inside."""
    request = Request[Any, Any, Any](scope)
    await handle_exception(request, error).to_asgi_response(app=None, request=request)(scope, receive, send)


def _from_database(error: Exception) -> Problem | None:
    if _is_database_down(error):
        return Unavailable("The database does not answer. Nothing was changed; try again.")
    if isinstance(error, sqlalchemy.exc.IntegrityError | asyncpg.IntegrityConstraintViolationError):
        return Conflict("The request contradicts what is stored.")
    return None


def _is_database_down(error: BaseException | None) -> bool:
    down = (
        *DATABASE_AWAY,
        asyncpg.LockNotAvailableError,
        asyncpg.TransactionRollbackError,  # deadlocks and failed serialization: nothing was changed, another try may do
        sqlalchemy.exc.TimeoutError,
    )
    while error is not None:
        if isinstance(error, down) or getattr(error, "connection_invalidated", False):
            return True
        error = getattr(error, "orig", None) or error.__cause__
    return False


def _from_litestar_validation(error: ValidationException) -> Problem:
    errors = []
    for item in error.extra if isinstance(error.extra, list) else []:
        if isinstance(item, dict):
            pointer, message = str(item.get("key", "")), str(item.get("message", ""))
            if pointer == "data":
                missing = FieldError(pointer="", code="missing_body", message="a JSON body is required")
                return InvalidInput("The request has no body; it must be JSON.", errors=[missing])
            errors.append(
                FieldError(pointer=pointer, code="invalid", message=invalid_from_msgspec(message).errors[0].message)
            )
    detail = "; ".join(f"{e.pointer}: {e.message}" for e in errors) or error.detail
    if any(e.message.startswith("Missing required") for e in errors):
        detail = "A required parameter is missing. " + detail
    return InvalidInput(detail, errors=errors)


class _HttpProblem(Problem):
    def __init__(self, error: HTTPException, code: str, detail: str) -> None:
        super().__init__(detail, headers=dict(error.headers or {}))
        self.status, self.code = error.status_code, code


_HTTP_CODES: Mapping[int, tuple[str, str]] = {
    400: ("invalid_input", ""),
    405: ("method_not_allowed", "This address does not know that method."),
    413: ("too_large", "The body is larger than this address accepts."),
    415: ("unsupported_media_type", "Send the body as application/json."),
}


def _from_http(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return NotFound("There is nothing at this address.")
    code, detail = _HTTP_CODES.get(error.status_code, ("http_error", ""))
    problem = _HttpProblem(error, code, detail or error.detail)
    if "allow" in problem.headers:
        problem.headers["allow"] = _offered(problem.headers["allow"])
    return problem


def _offered(methods: str) -> str:
    """Litestar's list of methods, with those that this application adds and without those that it refuses."""
    known = set(methods.split(", ")) - {"OPTIONS"}
    return ", ".join(sorted(known | {"HEAD"} if "GET" in known else known))
