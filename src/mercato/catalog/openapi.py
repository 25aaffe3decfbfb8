"""What the catalog's routes have in common in the API description."""

from typing import Annotated

from litestar.params import PathParameter, QueryParameter

from mercato.platform.openapi import (
    ACTION_PROBLEMS,
    CHANGE_PROBLEMS,
    DELETE_PROBLEMS,
    GET_RESPONSES,
    LIST_PROBLEMS,
    LIST_RESPONSES,
    READ_PROBLEMS,
    WRITE_PROBLEMS,
    CountParameter,
    CursorParameter,
    IfMatch,
    LimitParameter,
    example_body,
    problem,
)

__all__ = [
    "ACTION_PROBLEMS",
    "CHANGE_PROBLEMS",
    "DELETE_PROBLEMS",
    "GET_RESPONSES",
    "LIST_PROBLEMS",
    "LIST_RESPONSES",
    "MOVED",
    "READ_PROBLEMS",
    "SLUG_RESPONSES",
    "WRITE_PROBLEMS",
    "CountParameter",
    "CursorParameter",
    "IfMatch",
    "Key",
    "LimitParameter",
    "NameFilter",
    "example_body",
]

MOVED = {301: problem("A former slug: `location` and `slug` say where it is now.")}
SLUG_RESPONSES = {**GET_RESPONSES, **MOVED}
"""Of what is read by its id or its slug."""
Key = Annotated[str, PathParameter(description="Id or slug.", max_length=120)]
NameFilter = Annotated[
    str | None, QueryParameter(min_length=1, max_length=100, description="Only names that contain this.")
]
