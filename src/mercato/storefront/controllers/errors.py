"""Errors as people read them."""

import re
from collections.abc import Callable, Mapping

from litestar import Response

from mercato.platform.http import API_PREFIX, handle_exception, to_problem
from mercato.platform.problems import ProblemBody
from mercato.platform.settings import Settings
from mercato.search.taxonomy import Taxonomy
from mercato.storefront.controllers.answers import AnyRequest, page_answer
from mercato.storefront.rendering import shop_of

_NOT_PAGES = (API_PREFIX, "/schema", "/docs", "/health", "/metrics", "/media/", "/static/")
_NOT_FOUND = 404
_FAULTS: Mapping[int, tuple[str, str]] = {
    403: ("This form has expired", "For your safety we did not use it. Please go back, reload the page and try again."),
    404: ("This page is not here", "It may have moved, or the product is no longer sold. Search finds what is."),
    429: ("One moment, please", "That was a lot of requests in a short time. Please try again in a minute."),
    503: ("We will be right back", "The shop cannot reach its catalog at the moment. Please try again shortly."),
}
_FAULT = ("Something went wrong", "It is our fault, and we have made a note of it. Please try again.")

_FORMS = re.compile(r"/sign-(in|out)|/account/password|/p/[^/]+/review")
"""Pages that take a form: what goes wrong there is read by people too."""

ExceptionHandler = Callable[[AnyRequest, Exception], Response[bytes] | Response[ProblemBody]]


def make_exception_handler(settings: Settings, taxonomy: Taxonomy) -> ExceptionHandler:
    """The exception handler of the application: an error page where people read, a problem where programs do."""

    def handle(request: AnyRequest, error: Exception) -> Response[bytes] | Response[ProblemBody]:
        if _is_for_programs(request):
            return handle_exception(request, error)
        problem = to_problem(error)
        heading, detail = _FAULTS.get(problem.status, _FAULT)
        shop = shop_of(settings, taxonomy)
        is_ours = problem.status != _NOT_FOUND
        context = {
            "kind": "error",
            "title": f"{heading} | {shop.name}",
            "description": detail,
            "robots": "noindex",
            "status": problem.status,
            "heading": heading,
            "detail": detail,
            "retry_url": request.url.path if is_ours else None,
            "request_id": request.scope.get("request_id", "") if is_ours else "",
        }
        headers = problem.headers | {"Cache-Control": "no-store"}
        return page_answer(request, "error.html", shop, context, status=problem.status, headers=headers)

    return handle


def _is_for_programs(request: AnyRequest) -> bool:
    path = request.url.path
    return path.startswith(_NOT_PAGES) or (request.method not in {"GET", "HEAD"} and not _FORMS.fullmatch(path))
