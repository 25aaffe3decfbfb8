"""What routes have in common in the API description: parameters, and the problems they answer."""

from typing import Annotated

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import Body, HeaderParameter, QueryParameter
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from mercato.platform.http import API_PREFIX
from mercato.platform.idempotency import HEADER, MAX_KEY_LENGTH, METHODS, Handling, handling_of
from mercato.platform.paging import Count
from mercato.platform.problems import ProblemBody

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", description="Entity tag of the version that the change is based on; 412 when stale."
    ),
]
LimitParameter = Annotated[int, QueryParameter(ge=1, le=100, description="Items a page.")]
CursorParameter = Annotated[
    str | None,
    QueryParameter(max_length=2000, description="`next_cursor` of the page before; leave out for the first."),
]
CountParameter = Annotated[
    Count, QueryParameter(description="Whether to fill `total`: `exact` counts, `estimated` is cheap on long lists.")
]


def example_body(**fields: object) -> object:
    """Annotation of a JSON body, with an example of it."""
    return Body(examples=[Example(value=fields)])


def problem(description: str) -> ResponseSpec:
    """One kind of problem among the answers of a route."""
    return ResponseSpec(
        data_container=ProblemBody,
        description=description,
        media_type="application/problem+json",
        generate_examples=False,
    )


READ_PROBLEMS = {400: problem("Unknown or invalid parameters."), 404: problem("No such thing, or not visible.")}
LIST_PROBLEMS = {400: problem("Unknown or invalid parameters, or a cursor of another list.")}
GET_RESPONSES = {
    **READ_PROBLEMS,
    304: ResponseSpec(data_container=None, description="`If-None-Match` names the present entity tag."),
}
LIST_RESPONSES: dict[int, ResponseSpec] = {**LIST_PROBLEMS, 304: GET_RESPONSES[304]}
ACTION_PROBLEMS = {
    400: problem("Invalid input; `errors` says where."),
    401: problem("No or unknown credentials."),
    403: problem("The credentials lack the scope; `required_scope` names it."),
}
WRITE_PROBLEMS = {
    **ACTION_PROBLEMS,
    409: problem("A conflict, such as `slug_taken`."),
    413: problem("The body is too large."),
}
_OF_ONE = {
    404: problem("No such thing, or not visible."),
    412: problem("`If-Match` is stale; `current_version` is the present one."),
}
CHANGE_PROBLEMS = {**WRITE_PROBLEMS, **_OF_ONE}
DELETE_PROBLEMS = {**ACTION_PROBLEMS, **_OF_ONE, 409: problem("It is in use, or changed at the same time.")}


_EVERYWHERE = {
    400: problem("Unknown or invalid parameters."),
    401: problem("Credentials that are not good."),
    403: problem("Credentials that do not reach so far; `required_scope` names what is missing."),
    429: problem("Too many requests; `Retry-After` says how long to wait."),
    503: problem("Something that Mercato depends on does not answer; nothing was changed."),
}
_WITH_BODY = {
    413: problem("The body is too large."),
    415: problem("The body is not JSON."),
}
_WITH_KEY = {
    409: problem(
        "A conflict with what is stored, or with a request that has the same `Idempotency-Key` and still runs."
    ),
    422: problem("The `Idempotency-Key` was used with another body."),
}
_KEY_FIELD = FieldDefinition.from_kwarg(
    annotation=str,
    name="idempotency_key",
    kwarg_definition=HeaderParameter(
        name=HEADER,
        required=False,
        pattern=rf"^[!-~]{{1,{MAX_KEY_LENGTH}}}$",
        description="Sent again within 24 hours with the same body, the request is answered again, not carried out again.",
    ),
)
_WITH_PATH = {404: problem("No such thing, or not visible.")}
_CREDENTIALS = ("Bearer", "ApiKey")


def describe_common_answers(app: Litestar) -> None:
    """Add to every route of the API the problems that guards and layers around it answer, and which credentials it takes.

    What a route says of a status itself stays. Call it before the description is first asked for.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith(API_PREFIX):
            for handler in route.route_handlers:
                handler.responses = {**_common_answers(route, handler), **(handler.responses or {})}
                if _takes_key(handler):
                    # Described only: the layer of idempotency reads the header, whatever the handler declares.
                    handler.resolve_layered_parameters()[_KEY_FIELD.name] = _KEY_FIELD
                scope = handler.opt.get("scope")
                if scope is not None:
                    # A scope stands as a role (OpenAPI 3.1, security requirement object).
                    handler.security = [{scheme: [scope]} for scheme in _CREDENTIALS]


def _common_answers(route: HTTPRoute, handler: HTTPRouteHandler) -> dict[int, ResponseSpec]:
    answers = dict(_EVERYWHERE)
    if route.path_parameters:
        answers |= _WITH_PATH
    if handler.parsed_data_field is not None:
        answers |= _WITH_BODY
    if _takes_key(handler):
        answers |= _WITH_KEY
    return answers


def _takes_key(handler: HTTPRouteHandler) -> bool:
    return bool(handler.http_methods & METHODS) and handling_of(handler.opt) is not Handling.IGNORE
