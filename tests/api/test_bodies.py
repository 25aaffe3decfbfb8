"""Request bodies that are no JSON, no object, too large, or of another kind."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.api.resources import Resource, each_resource
from tests.support.answers import expect_invalid, expect_problem
from tests.support.builders import make_product, unique
from tests.support.installation import Installation

LIST = "/api/v1/products"
JSON = {"content-type": "application/json"}
DEPTH = 5_000


@each_resource
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"name":',
        b"{'name': 'x'}",
        b"\xef\xbb\xbf{}",
        b'{"name": "\xff"}',
        b'{"name": "\xed\xa0\x80"}',
        b'{"name": "\\ud800"}',
        b'{"name": "line\nbreak"}',
        b"PK\x03\x04",
        b"\0",
        b" ",
    ],
)
async def test_a_body_that_is_no_json_is_refused(
    shared_shop: Installation, resource: Resource, method: str, body: bytes
) -> None:
    at = f"/api/v1{resource.path}" if method == "POST" else resource.address(await resource.make(shared_shop))
    response = await shared_shop.admin.request(method, at, content=body, headers=JSON)
    expect_invalid(response, "", "malformed_json")


async def test_anything_behind_the_object_is_refused(shared_shop: Installation) -> None:
    for body in (b'{"name": "x"} trailing', b'{"name": "x"}{}', b'{"name": "x",}'):
        expect_invalid(await shared_shop.admin.post(LIST, content=body, headers=JSON), "", "malformed_json")


@each_resource
@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"5", b"true", b"[" * DEPTH + b"]" * DEPTH])
async def test_a_body_that_is_no_object_is_refused(shared_shop: Installation, resource: Resource, body: bytes) -> None:
    response = await shared_shop.admin.post(f"/api/v1{resource.path}", content=body, headers=JSON)
    expect_invalid(response, "", "invalid")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_a_missing_body_is_said_to_be_missing(shared_shop: Installation, method: str) -> None:
    at = LIST if method == "POST" else f"{LIST}/{(await make_product(shared_shop))['id']}"
    expect_invalid(await shared_shop.admin.request(method, at), "", "missing_body")
    expect_invalid(await shared_shop.admin.request(method, at, headers=JSON), "", "missing_body")


@pytest.mark.parametrize("place", ["name", "attributes", "unknown"])
async def test_deep_nesting_is_refused_not_followed(shared_shop: Installation, place: str) -> None:
    for deep in ("[" * DEPTH + "]" * DEPTH, '{"a":' * DEPTH + "1" + "}" * DEPTH):
        response = await shared_shop.admin.post(LIST, content=f'{{"name": "x", "{place}": {deep}}}', headers=JSON)
        expect_problem(response, 400, "invalid_input")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_a_body_of_ten_megabytes_is_too_large(shared_shop: Installation, method: str) -> None:
    at = LIST if method == "POST" else f"{LIST}/{(await make_product(shared_shop))['id']}"
    body = json.dumps({"name": "x", "description": "x" * 10_000_000})
    expect_problem(await shared_shop.admin.request(method, at, content=body, headers=JSON), 413, "too_large")


async def test_a_large_body_without_a_length_is_too_large_too(shared_shop: Installation) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    expect_problem(await shared_shop.admin.post(LIST, content=chunks(), headers=JSON), 413, "too_large")


@pytest.mark.parametrize(
    "media_type",
    [
        "text/csv",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json; charset=latin-1",
        "application/jsonp",
        "no media type",
    ],
)
async def test_a_body_of_another_kind_is_refused(shared_shop: Installation, media_type: str) -> None:
    made = await make_product(shared_shop)
    for method, at in (("POST", LIST), ("PUT", f"{LIST}/{made['id']}"), ("PATCH", f"{LIST}/{made['id']}")):
        response = await shared_shop.admin.request(
            method, at, content=b'{"name": "x"}', headers={"content-type": media_type}
        )
        expect_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=UTF-8", None])
async def test_json_may_be_called_json_or_nothing(shared_shop: Installation, media_type: str | None) -> None:
    response = await shared_shop.admin.post(
        LIST,
        content=json.dumps({"name": unique("Ü")}, ensure_ascii=False).encode(),
        headers={"content-type": media_type} if media_type else {},
    )
    assert response.status_code == 201


async def test_of_a_repeated_field_the_last_value_counts(shared_shop: Installation) -> None:
    response = await shared_shop.admin.post(LIST, content=b'{"name": "first", "name": "last"}', headers=JSON)
    assert response.json()["name"] == "last"


async def test_all_wrong_json_types_are_told_apart(shared_shop: Installation) -> None:
    for value, kind in ((1, "int"), (1.5, "float"), (True, "bool"), (None, "null"), ([], "array"), ({}, "object")):
        problem = expect_invalid(await shared_shop.admin.post(LIST, json={"name": value}), "/name")
        assert f"got `{kind}`" in problem["detail"]
