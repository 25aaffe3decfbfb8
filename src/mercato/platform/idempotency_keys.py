"""The rows behind `Idempotency-Key`: who used which key for what, and the answer that was given."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from mercato.platform.actor import Actor
from mercato.platform.asgitypes import ASGIMessage
from mercato.platform.db import Base, Reader
from mercato.platform.problems import Problem

KEPT_HOURS = 24
SWEEP_BATCH = 5_000

_KEPT_HEADERS = frozenset({b"content-type", b"etag", b"location", b"link", b"cache-control", b"retry-after"})
_LOCK_NOT_AVAILABLE = "55P03"

# One round trip: the limit of the wait holds for this statement alone, the actor for the whole transaction.
_CLAIM = f"""
WITH setup AS MATERIALIZED (SELECT set_config('lock_timeout', $4, true), set_config('mercato.actor', $5, true))
INSERT INTO idempotency_key AS k (owner, key, fingerprint) SELECT $1, $2, $3 FROM setup
ON CONFLICT (owner, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = NULL, headers = NULL, body = NULL, created_at = now()
    WHERE k.created_at < now() - interval '{KEPT_HOURS} hours'
RETURNING set_config('lock_timeout', '0', true)
"""
_FIND = "SELECT fingerprint, status, headers, body FROM idempotency_key WHERE owner = $1 AND key = $2"
_STORE = "UPDATE idempotency_key SET status = $3, headers = $4, body = $5 WHERE owner = $1 AND key = $2"
_FORGET = "DELETE FROM idempotency_key WHERE owner = $1 AND key = $2"
_SWEEP = f"""
WITH swept AS (
    DELETE FROM idempotency_key WHERE (owner, key) IN (
        SELECT owner, key FROM idempotency_key WHERE created_at < now() - interval '{KEPT_HOURS} hours'
        LIMIT {SWEEP_BATCH} FOR UPDATE SKIP LOCKED
    ) RETURNING 1
) SELECT count(*) FROM swept
"""


class IdempotencyKey(Base):
    """A key of one owner. Without a status while its request runs, which no other transaction sees."""

    __tablename__ = "idempotency_key"

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int | None]
    headers: Mapped[str | None]
    body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class IdempotencyKeyReused(Problem):
    """The key was used for another request."""

    status = 422
    code = "idempotency_key_reused"


class IdempotencyInProgress(Problem):
    """The first request with the key has not ended."""

    status = 409
    code = "idempotency_in_progress"

    def __init__(self) -> None:
        super().__init__(
            "The first request with this Idempotency-Key has not ended. Send it again in a moment.",
            headers={"Retry-After": "1"},
        )


class IdempotencyAnswerNotKept(Problem):
    """The request was carried out, and its answer held a secret."""

    status = 409
    code = "idempotency_answer_not_kept"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A complete answer, with the headers that belong to the resource rather than to the exchange."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @classmethod
    def of(cls, messages: Sequence[ASGIMessage]) -> "Answer":
        """What the application sent."""
        start = next(message for message in messages if message["type"] == "http.response.start")
        return cls(
            status=start["status"],
            headers=[(n.decode(), v.decode("latin-1")) for n, v in start.get("headers", ()) if n in _KEPT_HEADERS],
            body=b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body"),
        )

    def replayed(self) -> list[ASGIMessage]:
        """The answer as it is sent again."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.headers]
        if self.status != 204:
            headers.append((b"content-length", str(len(self.body)).encode()))
        headers.append((b"idempotent-replayed", b"true"))
        return [
            {"type": "http.response.start", "status": self.status, "headers": headers},
            {"type": "http.response.body", "body": self.body},
        ]


class KeyName(msgspec.Struct, frozen=True, kw_only=True):
    """Names a row: each owner has keys of its own."""

    owner: str
    key: str


async def claim(connection: AsyncConnection, name: KeyName, fingerprint: bytes, *, actor: Actor, wait_ms: int) -> bool:
    """Insert the row, as the first thing of a transaction, which then acts in the name of `actor`.

    Waits for a transaction that is about to insert it too; raises `IdempotencyInProgress` after `wait_ms`. False when
    the key was used in the last 24 hours.
    """
    values = (name.owner, name.key, fingerprint, f"{wait_ms}ms", actor.setting())
    try:
        result = await connection.exec_driver_sql(_CLAIM, values)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise IdempotencyInProgress from None
        raise
    return result.first() is not None


async def find_answer(connection: AsyncConnection, name: KeyName, fingerprint: bytes) -> Answer:
    """The stored answer; raises `IdempotencyKeyReused` for another request and `IdempotencyAnswerNotKept`."""
    row = (await connection.exec_driver_sql(_FIND, (name.owner, name.key))).first()
    if row is None or row.status is None:  # swept between the two statements
        raise IdempotencyInProgress
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused(
            "This Idempotency-Key was used for another request. Use a new key for each new request."
        )
    if row.headers is None:
        raise IdempotencyAnswerNotKept(
            "The request with this Idempotency-Key was carried out. Its answer held a secret, which is shown only once."
        )
    headers = msgspec.json.decode(row.headers, type=list[tuple[str, str]])
    return Answer(status=row.status, headers=headers, body=row.body)


async def store_answer(connection: AsyncConnection, name: KeyName, answer: Answer, *, keep: bool) -> None:
    """Complete the row; unless `keep`, with the status alone."""
    headers = msgspec.json.encode(answer.headers).decode() if keep else None
    body = answer.body if keep else None
    await connection.exec_driver_sql(_STORE, (name.owner, name.key, answer.status, headers, body))


async def forget(connection: AsyncConnection, name: KeyName) -> None:
    """Remove the row: the next request with the key is carried out."""
    await connection.exec_driver_sql(_FORGET, (name.owner, name.key))


async def sweep_keys(reader: Reader) -> int:
    """Remove the keys that are older than a day; gives their number."""
    swept = 0
    while True:
        row = await reader.fetchrow(_SWEEP)
        count = int(str(row[0])) if row else 0
        swept += count
        if count < SWEEP_BATCH:
            return swept
