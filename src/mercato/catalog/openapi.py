"""What the catalog's routes have in common in the API description."""

from typing import Annotated

from litestar.params import PathParameter, QueryParameter

from mercato.platform.openapi import (
    CHANGE_PROBLEMS,
    LIST_PROBLEMS,
    READ_PROBLEMS,
    WRITE_PROBLEMS,
    CountParameter,
    CursorParameter,
    IfMatch,
    LimitParameter,
)

__all__ = [
    "CHANGE_PROBLEMS",
    "LIST_PROBLEMS",
    "READ_PROBLEMS",
    "WRITE_PROBLEMS",
    "CountParameter",
    "CursorParameter",
    "IfMatch",
    "Key",
    "LimitParameter",
    "NameFilter",
]

Key = Annotated[str, PathParameter(description="Id or slug.", max_length=120)]
NameFilter = Annotated[
    str | None, QueryParameter(min_length=1, max_length=100, description="Only names that contain this.")
]
