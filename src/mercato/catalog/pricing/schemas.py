"""Prices and sales as the API speaks of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.platform.clock import Timestamp
from mercato.platform.money import Money
from mercato.platform.paging import Page
from mercato.platform.text import END, NOT_IN_A_LINE

SaleName = Annotated[
    str,
    Meta(
        max_length=100,
        pattern=rf"^[^{NOT_IN_A_LINE}]*{END}",
        description="What shoppers may read, for example a season.",
    ),
]
PriceEventKind = Literal["created", "price_changed", "sale_began", "sale_ended"]
SaleState = Literal["scheduled", "running", "ended"]


class RunningSale(msgspec.Struct, frozen=True, kw_only=True):
    """Why a price is lower now: `list_price` is asked again from `ends_at` on."""

    id: UUID
    name: str
    list_price: Money
    ends_at: datetime


class VariantPrice(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked now in one currency, and what to compare it with: the list price while a sale runs."""

    price: Money
    compare_at_price: Money | None


class ListPrice(msgspec.Struct, frozen=True, kw_only=True):
    """A price in one currency: what is asked without a sale (`list_price`), and what is asked now (`price`)."""

    currency: str
    is_base: bool
    list_price: Money
    compare_at_price: Money | None
    price: Money
    sale: RunningSale | None


class VariantPrices(msgspec.Struct, frozen=True, kw_only=True):
    """All prices of a variant, the base price first; `version` is the variant's."""

    variant_id: UUID
    prices: list[ListPrice]
    version: int


class PriceInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The list price in one currency. Both are in the same one."""

    price: Money
    compare_at_price: Money | None = None


class PricesReplace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The prices in all currencies besides the base price's."""

    prices: Annotated[list[PriceInput], Meta(max_length=50)]


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A lower price from `starts_at` until just before `ends_at`."""

    id: UUID
    variant_id: UUID
    name: str
    price: Money
    starts_at: datetime
    ends_at: datetime
    state: SaleState
    created_at: datetime
    updated_at: datetime
    version: int


class SaleRef(msgspec.Struct, frozen=True, kw_only=True):
    """A sale by its name."""

    id: UUID
    name: str


class PriceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked from `at` on: `price`, with `list_price` what it was without a sale. Null: not for sale in the currency."""

    at: datetime
    event: PriceEventKind
    currency: str
    price: Money | None
    list_price: Money | None
    sale: SaleRef | None


class LowestPrice(msgspec.Struct, frozen=True, kw_only=True):
    """The lowest price from `since` until just before `until`: 30 days, less for a younger variant."""

    currency: str
    price: Money
    since: datetime
    until: datetime


class PriceHistory(Page[PriceEvent], frozen=True, kw_only=True):
    """A page of events, and the lowest price of the last 30 days in each currency: while a sale runs, of those before it began."""

    lowest_30_days: list[LowestPrice]


class SaleCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new sale, at once unless `starts_at` says otherwise. Its price is below the list price in that currency."""

    price: Money
    ends_at: Timestamp
    starts_at: Timestamp | None = None
    name: SaleName = ""


class SalePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to a sale. Once it has begun, only its name and its end; once it has ended, nothing."""

    price: Money | UnsetType = UNSET
    starts_at: Timestamp | UnsetType = UNSET
    ends_at: Timestamp | UnsetType = UNSET
    name: SaleName | UnsetType = UNSET
