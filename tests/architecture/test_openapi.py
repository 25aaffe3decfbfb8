"""The API description: complete, valid, and changed only on purpose."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.routes import HTTPRoute
from openapi_spec_validator import OpenAPIV31SpecValidator

from mercato.asgi import Application
from tests.architecture.application import SNAPSHOT, as_text, describe, make_app

Json = dict[str, Any]
PROBLEM = "application/problem+json"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """The application without its servers."""
    return make_app(Path(tmp_path_factory.mktemp("media")))


@pytest.fixture(scope="module")
def description(app: Application) -> Json:
    """What clients get."""
    return describe(app)


def operations(description: Json) -> Iterator[tuple[str, Json]]:
    """Each operation with its address, such as `POST /api/v1/products`."""
    for path, item in description["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method.upper()} {path}", item[method]


def is_api(address: str) -> bool:
    """Whether the operation belongs to the API proper (health checks tell no problems)."""
    return " /api/v1/" in address


def test_the_api_is_as_it_was_written_down(description: Json) -> None:
    assert as_text(description) == SNAPSHOT.read_text(encoding="utf-8"), (
        "The API description has changed. If that is on purpose, run `make openapi` and commit the difference."
    )


def test_the_description_is_valid_openapi(description: Json) -> None:
    assert description["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(description).validate()


def test_every_operation_has_a_name_a_summary_and_words(description: Json) -> None:
    names = []
    tags = {tag["name"] for tag in description["tags"]}
    for address, operation in operations(description):
        names.append(operation["operationId"])
        assert operation["summary"], address
        assert operation["description"], address
        assert set(operation["tags"]) <= tags, address
    assert len(set(names)) == len(names)


def test_every_parameter_has_words_or_speaks_for_itself(description: Json) -> None:
    plain = {"q", "sort", "page", "limit", "in_stock", "rating_min", "highlight"}
    for address, operation in operations(description):
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description") or parameter["name"] in plain, f"{address} {parameter['name']}"


def test_every_operation_tells_its_errors_as_problems(description: Json) -> None:
    for address, operation in operations(description):
        if not is_api(address):
            continue
        expected = {"400", "401", "503"}
        if operation.get("security"):
            expected |= {"403"}
        if "requestBody" in operation:
            expected |= {"413", "415"}
            expected |= (
                {"409"} if any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", ())) else set()
            )
        if "{key}" in address:
            expected |= {"404"} if address.startswith("GET") else {"404", "409", "412"}
        responses = operation["responses"]
        assert responses.keys() >= expected, f"{address} lacks {expected - responses.keys()}"
        for status, response in responses.items():
            if status >= "400":
                schema = response["content"][PROBLEM]["schema"]
                assert schema == {"$ref": "#/components/schemas/ProblemBody"}, f"{address} {status}"


def test_operations_that_need_a_scope_say_which(app: Application, description: Json) -> None:
    asked = {
        f"{method} {route.path_format}": handler.opt.get("scope")
        for route in app.litestar.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
    }
    schemes = description["components"]["securitySchemes"]
    assert {name: scheme["type"] for name, scheme in schemes.items()} == {"ApiKey": "apiKey", "Bearer": "http"}
    for address, operation in operations(description):
        scope = asked[address]
        assert operation.get("security") == ([{"Bearer": [scope]}, {"ApiKey": [scope]}] if scope else None), address


def test_every_body_has_an_example_that_the_operation_accepts(app: Application, description: Json) -> None:
    bodies = {
        handler.operation_id: handler.parsed_data_field.annotation
        for route in app.litestar.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.parsed_data_field is not None
    }
    seen = 0
    for address, operation in operations(description):
        if "application/json" not in operation.get("requestBody", {}).get("content", {}):
            continue
        examples = operation["requestBody"]["content"]["application/json"]["schema"]["examples"]
        assert examples, address
        for example in examples:
            msgspec.convert(example, bodies[operation["operationId"]])
            seen += 1
    assert seen >= 10


def test_the_description_leads_to_no_other_host(description: Json) -> None:
    assert [server["url"] for server in description["servers"]] == ["/"]
    assert "://" not in as_text(description)
