"""Reading answers of the API: problems, lists, and several calls at once."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import httpx

from tests.support.builders import Json

T = TypeVar("T")
PROBLEM_FIELDS = {"type", "title", "status", "code", "detail", "instance", "request_id"}


def expect_problem(response: httpx.Response, status: int, code: str, pointer: str | None = None) -> Json:
    """The problem (RFC 9457) that the answer tells, checked for its shape; with `pointer`, for the place it names."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    problem: Json = response.json()
    assert problem.keys() >= PROBLEM_FIELDS, problem
    assert problem["type"] == f"urn:mercato:problem:{code}", problem
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["instance"] == response.request.url.path
    assert problem["request_id"] == response.headers["x-request-id"]
    if pointer is not None:
        assert pointer in {error["pointer"] for error in problem["errors"]}, problem
    return problem


def expect_invalid(response: httpx.Response, pointer: str, code: str | None = None) -> Json:
    """The 400 problem about one place of the input: a JSON pointer into the body, or the name of a parameter."""
    problem = expect_problem(response, 400, "invalid_input", pointer)
    if code is not None:
        assert code in {error["code"] for error in problem["errors"] if error["pointer"] == pointer}, problem
    return problem


async def read_pages(client: httpx.AsyncClient, path: str, **parameters: object) -> list[list[Json]]:
    """All pages of a list, by following the `Link` headers, which must agree with `next_cursor`."""
    pages: list[list[Json]] = []
    response = await client.get(f"/api/v1{path}", params=_texts(parameters))
    while True:
        assert response.status_code == 200, response.text
        page = response.json()
        pages.append(page["items"])
        assert ("next" in response.links) == (page["next_cursor"] is not None)
        if page["next_cursor"] is None:
            return pages
        assert page["next_cursor"] in response.links["next"]["url"]
        response = await client.get(response.links["next"]["url"])


async def read_all(client: httpx.AsyncClient, path: str, **parameters: object) -> list[Json]:
    """All items of a list."""
    return [item for page in await read_pages(client, path, **parameters) for item in page]


def _texts(parameters: dict[str, object]) -> dict[str, str | list[str]]:
    return {
        name: [str(v) for v in value] if isinstance(value, list) else str(value) for name, value in parameters.items()
    }


async def at_once(*calls: Callable[[], Awaitable[T]]) -> list[T]:
    """What several calls give that run concurrently, in their order."""
    answers: dict[int, T] = {}

    async def run(number: int, call: Callable[[], Awaitable[T]]) -> None:
        answers[number] = await call()

    async with anyio.create_task_group() as group:
        for number, call in enumerate(calls):
            group.start_soon(run, number, call)
    return [answers[number] for number in range(len(calls))]
