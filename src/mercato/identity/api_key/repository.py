"""All SQL of API keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from mercato.identity.api_key.schemas import KeyKind
from mercato.identity.principal import Role
from mercato.platform.db import Reader
from mercato.platform.paging import Keyset, ListStatement, PageBytes, PageRequest, assemble_page

PREFIXES: Mapping[KeyKind, str] = {"secret": "mk", "publishable": "pk"}

BY_AGE = Keyset(name="-api_key.created_at", key="k.created_at", sql_type="timestamptz", descending=True)
_KEY = """json_build_object(
    'id', k.id, 'name', k.name, 'kind', k.kind,
    'prefix', CASE k.kind WHEN 'publishable' THEN 'pk_' ELSE 'mk_' END || replace(k.id::text, '-', ''),
    'scopes', k.scopes, 'account_id', k.account_id, 'created_at', k.created_at, 'expires_at', k.expires_at,
    'revoked_at', k.revoked_at, 'last_used_at', k.last_used_at
)"""
_LIST = ListStatement(source="api_key", alias="k", item=_KEY)
_FIND = """
SELECT k.id, k.kind, k.name, k.secret_hash, k.scopes, k.expires_at, k.revoked_at IS NOT NULL, k.account_id, a.role, a.is_active
FROM api_key k LEFT JOIN account a ON a.id = k.account_id WHERE k.id = $1
"""
_INSERT = f"""
INSERT INTO api_key AS k (id, account_id, kind, name, secret_hash, scopes, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING {_KEY}::text
"""
_REVOKE = """
UPDATE api_key SET revoked_at = coalesce(revoked_at, clock_timestamp())
WHERE id = $1 AND ($2 OR account_id IS NOT DISTINCT FROM $3::uuid) RETURNING id
"""
_NOTE_USE = """
UPDATE api_key k SET last_used_at = used.at FROM unnest($1::uuid[], $2::timestamptz[]) AS used (id, at)
WHERE k.id = used.id AND (k.last_used_at IS NULL OR k.last_used_at < used.at)
"""


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """What checking a key needs. `role` and `is_active` are its maker's; without a maker (`account_id`) it is the admin key's."""

    id: UUID
    kind: KeyKind
    name: str
    secret_hash: bytes
    scopes: list[str]
    expires_at: datetime | None
    is_revoked: bool
    account_id: UUID | None
    role: Role | None
    is_active: bool

    @property
    def prefix(self) -> str:
        """How keys of its kind begin."""
        return PREFIXES[self.kind]


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key to be stored."""

    id: UUID
    account_id: UUID | None
    kind: KeyKind
    name: str
    secret_hash: bytes
    scopes: list[str]
    expires_at: datetime | None


async def find_key(reader: Reader, key_id: UUID) -> KeyRow | None:
    """The key with its maker."""
    row = await reader.fetchrow(_FIND, key_id)
    if row is None:
        return None
    return KeyRow(
        id=cast("UUID", row[0]),
        kind=cast("KeyKind", row[1]),
        name=str(row[2]),
        secret_hash=cast("bytes", row[3]),
        scopes=cast("list[str]", row[4]),
        expires_at=cast("datetime | None", row[5]),
        is_revoked=bool(row[6]),
        account_id=cast("UUID | None", row[7]),
        role=cast("Role | None", row[8]),
        is_active=bool(row[9]),
    )


async def insert_key(writer: Reader, new: NewKey) -> bytes:
    """Store a key; gives it as JSON."""
    row = await writer.fetchrow(
        _INSERT, new.id, new.account_id, new.kind, new.name, new.secret_hash, new.scopes, new.expires_at
    )
    assert row is not None
    return str(row[0]).encode()


async def revoke_key(writer: Reader, key_id: UUID, *, owner: UUID | None, of_anybody: bool) -> bool:
    """End a key of `owner` (or of anybody); False when there is no such one."""
    return await writer.fetchrow(_REVOKE, key_id, of_anybody, owner) is not None


async def list_keys(reader: Reader, page: PageRequest, *, owner: UUID | None, of_anybody: bool) -> PageBytes:
    """One page of keys of `owner` (or of everybody), the newest first, in one statement."""
    where, values = list[str](), list[object]()
    if not of_anybody:
        where, values = ["k.account_id = $1"], [owner]
    statement, bound = _LIST.build(BY_AGE, page, where=where, values=values)
    return assemble_page(await reader.fetch(statement, *bound), BY_AGE, page.limit)


async def store_uses(writer: Reader, uses: Mapping[UUID, datetime]) -> None:
    """Note when keys were last used."""
    await writer.fetch(_NOTE_USE, list(uses.keys()), list(uses.values()))
