"""All SQL of reservations.

What is held counts by the clock: a line holds its pieces while `held_until` lies ahead, whoever looks, and whether or not the
sweeper has come by. Times are those of the statement, not of the transaction: it is sent when the locks are there, so of two
that meet over an expiring reservation exactly one finds it alive.
"""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import msgspec

from mercato.catalog.records import Record, record_of
from mercato.catalog.reservation.schemas import ReservationLine, ReservationStatus
from mercato.catalog.stock.repository import RESERVED
from mercato.platform.db import Reader

KEPT_DAYS = 7
"""How long a reservation that came to nothing can still be read."""
SWEEP_BATCH = 5_000
SOLD = "sale"
"""Reason of the movements that a confirmed reservation makes."""

_STATUS = "CASE WHEN r.status = 'active' AND r.expires_at <= statement_timestamp() THEN 'expired' ELSE r.status END"
_OWN = "($2 OR r.account_id = $3)"
_FIND = f"""
SELECT r.version, json_build_object(
    'id', r.id, 'status', {_STATUS}, 'reference', r.reference,
    'lines', (
        SELECT json_agg(json_build_object('variant_id', l.variant_id, 'quantity', l.quantity) ORDER BY l.variant_id)
        FROM stock_reservation_line l WHERE l.reservation_id = r.id
    ),
    'expires_at', r.expires_at, 'created_at', r.created_at,
    'closed_at', CASE WHEN {_STATUS} = 'expired' THEN r.expires_at ELSE r.closed_at END, 'version', r.version
)::text FROM stock_reservation r WHERE r.id = $1 AND {_OWN}
"""
_ROOM = f"""
SELECT v.id, v.stock - {RESERVED}, v.allow_backorder FROM variant v
WHERE v.id = ANY($1) AND v.deleted_at IS NULL ORDER BY v.id FOR NO KEY UPDATE OF v
"""
_INSERT = """
WITH made AS (
    INSERT INTO stock_reservation (id, reference, account_id, expires_at)
    VALUES ($1, $2, $3, statement_timestamp() + make_interval(secs => $4)) RETURNING id, expires_at
)
INSERT INTO stock_reservation_line (reservation_id, variant_id, quantity, held_until)
SELECT made.id, line.variant_id, line.quantity, made.expires_at
FROM made, unnest($5::uuid[], $6::integer[]) line (variant_id, quantity)
"""
_VARIANTS = f"""
SELECT l.variant_id FROM stock_reservation r JOIN stock_reservation_line l ON l.reservation_id = r.id
WHERE r.id = $1 AND {_OWN}
"""
_LOCK = f"SELECT {_STATUS} FROM stock_reservation r WHERE r.id = $1 AND {_OWN} FOR UPDATE"
_TAKE = f"""
WITH noted AS MATERIALIZED (
    SELECT set_config('mercato.stock_reason', '{SOLD}', true), set_config('mercato.stock_reservation', $1::text, true),
        set_config('mercato.stock_note', coalesce(r.reference, ''), true)
    FROM stock_reservation r WHERE r.id = $1::uuid
)
UPDATE variant v SET stock = v.stock - l.quantity, updated_at = now()
FROM stock_reservation_line l, noted
WHERE l.reservation_id = $1::uuid AND v.id = l.variant_id AND v.deleted_at IS NULL
    AND (v.allow_backorder OR v.stock >= l.quantity)
RETURNING v.id
"""
_CLOSE = """
WITH freed AS (UPDATE stock_reservation_line SET held_until = NULL WHERE reservation_id = $1)
UPDATE stock_reservation SET status = $2, version = version + 1,
    closed_at = CASE WHEN $2 = 'expired' THEN expires_at ELSE statement_timestamp() END
WHERE id = $1
"""
_SWEEP = """
WITH due AS (
    SELECT id FROM stock_reservation WHERE status = 'active' AND expires_at <= statement_timestamp()
    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
), freed AS (
    UPDATE stock_reservation_line l SET held_until = NULL FROM due WHERE l.reservation_id = due.id
), expired AS (
    UPDATE stock_reservation r SET status = 'expired', closed_at = r.expires_at, version = r.version + 1
    FROM due WHERE r.id = due.id
)
SELECT count(*) FROM due
"""
_REMOVE = f"""
WITH removed AS (
    DELETE FROM stock_reservation WHERE id IN (
        SELECT id FROM stock_reservation
        WHERE status IN ('released', 'expired') AND closed_at < now() - interval '{KEPT_DAYS} days'
        LIMIT $1 FOR UPDATE SKIP LOCKED
    ) RETURNING 1
) SELECT count(*) FROM removed
"""


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose reservations are meant: those of an account, or `anybody`'s."""

    account_id: UUID | None
    anybody: bool = False


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a variant."""

    available: int
    allow_backorder: bool


async def find_reservation(reader: Reader, reservation_id: UUID, owner: Owner) -> Record | None:
    """The reservation, in one statement; None when there is none, or it is not the owner's."""
    return record_of(await reader.fetchrow(_FIND, reservation_id, owner.anybody, owner.account_id))


async def lock_room(writer: Reader, variant_ids: Sequence[UUID]) -> dict[UUID, Room]:
    """What is left of each live one of these variants. Their products must be locked."""
    rows = cast("Sequence[tuple[UUID, int, bool]]", await writer.fetch(_ROOM, variant_ids))
    return {variant_id: Room(available=int(left), allow_backorder=backorder) for variant_id, left, backorder in rows}


async def insert_reservation(
    writer: Reader,
    reservation_id: UUID,
    lines: Sequence[ReservationLine],
    *,
    account_id: UUID | None,
    reference: str | None,
    expires_in: int,
) -> None:
    """Hold the pieces for so many seconds from now."""
    variant_ids, quantities = [line.variant_id for line in lines], [line.quantity for line in lines]
    await writer.fetch(_INSERT, reservation_id, reference, account_id, expires_in, variant_ids, quantities)


async def variants_of(reader: Reader, reservation_id: UUID, owner: Owner) -> list[UUID]:
    """What a reservation is about; empty when there is none, or it is not the owner's."""
    rows = await reader.fetch(_VARIANTS, reservation_id, owner.anybody, owner.account_id)
    return [cast("UUID", row[0]) for row in rows]


async def lock_reservation(writer: Reader, reservation_id: UUID, owner: Owner) -> ReservationStatus | None:
    """Its status at this moment, which stays until the transaction ends (but for expiring); None when there is none."""
    row = await writer.fetchrow(_LOCK, reservation_id, owner.anybody, owner.account_id)
    return None if row is None else cast("ReservationStatus", row[0])


async def take_pieces(writer: Reader, reservation_id: UUID) -> set[UUID]:
    """Take what the reservation holds out of the stock. Gives the variants of which there was enough."""
    return {cast("UUID", row[0]) for row in await writer.fetch(_TAKE, str(reservation_id))}


async def close_reservation(writer: Reader, reservation_id: UUID, status: ReservationStatus) -> None:
    """End it: it holds nothing any more."""
    await writer.fetch(_CLOSE, reservation_id, status)


async def sweep_reservations(writer: Reader) -> int:
    """Close what has expired, and remove what came to nothing a week ago; gives the number of expired ones."""
    expired = await _in_batches(writer, _SWEEP)
    await _in_batches(writer, _REMOVE)
    return expired


async def _in_batches(writer: Reader, statement: str) -> int:
    done = 0
    while True:
        row = await writer.fetchrow(statement, SWEEP_BATCH)
        batch = 0 if row is None else int(str(row[0]))
        done += batch
        if batch < SWEEP_BATCH:
            return done
