"""Rules and writes of reservations."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.problems import (
    InsufficientStock,
    NotOwner,
    ReservationConfirmed,
    ReservationExpired,
    ReservationReleased,
)
from mercato.catalog.records import Record
from mercato.catalog.reservation import repository
from mercato.catalog.reservation.repository import Owner, find_reservation
from mercato.catalog.reservation.schemas import ReservationCreate, ReservationLine, ReservationStatus
from mercato.catalog.stock.access import is_own
from mercato.catalog.stock.repository import lock_products
from mercato.identity.principal import Principal
from mercato.platform.db import Reader, reader_of
from mercato.platform.ids import new_id
from mercato.platform.problems import FieldError, InvalidInput, NotFound


def owner_of(caller: Principal) -> Owner:
    """Admins deal with everybody's reservations, others with their own."""
    return Owner(account_id=caller.account_id, anybody=caller.role == "admin")


class ReservationService:
    """Writes of one transaction, by `caller`.

    Whoever reserves or takes pieces holds the locks on their products, taken in the order of ids: nobody else reserves or takes
    pieces of them meanwhile, and two that want the same ones wait in turn instead of for each other.
    """

    def __init__(self, session: AsyncSession, caller: Principal) -> None:
        self._session, self._caller = session, caller

    async def reserve(self, data: ReservationCreate) -> tuple[UUID, Record]:
        """Hold all of the lines, or none. Raises `InsufficientStock` with an error for each line that is short."""
        _check_distinct(data.lines)
        writer = await reader_of(self._session)
        await self._lock_own(writer, data.lines)
        room = await repository.lock_room(writer, [line.variant_id for line in data.lines])
        short = []
        for number, line in enumerate(data.lines):
            left = room.get(line.variant_id)
            if left is None:
                raise _unknown(number)
            if left.available < line.quantity and not left.allow_backorder:
                short.append((number, max(left.available, 0)))
        if short:
            raise _insufficient(short)
        reservation_id = new_id()
        await repository.insert_reservation(
            writer,
            reservation_id,
            data.lines,
            account_id=self._caller.account_id,
            reference=data.reference,
            expires_in=data.expires_in,
        )
        return reservation_id, await self._read(writer, reservation_id)

    async def confirm(self, reservation_id: UUID) -> Record:
        """Take the pieces out of the stock: they are sold. Confirming what is confirmed changes nothing."""
        writer = await reader_of(self._session)
        variant_ids = await repository.variants_of(writer, reservation_id, owner_of(self._caller))
        await lock_products(writer, variant_ids)
        status = await self._lock(writer, reservation_id)
        if status == "expired":
            raise ReservationExpired("The reservation has expired and holds nothing any more. Make another one.")
        if status == "released":
            raise ReservationReleased("The reservation was released and holds nothing any more.")
        if status == "active":
            taken = await repository.take_pieces(writer, reservation_id)
            if len(taken) < len(variant_ids):
                raise await self._cannot_take(writer, [found for found in variant_ids if found not in taken])
            await repository.close_reservation(writer, reservation_id, "confirmed")
        return await self._read(writer, reservation_id)

    async def release(self, reservation_id: UUID) -> Record:
        """Let the pieces go. Releasing what holds nothing changes nothing."""
        writer = await reader_of(self._session)
        status = await self._lock(writer, reservation_id)
        if status == "confirmed":
            raise ReservationConfirmed(
                "The reservation was confirmed: the pieces are sold. Add them to the stock again."
            )
        if status == "active":
            await repository.close_reservation(writer, reservation_id, "released")
        return await self._read(writer, reservation_id)

    async def _lock_own(self, writer: Reader, lines: list[ReservationLine]) -> None:
        found = await lock_products(writer, [line.variant_id for line in lines])
        for number, line in enumerate(lines):
            sellable = found.get(line.variant_id)
            if sellable is None or not (is_own(self._caller, sellable.seller_id) or sellable.is_published):
                raise _unknown(number)
            if not is_own(self._caller, sellable.seller_id):
                raise NotOwner(f"/lines/{number}/variant_id: the variant's product belongs to another seller.")

    async def _lock(self, writer: Reader, reservation_id: UUID) -> ReservationStatus:
        status = await repository.lock_reservation(writer, reservation_id, owner_of(self._caller))
        if status is None:
            raise NotFound(f"There is no reservation {str(reservation_id)!r}.")
        return status

    async def _read(self, writer: Reader, reservation_id: UUID) -> Record:
        record = await find_reservation(writer, reservation_id, owner_of(self._caller))
        if record is None:
            raise NotFound("The reservation is gone.")
        return record

    async def _cannot_take(self, writer: Reader, variant_ids: list[UUID]) -> InsufficientStock:
        room = await repository.lock_room(writer, variant_ids)
        named = ", ".join(map(str, variant_ids))
        if len(room) < len(variant_ids):
            return InsufficientStock(f"No longer sold: some of {named}. Release the reservation.", available=0)
        return InsufficientStock(f"Less was counted than is reserved of {named}. Release the reservation.")


def _check_distinct(lines: list[ReservationLine]) -> None:
    seen = set()
    for number, line in enumerate(lines):
        if line.variant_id in seen:
            raise InvalidInput.at(f"/lines/{number}/variant_id", "is in another line already", "repeated_variant")
        seen.add(line.variant_id)


def _unknown(number: int) -> InvalidInput:
    return InvalidInput.at(f"/lines/{number}/variant_id", "there is no such variant", "unknown_reference")


def _insufficient(short: list[tuple[int, int]]) -> InsufficientStock:
    errors = [
        FieldError(pointer=f"/lines/{number}/quantity", code="insufficient_stock", message=f"{left} are available")
        for number, left in short
    ]
    detail = "; ".join(f"{error.pointer}: {error.message}" for error in errors)
    return InsufficientStock(detail, errors=errors, available=short[0][1] if len(short) == 1 else None)
