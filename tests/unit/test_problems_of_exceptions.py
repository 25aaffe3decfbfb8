"""What callers are told of exceptions that nobody raised for them."""

from collections.abc import Callable

import asyncpg
import pytest
import sqlalchemy.exc
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotAuthorizedException, NotFoundException

from mercato.catalog.problems import SkuTaken
from mercato.platform.http import to_problem
from mercato.platform.problems import InvalidInput


def of_constraint(name: str) -> asyncpg.UniqueViolationError:
    """The database's complaint about a constraint."""
    error = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    error.constraint_name = name
    return error


def as_it_is(error: Exception) -> Exception:
    """The error of a read."""
    return error


def through_sqlalchemy(error: Exception) -> Exception:
    """The same, as it comes out of a session."""
    kind = sqlalchemy.exc.IntegrityError if isinstance(error, asyncpg.IntegrityConstraintViolationError) else None
    return (kind or sqlalchemy.exc.DBAPIError)("INSERT INTO variant …", {}, error)


def test_a_problem_is_told_as_it_is() -> None:
    problem = InvalidInput("x")
    assert to_problem(problem) is problem


@pytest.mark.parametrize("wrap", [as_it_is, through_sqlalchemy])
def test_a_broken_constraint_is_told_in_the_words_of_its_domain(wrap: Callable[[Exception], Exception]) -> None:
    assert isinstance(to_problem(wrap(of_constraint("variant_sku_key"))), SkuTaken)
    other = to_problem(wrap(of_constraint("some_other_constraint")))
    assert (other.status, other.code) == (409, "conflict")


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.AdminShutdownError("bye"),
        asyncpg.QueryCanceledError("statement timeout"),
        asyncpg.TooManyConnectionsError("full"),
        asyncpg.LockNotAvailableError("lock timeout"),
        asyncpg.DeadlockDetectedError("deadlock"),
        asyncpg.SerializationError("try again"),
        sqlalchemy.exc.TimeoutError("pool"),
        through_sqlalchemy(asyncpg.DeadlockDetectedError("deadlock")),
        through_sqlalchemy(ConnectionResetError()),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_database_that_is_away_or_overtaxed_is_worth_another_try(error: Exception) -> None:
    problem = to_problem(error)
    assert (problem.status, problem.code) == (503, "dependency_unavailable")
    assert int(problem.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFoundException(), 404, "not_found"),
        (MethodNotAllowedException(headers={"allow": "GET, OPTIONS"}), 405, "method_not_allowed"),
        (HTTPException(status_code=413), 413, "too_large"),
        (NotAuthorizedException(), 401, "http_error"),
    ],
)
def test_errors_of_the_framework_become_problems(error: HTTPException, status: int, code: str) -> None:
    problem = to_problem(error)
    assert (problem.status, problem.code) == (status, code)


def test_the_methods_that_are_offered_are_told() -> None:
    problem = to_problem(MethodNotAllowedException(headers={"allow": "GET, OPTIONS, POST"}))
    assert problem.headers["allow"] == "GET, HEAD, POST"


def test_anything_else_is_our_fault_and_says_nothing() -> None:
    problem = to_problem(RuntimeError("secret detail"))
    assert (problem.status, problem.code) == (500, "internal_error")
    assert "secret" not in problem.detail
