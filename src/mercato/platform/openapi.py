"""What routes have in common in the API description: parameters, and the problems they answer."""

from typing import Annotated

from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter

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
WRITE_PROBLEMS = {
    400: problem("Invalid input; `errors` says where."),
    401: problem("No or unknown credentials."),
    403: problem("The credentials lack the scope."),
    409: problem("A conflict, such as `slug_taken`."),
    413: problem("The body is too large."),
}
CHANGE_PROBLEMS = {
    **WRITE_PROBLEMS,
    404: problem("No such thing, or not visible."),
    412: problem("`If-Match` is stale; `current_version` is the present one."),
}
