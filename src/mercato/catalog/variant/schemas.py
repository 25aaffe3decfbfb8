"""Variants and the options that tell them apart, as the API speaks of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.catalog.pricing.schemas import RunningSale, VariantPrice
from mercato.platform.money import Money
from mercato.platform.text import END, NOT_IN_A_LINE

MAX_OPTIONS, MAX_VALUES, MAX_VARIANTS, MAX_VARIANT_IMAGES = 5, 100, 200, 50
MAX_SKU_LENGTH = 80
_NOT_AT_THE_ENDS = rf"\s{NOT_IN_A_LINE}"
_TRIMMED_LINE = rf"^[^{_NOT_AT_THE_ENDS}](?:[^{NOT_IN_A_LINE}]*[^{_NOT_AT_THE_ENDS}])?{END}"

Sku = Annotated[str, Meta(min_length=1, max_length=MAX_SKU_LENGTH, pattern=_TRIMMED_LINE, examples=["MUG-350-GRN"])]
Gtin = Annotated[
    str,
    Meta(
        pattern=rf"^([0-9]{{8}}|[0-9]{{12,14}}){END}",
        description="GTIN-8, -12, -13 or -14, check digit included.",
        examples=["4006381333931"],
    ),
]
Stock = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Grams = Annotated[int, Meta(ge=0, le=100_000_000)]
Position = Annotated[int, Meta(ge=0, le=1_000_000)]
OptionName = Annotated[str, Meta(min_length=1, max_length=60, pattern=_TRIMMED_LINE, examples=["Size"])]
OptionValue = Annotated[str, Meta(min_length=1, max_length=100, pattern=_TRIMMED_LINE, examples=["M"])]
Choices = Annotated[
    dict[OptionName, OptionValue],
    Meta(max_length=MAX_OPTIONS, description="One value for each of the product's options."),
]
ImageIds = Annotated[
    list[UUID], Meta(max_length=MAX_VARIANT_IMAGES, description="Which of the product's pictures show it, in order.")
]


class Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What variants of a product differ in, and the values it can have, in the order in which people choose."""

    name: OptionName
    values: Annotated[list[OptionValue], Meta(min_length=1, max_length=MAX_VALUES)]


Options = Annotated[
    list[Option], Meta(max_length=MAX_OPTIONS, description="What the variants differ in; none: there is one variant.")
]


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """What is sold: it carries SKU, price and stock. `price` is what is asked now, `sale` the reason when that is not the list price."""

    id: UUID
    sku: str
    gtin: str | None
    options: dict[str, str]
    price: Money | None
    compare_at_price: Money | None
    sale: RunningSale | None
    prices: list[VariantPrice]
    stock: int
    allow_backorder: bool
    weight_grams: int | None
    is_default: bool
    position: int
    image_ids: list[UUID]
    version: int


class VariantDetail(Variant, frozen=True, kw_only=True):
    """A variant by itself."""

    product_id: UUID
    created_at: datetime
    updated_at: datetime


class VariantValues(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a variant when it is made, by itself or with its product."""

    sku: Sku | None = None
    gtin: Gtin | None = None
    price: Money | None = None
    compare_at_price: Money | None = None
    stock: Stock = 0
    allow_backorder: bool = False
    weight_grams: Grams | None = None


class VariantChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to what is said of a variant; what is left out stays as it is."""

    sku: Sku | UnsetType = UNSET
    gtin: Gtin | UnsetType | None = UNSET
    price: Money | UnsetType | None = UNSET
    compare_at_price: Money | UnsetType | None = UNSET
    stock: Stock | UnsetType = UNSET
    allow_backorder: bool | UnsetType = UNSET
    weight_grams: Grams | UnsetType | None = UNSET


class VariantCreate(VariantValues, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new variant. Left out, the SKU is made of the product's and the values.

    Also the body of PUT: what is left out gets its default, save SKU, options, position and being the default, which stay.
    """

    options: Choices | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    image_ids: ImageIds = []


class VariantPatch(VariantChanges, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to a variant; fields left out stay as they are. `options` and `image_ids` are replaced as a whole."""

    options: Choices | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    image_ids: ImageIds | UnsetType = UNSET


class VariantGeneration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the variants that are made have in common; what is left out is as with the default variant, and there is no stock."""

    options: Options | UnsetType = UNSET
    price: Money | UnsetType | None = UNSET
    compare_at_price: Money | UnsetType | None = UNSET
    stock: Stock = 0
    allow_backorder: bool | UnsetType = UNSET
    weight_grams: Grams | UnsetType | None = UNSET
