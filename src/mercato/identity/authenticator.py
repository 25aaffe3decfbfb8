"""From credentials to a principal."""

import hmac

import msgspec

from mercato.identity.principal import ADMIN_KEY, ANONYMOUS, Principal
from mercato.platform.problems import Unauthenticated


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a request shows: the headers `Authorization` and `X-API-Key`, and the session cookie."""

    authorization: str | None = None
    api_key: str | None = None
    cookie: str | None = None


class Authenticator:
    """Turns credentials into a principal."""

    def __init__(self, admin_key: str | None) -> None:
        self._admin_key = admin_key.encode() if admin_key else None

    async def authenticate(self, credentials: Credentials) -> Principal:
        """The caller behind the credentials; raises 401 for credentials that are not good."""
        if credentials.api_key is None:
            return ANONYMOUS
        if self._admin_key is not None and hmac.compare_digest(credentials.api_key.encode(), self._admin_key):
            return ADMIN_KEY
        raise Unauthenticated("The API key is not known.")
