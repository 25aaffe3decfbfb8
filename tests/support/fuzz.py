"""Property-based fuzzing of the whole API from its own description, with every kind of caller."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, cast

import msgspec
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.result import Err, Result
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.pictures import picture

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TIMEOUT_S = 20
EMAILS = st.from_regex(r"[a-z]{8,16}@example\.com", fullmatch=True)
"""What chance does not hit upon."""
AnyCase = Case[Any]
AnyOperation = APIOperation[Any, Any, Any, Any]
Keys = Mapping[str, Sequence[str]]
"""Start of an address -> values of its path parameter that exist."""


class Finding(msgspec.Struct, frozen=True):
    """An answer that should not be, the first of its kind."""

    operation: str
    caller: str
    what: str
    request: str


class Fuzzer:
    """Calls every operation with data that fits its description and data that does not, as every caller. `findings` grows."""

    def __init__(self, url: str, callers: Mapping[str, Mapping[str, str]], keys: Keys) -> None:
        self._url, self._callers, self._keys = url, callers, keys
        self._session = requests.Session()
        self._seen: set[tuple[str, str]] = set()
        self.findings: list[Finding] = []
        self.answers: dict[str, set[int]] = {}
        """Operation -> the statuses that it answered."""

    def run(self, *, examples: int, start: int) -> None:
        """So many requests an operation, by each caller; the same `start` gives the same requests."""
        schema = schemathesis.openapi.from_url(f"{self._url}/schema/openapi.json")
        operations = [_described(result) for result in schema.get_all_operations()]
        # What deletes comes last, so that the others find what is there.
        for operation in sorted(operations, key=lambda operation: operation.method.upper() == "DELETE"):
            self._run_one(operation, examples=examples, start=start)

    def _run_one(self, operation: AnyOperation, *, examples: int, start: int) -> None:
        cases = st.one_of(
            operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE)
        )
        known = next((keys for path, keys in self._keys.items() if operation.path.startswith(path)), ())

        @seed(start)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            cases,
            st.none() | st.sampled_from(known) if known else st.none(),
            st.none() | EMAILS,
            st.none() | st.builds(picture),
        )
        def call(case: AnyCase, key: str | None, email: str | None, file: bytes | None) -> None:
            if key is not None:
                case.path_parameters = dict.fromkeys(case.path_parameters, key)
            if email is not None and isinstance(case.body, dict) and "email" in case.body:
                case.body["email"] = email
            if file is not None and isinstance(case.body, dict) and isinstance(case.body.get("file"), list):
                case.body["file"] = cast("Any", [file])
            for caller, headers in self._callers.items():
                self._call(case, caller, headers)

        call()

    def _call(self, case: AnyCase, caller: str, headers: Mapping[str, str]) -> None:
        operation = case.operation.label
        try:
            response = case.call(base_url=self._url, headers=dict(headers), session=self._session, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            self._note(operation, caller, f"no answer: {type(error).__name__}", case)
            return
        self.answers.setdefault(operation, set()).add(response.status_code)
        for check in CHECKS:
            if fault := _fault(partial(case.validate_response, response, checks=[check])):
                self._note(operation, caller, f"{response.status_code}: {fault}", case)

    def _note(self, operation: str, caller: str, what: str, case: AnyCase) -> None:
        kind = what.partition("\n")[0]
        if (operation, kind) not in self._seen:
            self._seen.add((operation, kind))
            self.findings.append(Finding(operation, caller, what, case.as_curl_command()))


def _described(result: Result[AnyOperation, InvalidSchema]) -> AnyOperation:
    if isinstance(result, Err):
        raise result.err()
    return result.ok()


def _fault(check: Callable[[], None]) -> str | None:
    try:
        check()
    except (AssertionError, BaseExceptionGroup) as error:  # the library's group of failures is no `Exception`
        return "\n".join(map(str, _leaves(error)))
    return None


def _leaves(error: BaseException) -> Iterable[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def report(findings: Sequence[Finding], *, most: int = 20) -> str:
    """The findings for a person to read."""
    return "\n\n".join(
        f"{finding.operation} as {finding.caller}\n{finding.what}\n{finding.request}"
        for finding in islice(findings, most)
    )
