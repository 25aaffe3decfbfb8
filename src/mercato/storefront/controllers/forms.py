"""Forms of the pages: who sent them, and where they lead."""

from urllib.parse import urlsplit

from litestar.datastructures import Cookie

from mercato.identity.principal import Principal
from mercato.identity.problems import CsrfFailed
from mercato.identity.session.cookies import FORM_COOKIE, SESSION_COOKIE, cookie_name, csrf_token, is_same
from mercato.platform.http import ApiRequest
from mercato.platform.problems import UnsupportedMediaType
from mercato.platform.settings import Settings

TOKEN_FIELD = "csrf_token"  # noqa: S105 - the name of the field
URL_ENCODED = "application/x-www-form-urlencoded"
FORM_S = 60 * 60
"""How long a sign-in form may stand open, in seconds."""


class Cookies:
    """The cookies of the pages, as the settings want them: never for scripts, never sent along from other sites' forms."""

    def __init__(self, settings: Settings) -> None:
        self._is_secure = settings.has_secure_cookies

    def session(self, value: str, lifetime_s: int) -> Cookie:
        """The cookie of a session."""
        return self._cookie(SESSION_COOKIE, value, lifetime_s)

    def form(self, value: str) -> Cookie:
        """The cookie that a sign-in form belongs to."""
        return self._cookie(FORM_COOKIE, value, FORM_S)

    def without(self, name: str) -> Cookie:
        """Has the browser forget a cookie."""
        return self._cookie(name, "", 0)

    def form_value(self, request: ApiRequest) -> str:
        """What the form cookie of the request holds; empty without one."""
        return request.cookies.get(cookie_name(FORM_COOKIE, is_secure=self._is_secure), "")

    def _cookie(self, name: str, value: str, lifetime_s: int) -> Cookie:
        return Cookie(
            key=cookie_name(name, is_secure=self._is_secure),
            value=value,
            max_age=lifetime_s,
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )


async def read_form(request: ApiRequest, expected_token: str) -> dict[str, str]:
    """The fields of a form that one of our own pages sent; raises 403 for one that another site had a browser send."""
    if request.content_type[0] != URL_ENCODED:
        raise UnsupportedMediaType(f"The body is {request.content_type[0]}; a form is {URL_ENCODED}.")
    fields = {name: str(value) for name, value in (await request.form()).multi_items()}
    if not expected_token or not is_same(fields.get(TOKEN_FIELD, ""), expected_token) or not _is_same_origin(request):
        raise CsrfFailed("The form was not sent by a page of ours, or has expired. Load the page again.")
    return fields


def token_of(principal: Principal, form_cookie: str) -> str:
    """The token of a form: the session's, or before there is one, that of the form's own cookie."""
    return principal.csrf_token or (csrf_token(form_cookie) if form_cookie else "")


def local_path(text: str, default: str) -> str:
    """Where to go next, if that is a path of this shop; `default` for everything else, such as `//evil.example`."""
    parts = urlsplit(text) if text.isascii() and text.isprintable() else None
    is_local = (
        parts is not None
        and not parts.scheme
        and not parts.netloc
        and text.startswith("/")
        and text[1:2] not in {"/", "\\"}
    )
    return text if is_local else default


def _is_same_origin(request: ApiRequest) -> bool:
    """Whether the browser says that the form comes from this very host (browsers that say nothing are trusted for the token alone)."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
