"""What can be wrong with credentials and accounts, and the database constraints that reveal it."""

from mercato.platform.http import CONSTRAINTS
from mercato.platform.problems import Conflict, Forbidden, Problem, Unauthenticated, Unavailable


class InvalidToken(Unauthenticated):
    """An access token that is forged, damaged, expired or revoked."""

    code = "invalid_token"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.headers["WWW-Authenticate"] = 'Bearer realm="mercato", error="invalid_token"'


class TokenExpired(InvalidToken):
    """An access token that was good once: refresh it."""

    code = "token_expired"


class InvalidRefreshToken(InvalidToken):
    """A refresh token that is unknown, used, expired or of an ended session."""

    code = "invalid_refresh_token"


class InvalidCredentials(Unauthenticated):
    """No account has this e-mail address and password; which of the two is wrong is not told."""

    code = "invalid_credentials"


class TooManyAttempts(Problem):
    """Too many wrong passwords; the address or account has to wait."""

    status = 429
    code = "too_many_attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many failed sign-ins. Try again in {seconds} seconds.", headers={"Retry-After": str(seconds)}
        )


class AccountsNotConfigured(Unavailable):
    """The installation has no keys to sign access tokens with."""

    code = "accounts_not_configured"


class CsrfFailed(Forbidden):
    """A change that a signed-in browser sent without the token that only our own pages know."""

    code = "csrf_failed"


class EmailTaken(Conflict):
    """Another account has the e-mail address."""

    code = "email_taken"


class LastAdmin(Conflict):
    """The change would leave nobody who can administer."""

    code = "last_admin"


CONSTRAINTS.register({"account_email_key": lambda: EmailTaken("Another account has this e-mail address.")})
