"""Rules and writes of prices and sales."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.changes import assign
from mercato.catalog.pricing import models as m
from mercato.catalog.pricing.repository import SaleRepository, find_prices, find_sale
from mercato.catalog.pricing.schemas import PriceInput, PricesReplace, SaleCreate, SalePatch
from mercato.catalog.problems import SaleBegun, SaleEnded
from mercato.catalog.product.models import Product, Variant
from mercato.catalog.product.ownership import lock_own
from mercato.catalog.product.repository import ProductRepository
from mercato.catalog.records import Record
from mercato.identity.principal import EVERYTHING, Principal
from mercato.platform.clock import check_moment
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.ids import new_id
from mercato.platform.money import Money
from mercato.platform.problems import InvalidInput, NotFound

CLOCK_SLACK = timedelta(minutes=1)
"""A sale that should have begun so long ago begins now: clocks differ. One that should have begun earlier would rewrite history."""


class PricingService:
    """Writes of one transaction, by `caller`: sellers price what they sell, admins everything.

    A change counts as one of the product, and of the variant when it is about its own prices.
    """

    def __init__(self, session: AsyncSession, caller: Principal) -> None:
        self._session, self._caller = session, caller
        self._products = ProductRepository(session=session)
        self._sales = SaleRepository(session=session)

    async def set_prices(self, variant_id: UUID, data: PricesReplace, *, if_match: str | None) -> Record:
        """Make the prices besides the base price what `data` says."""
        product, variant = await self._lock(variant_id)
        check_if_match(if_match, variant.version)
        prices = _by_currency(data.prices, variant.currency if variant.price_amount is not None else None)
        assign(variant, {"prices": prices or None})
        if self._session.is_modified(variant):
            self._products.touch(product)
        record = await find_prices(await reader_of(self._session), variant_id, EVERYTHING)
        return _found(record)

    async def add_sale(self, variant_id: UUID, data: SaleCreate) -> tuple[UUID, Record]:
        """Schedule a sale, or begin one."""
        product, variant = await self._lock(variant_id)
        now = await self._sales.now()
        starts_at = now if data.starts_at is None else _beginning(data.starts_at, now)
        _check_end(starts_at, data.ends_at, now)
        _check_below_list(variant, data.price)
        sale = m.Sale(
            id=new_id(),
            product_id=product.id,
            variant_id=variant.id,
            name=data.name.strip(),
            currency=data.price.currency,
            amount=data.price.amount,
            starts_at=starts_at,
            ends_at=data.ends_at,
        )
        self._session.add(sale)
        self._products.touch(product)
        return sale.id, await self._read(sale.id)

    async def change_sale(self, sale_id: UUID, data: SalePatch, *, if_match: str | None) -> Record:
        """Change what may still change: everything before a sale begins, name and end while it runs."""
        product, variant, sale = await self._lock_sale(sale_id)
        check_if_match(if_match, sale.version)
        now = await self._sales.now()
        if sale.ends_at <= now:
            raise SaleEnded("The sale is over: what was asked then does not change any more.")
        if sale.starts_at <= now and not (data.price is UNSET and data.starts_at is UNSET):
            raise SaleBegun("The sale has begun: only its name and its end can change. End it and make another one.")
        if isinstance(data.price, Money):
            _check_below_list(variant, data.price)
            assign(sale, {"amount": data.price.amount, "currency": data.price.currency})
        if isinstance(data.starts_at, datetime):
            assign(sale, {"starts_at": _beginning(data.starts_at, now)})
        if isinstance(data.ends_at, datetime):
            assign(sale, {"ends_at": data.ends_at})
        if data.ends_at is not UNSET or data.starts_at is not UNSET:
            _check_end(sale.starts_at, sale.ends_at, now)
        if isinstance(data.name, str):
            assign(sale, {"name": data.name.strip()})
        if self._session.is_modified(sale):
            self._products.touch(product)
        return await self._read(sale_id)

    async def end_sale(self, sale_id: UUID, *, if_match: str | None) -> None:
        """Call off a sale to come, or end one that runs; what it was stays in the history of prices."""
        product, _variant, sale = await self._lock_sale(sale_id)
        check_if_match(if_match, sale.version)
        now = await self._sales.now()
        if sale.ends_at <= now:
            raise SaleEnded("The sale is over, and stays in the history of prices.")
        if sale.starts_at < now:
            sale.ends_at = now
        else:
            sale.deleted_at = now
        self._products.touch(product)

    async def _lock(self, variant_id: UUID) -> tuple[Product, Variant]:
        """The variant and its product, for changing."""
        product_id = await self._sales.product_of_variant(variant_id)
        if product_id is None:
            raise NotFound(f"There is no variant {str(variant_id)!r}.")
        product = await lock_own(self._products, self._caller, str(product_id))
        variant = await self._sales.lock_variant(variant_id)
        if variant is None:
            raise NotFound(f"There is no variant {str(variant_id)!r}.")
        return product, variant

    async def _lock_sale(self, sale_id: UUID) -> tuple[Product, Variant, m.Sale]:
        variant_id = await self._sales.variant_of_sale(sale_id)
        if variant_id is None:
            raise NotFound(f"There is no sale {str(sale_id)!r}.")
        product, variant = await self._lock(variant_id)
        return product, variant, await self._sales.lock(str(sale_id))

    async def _read(self, sale_id: UUID) -> Record:
        return _found(await find_sale(await reader_of(self._session), sale_id, EVERYTHING))


def _found(record: Record | None) -> Record:
    if record is None:
        raise NotFound("It was deleted meanwhile.")
    return record


def _by_currency(prices: Sequence[PriceInput], base: str | None) -> dict[str, dict[str, int | None]]:
    found: dict[str, dict[str, int | None]] = {}
    for position, item in enumerate(prices):
        at, currency, before = f"/prices/{position}", item.price.currency, item.compare_at_price
        if currency == base:
            raise InvalidInput.at(
                f"{at}/price/currency", "is that of the base price, which PATCH changes", "base_currency"
            )
        if currency in found:
            raise InvalidInput.at(f"{at}/price/currency", "is there twice", "duplicate_currency")
        if before is not None and before.currency != currency:
            message = f"is {before.currency}, the price's is {currency}"
            raise InvalidInput.at(f"{at}/compare_at_price/currency", message, "currency_mismatch")
        found[currency] = {"amount": item.price.amount, "compare_at_amount": None if before is None else before.amount}
    return found


def _beginning(starts_at: datetime, now: datetime) -> datetime:
    check_moment(starts_at, "/starts_at")
    if starts_at < now - CLOCK_SLACK:
        raise InvalidInput.at("/starts_at", "lies in the past; leave it out to begin now", "in_the_past")
    return max(starts_at, now)


def _check_end(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    check_moment(ends_at, "/ends_at")
    if ends_at <= starts_at:
        raise InvalidInput.at("/ends_at", "must be later than starts_at", "schedule_reversed")
    if ends_at <= now:
        raise InvalidInput.at("/ends_at", "lies in the past", "in_the_past")


def _check_below_list(variant: Variant, price: Money) -> None:
    amount = variant.price_amount if variant.currency == price.currency else None
    if amount is None and variant.prices is not None and price.currency in variant.prices:
        amount = variant.prices[price.currency]["amount"]
    if amount is None:
        raise InvalidInput.at("/price/currency", f"the variant has no price in {price.currency}", "price_missing")
    if price.amount >= amount:
        raise InvalidInput.at(
            "/price/amount", f"must be below the list price, which is {amount}", "not_below_list_price"
        )
