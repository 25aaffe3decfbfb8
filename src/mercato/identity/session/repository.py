"""All SQL of sessions."""

from datetime import datetime, timedelta
from typing import Literal, cast
from uuid import UUID

import msgspec

from mercato.identity.principal import Role
from mercato.platform.db import Reader
from mercato.platform.ids import new_id

EndReason = Literal["signed_out", "reuse", "password_changed", "deactivated"]

# The account is locked so that a deactivation or a new password either sees this session, or is seen by it.
_OPEN = """
WITH owner AS (
    SELECT id, role, epoch FROM account WHERE id = $1 AND is_active AND password_hash = $2 FOR SHARE
), opened AS (
    INSERT INTO account_session (id, account_id, cookie_hash, expires_at, address, user_agent)
    SELECT $3, id, $4, now() + $5::interval, $6, $7 FROM owner
), issued AS (
    INSERT INTO refresh_token (token_hash, session_id) SELECT $8, $3 FROM owner WHERE $8::bytea IS NOT NULL
)
SELECT $3::uuid, id, role, epoch FROM owner
"""
# Of many that come with one token, the first locks its row; the others find it used when they get to see it.
_ROTATE = """
WITH used AS (
    UPDATE refresh_token t SET used_at = clock_timestamp()
    FROM account_session s JOIN account a ON a.id = s.account_id
    WHERE t.token_hash = $1 AND t.used_at IS NULL AND s.id = t.session_id
        AND s.revoked_at IS NULL AND s.expires_at > now() AND a.is_active
    RETURNING s.id AS session_id, a.id AS account_id, a.role, a.epoch
), issued AS (
    INSERT INTO refresh_token (token_hash, session_id) SELECT $2, session_id FROM used
)
SELECT session_id, account_id, role, epoch FROM used
"""
_END_REUSED = """
UPDATE account_session s SET revoked_at = clock_timestamp(), end_reason = 'reuse'
FROM refresh_token t
WHERE t.token_hash = $1 AND t.used_at IS NOT NULL AND s.id = t.session_id AND s.revoked_at IS NULL
RETURNING s.id, s.account_id
"""
_END_BY_REFRESH = """
UPDATE account_session s SET revoked_at = clock_timestamp(), end_reason = 'signed_out'
FROM refresh_token t
WHERE t.token_hash = $1 AND s.id = t.session_id AND s.revoked_at IS NULL
RETURNING s.id
"""
_END = """
UPDATE account_session SET revoked_at = clock_timestamp(), end_reason = $2
WHERE id = $1 AND revoked_at IS NULL RETURNING id
"""
_END_ALL = """
UPDATE account_session SET revoked_at = clock_timestamp(), end_reason = $2
WHERE account_id = $1 AND revoked_at IS NULL
"""
_PAGE_SESSION = """
SELECT s.id, s.account_id, s.expires_at, a.role, a.name
FROM account_session s JOIN account a ON a.id = s.account_id
WHERE s.cookie_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND a.is_active
"""
_SWEEP = """
WITH swept AS (
    DELETE FROM account_session WHERE id IN (
        SELECT id FROM account_session
        WHERE expires_at < now() - interval '1 day' OR revoked_at < now() - interval '1 day'
        LIMIT $1 FOR UPDATE SKIP LOCKED
    ) RETURNING 1
) SELECT count(*) FROM swept
"""
SWEEP_BATCH = 5_000
MAX_USER_AGENT = 300


class OpenSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session and what its tokens say of the account."""

    id: UUID
    account_id: UUID
    role: Role
    epoch: int


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session to be opened: of the pages with `cookie_hash`, of the API with `token_hash`."""

    account_id: UUID
    password_hash: str
    """The one that the password was checked against: if it has changed since, the check is void."""
    lifetime: timedelta
    cookie_hash: bytes | None = None
    token_hash: bytes | None = None
    address: str = ""
    user_agent: str = ""


class PageSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session of the pages that is valid now."""

    id: UUID
    account_id: UUID
    expires_at: datetime
    role: Role
    name: str


async def open_session(writer: Reader, new: NewSession) -> OpenSession | None:
    """Begin a session; None when the account was deactivated or got another password meanwhile."""
    row = await writer.fetchrow(
        _OPEN,
        new.account_id,
        new.password_hash,
        new_id(),
        new.cookie_hash,
        new.lifetime,
        new.address,
        new.user_agent[:MAX_USER_AGENT],
        new.token_hash,
    )
    return _open_session_of(row)


async def rotate(writer: Reader, token_hash: bytes, next_hash: bytes) -> OpenSession | None:
    """Exchange an unused refresh token of a live session for the next one; None when it is not one."""
    return _open_session_of(await writer.fetchrow(_ROTATE, token_hash, next_hash))


async def end_reused(writer: Reader, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """End the session of a refresh token that was used before. Gives ids of session and account; None when there is none to end."""
    row = await writer.fetchrow(_END_REUSED, token_hash)
    return None if row is None else (cast("UUID", row[0]), cast("UUID", row[1]))


async def end_by_token(writer: Reader, token_hash: bytes) -> UUID | None:
    """End the session of a refresh token. Gives its id; None when there is none to end."""
    row = await writer.fetchrow(_END_BY_REFRESH, token_hash)
    return None if row is None else cast("UUID", row[0])


async def end_session(writer: Reader, session_id: UUID, reason: EndReason) -> None:
    """End one session."""
    await writer.fetchrow(_END, session_id, reason)


async def end_sessions(writer: Reader, account_id: UUID, reason: EndReason) -> None:
    """End all sessions of an account."""
    await writer.fetch(_END_ALL, account_id, reason)


async def find_page_session(reader: Reader, cookie_hash: bytes) -> PageSession | None:
    """The session behind a cookie, if it is valid."""
    row = await reader.fetchrow(_PAGE_SESSION, cookie_hash)
    if row is None:
        return None
    return PageSession(
        id=cast("UUID", row[0]),
        account_id=cast("UUID", row[1]),
        expires_at=cast("datetime", row[2]),
        role=cast("Role", row[3]),
        name=str(row[4]),
    )


async def sweep_sessions(writer: Reader) -> int:
    """Remove sessions that ended more than a day ago, with their tokens, a batch at a time; gives their number."""
    swept = 0
    while True:
        row = await writer.fetchrow(_SWEEP, SWEEP_BATCH)
        batch = 0 if row is None else int(str(row[0]))
        swept += batch
        if batch < SWEEP_BATCH:
            return swept


def _open_session_of(row: object) -> OpenSession | None:
    if row is None:
        return None
    session_id, account_id, role, epoch = cast("tuple[UUID, UUID, Role, int]", row)
    return OpenSession(id=session_id, account_id=account_id, role=role, epoch=epoch)
