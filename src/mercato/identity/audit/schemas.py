"""The audit log on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

AuditAction = Literal["create", "update", "delete", "import"]


class AuditResource(msgspec.Struct, frozen=True, kw_only=True):
    """What was changed: its kind (`product`, `variant`, `account`, …) and id; an import has none."""

    type: str
    id: UUID | None


class AuditActor(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it: `id` is the account's, or that of an API key's maker."""

    kind: str
    id: UUID | None
    name: str


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `before` and `after` hold the fields that differ, named as in the database; of secrets only that they changed."""

    id: UUID
    occurred_at: datetime
    action: AuditAction
    resource: AuditResource
    actor: AuditActor
    credential: str
    address: str
    request_id: str
    before: dict[str, object] | None
    after: dict[str, object] | None


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the log; all that are set hold."""

    resource: str | None = None
    actor: str | None = None
    action: AuditAction | None = None
    since: datetime | None = None
    until: datetime | None = None
