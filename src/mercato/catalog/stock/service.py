"""Rules and writes of stock."""

from typing import cast
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.problems import InsufficientStock
from mercato.catalog.records import Record
from mercato.catalog.stock import repository
from mercato.catalog.stock.access import check_own
from mercato.catalog.stock.schemas import MAX_STOCK, StockChange, StockPatch
from mercato.identity.principal import Principal
from mercato.platform.db import Reader, reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.problems import InvalidInput, NotFound


class StockService:
    """Writes of one transaction, by `caller`."""

    def __init__(self, session: AsyncSession, caller: Principal) -> None:
        self._session, self._caller = session, caller

    async def change(self, variant_id: UUID, data: StockChange) -> Record:
        """Add, take, or set what was counted. Raises `InsufficientStock` when more would go than is available."""
        _check(data)
        writer = await reader_of(self._session)
        check_own(self._caller, variant_id, await repository.lock_products(writer, [variant_id]))
        moved = await _apply(writer, variant_id, data)
        record = await repository.find_changed(writer, variant_id, has_moved=bool(moved))
        if record is None or moved is None:
            raise NotFound("The variant was deleted meanwhile.")
        return record

    async def patch(self, variant_id: UUID, data: StockPatch, *, if_match: str | None) -> Record:
        """Watch the stock, or stop watching it."""
        writer = await reader_of(self._session)
        check_own(self._caller, variant_id, await repository.lock_products(writer, [variant_id]))
        check_if_match(if_match, (await _level(writer, variant_id)).version)
        await repository.watch(writer, variant_id, data.low_stock_threshold)
        return await _level(writer, variant_id)


async def _level(reader: Reader, variant_id: UUID) -> Record:
    record = await repository.find_level(reader, variant_id)
    if record is None:
        raise NotFound("The variant was deleted meanwhile.")
    return record


async def _apply(writer: Reader, variant_id: UUID, data: StockChange) -> bool | None:
    """Whether the stock is another one now; None when the variant is gone."""
    if isinstance(data.quantity, int):
        return await repository.set_quantity(writer, variant_id, data.quantity, reason=data.reason, note=data.note)
    delta = cast("int", data.delta)
    moved = await repository.add_pieces(writer, variant_id, delta, reason=data.reason, note=data.note)
    if moved is None:
        await _refuse(writer, variant_id, delta)
    return moved


def _check(data: StockChange) -> None:
    if (data.delta is UNSET) == (data.quantity is UNSET):
        raise InvalidInput.at("", "needs either delta or quantity", "delta_or_quantity")
    if data.delta == 0:
        raise InvalidInput.at("/delta", "must not be 0", "no_change")


async def _refuse(reader: Reader, variant_id: UUID, delta: int) -> None:
    room = await repository.find_room(reader, variant_id)
    if room is None:
        return
    stock, available = room
    if abs(stock + delta) > MAX_STOCK:
        raise InvalidInput.at("/delta", f"would make the stock {stock + delta}", "out_of_range")
    raise InsufficientStock(f"{max(available, 0)} are available, not {-delta}.", available=max(available, 0))
