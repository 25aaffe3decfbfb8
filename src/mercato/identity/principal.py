"""Who is calling and what they may do."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, get_args
from uuid import UUID

import msgspec

from mercato.platform.problems import Forbidden, Unauthenticated

Kind = Literal["anonymous", "account", "api_key", "admin_key"]
Role = Literal["admin", "seller", "buyer"]
Scope = Literal[
    "read:catalog",
    "write:catalog",
    "write:media",
    "write:reviews",
    "write:imports",
    "read:analytics",
    "read:search",
    "write:search",
    "read:operations",
    "read:audit",
    "admin:users",
    "self:account",
    "self:api_keys",
]
ALL_SCOPES: frozenset[Scope] = frozenset(get_args(Scope))
PERSONAL_SCOPES: frozenset[Scope] = frozenset({"self:account", "self:api_keys"})
"""What belongs to a person who signed in; no API key is ever given it."""
PUBLISHABLE_SCOPES: frozenset[Scope] = frozenset({"read:search"})
"""All that a publishable key can do."""
ROLE_SCOPES: Mapping[Role, frozenset[Scope]] = {
    "admin": ALL_SCOPES,
    "seller": frozenset(
        {
            "read:catalog",
            "write:catalog",
            "write:media",
            "write:reviews",
            "read:search",
            "self:account",
            "self:api_keys",
        }
    ),
    "buyer": frozenset({"self:account", "write:reviews"}),
}


class MissingRole(Forbidden):
    """The scope is there, but the route is for another role."""

    code = "missing_role"


class Visibility(msgspec.Struct, frozen=True, kw_only=True):
    """Which products a caller sees besides the published ones: all (`everything`), those of one seller, or none."""

    everything: bool = False
    seller_id: UUID | None = None


PUBLISHED_ONLY = Visibility()
EVERYTHING = Visibility(everything=True)


@lru_cache(maxsize=10_000)
def named(kind: str, holder: UUID) -> str:
    """Kind and id as text: writing an id out is a good part of what counting a request costs."""
    return f"{kind}:{holder}"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """The caller of one request.

    `role` is the account's, or that of an API key's maker. `credential` says for the audit log what was shown ("session:<id>",
    "api_key:<id>", "admin_key"; empty for anonymous callers).
    """

    kind: Kind
    name: str
    scopes: frozenset[Scope]
    role: Role | None = None
    account_id: UUID | None = None
    session_id: UUID | None = None
    key_id: UUID | None = None
    is_publishable: bool = False
    """A key that may stand in a web page: refused on every route that is not marked for it."""
    csrf_token: str = ""
    """Of a caller known by a cookie: what a request that changes something must show besides."""

    @property
    def credential(self) -> str:
        """What the caller showed, for the audit log."""
        if self.key_id is not None:
            return named("api_key", self.key_id)
        if self.session_id is not None:
            return f"session:{self.session_id}"
        return "admin_key" if self.kind == "admin_key" else ""

    @property
    def visibility(self) -> Visibility:
        """Which unpublished products the caller sees."""
        if "read:catalog" not in self.scopes:
            return PUBLISHED_ONLY
        return EVERYTHING if self.role == "admin" else Visibility(seller_id=self.account_id)

    def require(self, scope: Scope, role: Role | None = None) -> None:
        """Raise 401 for a caller without credentials, 403 for one without the scope or the role."""
        if self.kind == "anonymous":
            raise Unauthenticated(
                "Sign in and send the access token as `Authorization: Bearer …`, or an API key as `X-API-Key`."
            )
        if scope not in self.scopes:
            raise Forbidden(f"This needs the scope {scope}.", required_scope=scope)
        if role is not None and self.role != role:
            raise MissingRole(f"Only the role {role} may do this, whatever the scopes.", required_scope=scope)


ANONYMOUS = Principal(kind="anonymous", name="anonymous", scopes=frozenset())
ADMIN_KEY = Principal(kind="admin_key", name="admin-key", role="admin", scopes=ALL_SCOPES - {"self:account"})
