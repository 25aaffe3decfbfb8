"""Problems: what callers are told, and how messages of the decoder become pointers."""

from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from mercato.platform.problems import (
    Conflict,
    Forbidden,
    InvalidInput,
    Problem,
    StaleVersion,
    Unauthenticated,
    Unavailable,
    invalid_from_msgspec,
)
from mercato.platform.text import Name, Slug


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    """Something nested."""

    amount: Annotated[int, Meta(ge=0, le=9)]


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    """Something to decode."""

    name: Name
    slug: Slug = "x"
    prices: list[Inner] = []
    values: dict[Slug, int] = {}
    tags: Annotated[list[str], Meta(max_length=1)] = []


def refuse(body: str) -> InvalidInput:
    """The problem with a body."""
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(body, type=Outer)
    return invalid_from_msgspec(str(raised.value))


@pytest.mark.parametrize(
    ("body", "pointer", "code", "message"),
    [
        ("[]", "", "invalid", "Expected `object`, got `array`"),
        ("{}", "/name", "missing_field", "is required"),
        ('{"name": 5}', "/name", "invalid", "Expected `str`, got `int`"),
        ('{"name": ""}', "/name", "invalid", "must not be empty"),
        ('{"name": "a\\n"}', "/name", "invalid", "must not be blank or hold control characters"),
        ('{"name": "a", "slug": "A B"}', "/slug", "invalid", "may hold only a-z, 0-9 and single hyphens, and be no id"),
        ('{"name": "a", "tags": ["b", "c"]}', "/tags", "invalid", "must have at most 1 elements"),
        ('{"name": "a", "tags": ["b", 5]}', "/tags/1", "invalid", "Expected `str`, got `int`"),
        (
            '{"name": "a", "prices": [{"amount": 1}, {"amount": -1}]}',
            "/prices/1/amount",
            "invalid",
            "must be at least 0",
        ),
        ('{"name": "a", "prices": [{"amount": 10}]}', "/prices/0/amount", "invalid", "must be at most 9"),
        ('{"name": "a", "prices": [{}]}', "/prices/0/amount", "missing_field", "is required"),
        (
            '{"name": "a", "prices": [{"amount": 1, "x": 1}]}',
            "/prices/0/x",
            "unknown_field",
            "is not a field of this resource",
        ),
        ('{"name": "a", "a/b~c": 1}', "/a~1b~0c", "unknown_field", "is not a field of this resource"),
        ('{"name": "a", "values": {"a": "x"}}', "/values", "invalid", "Expected `int`, got `str`"),
        (
            '{"name": "a", "values": {"A": 1}}',
            "/values",
            "invalid",
            "may hold only a-z, 0-9 and single hyphens, and be no id",
        ),
    ],
)
def test_a_message_of_the_decoder_becomes_a_pointer_and_plain_words(
    body: str, pointer: str, code: str, message: str
) -> None:
    [error] = refuse(body).errors
    assert (error.pointer, error.code, error.message) == (pointer, code, message)


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (Problem("x"), 500, "internal_error"),
        (InvalidInput("x"), 400, "invalid_input"),
        (Unauthenticated("x"), 401, "unauthenticated"),
        (Forbidden("x"), 403, "missing_scope"),
        (Conflict("x"), 409, "conflict"),
        (StaleVersion("x"), 412, "stale_version"),
        (Unavailable("x"), 503, "dependency_unavailable"),
    ],
)
def test_a_problem_has_its_status_code_and_title(problem: Problem, status: int, code: str) -> None:
    body = problem.body(instance="/here", request_id="r1")
    assert (body.status, body.code, body.type) == (status, code, f"urn:mercato:problem:{code}")
    assert body.title
    assert (body.detail, body.instance, body.request_id) == ("x", "/here", "r1")


def test_what_a_problem_does_not_have_is_left_out() -> None:
    body = msgspec.json.decode(msgspec.json.encode(InvalidInput("x").body(instance="/", request_id="r")))
    assert body.keys() == {"type", "title", "status", "code", "detail", "instance", "request_id"}
    known = Forbidden("x", required_scope="write:catalog").body(instance="/", request_id="r")
    assert msgspec.to_builtins(known)["required_scope"] == "write:catalog"
    stale = StaleVersion("x", current_version=7).body(instance="/", request_id="r")
    assert msgspec.to_builtins(stale)["current_version"] == 7


def test_callers_are_told_how_to_go_on() -> None:
    assert Unauthenticated("x").headers["WWW-Authenticate"].endswith('ApiKey realm="mercato"')
    assert int(Unavailable("x").headers["Retry-After"]) > 0
