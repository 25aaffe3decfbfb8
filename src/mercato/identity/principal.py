"""Who is calling and what they may do."""

import hmac
from typing import Literal

import msgspec

from mercato.platform.problems import Forbidden, Unauthenticated

Scope = Literal["read:catalog", "write:catalog", "write:search", "read:operations"]
ALL_SCOPES: frozenset[Scope] = frozenset({"read:catalog", "write:catalog", "write:search", "read:operations"})


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """The caller of one request. `sees_unpublished` lets drafts and archived products through."""

    name: str
    scopes: frozenset[Scope]
    sees_unpublished: bool = False

    def require(self, scope: Scope) -> None:
        """Raise 401 for a caller without credentials, 403 for one without the scope."""
        if scope in self.scopes:
            return
        if self is ANONYMOUS:
            raise Unauthenticated("Send an API key with the scope in the header X-API-Key.")
        raise Forbidden(f"This needs the scope {scope}.", required_scope=scope)


ANONYMOUS = Principal(name="anonymous", scopes=frozenset())
ADMIN_KEY = Principal(name="admin-key", scopes=ALL_SCOPES, sees_unpublished=True)


class Authenticator:
    """Turns credentials into a principal. Accounts and stored keys join here; today it knows the admin key of the settings."""

    def __init__(self, admin_key: str | None) -> None:
        self._admin_key = admin_key.encode() if admin_key else None

    def authenticate(self, api_key: str | None) -> Principal:
        """The caller behind an `X-API-Key` header; raises 401 for a key that is not known."""
        if api_key is None:
            return ANONYMOUS
        if self._admin_key is not None and hmac.compare_digest(api_key.encode(), self._admin_key):
            return ADMIN_KEY
        raise Unauthenticated("The API key is not known.")
