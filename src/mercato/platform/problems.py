"""Errors as RFC 9457 problems: each carries its status and a stable code; none ever shows a stack trace or a database message."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one place of the input: a JSON pointer (RFC 6901) into the body, or the name of a parameter."""

    pointer: str
    code: str
    message: str


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`application/problem+json` as it goes over the wire."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str = ""
    request_id: str = ""
    errors: list[FieldError] = []
    required_scope: str | None = None
    current_version: int | None = None
    available: int | None = None
    count: int | None = None
    """How many things stand in the way."""
    slug: str | None = None
    """What the thing asked for is called now."""
    location: str | None = None
    """Where it is now."""
    moved_to: str | None = None
    """What the thing to be changed is called now."""


class Problem(Exception):
    """Base of all errors that a caller is told about."""

    status: int = 500
    code: str = "internal_error"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        required_scope: str | None = None,
        current_version: int | None = None,
        available: int | None = None,
        count: int | None = None,
        slug: str | None = None,
        location: str | None = None,
        moved_to: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.required_scope = required_scope
        self.current_version = current_version
        self.available = available
        self.count = count
        self.slug = slug
        self.location = location
        self.moved_to = moved_to

    def body(self, *, instance: str, request_id: str) -> ProblemBody:
        """The wire form; `instance` is the path of the request."""
        return ProblemBody(
            type=f"urn:mercato:problem:{self.code}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            code=self.code,
            detail=self.detail,
            instance=instance,
            request_id=request_id,
            errors=self.errors,
            required_scope=self.required_scope,
            current_version=self.current_version,
            available=self.available,
            count=self.count,
            slug=self.slug,
            location=self.location,
            moved_to=self.moved_to,
        )


class InvalidInput(Problem):
    """The body or a parameter is malformed or breaks a rule."""

    status = 400
    code = "invalid_input"

    @classmethod
    def at(cls, pointer: str, message: str, code: str = "invalid") -> "InvalidInput":
        """A problem with one place of the input."""
        return cls(f"{pointer}: {message}", errors=[FieldError(pointer=pointer, code=code, message=message)])


class Unauthenticated(Problem):
    """No credentials, or bad ones."""

    status = 401
    code = "unauthenticated"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="mercato", ApiKey realm="mercato"'})


class Forbidden(Problem):
    """The caller is known but may not do this."""

    status = 403
    code = "missing_scope"


class Moved(Problem):
    """What is asked for has another name now, and is at another address."""

    status = 301
    code = "moved"

    def __init__(self, detail: str, *, slug: str, location: str) -> None:
        super().__init__(detail, slug=slug, location=location, headers={"Location": location})


class NotFound(Problem):
    """There is no such thing, or the caller may not see it."""

    status = 404
    code = "not_found"


class Conflict(Problem):
    """The request contradicts the present state."""

    status = 409
    code = "conflict"


class StaleVersion(Problem):
    """`If-Match` names another version than the present one."""

    status = 412
    code = "stale_version"


class TooLarge(Problem):
    """The body, or what it holds, is larger than is taken."""

    status = 413
    code = "too_large"


class UnsupportedMediaType(Problem):
    """The body is of a kind that the address does not take."""

    status = 415
    code = "unsupported_media_type"


class Throttled(Problem):
    """The caller asks for more than its rate."""

    status = 429
    code = "rate_limited"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


class Unavailable(Problem):
    """Something Mercato depends on does not answer."""

    status = 503
    code = "dependency_unavailable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "5"})


_AT = re.compile(r"^(?P<message>.*?)(?: - at (?:`key` in )?`(?P<path>[^`]+)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_SOME_KEY = "[...]"
"""How msgspec writes a key of a dict: which one, it does not say, so the pointer ends above it."""
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]+)`")
_PLAIN_WORDS: Sequence[tuple[re.Pattern[str], str]] = (
    (
        re.compile(r"Expected `str` matching regex '\^\(\?!.*"),
        "may hold only a-z, 0-9 and single hyphens, and be no id",
    ),
    (
        re.compile(r"Expected `str` matching regex '\^\[a-z\]\[a-z0-9_\].*"),
        "may hold only a-z, 0-9 and _, a letter first",
    ),
    (re.compile(r"Expected `str` matching regex '\^\[A-Z\]\{3\}.*"), "must be an ISO 4217 code such as EUR"),
    (re.compile(r"Expected `str` matching regex '\^\(\[0-9\].*"), "must have 8, 12, 13 or 14 digits"),
    (re.compile(r"Expected `str` matching regex .*"), "must not be blank or hold control characters"),
    (re.compile(r"Expected `str` of length <= (\d+)"), r"must have at most \1 characters"),
    (re.compile(r"Expected `str` of length >= 1"), "must not be empty"),
    (re.compile(r"Expected `array` of length <= (\d+)"), r"must have at most \1 elements"),
    (re.compile(r"Expected `array` of length >= 1"), "must not be empty"),
    (re.compile(r"Expected `int` <= (\d+)"), r"must be at most \1"),
    (re.compile(r"Expected `int` >= (\d+)"), r"must be at least \1"),
)


def invalid_from_msgspec(message: str, prefix: str = "") -> InvalidInput:
    """Turn msgspec's message ("… - at `$.a[0]`") into a problem with a JSON pointer; `prefix` is prepended to the pointer."""
    match = _AT.match(message)
    text, path = (match["message"], match["path"] or "$") if match else (message, "$")
    steps = [name or index for name, index in _STEP.findall(path.partition(_SOME_KEY)[0])]
    code = "invalid"
    if _SOME_KEY in path:
        # Whose field is unknown or missing, the message does not say.
        code = "unknown_field" if _UNKNOWN_FIELD.search(text) else code
    elif unknown := _UNKNOWN_FIELD.search(text):
        steps.append(unknown[1])
        code, text = "unknown_field", "is not a field of this resource"
    elif "missing required field" in text:
        code = "missing_field"
        if name := re.search(r"`([^`]+)`", text):
            steps.append(name[1])
        text = "is required"
    else:
        for pattern, plain in _PLAIN_WORDS:
            if pattern.match(text):
                text = pattern.sub(plain, text)
                break
    pointer = prefix + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    return InvalidInput(
        f"{pointer or 'The body'}: {text}", errors=[FieldError(pointer=pointer, code=code, message=text)]
    )
