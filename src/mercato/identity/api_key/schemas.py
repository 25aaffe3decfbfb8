"""API keys as the API speaks of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from mercato.identity.principal import Scope
from mercato.platform.clock import Timestamp
from mercato.platform.text import Label

KeyKind = Literal["secret", "publishable"]


class ApiKeyCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new key. `secret` ones belong on servers; a `publishable` one may stand in a web page and can only search."""

    name: Label
    scopes: Annotated[
        list[Scope], Meta(max_length=20, description="At least one, none that you lack; for a publishable key none.")
    ]
    kind: KeyKind = "secret"
    expires_at: Timestamp | None = None


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret. `prefix` is the part that may be shown."""

    id: UUID
    name: str
    kind: KeyKind
    prefix: str
    scopes: list[Scope]
    account_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewApiKey(ApiKey, frozen=True, kw_only=True):
    """A key that was just made; `key` is shown this once."""

    key: str
