"""Cookies of the pages, and what keeps other sites from using them (cross-site request forgery)."""

import hmac
from hashlib import sha256

SESSION_COOKIE = "mercato_session"
FORM_COOKIE = "mercato_form"
"""Binds the sign-in form to the browser it was sent to, before there is a session."""


def csrf_token(cookie: str) -> str:
    """The token that belongs to a cookie: only our own pages can know it, and it tells nothing of the cookie."""
    return hmac.new(cookie.encode(), b"mercato csrf", sha256).hexdigest()


def is_same(token: str, expected: str) -> bool:
    """Whether two tokens are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(token.encode(), expected.encode())


def cookie_name(name: str, *, is_secure: bool) -> str:
    """`__Host-` makes browsers insist on Secure, on this host alone and on the whole site (RFC 6265bis, section 4.1.3.2)."""
    return f"__Host-{name}" if is_secure else name
