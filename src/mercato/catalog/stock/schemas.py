"""Stock as the API speaks of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.platform.text import Label, Note

MAX_STOCK = 1_000_000_000
Pieces = Annotated[int, Meta(ge=0, le=MAX_STOCK)]
Delta = Annotated[int, Meta(ge=-MAX_STOCK, le=MAX_STOCK, description="Pieces that come (or, below zero, go); not 0.")]


class StockChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pieces that came or went (`delta`), or how many were counted (`quantity`); one of the two."""

    reason: Label
    delta: Delta | UnsetType = UNSET
    quantity: Pieces | UnsetType = UNSET
    note: Note = ""


class StockPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the stock is watched; null stops watching it."""

    low_stock_threshold: Pieces | None


class StockActor(msgspec.Struct, frozen=True, kw_only=True):
    """Who changed the stock; `id` is an account's."""

    id: UUID | None
    name: str


class StockMovement(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the ledger. `actor` is null for imports and for changes in the database itself."""

    id: UUID
    delta: int
    quantity_after: int
    reason: str
    note: str
    actor: StockActor | None
    reservation_id: UUID | None
    created_at: datetime


class StockLevel(msgspec.Struct, frozen=True, kw_only=True):
    """The stock of a variant: `available` is `quantity` less what live reservations hold. `version` is the variant's."""

    variant_id: UUID
    product_id: UUID
    sku: str
    quantity: int
    reserved: int
    available: int
    allow_backorder: bool
    low_stock_threshold: int | None
    is_low: bool
    version: int


class StockedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """The product of a variant."""

    id: UUID
    slug: str
    name: str


class LowStock(msgspec.Struct, frozen=True, kw_only=True):
    """A variant of which no more than its threshold is left."""

    variant_id: UUID
    product: StockedProduct
    sku: str
    options: dict[str, str]
    quantity: int
    reserved: int
    available: int
    allow_backorder: bool
    low_stock_threshold: int


class StockChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The stock after a change, and its entry in the ledger; null when the count was what was known."""

    variant_id: UUID
    product_id: UUID
    sku: str
    quantity: int
    reserved: int
    available: int
    allow_backorder: bool
    low_stock_threshold: int | None
    is_low: bool
    version: int
    movement: StockMovement | None
