"""What the catalog's routes have in common in the API description."""

from typing import Annotated

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import Body, HeaderParameter, PathParameter, QueryParameter

from mercato.platform.paging import Count
from mercato.platform.problems import ProblemBody

Key = Annotated[str, PathParameter(description="Id or slug.", max_length=120)]
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

NameFilter = Annotated[
    str | None, QueryParameter(min_length=1, max_length=100, description="Only names that contain this.")
]


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        data_container=ProblemBody,
        description=description,
        media_type="application/problem+json",
        generate_examples=False,
    )


_ANY = {
    401: _problem("The API key is not known."),
    503: _problem("Something this needs does not answer; `Retry-After` says when to try again."),
}
LIST_PROBLEMS = {**_ANY, 400: _problem("Unknown or invalid parameters, or a cursor of another list.")}
READ_PROBLEMS = {
    **_ANY,
    400: _problem("Unknown or invalid parameters."),
    404: _problem("No such thing, or not visible."),
}
GET_RESPONSES = {
    **READ_PROBLEMS,
    304: ResponseSpec(data_container=None, description="`If-None-Match` names the present entity tag."),
}
ACTION_PROBLEMS = {
    **_ANY,
    400: _problem("Invalid input; `errors` says where."),
    401: _problem("No or unknown credentials."),
    403: _problem("The credentials lack the scope; `required_scope` names it."),
}
WRITE_PROBLEMS = {
    **ACTION_PROBLEMS,
    409: _problem("A conflict, such as `slug_taken`."),
    413: _problem("The body is too large."),
    415: _problem("The body is no JSON by its `Content-Type`."),
}
_OF_ONE = {
    404: _problem("No such thing, or not visible."),
    412: _problem("`If-Match` is stale; `current_version` is the present one."),
}
CHANGE_PROBLEMS = {**WRITE_PROBLEMS, **_OF_ONE}
DELETE_PROBLEMS = {**ACTION_PROBLEMS, **_OF_ONE, 409: _problem("It is in use, or changed at the same time.")}


def example_body(**fields: object) -> object:
    """Annotation of a JSON body, with an example of it."""
    return Body(examples=[Example(value=fields)])
